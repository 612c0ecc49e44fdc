"""A request that was cut off before it did anything is done again; one that may have acted is not (OPS-4)."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.again import Again
from app.core.database import Attempt, attempt


class Cut:
    """Answers 503 so often, each time after `happens`, and then well; `bodies` are those that it was sent."""

    def __init__(self, times: int, happens: Callable[[Attempt], None]) -> None:
        self.bodies: list[bytes] = []
        self._times, self._happens = times, happens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.bodies.append(await Request(scope, receive).body())
        is_cut = len(self.bodies) <= self._times
        tried = attempt.get()
        assert tried is not None
        if is_cut:
            self._happens(tried)
        await Response("late" if is_cut else "well", status_code=503 if is_cut else 200)(scope, receive, send)


def cut_off(tried: Attempt) -> None:
    tried.was_cut_off = True


def cut_off_late(tried: Attempt) -> None:
    tried.was_cut_off = tried.may_have_acted = True


def _ask(app: Cut, method: str, body: bytes = b"") -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=Again(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://api") as http:
            return await http.request(method, "/", content=body)

    return asyncio.run(ask())


def test_what_was_cut_off_before_it_acted_is_done_again_with_the_same_body() -> None:
    app = Cut(1, cut_off)

    answer = _ask(app, "POST", b'{"name": "Bot"}')

    assert (answer.status_code, answer.text) == (200, "well")
    assert app.bodies == [b'{"name": "Bot"}'] * 2


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_what_may_have_acted_is_not_done_again(method: str) -> None:
    app = Cut(1, cut_off_late)

    answer = _ask(app, method)

    assert (answer.status_code, len(app.bodies)) == (503, 1)


def test_a_read_is_done_again_whatever_it_committed() -> None:
    app = Cut(2, cut_off_late)

    answer = _ask(app, "GET")

    assert (answer.status_code, len(app.bodies)) == (200, 3)


def test_a_database_that_is_away_is_not_asked_again() -> None:
    app = Cut(1, lambda tried: None)

    answer = _ask(app, "GET")

    assert (answer.status_code, len(app.bodies)) == (503, 1)


def test_who_is_cut_off_every_time_is_told_so() -> None:
    app = Cut(100, cut_off)

    answer = _ask(app, "POST")

    assert (answer.status_code, len(app.bodies)) == (503, 3)


def test_a_long_body_is_not_kept_to_be_sent_again() -> None:
    app = Cut(1, cut_off)

    answer = _ask(app, "POST", b"x" * 100_000)

    assert (answer.status_code, app.bodies) == (503, [b"x" * 100_000])
