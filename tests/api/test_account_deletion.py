"""Deleting an account: whatever goes on in it meanwhile, and nothing comes back (ISO-7, AUT-6)."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import httpx2
import psycopg
import pytest

from app.embedded.services import Services
from tests.platform import PASSWORD, Owner, log_in, parse_events, register
from tests.routes import belongings
from tests.rows import OWNED_TABLES, Database
from tests.services import wait_until

SSE = {"Accept": "text/event-stream"}
# What a request may be told while its account goes.
MAY_BE = {200, 202, 204, 401, 404, 409}


@pytest.fixture
def at_once(api: str, owner: Owner) -> Iterator[Callable[[], Owner]]:
    """The owner in as many windows as are asked for."""
    clients: list[httpx2.Client] = []

    def another() -> Owner:
        headers = {"Authorization": owner.http.headers["Authorization"]}
        clients.append(httpx2.Client(base_url=api, headers=headers, timeout=90, trust_env=False))
        return replace(owner, http=clients[-1])

    yield another
    for client in clients:
        client.close()


def rows_left(db: Database, owner_id: uuid.UUID) -> dict[str, int]:
    counts = {table: db.count(table, owner_id) for table in OWNED_TABLES}
    return {table: count for table, count in counts.items() if count}


def test_every_foreign_key_is_followed_by_an_index(db: Database) -> None:
    """ISO-7: else each row that goes reads whole tables."""
    unindexed = db.rows(
        """
        SELECT con.conname FROM pg_constraint AS con
        WHERE con.contype = 'f' AND con.connamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_index AS ind
            WHERE ind.indrelid = con.conrelid AND ind.indpred IS NULL AND ind.indkey[0] = ANY(con.conkey)
        )
        """
    )
    [(keys,)] = db.rows("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")

    assert unindexed == []
    assert keys > 10


def test_who_registers_again_with_the_same_email_begins_with_nothing(owner: Owner, db: Database, api: str) -> None:
    """ISO-7."""
    belongings(owner, db)
    owner.http.put("/providers/openai/key", params={"unchecked": True}, json={"key": "sk-una-clave-propia"})
    old_token = owner.token
    owner.http.delete("/users/me").raise_for_status()

    body = {"email": owner.email, "password": PASSWORD}
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        user = http.post("/users/", json=body).json()
        refused = http.get("/users/me", headers={"Authorization": f"Bearer {old_token}"})
        http.headers["Authorization"] = f"Bearer {log_in(http, owner.email)}"
        lists = {path: http.get(path).json() for path in ("/bots/", "/documents/")}
        export = http.get("/users/me/export").json()

    assert user["id"] != str(owner.id)
    assert refused.status_code == 401
    assert lists == {"/bots/": [], "/documents/": []}
    assert {name for name, value in export.items() if isinstance(value, list) and value} == {"sessions"}


def test_a_stream_in_flight_ends_and_leaves_nothing(
    owner: Owner, at_once: Callable[[], Owner], db: Database
) -> None:
    """ISO-7."""
    bot = owner.scripted_bot("tokens=10;pace_ms=100")
    url = f"/chat/{bot['id']}"
    with at_once().http.stream("POST", url, json={"query": "Hola"}, headers=SSE) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: started"

        owner.http.delete("/users/me").raise_for_status()

        events = parse_events("\n".join(["event: started", *lines]))

    assert events[-1][0] == "error"
    assert events[-1][1]["code"] in ("conversation_not_found", "not_authenticated")
    assert rows_left(db, owner.id) == {}


def _asking(owner: Owner, bot_ids: list[str]) -> int:
    return owner.http.post(f"/chat/{bot_ids[0]}", json={"query": "Hola"}, headers=SSE).status_code


def _uploading(owner: Owner, bot_ids: list[str]) -> int:
    return owner.upload(bot_ids[1], f"Nota {uuid.uuid4()}.").status_code


def _making(owner: Owner, _: list[str]) -> int:
    return owner.http.post("/bots/", json={"name": "Otro"}).status_code


def _changing(owner: Owner, bot_ids: list[str]) -> int:
    models = f"/bots/{bot_ids[1]}/models/"
    body = {"task_type": "complex", "provider": "openai", "model_id": f"m-{uuid.uuid4()}"}
    return owner.http.post(models, json=body).status_code


def _removing_a_bot(owner: Owner, bot_ids: list[str]) -> int:
    return owner.http.delete(f"/bots/{bot_ids.pop()}").status_code


def _logging_in(owner: Owner, _: list[str]) -> int:
    form = {"username": owner.email, "password": PASSWORD}
    return owner.http.post("/token", data=form).status_code


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("attempt", range(3))
def test_whatever_goes_on_meanwhile_the_account_goes_and_nobody_meets_a_500(
    attempt: int, owner: Owner, at_once: Callable[[], Owner], db: Database
) -> None:
    """ISO-7, AUT-6."""
    bot_ids = [owner.scripted_bot("tokens=3")["id"] for _ in range(30)]
    doing = [_asking, _asking, _asking, _uploading, _uploading, _making, _changing, _removing_a_bot, _logging_in]
    statuses: Counter[int] = Counter()

    def until_refused(do: Callable[[Owner, list[str]], int]) -> None:
        window, status = at_once(), 200
        while status != 401 and sum(statuses.values()) < 5_000:
            status = do(window, bot_ids)
            statuses[status] += 1

    with ThreadPoolExecutor(len(doing)) as threads:
        going_on = [threads.submit(until_refused, do) for do in doing]
        wait_until(lambda: sum(statuses.values()) > 20 * (attempt + 1), within_s=60)
        answer = at_once().http.delete("/users/me")
        for one in going_on:
            one.result()

    assert answer.status_code == 204
    assert set(statuses) <= MAY_BE, statuses
    assert statuses[401] == len(doing)
    wait_until(lambda: rows_left(db, owner.id) == {}, within_s=60)


def test_a_lock_that_somebody_holds_for_a_while_is_waited_for(
    owner: Owner, at_once: Callable[[], Owner], services: Services, db: Database
) -> None:
    bot_id = owner.new_bot()["id"]
    with (
        ThreadPoolExecutor(1) as threads,
        closing(psycopg.connect(services.database_url)) as connection,
    ):
        connection.execute("UPDATE bots SET name = 'Un momento' WHERE id = %s", [bot_id])
        removal = threads.submit(lambda: at_once().http.delete("/users/me").status_code)
        wait_until(lambda: _waits_for_a_lock(db))
        # Whoever removes lets go of all that it holds: the other way round the two would wait for each other.
        connection.execute("SET lock_timeout = '10s'")
        connection.execute("SELECT FROM users WHERE id = %s FOR KEY SHARE", [owner.id])
        connection.commit()

        assert removal.result() == 204

    assert rows_left(db, owner.id) == {}


def _waits_for_a_lock(db: Database) -> bool:
    return db.rows("SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)]


def test_of_two_deletions_at_once_both_are_told_that_it_is_gone(
    owner: Owner, at_once: Callable[[], Owner], db: Database
) -> None:
    belongings(owner, db)
    windows = [at_once() for _ in range(4)]

    with ThreadPoolExecutor(4) as threads:
        statuses = set(threads.map(lambda window: window.http.delete("/users/me").status_code, windows))

    assert statuses <= {204, 401}
    assert 204 in statuses
    assert rows_left(db, owner.id) == {}


def test_another_account_loses_nothing(owner: Owner, api: str, db: Database) -> None:
    """ISO-1."""
    other = register(api)
    belongings(other, db)
    before = db.all_of(other.id)

    owner.http.delete("/users/me").raise_for_status()

    assert db.all_of(other.id) == before
    other.http.close()
