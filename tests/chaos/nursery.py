"""Forks the platform's processes from one that has imported all of it: what is killed is back in a moment.

    python -m tests.chaos.nursery

Reads one order a line from its input and answers each with one number. Its end is the end of all that it forked.
"""

import gc
import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

import worker.tasks  # noqa: F401
from app.core.logging import configure_logging
from app.knowledge.chunk import chunk
from app.knowledge.language import language_of
from app.main import make_app
from tests.chaos.death import Death, Moment, arm
from worker import lanes
from worker.celery_app import app, settings
from worker.lane import LANES, arguments

_STOPS = (signal.SIGTERM, signal.SIGINT)
# What Celery imports only as it starts.
_STARTS_WITH = """celery.apps.worker celery.beat celery.bin.beat celery.bin.celery celery.concurrency.thread
celery.worker.autoscale celery.worker.components celery.worker.consumer celery.worker.control celery.worker.loops
celery.worker.pidbox celery.worker.request celery.worker.strategy kombu.transport.redis"""


def main() -> None:
    """Carry out orders until the input ends."""
    # Ctrl-C reaches it too, and it has children to end: it stops with its input.
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    for name in _STARTS_WITH.split():
        importlib.import_module(name)
    # The first text of a process loads what the others find.
    language_of("El faro abre a las nueve.")
    chunk("El faro abre a las nueve.")
    gc.freeze()
    _say(0)
    children: set[int] = set()
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        if "role" in order:
            pid = os.fork() or _become(**order)
            children.add(pid)
            _say(pid)
        else:
            _say(_signal(order["pid"], order["number"]))
    for pid in children:
        # Its group: the lanes of a killed parent are still there.
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _say(number: int) -> None:
    print(number, flush=True)


def _signal(pid: int, number: int) -> int:
    """1 if the child lived until now; it is not yet collected, so that its number is no other's."""
    with suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == 0:
            os.kill(pid, number)
            return 1
    return 0


def _become(role: str, log: str, port: int, death: tuple[str, int, str] | None) -> int:
    """The child: it never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _write_to(Path(log))
        if death:
            arm(Death(Moment(death[0]), *death[1:]))
        _run(role, log, port)
        code = 0
    except SystemExit as stopped:
        code = stopped.code if isinstance(stopped.code, int) else 1
    except BaseException as error:
        print(repr(error), file=sys.stderr)
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _write_to(log: Path) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _run(role: str, log: str, port: int) -> None:
    if role in LANES:
        app.worker_main(["--quiet", *arguments(role), "-n", f"{role}-{os.getpid()}@%h"])
    elif role == "worker":
        lanes.main()
    elif role == "beat":
        configure_logging(settings.log_level, form=settings.log_format)
        app.start(["--quiet", "beat", "--schedule", f"{log}.schedule", "--loglevel", "WARNING"])
    else:
        uvicorn.run(make_app(), port=port, proxy_headers=False, access_log=False, timeout_graceful_shutdown=10)


if __name__ == "__main__":
    main()
