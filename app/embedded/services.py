"""Both services together: where they are, and a block of code with both running."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.operator_errors import ServiceNotReady
from app.embedded.broker import broker, redis_url
from app.embedded.home import BROKER, POSTGRESQL, find_port, find_secrets, locked, make_home, make_secrets
from app.embedded.postgresql import database_url, postgresql
from app.embedded.process import Server, spawn, stop

READY_WITHIN_S = 60
_TAIL_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Services:
    """What the other processes need to know."""

    database_url: str
    redis_url: str
    secret_key: str
    encryption_key: str


def find_services(home: Path) -> Services | None:
    """Where the services of this home are whenever they run; `None` before its first start."""
    known, database, queue = find_secrets(home), find_port(home, POSTGRESQL), find_port(home, BROKER)
    if known is None or database is None or queue is None:
        return None
    return Services(
        database_url(known.postgresql_password, database),
        redis_url(known.broker_password, queue),
        known.secret_key,
        known.encryption_key,
    )


@contextmanager
def running(home: Path, *, durable: bool = True) -> Iterator[Services]:
    """Both services for the length of a block, their output in files of the home's `run` folder.

    Not `durable` is faster, and loses data in a power cut.
    """
    make_home(home)
    with locked(home), ExitStack() as stack:
        # PostgreSQL enters first and so leaves last.
        servers = (postgresql(home, durable=durable), broker(home))
        processes = [stack.enter_context(_started(server, home)) for server in servers]
        for server, process in zip(servers, processes, strict=True):
            _wait_until_ready(server, process, home)
        known = make_secrets(home)
        yield Services(servers[0].url, servers[1].url, known.secret_key, known.encryption_key)


@contextmanager
def _started(server: Server, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    with _log(server, home).open("wb") as log:
        process = spawn(server.program, output=log)
    try:
        yield process
    finally:
        stop(process, server.program)


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not server.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            said = _log(server, home).read_text(errors="replace")[-_TAIL_CHARACTERS:]
            raise ServiceNotReady(service=server.program.name, waited_s=READY_WITHIN_S, said=said)
        time.sleep(0.05)


def _log(server: Server, home: Path) -> Path:
    return home / "run" / f"{server.program.name}.log"
