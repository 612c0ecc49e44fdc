"""An account's export: all of its own, no secret, nothing of another's, from one moment (SEC-1, ISO-1, AUT-6)."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.types import Message

from app import crud
from app.api.exports import AccountFile, AccountFileResponse, Exports
from app.api.session_watch import SessionWatch
from app.core.database import Sessions, now, snapshot, transaction
from app.core.errors import ExportsBusy, ExportUnderWay
from app.embedded.services import Services
from app.models import Base
from tests.api.test_upload_memory import memory_mb
from tests.platform import Owner, Running, api_process, log_in, register
from tests.routes import belongings
from tests.rows import Database
from tests.services import wait_until

KEY = "sk-canario-0123456789-wxyz"
_WHOSE = "the export is one account's"
_NESTED = "its place in the export says it"
_STATE = "how far a worker is with it"
# What of the database is in no export, and why.
LEFT_OUT = {
    "users": {
        "email_key": "the e-mail again, folded",
        "password_hash": "a secret",
        "is_disabled": "false, or nobody could ask",
        "words_served_at": _STATE,
        "vectors_served_at": _STATE,
    },
    "sessions": {"owner_id": _WHOSE},
    "provider_keys": {
        "owner_id": _WHOSE,
        "key_id": "how the secret is sealed",
        "nonce": "how the secret is sealed",
        "ciphertext": "the secret, sealed",
    },
    "bots": {"owner_id": _WHOSE},
    "model_configs": {"owner_id": _WHOSE, "bot_id": _NESTED, "position": _NESTED},
    "documents": {
        "owner_id": _WHOSE,
        **dict.fromkeys(("config", "words", "chunks", "chunks_embedded", "searchable_at"), "made of the text"),
        **dict.fromkeys(
            ("embedding_due", "chunks_embedded_next", "attempts", "lease_token", "lease_until", "published_at"),
            _STATE,
        ),
    },
    "conversations": {"owner_id": _WHOSE},
    "messages": {"owner_id": _WHOSE, "conversation_id": _NESTED},
    "citations": {"owner_id": _WHOSE, "message_id": _NESTED},
    "ledger": {"owner_id": _WHOSE},
    "usage_days": {"owner_id": _WHOSE, "holds": "what answers that are being made may cost at most"},
}
DERIVED = {"chunks": "cut from the text", "postings": "the words of the text", "vectors": "made of the text"}


@pytest.fixture
def settled(owner: Owner, db: Database) -> Owner:
    """Somebody with a row in every table."""
    ids = belongings(owner, db)
    db.add_account_rows(owner.id, uuid.UUID(str(ids.bot_id)))
    return owner


def export_of(owner: Owner) -> dict[str, Any]:
    answer = owner.http.get("/users/me/export")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def add_text(db: Database, owner: Owner, bot_id: str, text: str, *, copies: int = 1) -> None:
    """Documents that failed, so that no worker takes them."""
    db.run(
        "INSERT INTO documents (id, owner_id, bot_id, filename, size_bytes, characters, encoding, sha256, text,"
        " status, chunks, chunks_embedded, error, attempts, published_at, created_at)"
        " SELECT gen_random_uuid(), %s, %s, 'largo.txt', octet_length(body), char_length(body), 'utf-8',"
        " uuid_send(gen_random_uuid()), body, 'failed', 0, 0, 'interrupted', 5, now(), now()"
        " FROM generate_series(1, %s), (SELECT %s::text AS body) AS one",
        *(owner.id, bot_id, copies, text),
    )


def test_every_column_is_in_the_export_or_left_out_for_a_reason(settled: Owner) -> None:
    body = export_of(settled)

    rows = {
        "users": body["account"],
        "sessions": body["sessions"][0],
        "provider_keys": body["provider_keys"][0],
        "bots": body["bots"][0],
        "model_configs": body["bots"][0]["configs"][0],
        "documents": body["documents"][0],
        "conversations": body["conversations"][0],
        "messages": body["conversations"][0]["messages"][0],
        "citations": body["conversations"][0]["messages"][1]["citations"][0],
        "ledger": body["usage"][0],
        "usage_days": body["usage_days"][0],
    }
    tables = Base.metadata.tables
    assert set(tables) == set(rows) | set(DERIVED)
    nested = {"bots": {"configs"}, "conversations": {"messages"}, "messages": {"citations"}}
    for name, row in rows.items():
        columns = set(tables[name].columns.keys())
        assert set(row) == columns - set(LEFT_OUT[name]) | nested.get(name, set()), name
        assert set(LEFT_OUT[name]) <= columns, name


def test_the_export_says_what_the_api_says(settled: Owner) -> None:
    bot = settled.scripted_bot("say=Hola")
    settled.ask(bot["id"], "¿«Qué» tal?\n\u2028 😀")

    body = export_of(settled)

    me = settled.http.get("/users/me").json()
    assert (body["format"], body["version"], body["account"]) == ("bytchat-export", 1, me)
    bots = {one["id"]: one for one in settled.http.get("/bots/").json()}
    for exported in body["bots"]:
        shown = bots.pop(exported["id"])
        assert all(exported[name] == shown[name] for name in ("name", "configs", "grounding", "created_at"))
    assert bots == {}
    assert len(body["conversations"]) == 2
    for conversation in body["conversations"]:
        shown = settled.http.get(f"/conversations/{conversation['id']}").json()
        assert conversation == shown
    [document] = body["documents"]
    path = f"/bots/{document['bot_id']}/documents/{document['id']}"
    shown = settled.http.get(path).json()
    assert all(document[name] == shown[name] for name in document.keys() & shown.keys())
    assert document["text"] == settled.http.get(f"{path}/text").text
    assert len(body["usage"]) == 2
    assert body["usage_days"][0]["day"] == now().date().isoformat()


def test_it_comes_as_a_file_of_known_length(owner: Owner) -> None:
    answer = owner.http.get("/users/me/export")

    today = datetime.now(UTC).date()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == f'attachment; filename="bytchat-{today}.json"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["cache-control"] == "no-store"


def test_an_empty_account_has_empty_lists(owner: Owner) -> None:
    body = export_of(owner)

    assert [one["id"] for one in body.pop("sessions")] != []
    assert all(value == [] for value in body.values() if isinstance(value, list))


def test_it_holds_no_key_and_nothing_of_another(settled: Owner, stranger: Owner, db: Database) -> None:
    """SEC-1, ISO-1."""
    theirs = belongings(stranger, db)
    db.add_account_rows(stranger.id, uuid.UUID(str(theirs.bot_id)))
    settled.http.put("/providers/openai/key", params={"unchecked": True}, json={"key": KEY}).raise_for_status()

    raw = settled.http.get("/users/me/export").text

    assert [one["last4"] for one in json.loads(raw)["provider_keys"] if one["provider"] == "openai"] == [KEY[-4:]]
    assert KEY not in raw
    [(password_hash,)] = db.rows("SELECT password_hash FROM users WHERE id = %s", settled.id)
    assert password_hash not in raw
    foreign = [stranger.id, stranger.email, *vars_of(theirs)]
    assert [one for one in foreign if str(one) in raw] == []


def test_each_of_its_lists_has_as_many_entries_as_the_owner_has_rows(
    settled: Owner, stranger: Owner, db: Database
) -> None:
    """ISO-1: also of rows that name nobody."""
    db.add_account_rows(stranger.id, uuid.UUID(str(belongings(stranger, db).bot_id)))

    exported = export_of(settled)

    lists = {name: len(rows) for name, rows in exported.items() if isinstance(rows, list)}
    assert lists == {name: db.count("ledger" if name == "usage" else name, settled.id) for name in lists}
    assert min(lists.values()) >= 1


def vars_of(ids: Any) -> list[Any]:
    return [getattr(ids, name) for name in ids.__slots__]


def test_a_long_text_comes_whole_wherever_it_is_cut(owner: Owner, db: Database) -> None:
    bot_id = owner.new_bot()["id"]
    long = '«😀\\"\t\x7f\u2028ñ»' * 150_000
    add_text(db, owner, bot_id, long)

    [document] = export_of(owner)["documents"]

    assert document["characters"] == len(long)
    assert document["text"] == long


@pytest.fixture
def voluminous(owner: Owner, db: Database) -> Owner:
    """More than a socket takes in unread."""
    add_text(db, owner, owner.new_bot()["id"], "x" * 1024 * 1024, copies=32)
    return owner


def test_while_one_is_read_a_second_is_429_and_no_connection_is_held(voluminous: Owner, services: Services) -> None:
    with voluminous.http.stream("GET", "/users/me/export") as first:
        pieces = first.iter_raw(1024)
        next(pieces)

        with closing(psycopg.connect(services.database_url, autocommit=True)) as connection:
            waiting = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state <> 'idle'"
            ).fetchall()
        second = voluminous.http.get("/users/me/export")

    assert waiting == [(0,)]
    assert (second.status_code, second.json()["code"]) == (429, "export_under_way")
    assert int(second.headers["Retry-After"]) > 0
    # Whoever broke it off may ask again, as soon as that is noticed.
    wait_until(lambda: voluminous.http.get("/users/me/export").status_code == 200)


def test_another_process_that_makes_one_is_heeded(owner: Owner, services: Services) -> None:
    with closing(psycopg.connect(services.database_url)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"bytchat-export:{owner.id}"])
        refused = owner.http.get("/users/me/export")

    assert (refused.status_code, refused.json()["code"]) == (429, "export_under_way")
    assert owner.http.get("/users/me/export").status_code == 200


def test_the_sending_ends_with_the_session_and_lets_the_file_go(voluminous: Owner, api: str, db: Database) -> None:
    """AUT-6."""
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as elsewhere:
        elsewhere.headers["Authorization"] = f"Bearer {log_in(elsewhere, voluminous.email)}"
        with elsewhere.stream("GET", "/users/me/export") as answer:
            pieces = answer.iter_raw(1024)
            read = [len(next(pieces))]
            [lost] = [one for one in voluminous.http.get("/users/me/sessions").json() if not one["current"]]
            assert voluminous.http.delete(f"/users/me/sessions/{lost['id']}").status_code == 204

            # Nothing more was read of it.
            wait_until(lambda: voluminous.http.get("/users/me/export").status_code == 200)
            with pytest.raises(httpx2.RemoteProtocolError):
                read.extend(map(len, pieces))

    assert 0 < sum(read) < int(answer.headers["content-length"])


@pytest.fixture
async def watch(sessions: Sessions) -> AsyncIterator[SessionWatch]:
    watch = SessionWatch(sessions, every_s=0.05)
    yield watch
    await watch.aclose()


def test_the_making_ends_with_the_session_and_lets_the_file_go(
    owner: Owner, api: str, services: Services, db: Database
) -> None:
    """AUT-6."""
    with (
        httpx2.Client(base_url=api, timeout=30, trust_env=False) as elsewhere,
        ThreadPoolExecutor(1) as threads,
        closing(psycopg.connect(services.database_url)) as connection,
    ):
        token = log_in(elsewhere, owner.email)
        connection.execute("LOCK TABLE usage_days IN ACCESS EXCLUSIVE MODE")
        asked = threads.submit(elsewhere.get, "/users/me/export", headers={"Authorization": f"Bearer {token}"})
        wait_until(lambda: db.rows("SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)])
        [lost] = [one for one in owner.http.get("/users/me/sessions").json() if not one["current"]]
        assert owner.http.delete(f"/users/me/sessions/{lost['id']}").status_code == 204

        refused = asked.result()

    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert owner.http.get("/users/me/export").status_code == 200


@pytest.mark.anyio
async def test_beyond_eight_files_at_once_whoever_comes_is_told_to_come_again(
    owner: Owner, sessions: Sessions, watch: SessionWatch, db: Database
) -> None:
    exports, session_id = Exports(sessions, watch), db.add_session(owner.id)
    emails = [f"{uuid.uuid4().hex}@ejemplo.com" for _ in range(9)]
    async with transaction(sessions) as session:
        people = [await crud.add_user(session, email=email, password_hash="-") for email in emails]
    made = [await exports.make(one.id, session_id=session_id) for one in people[:8]]

    with pytest.raises(ExportsBusy):
        await exports.make(people[8].id, session_id=session_id)
    with pytest.raises(ExportUnderWay):
        await exports.make(people[0].id, session_id=session_id)
    made[3].file.close()
    made.append(await exports.make(people[8].id, session_id=session_id))

    for one in made:
        one.file.close()


class SlowReader:
    """Takes a piece each `pace_s`; None is never."""

    def __init__(self, pace_s: float | None) -> None:
        self._pace_s = pace_s
        self.was_told: list[Message] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            await (asyncio.sleep(self._pace_s) if self._pace_s is not None else asyncio.Event().wait())
        self.was_told.append(message)

    async def receive(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.anyio
@pytest.mark.parametrize("pace_s", [None, 0.05], ids=["who reads nothing", "who reads too slowly"])
async def test_who_keeps_the_file_too_long_is_cut_off_and_it_is_let_go(
    pace_s: float | None, owner: Owner, watch: SessionWatch, db: Database
) -> None:
    made, reader = AccountFile(), SlowReader(pace_s)
    await made.write(_megabytes(64))
    response = AccountFileResponse(
        made,
        filename="x.json",
        session_id=db.add_session(owner.id),
        watch=watch,
        stalls_at_most_s=0.5,
        floor_bytes_a_second=2**28,
    )

    async with asyncio.timeout(10):
        await response({"type": "http"}, reader.receive, reader.send)

    bodies = [message for message in reader.was_told if message["type"] == "http.response.body"]
    assert all(body["more_body"] for body in bodies)
    assert (len(bodies) > 1) is (pace_s is not None)
    assert made.file.closed


async def _megabytes(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 2**20


@pytest.mark.anyio
async def test_a_snapshot_sees_one_moment_and_writes_nothing(
    sessions: Sessions, owner: Owner, db: Database
) -> None:
    mine = text("SELECT count(*) FROM bots WHERE owner_id = :owner_id")
    async with snapshot(sessions) as session:
        before = await session.scalar(mine, {"owner_id": owner.id})
        db.add_bot(owner.id)
        meanwhile = await session.scalar(mine, {"owner_id": owner.id})
        with pytest.raises(DBAPIError, match="read-only"):
            await session.execute(text("DELETE FROM bots WHERE owner_id = :owner_id"), {"owner_id": owner.id})

    async with transaction(sessions) as session:
        after = await session.scalar(mine, {"owner_id": owner.id})
        kind = await session.scalar(text("SHOW transaction_isolation"))
        reads_only = await session.scalar(text("SHOW transaction_read_only"))

    assert (before, meanwhile, after) == (0, 0, 1)
    assert (kind, reads_only) == ("read committed", "off")


@pytest.fixture
def alone(services: Services, logs: Path) -> Iterator[tuple[Owner, Running]]:
    with api_process(services, logs) as (url, running):
        owner = register(url)
        yield owner, running
        owner.http.close()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_exporting_200_mb_of_documents_takes_less_than_60_mb(alone: tuple[Owner, Running], db: Database) -> None:
    owner, running = alone
    bot_id = owner.new_bot()["id"]
    for letter in "ñé😀":
        add_text(db, owner, bot_id, letter * (25 * 1024 * 1024 // len(letter.encode())), copies=2)
    add_text(db, owner, bot_id, "á" * 512 * 1024, copies=50)
    conversation_id = db.add_conversation(owner.id, uuid.UUID(bot_id))
    db.run(
        "INSERT INTO messages (id, owner_id, conversation_id, role, text, created_at)"
        " SELECT gen_random_uuid(), %s, %s, 'user', repeat('x', 16000), now() FROM generate_series(1, 2000)",
        *(owner.id, conversation_id),
    )
    export_of(register(str(owner.http.base_url)))
    before = memory_mb(running, "VmRSS")

    read = 0
    with owner.http.stream("GET", "/users/me/export") as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            read += len(piece)

    assert read > 200 * 1024 * 1024
    assert memory_mb(running, "VmHWM") - before < 60
    owner.http.delete("/users/me").raise_for_status()


def test_whoever_is_gone_meanwhile_is_not_exported(owner: Owner, db: Database) -> None:
    """AUT-6."""
    db.run("DELETE FROM users WHERE id = %s", owner.id)

    assert owner.http.get("/users/me/export").status_code == 401
