"""TCP proxies that break: a network between the processes that delays, cuts, refuses, falls silent or loses a word.

with network() as net: link = net.link("api-postgresql", ("127.0.0.1", 5432))
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from app.embedded.home import free_port

T = TypeVar("T")

_READ_BYTES = 65536
# What psycopg sends to end a transaction: a simple query of this one word.
_COMMIT = b"Q" + struct.pack("!I", 11) + b"COMMIT\0"
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True, eq=False)
class _Pair:
    """A client's connection and ours to the server behind it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    # Its transaction is being committed, and nobody will be told.
    loses_answer: bool = False

    def cut(self) -> None:
        for writer in (self.client, self.server):
            if writer is not None:
                _reset(writer)


class Link:
    """One way from some processes to one service. Its methods may be called from any thread."""

    def __init__(self, name: str, target: tuple[str, int], loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.port = free_port()
        # How many answers to COMMIT were thrown away, and how many more will be.
        self.lost_commits = 0
        self._to_lose = 0
        self._target, self._loop = target, loop
        self._delay_s = 0.0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def flow(self) -> None:
        """As a sound network does; what was held back arrives now."""
        self._call(self._flow())

    def delay(self, milliseconds: float) -> None:
        """Everything that is said, by either side, takes so long."""
        self._call(self._now(lambda: setattr(self, "_delay_s", milliseconds / 1000)))

    def cut(self) -> None:
        """Reset all connections that are there; new ones may come."""
        self._call(self._now(self._cut))

    def refuse(self) -> None:
        """Reset all connections and take no new ones."""
        self._call(self._refuse())

    def black_hole(self) -> None:
        """Take connections and bytes in silence; what lasts until it flows again arrives then."""
        self._call(self._now(self._flowing.clear))

    def lose_commit(self, times: int = 1) -> None:
        """Forward the next COMMIT, throw its answer away and cut that connection."""
        self._call(self._now(lambda: setattr(self, "_to_lose", times)))

    def close(self) -> None:
        self._call(self._refuse())
        for task in list(self._tasks):
            self._loop.call_soon_threadsafe(task.cancel)

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _now(self, change: Callable[[], None]) -> None:
        change()

    async def _flow(self) -> None:
        self._delay_s, self._to_lose = 0.0, 0
        self._flowing.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=512)

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self._cut()

    def _cut(self) -> None:
        for pair in list(self._pairs):
            pair.cut()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        pair = _Pair(writer)
        self._pairs.add(pair)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._serve(reader, pair)
        finally:
            pair.cut()
            self._pairs.discard(pair)
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, pair: _Pair) -> None:
        await self._flowing.wait()
        answers, pair.server = await asyncio.open_connection(*self._target)
        both = (
            asyncio.create_task(self._pump(reader, pair.server, lambda data: self._hear_client(pair, data))),
            asyncio.create_task(self._pump(answers, pair.client, lambda data: self._hear_server(pair))),
        )
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, passes: Callable[[bytes], bool]
    ) -> None:
        """Until one side closes: the other learns it once it has all that was said before."""
        with suppress(OSError):
            while data := await source.read(_READ_BYTES):
                await self._flowing.wait()
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                if not passes(data):
                    return
                sink.write(data)
                await sink.drain()
            # In order, so that nothing on the way is lost.
            sink.close()
            await sink.wait_closed()

    def _hear_client(self, pair: _Pair, data: bytes) -> bool:
        if self._to_lose and _COMMIT in data:
            self._to_lose -= 1
            pair.loses_answer = True
        return True

    def _hear_server(self, pair: _Pair) -> bool:
        if not pair.loses_answer:
            return True
        self.lost_commits += 1
        pair.cut()
        return False


class Network:
    """The links, all in one thread with an event loop of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.links: dict[str, Link] = {}
        self._loop = loop

    def link(self, name: str, target: tuple[str, int]) -> Link:
        """A new one, which flows."""
        made = self.links[name] = Link(name, target, self._loop)
        made.flow()
        return made


@contextmanager
def network() -> Iterator[Network]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True, name="network")
    thread.start()
    made = Network(loop)
    try:
        yield made
    finally:
        for link in made.links.values():
            link.close()
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _end_all() -> None:
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close as a crash does: the other side reads a reset, not an end."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
