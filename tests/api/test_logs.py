"""What the processes write: JSON, a line an event, with whose request it was, and nothing forged (OPS-6)."""

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from app.core.queue import REQUEST_ID, WORDS, make_celery
from app.embedded.services import Services
from tests.platform import Owner, Running, api_process, register, worker_process
from tests.rows import Database
from tests.services import migrated_services, wait_until

FORGED = '{"event": "forged", "level": "info"}'
HOSTILE = ["\n", "\r\n", "\x0b", "\x1b[2K", "\x85", "\u2028", "\u2029"]


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with migrated_services() as services:
        yield services


@pytest.fixture
def db(services: Services) -> Iterator[Database]:
    database = Database(services)
    yield database
    database.close()


@pytest.fixture(scope="module")
def _logged(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Owner, Running]]:
    folder = tmp_path_factory.mktemp("logged")
    with api_process(services, folder) as (url, running):
        owner = register(url)
        yield owner, running
        owner.http.close()


@pytest.fixture
def logged(_logged: tuple[Owner, Running]) -> tuple[Owner, Running]:
    """Somebody at an API of which nobody else reads the log."""
    return _logged


@pytest.fixture(scope="module")
def worker(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both lanes at once in one process."""
    with worker_process(services, tmp_path_factory.mktemp("worker"), "words,vectors") as running:
        yield running


def events(running: Running) -> list[dict[str, Any]]:
    """Every line that is JSON; what Celery draws when it starts is not."""
    lines = running.said().split("\n")
    return [json.loads(line) for line in lines if line.startswith("{")]


def said(running: Running, event: str, **fields: object) -> dict[str, Any]:
    """The line with these fields, as soon as it is there."""

    def found() -> list[dict[str, Any]]:
        return [one for one in events(running) if {**fields, "event": event}.items() <= one.items()]

    wait_until(lambda: bool(found()), within_s=60)
    return found()[0]


def test_one_request_is_told_with_its_id_and_owner_from_the_proxy_to_the_worker_ops_6(
    logged: tuple[Owner, Running], worker: Running
) -> None:
    owner, api = logged
    request_id, bot_id = uuid.uuid4().hex, owner.new_bot()["id"]

    answer = owner.http.post(
        f"/bots/{bot_id}/train",
        files={"file": ("notas.txt", f"Notas {request_id}.".encode(), "text/plain")},
        headers={"X-Request-Id": request_id},
    )

    assert answer.headers["X-Request-Id"] == request_id
    whose = {"request_id": request_id, "owner_id": str(owner.id)}
    assert said(api, "http.answered", **whose)["route"] == "/bots/{bot_id}/train"
    about = {**whose, "bot_id": bot_id, "document_id": answer.json()["id"]}
    assert said(worker, "document.claimed", **about, stage="words")["task"] == "train.words"
    assert said(worker, "document.searchable", **about)["chunks"] == 1
    assert said(worker, "document.claimed", **about, stage="vectors")["task"] == "train.vectors"
    assert said(worker, "document.ready", **about)["level"] == "info"


def test_an_answer_is_told_with_its_request_and_owner_ops_6(logged: tuple[Owner, Running]) -> None:
    owner, api = logged
    bot = owner.scripted_bot()

    answer = owner.http.post(f"/chat/{bot['id']}", json={"query": "Hola"})

    whose = {
        "request_id": answer.headers["X-Request-Id"],
        "owner_id": str(owner.id),
        "bot_id": bot["id"],
    }
    assert said(api, "chat.answered", **whose)["finish"] == "stop"
    assert said(api, "http.answered", **whose)["status"] == 200


def test_one_persons_request_is_not_told_as_anothers_ops_6(logged: tuple[Owner, Running]) -> None:
    owner, api = logged
    assert owner.http.get("/bots/").status_code == 200

    # Over the same connection.
    nobodys = owner.http.get("/health/live").headers["X-Request-Id"]

    assert "owner_id" not in said(api, "http.answered", request_id=nobodys)


@pytest.mark.parametrize(
    "given",
    ["A" * 32, "0" * 31, "0" * 33, f"{'0' * 31}g", f"{'0' * 15} {'0' * 16}", FORGED, "0" * 5000],
    ids=["capitals", "short", "long", "no hex", "a space", "JSON", "huge"],
)
def test_an_id_that_is_no_proxys_is_not_taken_ops_6(logged: tuple[Owner, Running], given: str) -> None:
    owner, api = logged

    answer = owner.http.get("/", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] != given
    assert said(api, "http.answered", request_id=answer.headers["X-Request-Id"])
    assert given not in api.said()


@pytest.mark.parametrize("end", HOSTILE, ids=ascii)
def test_no_line_can_be_forged_ops_6(logged: tuple[Owner, Running], end: str) -> None:
    owner, api = logged
    hostile = f"x{end}{FORGED}{end}"
    known = len(api.said())

    owner.http.get(f"/{quote(hostile)}", params={hostile: hostile})
    owner.http.get("/", headers={b"User-Agent": bytes(byte for byte in hostile.encode() if byte >= 32)})
    owner.http.post("/users/", json={"email": f"{hostile}@ejemplo.com", "password": hostile})
    owner.http.post("/token", data={"username": hostile, "password": hostile})
    owner.upload(owner.new_bot(name="Bot")["id"], f"Notas {hostile}", filename=f"{hostile}.txt")
    # A model that fails is told by its name, which is the owner's own text.
    owner.http.post(f"/chat/{owner.scripted_bot('fail=500;x=' + FORGED)['id']}", json={"query": hostile})
    last = owner.http.get("/health/live").headers["X-Request-Id"]

    assert said(api, "http.answered", request_id=last)
    written = api.said()[known:]
    assert "forged" not in {json.loads(line)["event"] for line in written.splitlines() if line}
    assert not {character for character in written if not character.isascii() or ord(character) < 32} - {"\n"}


def test_the_servers_own_lines_are_json_too_ops_6(logged: tuple[Owner, Running]) -> None:
    owner, api = logged
    url = httpx2.URL(owner.http.base_url)
    with closing(socket.create_connection((url.host, url.port or 0))) as connection:
        connection.sendall(b"no HTTP at all\r\n\r\n")
        assert b"400" in connection.recv(1000)

    assert said(api, "Invalid HTTP request received.")["level"] == "warning"
    assert not [line for line in api.said().splitlines() if not line.startswith("{")]


def test_a_job_that_fails_is_one_line_with_its_traceback_ops_6(services: Services, worker: Running) -> None:
    request_id = uuid.uuid4().hex
    make_celery(services.redis_url).send_task(WORDS, args=["no-id"], headers={REQUEST_ID: request_id})

    failed = next(one for one in wait_for_errors(worker, request_id) if one["level"] == "error")

    assert failed["task"] == WORDS
    assert failed["document_id"] == "no-id"
    assert failed["exception"].startswith("Traceback (most recent call last):")
    assert failed["exception"].endswith("ValueError: badly formed hexadecimal UUID string")


def wait_for_errors(running: Running, request_id: str) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]]:
        return [one for one in events(running) if one.get("request_id") == request_id and "exception" in one]

    wait_until(lambda: bool(found()), within_s=60)
    return found()


def test_the_jobs_of_a_sweep_have_an_id_of_its_own_ops_6(
    services: Services, worker: Running, logged: tuple[Owner, Running], db: Database
) -> None:
    owner, _ = logged
    document_id = db.add_document(owner.id, uuid.UUID(owner.new_bot()["id"]))
    db.run(
        "UPDATE documents SET status = 'queued', attempts = 0, published_at = now() - interval '1 hour' "
        "WHERE id = %s",
        document_id,
    )

    make_celery(services.redis_url).send_task("train.sweep")

    claimed = said(worker, "document.claimed", document_id=str(document_id))
    swept = said(worker, "sweep.published_again", request_id=claimed["request_id"])
    assert swept["task"] == "train.sweep"
    assert len(claimed["request_id"]) == 32


def test_what_machines_ask_all_day_leaves_no_line_and_other_requests_do(services: Services, tmp_path: Path) -> None:
    with api_process(services, tmp_path) as (url, running):
        for path in ("/health/ready", "/metrics", "/health/live"):
            assert httpx2.get(url + path, timeout=20, trust_env=False).status_code == 200
        wait_until(lambda: "/health/live" in running.said(), within_s=20)

        assert "/health/ready" not in running.said()
        assert "/metrics" not in running.said()
