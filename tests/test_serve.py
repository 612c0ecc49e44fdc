"""A server that is told to stop: whoever has reached it is answered, and those who come later go elsewhere."""

import asyncio
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import httpx2
import pytest

from app.embedded.services import Services
from tests.platform import Owner, Running, environment, free_port, parse_events, register, started
from tests.services import wait_until

REQUEST = b"GET / HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n"
HAMMERS = 8
DRAIN_S = 6


@dataclass(frozen=True, slots=True)
class Draining:
    """A server that lets streams go on when it stops, and somebody who is there."""

    port: int
    running: Running
    owner: Owner

    @contextmanager
    def asked(self, script: str) -> Iterator[Iterator[str]]:
        """The rest of an answer that has begun."""
        bot, http = self.owner.scripted_bot(script), self.owner.http
        headers = {"Accept": "text/event-stream"}
        with http.stream("POST", f"/chat/{bot['id']}", json={"query": "Hola"}, headers=headers) as answer:
            pieces = answer.iter_text()
            yield chain([next(pieces)], pieces)


@pytest.fixture
def server(services: Services, tmp_path: Path) -> Iterator[tuple[int, Running]]:
    with served(services, tmp_path) as (port, running):
        yield port, running


@pytest.fixture
def draining(services: Services, tmp_path: Path) -> Iterator[Draining]:
    with served(services, tmp_path, DRAIN_S=str(DRAIN_S)) as (port, running):
        owner = register(f"http://127.0.0.1:{port}")
        yield Draining(port, running, owner)
        owner.http.close()


@contextmanager
def served(services: Services, tmp_path: Path, **settings: str) -> Iterator[tuple[int, Running]]:
    port = free_port()
    env = environment(services, API_PORT=str(port), **settings)
    with started([sys.executable, "-m", "app.serve"], env, tmp_path / "serve.log") as running:
        wait_until(lambda: is_live(port) or running.process.poll() is not None, within_s=30)
        assert running.process.poll() is None, running.said()
        yield port, running


def is_live(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/live", timeout=2, trust_env=False).is_success
    except httpx2.HTTPError:
        return False


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def answer_of(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def test_every_connection_that_was_made_is_answered_when_the_server_stops_ops_1(
    server: tuple[int, Running],
) -> None:
    port, running = server

    seen = asyncio.run(hammered_while_stopping(port, running))

    assert running.process.wait(timeout=30) == 0
    assert seen.pop("refused") == HAMMERS
    assert seen["200"] > 50
    assert set(seen) == {"200"}


async def hammered_while_stopping(port: int, running: Running) -> Counter[str]:
    """What became of the requests, a new connection for each, until the server took none any more."""
    seen: Counter[str] = Counter()
    is_warm = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(HAMMERS):
            tasks.create_task(hammer(port, seen, is_warm))
        await is_warm.wait()
        running.process.send_signal(signal.SIGTERM)
    return seen


async def hammer(port: int, seen: Counter[str], is_warm: asyncio.Event) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            seen["refused"] += 1
            return
        try:
            writer.write(REQUEST)
            answer = await reader.read()
            seen[answer[9:12].decode() or "nothing"] += 1
            if seen.total() > 50:
                is_warm.set()
        except ConnectionError as error:
            seen[type(error).__name__] += 1
        finally:
            writer.close()


def test_a_request_that_comes_a_moment_after_the_stop_is_answered_ops_1(server: tuple[int, Running]) -> None:
    port, running = server
    with connected(port) as early:
        running.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not takes_connections(port))

        early.sendall(REQUEST.replace(b"Connection: close\r\n", b""))

        answer = answer_of(early)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer
    assert running.process.wait(timeout=30) == 0


def takes_connections(port: int) -> bool:
    try:
        connected(port).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_stream_may_end_by_itself_while_the_server_drains_ops_1(draining: Draining) -> None:
    with draining.asked("tokens=60;pace_ms=50") as pieces:
        draining.running.process.send_signal(signal.SIGTERM)

        told = parse_events("".join(pieces))

    assert told[-1][0] == "finished"
    assert draining.running.process.wait(timeout=30) == 0


def test_a_stream_that_outlasts_the_draining_is_interrupted_ops_1(draining: Draining) -> None:
    with draining.asked("tokens=1000;pace_ms=50") as pieces:
        draining.running.process.send_signal(signal.SIGTERM)
        began = time.monotonic()

        told = parse_events("".join(pieces))

    assert (told[-1][0], told[-1][1]["code"]) == ("error", "interrupted")
    assert time.monotonic() - began > DRAIN_S - 1
    assert draining.running.process.wait(timeout=30) == 0


def test_a_second_signal_ends_the_draining_ops_1(draining: Draining) -> None:
    with draining.asked("tokens=1000;pace_ms=50") as pieces:
        began = time.monotonic()
        draining.running.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not takes_connections(draining.port))
        draining.running.process.send_signal(signal.SIGTERM)

        told = parse_events("".join(pieces))

    assert told[-1][1]["code"] == "interrupted"
    assert time.monotonic() - began < DRAIN_S - 1
    assert draining.running.process.wait(timeout=30) == 0


def test_a_connection_that_asks_nothing_holds_up_no_stop_ops_1(server: tuple[int, Running]) -> None:
    port, running = server
    with connected(port):
        began = time.monotonic()

        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(timeout=30) == 0
        assert time.monotonic() - began < 10


def test_a_server_that_cannot_start_says_why_in_one_line(services: Services, tmp_path: Path) -> None:
    env = environment(services, SECRET_KEY="corta", ENVIRONMENT="production")
    with started([sys.executable, "-m", "app.serve"], env, tmp_path / "serve.log") as running:
        assert running.process.wait(timeout=30) == 1

    [line] = running.said().splitlines()
    assert "SECRET_KEY is shorter than 32 characters" in line
