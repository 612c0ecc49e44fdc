"""What is sealed opens with its key in its place, and in no other way (SEC-1)."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.encryption import CannotDecrypt, Keyring, key_context

OLD, NEW = "a" * 8 + uuid.UUID(int=2).hex, "b" * 8 + uuid.UUID(int=2).hex
OWNER = uuid.UUID(int=1)
PLACE = key_context(OWNER, "openai")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_as_it_was(text: str) -> None:
    keyring = Keyring(NEW)

    assert keyring.open(keyring.seal(text, context=PLACE), context=PLACE) == text


def test_the_same_text_is_never_sealed_into_the_same_bytes() -> None:
    keyring = Keyring(NEW)

    sealed = [keyring.seal("sk-canary", context=PLACE) for _ in range(100)]

    assert len({one.nonce for one in sealed}) == len({one.ciphertext for one in sealed}) == 100
    assert not any(b"canary" in one.ciphertext for one in sealed)


@pytest.mark.parametrize(
    "elsewhere", [key_context(uuid.UUID(int=2), "openai"), key_context(OWNER, "google"), "", PLACE + "x"]
)
def test_it_opens_in_no_other_place(elsewhere: str) -> None:
    keyring = Keyring(NEW)
    sealed = keyring.seal("sk-canary", context=PLACE)

    with pytest.raises(CannotDecrypt):
        keyring.open(sealed, context=elsewhere)


def test_another_encryption_key_does_not_open_it_even_under_its_name() -> None:
    sealed = Keyring(OLD).seal("sk-canary", context=PLACE)
    other = Keyring(NEW)

    for tried in (sealed, replace(sealed, key_id=other.current_id)):
        with pytest.raises(CannotDecrypt):
            other.open(tried, context=PLACE)


@given(st.integers(min_value=0, max_value=24), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    keyring = Keyring(NEW)
    sealed = keyring.seal("sk-canary", context=PLACE)
    changed = bytearray(sealed.ciphertext)
    changed[place] ^= change

    with pytest.raises(CannotDecrypt):
        keyring.open(replace(sealed, ciphertext=bytes(changed)), context=PLACE)


@pytest.mark.parametrize("broken", [{"nonce": b""}, {"ciphertext": b""}, {"ciphertext": b"x" * 15}])
def test_a_broken_row_is_one_that_does_not_open(broken: dict[str, bytes]) -> None:
    keyring = Keyring(NEW)
    sealed = keyring.seal("sk-canary", context=PLACE)

    with pytest.raises(CannotDecrypt):
        keyring.open(replace(sealed, **broken), context=PLACE)  # type: ignore[arg-type]


def test_the_previous_key_still_opens_and_the_current_one_seals() -> None:
    before = Keyring(OLD).seal("sk-canary", context=PLACE)
    rotating = Keyring(NEW, OLD)

    after = rotating.seal("sk-canary", context=PLACE)

    assert rotating.open(before, context=PLACE) == "sk-canary"
    assert Keyring(NEW).open(after, context=PLACE) == "sk-canary"
    assert before.key_id != after.key_id == rotating.current_id


def test_a_key_id_is_stable_fits_its_column_and_is_no_part_of_the_key() -> None:
    first, again = Keyring(NEW).current_id, Keyring(NEW).current_id

    assert first == again
    assert len(first) == 16
    assert first not in NEW
    assert NEW not in repr(vars(Keyring(NEW)))
