"""The compose stack that is measured: its containers are started, restarted and killed from here."""

import json
import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import httpx2

COMPOSE = shlex.split(os.environ.get("COMPOSE", "docker compose"))
_HEALTHY_WITHIN_S = 180.0


@dataclass(frozen=True, slots=True)
class Container:
    """`pid` is that of its first process, as the machine counts; 0 where nothing runs.

    `started_at` is in seconds of the epoch.
    """

    id: str
    name: str
    pid: int
    health: str
    started_at: float
    addresses: tuple[str, ...]

    @property
    def is_healthy(self) -> bool:
        return self.pid > 0 and self.health == "healthy"

    @property
    def short_name(self) -> str:
        """`web-2`."""
        return "-".join(self.name.rsplit("-", 2)[-2:])


@dataclass(frozen=True, slots=True)
class Stack:
    """`url` is the API's, through nginx. `environment` is what compose is run with beside our own."""

    url: str
    environment: dict[str, str]

    def compose(self, *arguments: str, said: str = "") -> str:
        return _heard([*COMPOSE, *arguments], {**os.environ, **self.environment}, said=said)

    def docker(self, *arguments: str) -> str:
        return _heard(["docker", *arguments], dict(os.environ))

    def grow(self, *, web: int = 1, worker: int = 1) -> None:
        """So many replicas of each, whatever there was before."""
        self.compose("up", "-d", "--no-build", "--scale", f"web={web}", "--scale", f"worker={worker}")
        self.wait_healthy("web", replicas=web)
        self.wait_healthy("worker", replicas=worker)
        self.wait_answering()

    def containers(self, service: str) -> list[Container]:
        """Those that were made, running or not, in the order of their numbers."""
        ids = self.compose("ps", "--all", "--quiet", service).split()
        found = [_container(one) for one in json.loads(self.docker("inspect", *ids))] if ids else []
        return sorted(found, key=lambda one: one.name)

    def wait_healthy(self, service: str, *, replicas: int = 1) -> None:
        def are_healthy() -> bool:
            return sum(one.is_healthy for one in self.containers(service)) == replicas

        wait_for(are_healthy, f"{replicas} healthy {service}", within_s=_HEALTHY_WITHIN_S, look_every_s=0.5)

    def wait_answering(self) -> None:
        wait_for(partial(_is_ready, self.url), "the API answers", within_s=_HEALTHY_WITHIN_S)

    def events(self, container: Container, *names: str, since: float = 0.0) -> list[dict[str, Any]]:
        """The log lines of a container with these events, after `since` (seconds of the epoch)."""
        output = _heard(["sh", "-c", f"docker logs --since {since:.3f} {container.id} 2>&1"], dict(os.environ))
        lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") in names]

    def sql(self, statement: str, **variables: str) -> list[list[str]]:
        """Rows of the database, asked where nothing but its own socket is needed. `:'name'` is a variable."""
        given = [f"--variable={name}={value}" for name, value in variables.items()]
        command = 'psql --username=postgres --dbname="$BYTCHAT_DB" --tuples-only --csv "$@"'
        output = self.compose("exec", "-T", "db", "sh", "-c", command, "psql", *given, said=statement)
        return [line.split(",") for line in output.splitlines()]


def wait_for(is_so: Callable[[], bool], what: str, *, within_s: float, look_every_s: float = 0.1) -> float:
    """The seconds that it took. Raises `TimeoutError`."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"Not so within {within_s:.0f} s: {what}")
        time.sleep(look_every_s)
    return time.monotonic() - began


def crash(pids: Iterable[int]) -> list[int]:
    """End processes as a fault inside does it: the engine has no part in it. Gives them back."""
    killed = list(pids)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    return killed


def _heard(command: list[str], environment: dict[str, str], *, said: str = "") -> str:
    done = subprocess.run(command, env=environment, input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)}: {done.stderr.strip()[-500:]}")
    return done.stdout


def _container(told: dict[str, Any]) -> Container:
    networks = told["NetworkSettings"]["Networks"].values()
    return Container(
        id=told["Id"],
        name=re.sub("^/", "", told["Name"]),
        pid=told["State"]["Pid"],
        health=told["State"].get("Health", {}).get("Status", ""),
        started_at=datetime.fromisoformat(told["State"]["StartedAt"]).timestamp(),
        addresses=tuple(one["IPAddress"] for one in networks),
    )


def _is_ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready", timeout=2, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False
