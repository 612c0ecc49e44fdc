"""The processes of a platform that is broken on purpose: what has ended is started again, as an engine does."""

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import BytchatError
from app.embedded.process import Program, kill_group, spawn
from app.embedded.process import stop as stop_process

_LOOK_EVERY_S = 0.1
# An engine's restart policy waits a moment too.
_PAUSE_S = 0.7


@dataclass(slots=True)
class Part:
    """One process, and the group of those that it started. `make` may be called at every start."""

    name: str
    make: Callable[[], Program]
    log: Path
    starts: int = 0
    process: subprocess.Popen[bytes] | None = None
    # It is kept down while somebody holds it.
    is_held: threading.Event = field(default_factory=threading.Event)
    # It was asked to stop, and has not been started again since.
    is_ending: bool = False
    _program: Program | None = None
    _ended_at: float | None = None

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """As a crash or the engine does it: with all that it started."""
        if self.process is not None:
            kill_group(self.process.pid)
            self.process.wait()

    def terminate(self) -> None:
        """Ask it to stop; it may take its time."""
        self.is_ending = True
        self._signal(signal.SIGTERM)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP, group=True)

    def wake(self) -> None:
        self._signal(signal.SIGCONT, group=True)

    def children(self) -> list[int]:
        """Those that it started, by pid."""
        said = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = (line.split() for line in said.splitlines())
        return [int(pid) for pid, parent in pairs if int(parent) == self.pid]

    def start(self) -> None:
        """Only ever called from the supervisor's thread: its end is the end of what it spawned."""
        self._program, self._ended_at = self.make(), None
        with self.log.open("ab") as output:
            self.process = spawn(self._program, output=output)
        self.starts += 1
        self.is_ending = False

    def start_if_due(self) -> None:
        if self.lives or self.is_held.is_set():
            return
        now = time.monotonic()
        self._ended_at = self._ended_at or now
        if self.process is None or now - self._ended_at >= _PAUSE_S:
            # A service whose files are not free yet is tried again.
            with suppress(OSError, BytchatError):
                self.start()

    def stop(self) -> None:
        if self.process is not None and self._program is not None:
            # A frozen process hears nothing until it goes on.
            self.wake()
            stop_process(self.process, self._program)
            kill_group(self.process.pid)

    def _signal(self, number: signal.Signals, *, group: bool = False) -> None:
        if self.lives:
            with suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(self.pid, number)


class Supervisor:
    """Starts parts, and starts them again, all from one thread that lives as long as they do."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self._new: queue.SimpleQueue[Part] = queue.SimpleQueue()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="faults-supervisor")
        self._thread.start()

    def add(self, part: Part) -> Part:
        self.parts[part.name] = part
        self._new.put(part)
        return part

    def stop(self) -> None:
        """Stop all, the last one first."""
        for part in self.parts.values():
            part.is_held.set()
        self._is_over.set()
        self._thread.join(timeout=60)

    def _run(self) -> None:
        started: list[Part] = []
        while not self._is_over.wait(_LOOK_EVERY_S):
            while not self._new.empty():
                started.append(self._new.get())
            for part in started:
                part.start_if_due()
        for part in reversed(started):
            part.stop()


@contextmanager
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor()
    try:
        yield made
    finally:
        made.stop()
