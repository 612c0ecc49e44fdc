"""One production and its response: the first event, the pings, and an end that comes from outside."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from app.api.streaming import ClientLeft, LiveStreams, Production, StreamResponse, sse, sse_error
from app.core.errors import BotNotFound, Interrupted


@pytest.mark.anyio
async def test_a_stream_that_begins_while_the_server_stops_is_interrupted() -> None:
    live = LiveStreams()
    live.stop()

    production = Production(endless(), live)

    async with asyncio.timeout(5):
        with pytest.raises(Interrupted):
            await production.first(stays)


@pytest.mark.anyio
@pytest.mark.parametrize("first", ["client leaves", "server stops"])
@pytest.mark.parametrize("second", ["client leaves", "server stops"])
async def test_a_stream_that_is_ended_twice_cleans_up_whole(first: str, second: str) -> None:
    cleaning, may_go_on, cleaned = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow_to_clean() -> AsyncGenerator[str]:
        try:
            async for word in endless():
                yield word
        finally:
            cleaning.set()
            await may_go_on.wait()
            cleaned.set()

    async def end(how: str) -> None:
        await production.stop() if how == "client leaves" else production.interrupt()

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        production = Production(slow_to_clean(), LiveStreams())
        await production.first(stays)
        tasks.create_task(end(first))
        await cleaning.wait()
        tasks.create_task(end(second))
        await asyncio.sleep(0)
        may_go_on.set()
    await production.stop()

    assert cleaned.is_set()


async def endless() -> AsyncGenerator[str]:
    while True:
        yield "palabra"
        await asyncio.sleep(0.01)


async def stays() -> Message:
    """The receiving end of a client that never leaves."""
    await asyncio.Event().wait()
    raise AssertionError


async def leaves() -> Message:
    return {"type": "http.disconnect"}


@pytest.mark.anyio
async def test_a_client_that_left_gets_no_first_event() -> None:
    live = LiveStreams()

    with pytest.raises(ClientLeft):
        await Production(silence(), live).first(leaves)


@pytest.mark.anyio
async def test_what_the_generator_raises_first_is_raised() -> None:
    with pytest.raises(BotNotFound):
        await Production(silence(BotNotFound()), LiveStreams()).first(stays)


@pytest.mark.anyio
@pytest.mark.parametrize(("has_events", "pings"), [(True, True), (False, False)])
async def test_a_silent_event_stream_pings_and_a_plain_one_does_not(has_events: bool, pings: bool) -> None:
    production = Production(slow_pair(), LiveStreams())
    response = StreamResponse(
        await production.first(stays),
        production,
        render=lambda words: "".join(words).encode(),
        render_error=sse_error("es") if has_events else None,
        media_type="text/event-stream",
        headers={},
        ping_every_s=0.02,
    )
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async with asyncio.timeout(5):
        await response({"type": "http"}, stays, send)

    bodies = [message["body"] for message in sent[1:]]
    assert (b": ping\n\n" in bodies) is pings
    assert [body for body in bodies if body != b": ping\n\n"] == [b"uno", b"dos", b""]
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(bodies) - 1) + [False]


async def silence(error: Exception | None = None) -> AsyncGenerator[str]:
    if error is not None:
        raise error
    await asyncio.Event().wait()
    yield ""


async def slow_pair() -> AsyncGenerator[str]:
    yield "uno"
    await asyncio.sleep(0.1)
    yield "dos"


@given(st.text(), st.text())
def test_an_event_is_one_line_of_data_whatever_it_says_str_7(text: str, other: str) -> None:
    frame = sse("delta", {"text": text, "other": other}).decode()

    name, data, *rest = frame.split("\n")

    assert (name, rest) == ("event: delta", ["", ""])
    assert "\r" not in data
    assert json.loads(data.removeprefix("data: ")) == {"text": text, "other": other}
