"""Sessions over HTTP: which there are, ending one by one, and what ends with them (AUT-6)."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx2
import pytest
from jose import jwt

from app import crud
from app.core.database import Sessions, new_id, transaction
from app.core.errors import WrongCredentials
from app.queries.accounts import MOST_SESSIONS
from tests.platform import PASSWORD, Owner, log_in
from tests.rows import Database
from tests.services import wait_until

LIFETIME = timedelta(hours=1)


@pytest.fixture
def anyone(api: str) -> Iterator[httpx2.Client]:
    """Without a token."""
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        yield http


def id_of(token: str) -> str:
    return str(jwt.get_unverified_claims(token)["sid"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def sessions_of(owner: Owner) -> list[dict[str, Any]]:
    answer = owner.http.get("/users/me/sessions")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def used_at(db: Database, session_id: str) -> datetime:
    [(at,)] = db.rows("SELECT last_used_at FROM sessions WHERE id = %s", session_id)
    assert isinstance(at, datetime)
    return at


def test_the_list_has_each_login_with_its_client_and_says_which_one_asks(
    owner: Owner, stranger: Owner, anyone: httpx2.Client
) -> None:
    """AUT-6."""
    form = {"username": owner.email, "password": PASSWORD}
    token = anyone.post("/token", data=form, headers={b"User-Agent": "Móvil".encode("latin-1")}).json()[
        "access_token"
    ]

    found = sessions_of(owner)

    assert [(one["id"], one["current"]) for one in found] == [(id_of(token), False), (id_of(owner.token), True)]
    assert set(found[0]) == {"id", "user_agent", "created_at", "last_used_at", "expires_at", "current"}
    assert found[0]["user_agent"] == "Móvil"
    assert found[1]["user_agent"].startswith("python-httpx2/")
    assert id_of(stranger.token) not in str(found)


def test_the_one_used_last_comes_first_and_what_has_run_out_is_not_there(
    owner: Owner, anyone: httpx2.Client, db: Database
) -> None:
    old, run_out = (id_of(log_in(anyone, owner.email)) for _ in range(2))
    db.run("UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE id = %s", old)
    db.run("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = %s", run_out)

    assert [one["id"] for one in sessions_of(owner)] == [id_of(owner.token), old]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"", ""),
        (b"curl/8", "curl/8"),
        (b"a\tb\x85\xadc", "abc"),
        ("😀 moz\u202e ñ".encode(), "😀 moz ñ"),
        (b"x" * 1000, "x" * 256),
        (b"y" + b" " * 300 + b"z", "y"),
    ],
)
def test_what_the_client_calls_itself_is_kept_in_bounds(
    sent: bytes, kept: str, owner: Owner, anyone: httpx2.Client
) -> None:
    form = {"username": owner.email, "password": PASSWORD}

    token = anyone.post("/token", data=form, headers={b"User-Agent": sent}).json()["access_token"]

    assert [one["user_agent"] for one in sessions_of(owner) if one["id"] == id_of(token)] == [kept]


def test_a_session_that_is_ended_is_refused_at_once_and_no_other(owner: Owner, anyone: httpx2.Client) -> None:
    """AUT-6."""
    lost, kept = log_in(anyone, owner.email), log_in(anyone, owner.email)

    answer = owner.http.delete(f"/users/me/sessions/{id_of(lost)}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert anyone.get("/users/me", headers=bearer(lost)).status_code == 401
    assert anyone.get("/users/me", headers=bearer(kept)).status_code == 200
    assert {one["id"] for one in sessions_of(owner)} == {id_of(kept), id_of(owner.token)}


def test_who_ends_its_own_session_is_logged_out(owner: Owner) -> None:
    """AUT-6."""
    assert owner.http.delete(f"/users/me/sessions/{id_of(owner.token)}").status_code == 204

    assert owner.http.get("/users/me/sessions").status_code == 401


def test_anothers_session_one_that_has_run_out_and_one_that_never_was_are_the_same_404(
    owner: Owner, stranger: Owner, db: Database
) -> None:
    """ISO-3."""
    run_out = new_id()
    db.run(
        "INSERT INTO sessions (id, owner_id, created_at, expires_at) VALUES (%s, %s, now(), now())",
        run_out,
        owner.id,
    )
    before = db.all_of(stranger.id)

    answers = [
        owner.http.delete(f"/users/me/sessions/{session_id}")
        for session_id in (id_of(stranger.token), run_out, new_id())
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "session_not_found")}
    assert len({answer.text for answer in answers}) == 1
    assert db.all_of(stranger.id) == before


def test_a_use_after_a_while_is_noted(owner: Owner, db: Database) -> None:
    db.run("UPDATE sessions SET last_used_at = now() - interval '6 minutes' WHERE owner_id = %s", owner.id)

    owner.http.get("/users/me")

    wait_until(lambda: datetime.now(UTC) - used_at(db, id_of(owner.token)) < timedelta(minutes=1))


def test_a_question_is_a_use_too(owner: Owner, db: Database, anyone: httpx2.Client) -> None:
    bot = owner.scripted_bot()
    token = log_in(anyone, owner.email)
    db.run("UPDATE sessions SET last_used_at = now() - interval '6 minutes' WHERE id = %s", id_of(token))

    anyone.post(f"/chat/{bot['id']}", json={"query": "Hola"}, headers=bearer(token))

    wait_until(lambda: datetime.now(UTC) - used_at(db, id_of(token)) < timedelta(minutes=1))


@pytest.mark.anyio
async def test_a_use_is_written_neither_soon_again_nor_where_somebody_holds_the_row(
    owner: Owner, sessions: Sessions, db: Database
) -> None:
    recent, held, old = (db.add_session(owner.id) for _ in range(3))
    db.run("UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE id = ANY(%s)", [held, old])
    before = {one: used_at(db, str(one)) for one in (recent, held, old)}

    async with transaction(sessions) as holder:
        await crud.get_user_of_session(holder, held)
        await crud.remove_session(holder, held, owner_id=owner.id)
        async with transaction(sessions) as session:
            await crud.renew_last_use(session, list(before), older_than=timedelta(minutes=5))
        changed = {one for one, at in before.items() if used_at(db, str(one)) != at}

    assert changed == {old}


def test_beyond_a_hundred_sessions_the_longest_unused_end(
    owner: Owner, anyone: httpx2.Client, db: Database
) -> None:
    db.run(
        "INSERT INTO sessions (id, owner_id, created_at, last_used_at, expires_at)"
        " SELECT gen_random_uuid(), %s, now(), now() - n * interval '1 minute', now() + interval '1 day'"
        " FROM generate_series(10, %s) AS n",
        *(owner.id, MOST_SESSIONS + 20),
    )

    token = log_in(anyone, owner.email)

    left = sessions_of(owner)
    assert len(left) == MOST_SESSIONS
    assert {id_of(token), id_of(owner.token)} < {one["id"] for one in left}
    [(oldest,)] = db.rows("SELECT now() - min(last_used_at) FROM sessions WHERE owner_id = %s", owner.id)
    assert oldest < timedelta(minutes=MOST_SESSIONS + 10)


@pytest.mark.anyio
@pytest.mark.parametrize("change", ["another password", "disabled", "deleted"])
async def test_a_login_that_was_under_way_begins_no_session_after_the_account_changed(
    change: str, owner: Owner, sessions: Sessions
) -> None:
    """AUT-6: it would outlive what ends every other."""
    async with transaction(sessions) as session:
        user = await crud.get_user_by_email(session, owner.email)
        checked = user.password_hash
        if change == "another password":
            await crud.change_user_password(session, user, password_hash="otra")
        elif change == "disabled":
            await crud.change_user_disabled(session, user, disabled=True)
        else:
            await crud.remove_user(session, owner_id=owner.id)

    async with transaction(sessions) as session:
        with pytest.raises(WrongCredentials):
            await crud.add_session(session, owner_id=owner.id, password_hash=checked, lifetime=LIFETIME)

        assert await crud.list_sessions(session, owner_id=owner.id) == []


def _end_it(owner: Owner, session_id: str) -> httpx2.Response:
    return owner.http.delete(f"/users/me/sessions/{session_id}")


def _change_password(owner: Owner, _: str) -> httpx2.Response:
    return owner.http.patch("/users/me", json={"password": PASSWORD, "new_password": "otra-clave-segura"})


def _delete_account(owner: Owner, _: str) -> httpx2.Response:
    return owner.http.delete("/users/me")


@pytest.mark.parametrize("end", [_end_it, _change_password, _delete_account])
def test_a_stream_that_an_ended_session_follows_ends_with_it(
    end: Callable[[Owner, str], httpx2.Response], owner: Owner, anyone: httpx2.Client, db: Database
) -> None:
    """AUT-6."""
    bot_id = owner.new_bot()["id"]
    document_id = db.add_document(owner.id, uuid.UUID(bot_id))
    db.run(
        "UPDATE documents SET status = 'processing', lease_token = gen_random_uuid(),"
        " lease_until = now() + interval '1 hour' WHERE id = %s",
        document_id,
    )
    token = log_in(anyone, owner.email)

    with anyone.stream("GET", f"/bots/{bot_id}/documents/events", headers=bearer(token)) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: progress"
        assert end(owner, id_of(token)).is_success
        # One that goes on would ping for ever.
        rest = "\n".join(islice(lines, 10))

    assert rest.count("event:") == 1
    assert '"code":"not_authenticated"' in rest
    db.run("DELETE FROM documents WHERE id = %s", document_id)
