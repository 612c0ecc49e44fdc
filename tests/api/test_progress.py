"""Following a training over server-sent events."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

import httpx2
import psycopg
import pytest

from app.embedded.services import Services
from tests.api.training import TEXT
from tests.platform import Owner, Running, parse_events


def events_of(owner: Owner, bot_id: str) -> list[tuple[str, dict[str, Any]]]:
    with owner.http.stream("GET", f"/bots/{bot_id}/documents/events") as answer:
        answer.read()
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        return parse_events(answer.text)


def test_where_nothing_is_in_training_the_stream_only_finishes(owner: Owner, bot_id: str) -> None:
    assert events_of(owner, bot_id) == [("finished", {})]


@contextmanager
def same_login(api: str, owner: Owner) -> Iterator[Owner]:
    """The owner in a second window, while the first follows a stream."""
    with httpx2.Client(base_url=api, headers=dict(owner.http.headers), timeout=30, trust_env=False) as http:
        yield replace(owner, http=http)


@pytest.fixture
def unhurried(api: str, services: Services, owner: Owner, bot_id: str) -> Callable[[], None]:
    """A document of the bot that a worker holds and does nothing with; call it to let the document go."""
    document_id = owner.upload(bot_id, "Despacio.").json()["id"]
    with psycopg.connect(services.database_url) as connection:
        connection.execute(
            "UPDATE documents SET status = 'processing', lease_token = gen_random_uuid(), "
            "lease_until = now() + interval '60 s' WHERE id = %s",
            (document_id,),
        )

    def let_go() -> None:
        with same_login(api, owner) as elsewhere:
            elsewhere.http.delete(f"/bots/{bot_id}/documents/{document_id}").raise_for_status()

    return let_go


def test_progress_is_told_until_everything_is_done(
    api: str, owner: Owner, bot_id: str, unhurried: Callable[[], None], workers: list[Running]
) -> None:
    with (
        same_login(api, owner) as elsewhere,
        owner.http.stream("GET", f"/bots/{bot_id}/documents/events") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        first = [next(lines) for _ in range(3)]
        document = elsewhere.train(bot_id, TEXT)
        unhurried()
        events = parse_events("\n".join([*first, *lines]))

    assert [name for name, _ in events] == ["progress"] * (len(events) - 1) + ["finished"]
    bodies = [data for name, data in events if name == "progress"]
    assert bodies[0]["status"] == "processing"
    assert bodies[-1] == document
    assert all(bodies.count(body) == 1 for body in bodies)


def test_following_ends_with_the_login_that_follows_aut_6(
    api: str, owner: Owner, bot_id: str, unhurried: Callable[[], None]
) -> None:
    with owner.http.stream("GET", f"/bots/{bot_id}/documents/events") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: progress"
        with same_login(api, owner) as elsewhere:
            assert elsewhere.http.post("/token/revoke").status_code == 204

        # One that goes on would ping for ever.
        rest = "\n".join(islice(lines, 10))

    assert rest.count("event:") == 1
    assert "event: error" in rest
    assert '"code":"not_authenticated"' in rest


def test_following_ends_when_its_last_unfinished_document_is_deleted(
    owner: Owner, bot_id: str, unhurried: Callable[[], None]
) -> None:
    with owner.http.stream("GET", f"/bots/{bot_id}/documents/events") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: progress"
        unhurried()

        rest = "\n".join(lines)

    assert rest.rstrip().endswith("event: finished\ndata: {}")


def test_following_ends_with_the_bot(api: str, owner: Owner, bot_id: str, unhurried: Callable[[], None]) -> None:
    with owner.http.stream("GET", f"/bots/{bot_id}/documents/events") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: progress"
        with same_login(api, owner) as elsewhere:
            assert elsewhere.http.delete(f"/bots/{bot_id}").status_code == 204

        rest = "\n".join(lines)

    assert '"code":"bot_not_found"' in rest
