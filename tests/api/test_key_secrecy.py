"""A provider key is nowhere but encrypted in its row, bound to it, and lost with its encryption key (SEC-1)."""

import hashlib
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import redis

from app.embedded.services import Services
from tests.gate import Gate, open_gate
from tests.platform import PASSWORD, Owner, Running, api_process, log_in, register
from tests.rows import Database

VENDORS = ("google", "openai")
CANARY = f"canary{uuid.uuid4().hex}"
SERVERS_KEY = f"AIza{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with open_gate() as gate:
        yield gate


@pytest.fixture(scope="module")
def settings(gate: Gate) -> dict[str, str]:
    """Real providers at the gate, and a server that says all that it can say."""
    addresses = {"OPENAI_BASE_URL": gate.url, "GOOGLE_BASE_URL": gate.url}
    return {**addresses, "SCRIPTED_MODELS": "false", "FIRST_TOKEN_TIMEOUT_S": "1", "LOG_LEVEL": "debug"}


@pytest.fixture(scope="module")
def server(
    services: Services, settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Running]]:
    with api_process(services, tmp_path_factory.mktemp("secrecy"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: tuple[str, Running]) -> str:
    return server[0]


@pytest.fixture(scope="module")
def after_a_loss(
    services: Services, settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same server on the same database, its encryption key replaced and forgotten."""
    lost = {**settings, "ENCRYPTION_KEY": secrets.token_hex(32), "GOOGLE_API_KEY": SERVERS_KEY}
    with api_process(services, tmp_path_factory.mktemp("lost"), **lost) as (url, _):
        yield url


@pytest.fixture(scope="module")
def while_rotating(
    services: Services, settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    rotating = {"ENCRYPTION_KEY": secrets.token_hex(32), "ENCRYPTION_KEY_PREVIOUS": services.encryption_key}
    with api_process(services, tmp_path_factory.mktemp("rotating"), **{**settings, **rotating}) as (url, _):
        yield url


def save(http: httpx2.Client, key: str, vendor: str = "openai", **params: str) -> httpx2.Response:
    return http.put(f"/providers/{vendor}/key", json={"key": key}, params=params)


def shown(http: httpx2.Client, vendor: str = "openai") -> dict[str, Any]:
    answer = http.get("/providers/")
    assert answer.status_code == 200, answer.text
    [view] = [one for one in answer.json() if one["provider"] == vendor]
    return dict(view)


def state(http: httpx2.Client, vendor: str = "openai") -> tuple[bool, str | None, str | None]:
    view = shown(http, vendor)
    return view["configured"], view["source"], view["key_problem"]


@pytest.fixture
def client_of(owner: Owner) -> Iterator[Any]:
    """The owner at another server."""
    clients = []

    def at(url: str) -> httpx2.Client:
        http = httpx2.Client(base_url=url, timeout=30, trust_env=False)
        http.headers["Authorization"] = f"Bearer {log_in(http, owner.email, PASSWORD)}"
        clients.append(http)
        return http

    yield at
    for http in clients:
        http.close()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_canary_occurs_nowhere_but_encrypted_in_its_row(
    vendor: str, server: tuple[str, Running], gate: Gate, services: Services, db: Database
) -> None:
    url, process = server
    owner = register(url)

    said = [answer.text for answer in _everything_that_meets_a_key(owner, vendor)]

    assert f"sk-refused-{CANARY}-{vendor}" in gate.asked
    _require_canary_free("\n".join(said), control='"source":"own"')
    _require_canary_free(process.said(), control="/providers/{provider}/key")
    # Who is limited stands there as a hash.
    limited = hashlib.blake2b(str(owner.id).encode(), digest_size=16).hexdigest()
    _require_canary_free(_broker_dump(services), control=limited)
    _require_canary_free(db.dump(), control=owner.email)
    assert db.count("provider_keys", owner.id) == 1


def _everything_that_meets_a_key(owner: Owner, vendor: str) -> Iterator[httpx2.Response]:
    # The gate's refusal says the key, as a vendor's does.
    for word in ("refused", "forbidden", "broken", "silent", "cut"):
        yield save(owner.http, f"sk-{word}-{CANARY}", vendor)
    yield save(owner.http, f"sk {CANARY}", vendor)
    yield save(owner.http, f"sk-{CANARY * 20}", vendor)
    yield owner.http.put(f"/providers/{vendor}/key", content=f'{{"key": "{CANARY}')
    yield save(owner.http, f"sk-{CANARY}", vendor)
    yield owner.http.get("/providers/")
    yield save(owner.http, f"sk-refused-{CANARY}-{vendor}", vendor, unchecked="true")
    model = {"task_type": "general", "provider": vendor, "model_id": "a-model-of-theirs"}
    bot = owner.new_bot(initial_configs=[model])
    for accept in ("text/plain", "text/event-stream"):
        yield owner.http.post(f"/chat/{bot['id']}", json={"query": "Hola"}, headers={"Accept": accept})
    yield owner.http.get(f"/bots/{bot['id']}/conversations/")


def _require_canary_free(text: str, *, control: str) -> None:
    """Neither as it is nor in hexadecimal; `control` shows that the text is what it should be."""
    assert control in text
    assert CANARY not in text
    assert CANARY.encode().hex() not in text.lower()


def _broker_dump(services: Services) -> str:
    readers = {
        "string": lambda client, key: client.get(key),
        "list": lambda client, key: client.lrange(key, 0, -1),
        "hash": lambda client, key: client.hgetall(key),
        "set": lambda client, key: client.smembers(key),
        "zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
        "stream": lambda client, key: client.xrange(key),
    }
    with redis.Redis.from_url(services.redis_url, decode_responses=True) as client:
        return "\n".join(f"{key} {readers[client.type(key)](client, key)}" for key in client.scan_iter())


def test_with_another_encryption_key_a_stored_key_is_told_as_unreadable(
    owner: Owner, client_of: Any, after_a_loss: str
) -> None:
    save(owner.http, f"sk-{uuid.uuid4().hex}")

    elsewhere = client_of(after_a_loss)

    assert state(owner.http) == (True, "own", None)
    assert state(elsewhere) == (False, "own", "provider_key_unreadable")
    assert state(elsewhere, "google") == (True, "server", None)
    assert state(elsewhere, "local") == (True, None, None)


def test_the_servers_key_is_told_by_its_presence_alone(client_of: Any, after_a_loss: str) -> None:
    answer = client_of(after_a_loss).get("/providers/")

    [google] = [one for one in answer.json() if one["provider"] == "google"]
    assert (google["configured"], google["source"], google["key_last4"]) == (True, "server", None)
    assert SERVERS_KEY not in answer.text


def test_the_servers_key_stands_in_for_an_unreadable_one(owner: Owner, client_of: Any, after_a_loss: str) -> None:
    key = f"sk-{uuid.uuid4().hex}"
    save(owner.http, key, "google")

    elsewhere = client_of(after_a_loss)

    assert state(elsewhere, "google") == (True, "server", "provider_key_unreadable")
    assert shown(elsewhere, "google")["key_last4"] == key[-4:]


def test_an_unreadable_key_is_mended_by_saving_it_again_or_removing_it(
    owner: Owner, client_of: Any, after_a_loss: str
) -> None:
    for vendor in VENDORS:
        save(owner.http, f"sk-{uuid.uuid4().hex}", vendor)
    elsewhere = client_of(after_a_loss)

    save(elsewhere, f"sk-{uuid.uuid4().hex}", "openai")
    elsewhere.delete("/providers/google/key")

    assert state(elsewhere, "openai") == (True, "own", None)
    assert state(elsewhere, "google") == (True, "server", None)


def test_while_the_encryption_key_rotates_the_old_one_still_opens(
    owner: Owner, client_of: Any, while_rotating: str
) -> None:
    save(owner.http, f"sk-{uuid.uuid4().hex}")

    assert state(client_of(while_rotating)) == (True, "own", None)


def test_a_ciphertext_in_another_owners_row_does_not_open(owner: Owner, stranger: Owner, db: Database) -> None:
    for one in (owner, stranger):
        save(one.http, f"sk-{uuid.uuid4().hex}")

    _copy_seal(db, source=(owner.id, "openai"), target=(stranger.id, "openai"))

    assert state(stranger.http) == (False, "own", "provider_key_unreadable")
    assert state(owner.http) == (True, "own", None)


def test_a_ciphertext_in_another_providers_row_does_not_open(owner: Owner, db: Database) -> None:
    for vendor in VENDORS:
        save(owner.http, f"sk-{uuid.uuid4().hex}", vendor)

    _copy_seal(db, source=(owner.id, "openai"), target=(owner.id, "google"))

    assert state(owner.http, "google") == (False, "own", "provider_key_unreadable")
    assert state(owner.http, "openai") == (True, "own", None)


def _copy_seal(db: Database, *, source: tuple[uuid.UUID, str], target: tuple[uuid.UUID, str]) -> None:
    db.run(
        "UPDATE provider_keys AS there"
        " SET key_id = taken.key_id, nonce = taken.nonce, ciphertext = taken.ciphertext"
        " FROM provider_keys AS taken WHERE taken.owner_id = %s AND taken.provider = %s"
        " AND there.owner_id = %s AND there.provider = %s",
        *source,
        *target,
    )
