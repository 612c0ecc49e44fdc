"""The worker service of a server: both lanes in one container, forked from a process that has imported all of it.

What a fork shares it does not pay for again: two lanes take little more memory than one. A lane that ends is forked
anew, since a broker that dies in the middle of a task takes the Celery worker with it.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import structlog
from celery.signals import heartbeat_sent

import worker.tasks  # noqa: F401
from app.core.logging import configure_logging
from worker.celery_app import app, settings
from worker.lane import LANES, LONGEST_PAUSE_S, Lane, arguments

# Where each lane touches a file every few seconds while it is in touch with the broker; `app.probe` looks there.
ALIVE = settings.bytchat_home or Path("/tmp")  # noqa: S108

_STOP = {signal.SIGTERM, signal.SIGINT}
_SIGNALS = {*_STOP, signal.SIGCHLD}
# Shorter than the time that the engine gives a container to stop.
_STOP_WITHIN_S = 25.0

log = structlog.get_logger()


def main() -> None:
    """Run the lanes until SIGTERM or SIGINT, then let them finish or hand back what they do."""
    configure_logging(settings.log_level, form=settings.log_format)
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    # What is there now is shared with the lanes for as long as nobody touches it.
    gc.freeze()
    lanes = [Lane(name) for name in LANES]
    while not _is_told_to_stop(within_s=_next_start_s(lanes)):
        _collect(lanes)
        for lane in lanes:
            if lane.pid is None and lane.starts_at <= time.monotonic():
                _start(lane)
    _stop(lanes)


def _next_start_s(lanes: Iterable[Lane]) -> float:
    waiting = [lane.starts_at for lane in lanes if lane.pid is None]
    return max(0.0, min(waiting) - time.monotonic()) if waiting else LONGEST_PAUSE_S


def _is_told_to_stop(*, within_s: float) -> bool:
    """Whether a stop came before anything else did."""
    came = signal.sigtimedwait(_SIGNALS, within_s)
    return came is not None and came.si_signo in _STOP


def _start(lane: Lane) -> None:
    lane.started(os.fork() or _work(lane.name), now=time.monotonic())


def _work(lane: str) -> int:
    """The child: it never returns."""
    code: Any = 1
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        # Celery says there, past the logs, that it stops.
        sys.__stdout__ = None  # type: ignore[misc]
        heartbeat_sent.connect(lambda **_: (ALIVE / f"lane-{lane}").touch(), weak=False)
        code = app.worker_main(["--quiet", *arguments(lane)])
    except SystemExit as stopped:
        code = stopped.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0)


def _collect(lanes: Iterable[Lane]) -> None:
    """See which lanes have ended, and when each starts again."""
    for lane in lanes:
        if lane.pid is None or os.waitpid(lane.pid, os.WNOHANG)[0] == 0:
            continue
        lane.ended(now=time.monotonic())
        log.warning("worker.lane_ended", lane=lane.name, again_in_s=lane.pause_s)


def _stop(lanes: Iterable[Lane]) -> None:
    running = [lane for lane in lanes if lane.pid is not None]
    deadline = time.monotonic() + _STOP_WITHIN_S
    _signal(running, signal.SIGTERM)
    while running and time.monotonic() < deadline:
        signal.sigtimedwait({signal.SIGCHLD}, 0.5)
        running = [lane for lane in running if lane.pid and os.waitpid(lane.pid, os.WNOHANG)[0] == 0]
    _signal(running, signal.SIGKILL)


def _signal(lanes: Iterable[Lane], number: signal.Signals) -> None:
    for lane in lanes:
        if lane.pid is not None:
            os.kill(lane.pid, number)


if __name__ == "__main__":
    main()
