"""`/providers/`: what an owner is told of them, and the own keys: checked, kept, shown by four characters."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from app.embedded.services import Services
from tests.gate import Gate, open_gate
from tests.platform import Owner, api_process
from tests.rows import Database
from tests.services import wait_until

VENDORS = ("google", "openai")
CHECK_S = 2


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with open_gate() as gate:
        yield gate


@pytest.fixture(scope="module")
def api(services: Services, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An API whose vendors are the gate."""
    settings = {"SCRIPTED_MODELS": "false", "FIRST_TOKEN_TIMEOUT_S": str(CHECK_S), "DATABASE_POOL_SIZE": "1"}
    folder = tmp_path_factory.mktemp("providers")
    with api_process(services, folder, OPENAI_BASE_URL=gate.url, GOOGLE_BASE_URL=gate.url, **settings) as (url, _):
        yield url


def new_key(word: str = "sound") -> str:
    return f"sk-{word}-{uuid.uuid4().hex}"


def save(owner: Owner, key: object, vendor: str = "openai", **params: object) -> httpx2.Response:
    return owner.http.put(f"/providers/{vendor}/key", json={"key": key}, params=params)  # type: ignore[arg-type]


def remove(owner: Owner, vendor: str = "openai") -> httpx2.Response:
    return owner.http.delete(f"/providers/{vendor}/key")


def shown(owner: Owner, vendor: str = "openai") -> dict[str, Any]:
    [found] = [one for one in owner.http.get("/providers/").json() if one["provider"] == vendor]
    view: dict[str, Any] = found
    return view


def test_a_new_account_sees_the_three_providers_and_that_only_local_answers(owner: Owner) -> None:
    views = owner.http.get("/providers/").json()

    told = [
        (one["provider"], one["configured"], one["needs_key"], one["source"], one["key_last4"]) for one in views
    ]
    assert told == [
        ("google", False, True, None, None),
        ("openai", False, True, None, None),
        ("local", True, False, None, None),
    ]


def test_models_have_prices_as_numbers_or_null_and_never_zero_for_unknown(owner: Owner) -> None:
    views = {one["provider"]: one["models"] for one in owner.http.get("/providers/").json()}

    assert {model["model_id"] for model in views["local"]} >= {"extractive"}
    vendors = [model for vendor in VENDORS for model in views[vendor]]
    assert len(vendors) > 5
    for model in vendors:
        for price in (model["input_usd_per_mtok"], model["output_usd_per_mtok"]):
            assert price is None or (isinstance(price, float | int) and 0 < price < 1000)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_sound_key_is_asked_about_once_stored_and_shown_by_its_last_four(
    vendor: str, owner: Owner, gate: Gate
) -> None:
    key = new_key()

    answer = save(owner, f"  {key}\n", vendor)

    view = answer.json()
    assert answer.status_code == 200
    assert (view["configured"], view["source"], view["key_last4"]) == (True, "own", key[-4:])
    assert view["checked_at"] is not None
    assert view["key_problem"] is None
    assert shown(owner, vendor) == view
    assert gate.asked.count(key) == 1


def test_a_second_key_takes_the_place_of_the_first(owner: Owner) -> None:
    save(owner, new_key())
    second = new_key()

    save(owner, second)

    assert shown(owner)["key_last4"] == second[-4:]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("word", ["refused", "forbidden"])
def test_a_key_that_the_provider_refuses_is_422_and_not_stored(word: str, vendor: str, owner: Owner) -> None:
    kept = new_key()
    save(owner, kept, vendor)

    answer = save(owner, new_key(word), vendor)

    assert (answer.status_code, answer.json()["code"]) == (422, "provider_key_invalid")
    assert vendor in answer.json()["detail"]
    assert shown(owner, vendor)["key_last4"] == kept[-4:]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_key_that_the_provider_knows_but_keeps_waiting_is_stored(vendor: str, owner: Owner) -> None:
    key = new_key("busy")

    answer = save(owner, key, vendor)

    assert answer.status_code == 200
    assert shown(owner, vendor)["key_last4"] == key[-4:]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("word", ["broken", "cut", "silent"])
def test_a_key_that_cannot_be_checked_is_503_in_time_and_not_stored(word: str, vendor: str, owner: Owner) -> None:
    began = time.monotonic()

    answer = save(owner, new_key(word), vendor)

    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unreachable")
    assert time.monotonic() - began < CHECK_S + 2
    assert shown(owner, vendor)["configured"] is False


@pytest.mark.parametrize("vendor", VENDORS)
def test_unchecked_stores_a_key_without_asking_and_says_so(vendor: str, owner: Owner, gate: Gate) -> None:
    key = new_key("silent")

    answer = save(owner, key, vendor, unchecked="true")

    assert answer.status_code == 200
    assert shown(owner, vendor)["key_last4"] == key[-4:]
    assert shown(owner, vendor)["checked_at"] is None
    assert key not in gate.asked


def test_a_removed_key_is_gone_and_removing_none_is_the_same(owner: Owner, db: Database) -> None:
    save(owner, new_key())

    assert (remove(owner).status_code, remove(owner).status_code) == (204, 204)
    assert shown(owner)["configured"] is False
    assert db.count("provider_keys", owner.id) == 0


def test_local_takes_no_key(owner: Owner) -> None:
    answers = [save(owner, new_key(), "local"), remove(owner, "local")]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(422, "provider_takes_no_key")] * 2


@pytest.mark.parametrize(
    "key",
    ["canary", "canary-" + "x" * 506, "canary canary", "canary-ñandú", "canary\x00canary", ["canary-in-a-list"], 1],
)
def test_what_is_no_key_is_refused_without_saying_it_and_without_asking(
    key: object, owner: Owner, gate: Gate
) -> None:
    asked = len(gate.asked)

    answer = save(owner, key)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert "canary" not in answer.text
    assert len(gate.asked) == asked


def test_a_provider_that_does_not_exist_is_422(owner: Owner) -> None:
    assert [save(owner, new_key(), "acme").status_code, remove(owner, "acme").status_code] == [422, 422]


def test_ten_keys_a_minute_are_checked_and_the_next_is_429_without_asking(owner: Owner, gate: Gate) -> None:
    answers = [save(owner, new_key("refused")) for _ in range(10)]
    last = new_key()

    refused = save(owner, last)

    assert {answer.status_code for answer in answers} == {422}
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert last not in gate.asked


def test_no_connection_to_the_database_is_held_while_a_provider_thinks(
    owner: Owner, stranger: Owner, gate: Gate
) -> None:
    """This API has one connection alone."""
    key = new_key("silent")
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(save, owner, key)
        wait_until(lambda: key in gate.asked)

        began = time.monotonic()
        answer = stranger.http.get("/providers/")

        assert answer.status_code == 200
        assert time.monotonic() - began < CHECK_S
        assert not slow.done()
        assert slow.result().status_code == 503


def test_each_has_a_key_of_their_own(owner: Owner, stranger: Owner) -> None:
    save(owner, new_key())

    assert shown(stranger)["source"] is None
    remove(stranger)
    assert shown(owner)["source"] == "own"


def test_an_account_goes_with_its_keys(owner: Owner, db: Database) -> None:
    save(owner, new_key())

    owner.http.delete("/users/me")

    assert db.count("provider_keys", owner.id) == 0
