"""Sends requests over raw connections and notes when each piece of an answer came; a process of its own."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, cast

import httptools
import uvloop


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to one server, so many at once over as many connections.

    With `every_s` one is sent at each tick, on one connection. `starts_within_s` spreads the first ones.
    """

    port: int
    requests: Sequence[bytes]
    concurrency: int = 1
    every_s: float = 0
    starts_within_s: float = 0


@dataclass(slots=True)
class Heard:
    """One answer. Times are nanoseconds of the monotonic clock; `pieces` came one after the other."""

    sent_at: int
    pieces: list[tuple[int, bytes]] = field(default_factory=list)
    status: int = 0

    @property
    def text(self) -> bytes:
        return b"".join(piece for _, piece in self.pieces)

    @property
    def whole_ms(self) -> float:
        return (self.pieces[-1][0] - self.sent_at) / 1e6

    def until_ms(self, mark: bytes) -> float:
        """From the request to the piece that completes the mark's first appearance."""
        seen = b""
        for at, piece in self.pieces:
            seen = seen[-len(mark) :] + piece
            if mark in seen:
                return (at - self.sent_at) / 1e6
        raise BrokenAnswer(self)


class BrokenAnswer(Exception):
    """An answer that is not what the benchmark asked for: no figure that includes it is worth anything."""

    def __init__(self, heard: Heard) -> None:
        super().__init__(f"HTTP {heard.status}: {heard.text[:500].decode(errors='replace')}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a streamed answer's first token is known by, and what only a whole answer holds."""

    first: bytes
    last: bytes

    def first_token_ms(self, answers: Sequence[Heard]) -> list[float]:
        """Of answers that all came whole. Raises `BrokenAnswer`."""
        return [heard.until_ms(self.first) for heard in whole(answers, self.last)]


BYTCHAT = Dialect(b"event: delta", b'"finish":"stop"')
OPENAI = Dialect(b'"content":"', b"data: [DONE]")


def whole(answers: Sequence[Heard], last: bytes) -> Sequence[Heard]:
    """The same answers, if each is 200 and holds what only a whole one does. Raises `BrokenAnswer`."""
    for heard in answers:
        if heard.status != 200 or last not in heard.text:
            raise BrokenAnswer(heard)
    return answers


def request(method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> bytes:
    """A whole HTTP request. A header's name is written with underscores."""
    content = json.dumps(body).encode() if body is not None else b""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
    if body is not None:
        lines.append("Content-Type: application/json")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def serve(pipe: "Connection[list[Heard], Load]") -> None:
    """Do each load that comes in, and give what was heard in the order of the requests."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        while True:
            pipe.send(runner.run(_do(pipe.recv())))


async def _do(load: Load) -> list[Heard]:
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(_Connection, "127.0.0.1", load.port))[1] for _ in range(load.concurrency)
    ]
    try:
        if load.every_s:
            return await _at_each_tick(connections[0], load)
        return await _in_turns(connections, load)
    finally:
        for connection in connections:
            connection.close()


async def _in_turns(connections: Sequence["_Connection"], load: Load) -> list[Heard]:
    waiting = iter(enumerate(load.requests))
    heard: dict[int, Heard] = {}

    async def work(place: int, connection: _Connection) -> None:
        await asyncio.sleep(load.starts_within_s * place / len(connections))
        for number, sent in _while_any(waiting):
            heard[number] = await connection.ask(sent)

    await asyncio.gather(*(work(place, one) for place, one in enumerate(connections)))
    return [heard[number] for number in range(len(load.requests))]


def _while_any(waiting: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    # Several workers share one iterator, and each ends when it is empty.
    yield from waiting


async def _at_each_tick(connection: "_Connection", load: Load) -> list[Heard]:
    loop = asyncio.get_running_loop()
    heard, due = [], loop.time()
    for sent in load.requests:
        heard.append(await connection.ask(sent))
        due = max(due + load.every_s, loop.time())
        await asyncio.sleep(due - loop.time())
    return heard


class _Connection(asyncio.Protocol):
    """One connection, and the answer that is coming in on it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(error or ConnectionError("The server closed before the answer's end."))

    async def ask(self, sent: bytes) -> Heard:
        self._answer: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._heard = Heard(time.monotonic_ns())
        self._transport.write(sent)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._now = time.monotonic_ns()
        self._parser.feed_data(data)

    def on_headers_complete(self) -> None:
        self._heard.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._heard.pieces.append((self._now, body))

    def on_message_complete(self) -> None:
        if not self._answer.done():
            self._answer.set_result(self._heard)

    def close(self) -> None:
        self._transport.close()
