"""The stack as a server has it: `docker compose` over the project's own files, in a project of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.platform import ROOT, free_port
from tests.services import wait_until

PROJECT = "bytchat-test"
# Those that go on; `migrate` ends.
LASTING = ("beat", "db", "nginx", "redis", "web", "worker")
OURS = ("beat", "web", "worker")
SECRETS = ("SECRET_KEY", "ENCRYPTION_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
_FILES = ("docker-compose.yml", "tests/compose/stub.yml")
_UP_WITHIN_S = 900


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack, and what its `.env` says."""

    env_file: Path
    settings: Mapping[str, str]

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.settings['HTTP_PORT']}"

    @property
    def panel(self) -> str:
        return f"http://127.0.0.1:{self.settings['PANEL_PORT']}"

    def attempt(self, *arguments: str, stdin: str = "", within_s: float = 180) -> subprocess.CompletedProcess[str]:
        return docker(*self.words(*arguments), stdin=stdin, within_s=within_s)

    def words(self, *arguments: str) -> list[str]:
        """The command behind `docker`."""
        files = [part for file in _FILES for part in ("--file", str(ROOT / file))]
        where = ["--project-directory", str(ROOT), "--project-name", PROJECT, "--env-file", str(self.env_file)]
        return ["compose", "--progress", "plain", *files, *where, *arguments]

    def compose(self, *arguments: str, stdin: str = "", within_s: float = 180) -> str:
        """What the command writes; fails the test when the command fails."""
        done = self.attempt(*arguments, stdin=stdin, within_s=within_s)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def python(self, service: str, code: str, *arguments: str) -> str:
        """What this program writes inside a container of the service."""
        return self.compose("exec", "-T", service, "python", "-", *arguments, stdin=code)

    def crash(self, service: str) -> None:
        """Kill every process inside but the first, whose end is then the container's: the engine is not told."""
        self.attempt("exec", "-T", service, "python", "-c", "import os; os.kill(-1, 9)")

    def container(self, service: str) -> dict[str, Any]:
        """The engine's own view of the service's one container."""
        (id_,) = self.compose("ps", "--all", "--quiet", service).split()
        return inspect(id_)

    def lines(self, service: str) -> list[str]:
        """All that the service's containers wrote."""
        told = [docker("logs", id_) for id_ in self.compose("ps", "--all", "--quiet", service).split()]
        return [line for logs in told for line in (logs.stdout + logs.stderr).splitlines()]

    def wait_healthy(self, *services: str, within_s: float = 180) -> None:
        def are_healthy() -> bool:
            return all(self.container(service)["State"]["Health"]["Status"] == "healthy" for service in services)

        wait_until(are_healthy, within_s=within_s)

    def wait_ready(self, *, within_s: float = 180) -> None:
        """Until the API answers through nginx, its database too."""
        wait_until(lambda: _answers(f"{self.api}/health/ready"), within_s=within_s)

    @contextmanager
    def stopped(self, *services: str) -> Iterator[None]:
        """Without these services, which are back and well when the block ends."""
        self.compose("stop", *services)
        try:
            yield
        finally:
            self.compose("start", *services)
            self.wait_healthy(*services)
            self.wait_ready()


def docker(
    *arguments: str, stdin: str = "", within_s: float = 60, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments],
        env=docker_environment(),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


def docker_environment() -> dict[str, str]:
    """How to reach the engine, and nothing else of this process: what is set there would go before the `.env`."""
    names = [name for name in os.environ if name in {"PATH", "HOME"} or name.startswith("DOCKER_")]
    return {name: os.environ[name] for name in names}


def inspect(what: str) -> dict[str, Any]:
    done = docker("inspect", what)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    return dict(found)


def read_settings(env_file: Path) -> dict[str, str]:
    lines = [line for line in env_file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def make_env(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make env` in a folder that has the files it needs."""
    return subprocess.run(
        ["make", "env"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def write_env_file(folder: Path) -> Path:
    """As the operator makes it, and behind it what keeps this stack apart from others of the same machine."""
    for name in ("Makefile", ".env.example"):
        shutil.copy(ROOT / name, folder)
    made = make_env(folder)
    assert made.returncode == 0, made.stderr
    env_file = folder / ".env"
    apart = {
        "BYTCHAT_VERSION": "test",
        "HTTP_BIND": "127.0.0.1",
        "HTTP_PORT": str(free_port()),
        "PANEL_PORT": str(free_port()),
        "STUB_PORT": str(free_port()),
        "FRONT_SUBNET": "172.30.98.0/24",
        "OPENAI_BASE_URL": "http://stub:9000/v1",
        # Tests wait for nothing longer than they must.
        "JOB_LEASE_S": "15",
        "JOB_LOST_AFTER_S": "5",
        "SWEEP_EVERY_S": "5",
        "DRAIN_S": "2",
    }
    with env_file.open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in apart.items())
    return env_file


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """From nothing to healthy, and to nothing again."""
    env_file = write_env_file(folder)
    stack = Stack(env_file, read_settings(env_file))
    stack.compose("down", "--volumes", "--remove-orphans")
    try:
        stack.compose("up", "--detach", "--build", "--wait", within_s=_UP_WITHIN_S)
        yield stack
    finally:
        stack.compose("down", "--volumes", "--remove-orphans")


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False
