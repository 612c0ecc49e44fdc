"""`bytchat up` as a terminal sees it: one command that starts all of it and leaves nothing."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil

from app.embedded.home import PROJECT, free_port, temporary_home
from tests.services import wait_until

_PROCESSES = 6


@contextmanager
def started(home: Path, *, port: int, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """`bytchat up` in a session of its own, killed at the end when the test has not ended it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    ports = {"API_PORT": str(port), "PANEL_PORT": str(free_port())}
    env = {**kept, "BYTCHAT_HOME": str(home), **ports, **variables}
    log = home / "up.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up"],
            cwd=PROJECT,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def is_ready(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/ready", timeout=2, trust_env=False).is_success
    except httpx2.HTTPError:
        return False


def wait_until_ready(process: subprocess.Popen[str], port: int, home: Path) -> None:
    wait_until(lambda: process.poll() is not None or is_ready(port), within_s=60)
    assert process.poll() is None, (home / "up.log").read_text()


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return found


def test_a_taken_port_is_named_with_its_variable_and_nothing_starts() -> None:
    with temporary_home() as home, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with started(home, port=port) as process:
            code = process.wait(30)

        said = (home / "up.log").read_text()
        assert code == 1
        assert "API_PORT" in said
        assert str(port) in said
        assert [path.name for path in home.iterdir()] == ["up.log"]


def test_a_sample_secret_is_refused_before_anything_starts() -> None:
    with temporary_home() as home:
        with started(home, port=free_port(), SECRET_KEY="change-me-please-change-me-please-now") as process:
            code = process.wait(30)

        assert code == 1
        assert "SECRET_KEY" in (home / "up.log").read_text()
        assert not (home / "postgresql").exists()


def test_ctrl_c_stops_everything_and_leaves_no_process() -> None:
    port = free_port()
    with temporary_home() as home, started(home, port=port) as process:
        wait_until_ready(process, port, home)
        children = family(process)

        process.send_signal(signal.SIGINT)
        code = process.wait(40)

        assert code == 0, (home / "up.log").read_text()
        assert len(children) >= _PROCESSES
        assert not [child for child in children if child.is_running()]
        assert "database system is shut down" in (home / "up.log").read_text()


def test_what_is_killed_comes_back() -> None:
    port = free_port()
    with temporary_home() as home, started(home, port=port) as process:
        wait_until_ready(process, port, home)
        children = [child for child in family(process) if child.ppid() == process.pid]

        for child in children:
            child.kill()
        wait_until(lambda: not any(child.is_running() for child in children))
        wait_until(lambda: is_ready(port) and len(family(process)) >= _PROCESSES, within_s=60)

        # The terminal was closed.
        process.send_signal(signal.SIGHUP)
        assert process.wait(40) == 0


def test_a_signal_during_the_start_stops_it_cleanly() -> None:
    with temporary_home() as home, started(home, port=free_port()) as process:
        wait_until(lambda: len(family(process)) >= 2, within_s=30)
        children = family(process)

        process.send_signal(signal.SIGTERM)

        assert process.wait(40) == 0
        assert not [child for child in children if child.is_running()]


def test_the_welcome_says_which_providers_are_set_up_and_no_key() -> None:
    port = free_port()
    with (
        temporary_home() as home,
        started(home, port=port, OPENAI_API_KEY="sk-canary", GOOGLE_API_KEY="", LC_ALL="es_ES.UTF-8") as process,
    ):
        log = home / "up.log"
        wait_until(lambda: process.poll() is not None or "Proveedores:" in log.read_text(), within_s=60)

        process.send_signal(signal.SIGINT)

        assert process.wait(40) == 0
        said = log.read_text()
        assert "Proveedores: local (extractive) · openai (clave del servidor) · google (sin clave" in said
        assert "canary" not in said
