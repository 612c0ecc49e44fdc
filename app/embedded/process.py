"""Child processes: each in its own session, ended with its parent, stopped within a bounded time."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypedDict

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how it wants to be stopped. `user` is a system user to run as, when we are root."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10


@dataclass(frozen=True, slots=True)
class Server:
    """A program that others need: where it is, and whether it answers there yet."""

    program: Program
    url: str
    is_ready: Callable[[], bool]


class _UserOptions(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class _SpawnOptions(_UserOptions):
    cwd: Path | None
    env: dict[str, str]
    start_new_session: bool
    preexec_fn: Callable[[], None] | None


def spawn_options(program: Program) -> _SpawnOptions:
    """Keyword arguments for `Popen` and for asyncio's subprocesses. Spawn from the main thread.

    The kernel's parent-death signal fires when the thread that forked ends, not only when the process does.
    """
    return {
        "cwd": program.folder,
        "env": {**os.environ, **program.env},
        "start_new_session": True,
        "preexec_fn": _death_signal(program.stop_signal),
        **_as_user(program.user),
    }


def spawn(program: Program, *, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start it, everything that it writes going to one file."""
    return subprocess.Popen(  # noqa: S603
        program.argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        **spawn_options(program),
    )


def run(argv: Sequence[str], *, user: str | None = None, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as this system user where one is named; its output is kept."""
    return subprocess.run(  # noqa: S603
        argv,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
        **_as_user(user),
    )


def _as_user(user: str | None) -> _UserOptions:
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def stop(process: subprocess.Popen[bytes], program: Program) -> None:
    """Ask it to stop, wait, and kill its group when it does not."""
    if process.poll() is None:
        process.send_signal(program.stop_signal)
    try:
        process.wait(program.stop_timeout_s)
    except subprocess.TimeoutExpired:
        kill_group(process.pid)
        process.wait()


def kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def command_line(pid: int) -> str:
    """How a live process was called, or an empty string."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return run(["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]).stdout


def end_orphan(pid_file: Path, *, mark: str, within_s: float = 20) -> None:
    """Stop the server that a killed start left behind, and drop its pid file.

    Only a live process whose command line holds `mark`, a path of ours, is touched: pids are used again.
    """
    pid = _find_pid(pid_file)
    if pid is not None and mark in command_line(pid):
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + within_s
        while mark in command_line(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _find_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _death_signal(number: signal.Signals) -> Callable[[], None] | None:
    libc = _libc
    if libc is None:
        return None
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, int(number))
