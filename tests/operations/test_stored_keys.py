"""Doctor on stored provider keys: whether the configured encryption keys open them, and what to do if not."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from app.core.config import Settings
from app.core.database import new_id, now
from app.core.encryption import Keyring
from app.embedded.services import Services
from app.operations import migrate
from app.operations.doctor import Finding, State, examine
from tests.rows import Database
from tests.services import fresh_database

A, B = "a" * 8 + "1234567890" * 3, "b" * 8 + "1234567890" * 3


@pytest.fixture
def services(services: Services) -> Iterator[Services]:
    """A database of the test's own."""
    with fresh_database(services) as fresh:
        yield fresh


def store(services: Services, *, secret: str) -> None:
    """An owner's key that this encryption key sealed."""
    migrate.upgrade(services.database_url)
    database, owner = Database(services), new_id()
    database.insert("users", id=owner, email="a", email_key=owner.hex, password_hash="x", created_at=now())
    database.insert(
        "provider_keys",
        owner_id=owner,
        provider="openai",
        key_id=Keyring(secret).current_id,
        nonce=b"n",
        ciphertext=b"c",
        last4="4711",
        updated_at=now(),
    )
    database.close()


def finding(services: Services, *, current: str, previous: str = "") -> Finding:
    settings = Settings(
        _env_file=None,
        database_url=SecretStr(services.database_url),
        redis_url=SecretStr(services.redis_url),
        encryption_key=SecretStr(current),
        encryption_key_previous=SecretStr(previous),
    )
    return next(one for one in examine(settings) if one.part in ("claves", "stored keys"))


@pytest.mark.parametrize(("current", "previous"), [(A, ""), (B, A)])
def test_stored_keys_that_open_are_ok(current: str, previous: str, services: Services) -> None:
    store(services, secret=A)

    assert finding(services, current=current, previous=previous).state is State.OK


def test_stored_keys_that_do_not_open_are_wrong_and_what_to_do_is_said(services: Services) -> None:
    store(services, secret=A)

    found = finding(services, current=B)

    assert found.state is State.WRONG
    assert Keyring(A).current_id in found.sentence
    assert "ENCRYPTION_KEY_PREVIOUS" in found.sentence


def test_no_stored_keys_are_ok_with_tables_and_without(services: Services) -> None:
    before = finding(services, current=A)
    migrate.upgrade(services.database_url)

    assert [before.state, finding(services, current=A).state] == [State.OK, State.OK]
