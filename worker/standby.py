"""Beat steps in where no worker answers, until one does: an engine does not start again what it was told to kill.

Leases keep the two apart wherever both should work for a moment.
"""

import atexit
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from celery import Celery

from worker.lane import LANES

_ANSWER_WITHIN_S = 2.0
_LOOKS = 3

log = structlog.get_logger()


@dataclass(slots=True)
class Watch:
    """When somebody last answered for both lanes, on the clock of `time.monotonic`."""

    after_s: float
    heard_at: float

    def is_needed(self, names: Iterable[str] | None, *, here: str, now: float) -> bool | None:
        """Whether to stand in, or None to leave it as it is. `names` are `lane@host`, None if unknown."""
        if names is None:
            self.heard_at = now
            return None
        elsewhere = {lane for lane, _, host in (name.partition("@") for name in names) if host != here}
        if elsewhere.issuperset(LANES):
            self.heard_at = now
            return False
        return True if now - self.heard_at >= self.after_s else None


def watch(app: Celery, *, after_s: float) -> None:
    """Look for workers for as long as this process lives, from a thread of its own."""
    threading.Thread(target=_watch, args=(app, after_s), name="standby", daemon=True).start()


def _watch(app: Celery, after_s: float) -> None:
    state, here = Watch(after_s, time.monotonic()), socket.gethostname()
    lanes: subprocess.Popen[bytes] | None = None
    while True:
        time.sleep(after_s / _LOOKS)
        needed = state.is_needed(_names(app), here=here, now=time.monotonic())
        is_running = lanes is not None and lanes.poll() is None
        if needed and not is_running:
            log.warning("worker.standby_started", silent_s=round(after_s))
            lanes = subprocess.Popen([sys.executable, "-m", "worker.lanes"])
            atexit.register(lanes.terminate)
        elif needed is False and is_running and lanes is not None:
            log.info("worker.standby_ended")
            lanes.terminate()


def _names(app: Celery) -> list[str] | None:
    try:
        return [name for reply in app.control.ping(timeout=_ANSWER_WITHIN_S) for name in reply]
    except Exception as error:
        log.warning("worker.standby_cannot_ask", error=type(error).__name__)
        return None
