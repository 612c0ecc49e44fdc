"""What is being sent ends with the session that asked for it, and costs one statement a second at most (AUT-6)."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import httpx2
import pytest
from sqlalchemy import event, make_url

from app.api.session_watch import SessionWatch
from app.core.database import Sessions, make_engine, make_sessions
from app.core.errors import NotAuthenticated
from tests.platform import PASSWORD, Owner, log_in, parse_events, text_of
from tests.proxy import Proxy, proxy_to
from tests.rows import OWNED_TABLES, Database
from tests.services import wait_until

SSE = {"Accept": "text/event-stream"}
# Forty seconds of words.
SLOW = "tokens=2000;pace_ms=20"
EVERY_S = 0.05


@contextmanager
def another_login(api: str, owner: Owner) -> Iterator[Owner]:
    """The same person in another browser."""
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        token = log_in(http, owner.email)
        http.headers["Authorization"] = f"Bearer {token}"
        yield replace(owner, token=token, http=http)


@pytest.fixture
def elsewhere(api: str, owner: Owner) -> Iterator[Owner]:
    with another_login(api, owner) as elsewhere:
        yield elsewhere


def _log_out(owner: Owner, lost: Owner, _: Database) -> None:
    with httpx2.Client(base_url=owner.http.base_url, headers=lost.http.headers, trust_env=False) as http:
        assert http.post("/token/revoke").status_code == 204


def _end_it(owner: Owner, _: Owner, __: Database) -> None:
    others = [one["id"] for one in owner.http.get("/users/me/sessions").json() if not one["current"]]
    assert [owner.http.delete(f"/users/me/sessions/{one}").status_code for one in others] == [204]


def _change_password(owner: Owner, _: Owner, __: Database) -> None:
    body = {"password": PASSWORD, "new_password": "otra-clave-segura"}
    assert owner.http.patch("/users/me", json=body).status_code == 200


def _disable(owner: Owner, _: Owner, db: Database) -> None:
    db.run("UPDATE users SET is_disabled = true WHERE id = %s", owner.id)


def _run_out(owner: Owner, _: Owner, db: Database) -> None:
    db.run("UPDATE sessions SET expires_at = now() WHERE owner_id = %s", owner.id)


def _delete_account(owner: Owner, _: Owner, __: Database) -> None:
    assert owner.http.delete("/users/me").status_code == 204


def stored(db: Database, owner: Owner) -> list[tuple[str, str]]:
    """The answers, as (text, finish)."""
    return db.rows("SELECT text, finish FROM messages WHERE owner_id = %s AND role = 'assistant'", owner.id)


def question(owner: Owner, path: str, body: dict[str, str] | None, **headers: str) -> Any:
    return owner.http.stream("POST", path, json=body, headers=headers)


@pytest.mark.parametrize("end", [_log_out, _end_it, _change_password, _disable, _run_out])
def test_an_answer_ends_with_its_session_and_what_was_said_is_kept(
    end: Callable[[Owner, Owner, Database], None], owner: Owner, elsewhere: Owner, db: Database
) -> None:
    """AUT-6, STR-1."""
    bot = owner.scripted_bot(SLOW)

    with question(elsewhere, f"/chat/{bot['id']}", {"query": "Hola"}, **SSE) as answer:
        pieces = answer.iter_text()
        said = next(pieces) + next(pieces)
        end(owner, elsewhere, db)
        events = parse_events(said + "".join(pieces))

    assert [name for name, _ in events if name in ("finished", "error")] == ["error"]
    assert events[-1][1]["code"] == "not_authenticated"
    assert stored(db, owner) == [(text_of(events), "interrupted")]
    assert 0 < text_of(events).count("palabra") < 2000


def test_a_plain_answer_is_cut_with_its_session_and_kept(owner: Owner, elsewhere: Owner, db: Database) -> None:
    """AUT-6, STR-1."""
    bot = owner.scripted_bot(SLOW)

    with question(elsewhere, f"/chat/{bot['id']}", {"query": "Hola"}) as answer:
        pieces = answer.iter_text()
        next(pieces)
        _end_it(owner, elsewhere, db)
        with pytest.raises(httpx2.RemoteProtocolError):
            list(pieces)

    [(text, finish)] = stored(db, owner)
    assert finish == "interrupted"
    assert 0 < text.count("palabra") < 2000


def test_an_answer_given_again_ends_with_its_session(owner: Owner, elsewhere: Owner, db: Database) -> None:
    """AUT-6."""
    bot = owner.scripted_bot("say=Hola")
    question_id = owner.ask(bot["id"], "Hola")[0][1]["question_id"]
    [config] = bot["configs"]
    slow = owner.http.put(f"/bots/{bot['id']}/models/{config['id']}", json={"model_id": SLOW})
    assert slow.status_code == 200

    with question(elsewhere, f"/messages/{question_id}/retry", None, **SSE) as answer:
        pieces = answer.iter_text()
        said = next(pieces) + next(pieces)
        _end_it(owner, elsewhere, db)
        events = parse_events(said + "".join(pieces))

    assert events[-1][1]["code"] == "not_authenticated"
    assert sorted(finish for _, finish in stored(db, owner)) == ["interrupted", "stop"]


def test_an_answer_ends_with_its_account_and_nothing_is_kept(owner: Owner, elsewhere: Owner, db: Database) -> None:
    """AUT-6, ISO-7."""
    bot = owner.scripted_bot(SLOW)

    with question(elsewhere, f"/chat/{bot['id']}", {"query": "Hola"}, **SSE) as answer:
        pieces = answer.iter_text()
        said = next(pieces) + next(pieces)
        _delete_account(owner, elsewhere, db)
        events = parse_events(said + "".join(pieces))

    assert events[-1][1]["code"] == "not_authenticated"
    assert sum(db.count(table, owner.id) for table in OWNED_TABLES) == 0


def test_a_question_that_waits_for_its_first_word_is_401_when_its_session_ends(
    owner: Owner, elsewhere: Owner, db: Database
) -> None:
    """AUT-6."""
    bot = owner.scripted_bot("hang_after=0")

    def is_asked() -> bool:
        return db.count("messages", owner.id) == 1

    with asking_in_background(elsewhere, bot["id"]) as answer:
        wait_until(is_asked)
        _end_it(owner, elsewhere, db)

        refused = answer()

    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")


@contextmanager
def asking_in_background(owner: Owner, bot_id: str) -> Iterator[Callable[[], httpx2.Response]]:
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(owner.http.post, f"/chat/{bot_id}", json={"query": "Hola"}, headers=SSE)
        yield asked.result


def test_the_answers_of_other_sessions_go_on(owner: Owner, elsewhere: Owner, api: str, db: Database) -> None:
    bot = owner.scripted_bot("tokens=200;pace_ms=20")
    with (
        another_login(api, owner) as third,
        question(elsewhere, f"/chat/{bot['id']}", {"query": "Hola"}, **SSE) as lost,
        question(third, f"/chat/{bot['id']}", {"query": "Hola"}, **SSE) as kept,
    ):
        _log_out(owner, elsewhere, db)
        ends = [parse_events(answer.read().decode())[-1] for answer in (lost, kept)]

    assert ends[0][1]["code"] == "not_authenticated"
    assert (ends[1][0], ends[1][1]["finish"]) == ("finished", "stop")


@pytest.fixture
async def statements(sessions: Sessions) -> list[str]:
    """What is sent to PostgreSQL."""
    sent: list[str] = []

    @event.listens_for(sessions.kw["bind"].sync_engine, "before_cursor_execute")
    def _note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    return sent


@pytest.mark.anyio
async def test_one_statement_asks_for_all_and_ends_only_those_that_are_gone(
    owner: Owner, sessions: Sessions, db: Database, statements: list[str]
) -> None:
    gone, *left = [db.add_session(owner.id) for _ in range(3)]
    db.run("DELETE FROM sessions WHERE id = %s", gone)
    ended: list[uuid.UUID] = []
    is_ended = asyncio.Event()
    watch = SessionWatch(sessions, every_s=EVERY_S)

    def end(session_id: uuid.UUID) -> None:
        ended.append(session_id)
        is_ended.set()

    for session_id in (*left, gone, *left):
        watch.add(session_id, partial(end, session_id))
    async with asyncio.timeout(10):
        await is_ended.wait()

    assert ended == [gone]
    assert len(statements) == 1
    await watch.aclose()


@pytest.mark.anyio
async def test_where_nobody_is_being_sent_anything_nothing_is_asked(
    owner: Owner, sessions: Sessions, db: Database, statements: list[str]
) -> None:
    watch = SessionWatch(sessions, every_s=EVERY_S)
    tasks = asyncio.all_tasks()

    stop_watching = [watch.add(db.add_session(owner.id), lambda: None) for _ in range(2)]
    [looking] = asyncio.all_tasks() - tasks
    for stop in stop_watching:
        stop()
    await asyncio.wait({looking}, timeout=10)

    assert looking.done()
    assert statements == []


@pytest.fixture
async def through(database_url: str) -> AsyncIterator[tuple[Proxy, Sessions]]:
    """A network to PostgreSQL that can break."""
    url = make_url(database_url)
    with proxy_to(url.host or "", url.port or 5432) as proxy:
        own = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        engine = make_engine(own, pool_size=1)
        yield proxy, make_sessions(engine)
        await engine.dispose()


@pytest.mark.anyio
async def test_while_postgresql_does_not_answer_nobody_is_ended(
    owner: Owner, through: tuple[Proxy, Sessions], db: Database
) -> None:
    """AUT-6, OPS-4: and as soon as it does, those whose session has ended are."""
    proxy, sessions = through
    proxy.close()
    lasting, short = db.add_session(owner.id), db.add_session(owner.id)
    db.run("DELETE FROM sessions WHERE id = %s", short)
    ended: list[str] = []
    is_ended = asyncio.Event()
    has_looked, looks = asyncio.Event(), iter(range(3))

    @event.listens_for(sessions.kw["bind"].sync_engine, "handle_error")
    def _count(*_: Any) -> None:
        if next(looks, None) is None:
            has_looked.set()

    def end() -> None:
        ended.append("short")
        is_ended.set()

    watch = SessionWatch(sessions, every_s=EVERY_S)
    watch.add(lasting, lambda: ended.append("lasting"))
    watch.add(short, end)
    async with asyncio.timeout(20):
        await has_looked.wait()
        while_away = list(ended)
        proxy.open()
        await is_ended.wait()

    assert while_away == []
    assert set(ended) == {"short"}
    await watch.aclose()


@pytest.mark.anyio
async def test_what_is_done_during_a_session_is_broken_off_with_it(
    owner: Owner, sessions: Sessions, db: Database
) -> None:
    """AUT-6."""
    session_id = db.add_session(owner.id)
    watch = SessionWatch(sessions, every_s=EVERY_S)
    async with asyncio.timeout(10):
        async with watch.during(session_id):
            db.run("DELETE FROM sessions WHERE id = %s", session_id)

        with pytest.raises(NotAuthenticated):
            async with watch.during(session_id):
                await asyncio.Event().wait()
    await watch.aclose()


@pytest.mark.anyio
async def test_a_time_that_is_up_is_not_the_sessions_end(owner: Owner, sessions: Sessions, db: Database) -> None:
    watch = SessionWatch(sessions, every_s=EVERY_S)

    with pytest.raises(TimeoutError):
        async with watch.during(db.add_session(owner.id)), asyncio.timeout(0.01):
            await asyncio.Event().wait()
    await watch.aclose()
