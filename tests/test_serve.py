"""A server that is told to stop: whoever has reached it is answered, and those who come later go elsewhere."""

import asyncio
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.embedded.services import Services
from tests.platform import Running, environment, free_port, started
from tests.services import wait_until

REQUEST = b"GET / HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n"
HAMMERS = 8


@pytest.fixture
def server(services: Services, tmp_path: Path) -> Iterator[tuple[int, Running]]:
    port = free_port()
    env = environment(services, API_PORT=str(port))
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


@pytest.mark.parametrize("round_", range(3))
def test_every_connection_that_was_made_is_answered_when_the_server_stops_ops_1(
    server: tuple[int, Running], round_: int
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
    async with asyncio.TaskGroup() as tasks:
        for _ in range(HAMMERS):
            tasks.create_task(hammer(port, seen))
        while seen["200"] <= 50:
            await asyncio.sleep(0.01)
        running.process.send_signal(signal.SIGTERM)
    return seen


async def hammer(port: int, seen: Counter[str]) -> None:
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
