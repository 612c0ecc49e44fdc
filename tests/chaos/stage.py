"""A whole platform of its own for breaking: each part can be killed, frozen, emptied, started again."""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from app.embedded.broker import broker
from app.embedded.home import make_secrets, temporary_home
from app.embedded.postgresql import postgresql
from app.embedded.process import Server, kill_group, spawn
from app.embedded.process import stop as stop_process
from app.embedded.services import Services
from app.operations import migrate
from tests.chaos.death import Death
from tests.platform import ROOT, environment, free_port
from tests.services import wait_until

# What is lost is found within seconds.
HURRIED = {"JOB_LEASE_S": "2", "JOB_LOST_AFTER_S": "1", "SWEEP_EVERY_S": "0.5", "EMBED_SLICE_S": "0.05"}
LANES = ("words", "vectors")


class Service:
    """PostgreSQL or the broker of a home; it comes back on the port of last time."""

    def __init__(self, make: Callable[[], Server], log: Path) -> None:
        self._make, self._log = make, log
        self.server: Server
        self._process: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        self.server = self._make()
        with self._log.open("ab") as log:
            self._process = spawn(self.server.program, output=log)
        wait_until(self.server.is_ready, within_s=60)

    def kill(self) -> None:
        kill_group(self._process.pid)
        self._process.wait()

    def stop(self) -> None:
        stop_process(self._process, self.server.program)


class Nursery:
    """The process that forks all others; see `tests.chaos.nursery`."""

    def __init__(self, services: Services, folder: Path, settings: dict[str, str]) -> None:
        self._talking = threading.Lock()
        with (folder / "nursery.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.nursery"],
                env=environment(services, **settings),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._answer(log=folder / "nursery.log")

    def fork(self, role: str, *, log: Path, port: int, death: Death | None) -> int:
        dies = death and (death.moment, death.step, death.reading)
        return self._order({"role": role, "log": str(log), "port": port, "death": dies})

    def signal(self, pid: int, number: int) -> bool:
        """Whether it still lived."""
        return bool(self._order({"pid": pid, "number": number}))

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=20)
        assert self._process.stdout
        self._process.stdout.close()

    def _order(self, order: dict[str, object]) -> int:
        with self._talking:
            assert self._process.stdin
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return self._answer()

    def _answer(self, log: Path | None = None) -> int:
        assert self._process.stdout
        said = self._process.stdout.readline()
        assert said, log and log.read_text(errors="replace")
        return int(said)


@dataclass(slots=True)
class Process:
    """One that the nursery forked. Several may have one role."""

    nursery: Nursery
    role: str
    log: Path
    pid: int

    @property
    def lives(self) -> bool:
        return self.nursery.signal(self.pid, 0)

    def kill(self) -> None:
        """As a crash does it; it is gone when this returns."""
        self.nursery.signal(self.pid, signal.SIGKILL)
        wait_until(lambda: not self.lives)

    def freeze(self) -> None:
        self.nursery.signal(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        self.nursery.signal(self.pid, signal.SIGCONT)

    def said(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass(slots=True)
class Stage:
    """The services and the processes, by role."""

    services: Services
    home: Path
    folder: Path
    postgresql: Service
    broker: Service
    nursery: Nursery
    port: int
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, role: str, death: Death | None = None) -> Process:
        """`words`, `vectors`, `beat`, `api`, or `worker`: the parent of both lanes."""
        process = self.fork(role, death)
        self.processes[role] = process
        return process

    def fork(self, role: str, death: Death | None = None) -> Process:
        """One that nobody starts again."""
        log = self.folder / f"{role}-{time.monotonic_ns()}.log"
        return Process(self.nursery, role, log, self.nursery.fork(role, log=log, port=self.port, death=death))

    def restart(self, role: str, death: Death | None = None) -> Process:
        """Kill what runs and start it anew."""
        self.processes[role].kill()
        return self.start(role, death)

    def start_the_dead(self) -> None:
        """As an engine or a supervisor does."""
        for role, process in list(self.processes.items()):
            if not process.lives:
                self.start(role)

    def wait_for_api(self) -> None:
        wait_until(self._answers, within_s=60)

    def empty_broker(self) -> None:
        """Forget all that it held; it must be down."""
        shutil.rmtree(self.home / "broker")

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/health/ready", timeout=2, trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False


@contextmanager
def stage(folder: Path, *roles: str, **settings: str) -> Iterator[Stage]:
    """All of it for the length of a block. Both lanes, beat and the API, unless other roles are named."""
    with temporary_home() as home, ExitStack() as stack:
        # Durable: what a killed PostgreSQL had committed must be there.
        database = Service(lambda: postgresql(home), folder / "postgresql.log")
        stack.callback(database.stop)
        queue = Service(lambda: broker(home), folder / "broker.log")
        stack.callback(queue.stop)
        migrate.upgrade(database.server.url)
        known = make_secrets(home)
        services = Services(database.server.url, queue.server.url, known.secret_key, known.encryption_key)
        nursery = Nursery(services, folder, HURRIED | {"BYTCHAT_HOME": str(home)} | settings)
        stack.callback(nursery.close)
        made = Stage(services, home, folder, database, queue, nursery, free_port())
        for role in roles or ("api", *LANES, "beat"):
            made.start(role)
        made.wait_for_api()
        yield made
