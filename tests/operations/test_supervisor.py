"""The supervisor: prefixed lines, restarts, and an end that leaves nothing behind."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.core.operator_errors import ServiceNotReady
from app.embedded.process import Program
from app.operations.supervisor import Supervisor

_SLEEPS = "import time; print('here', flush=True); time.sleep(600)"
_DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _SLEEPS


class Lines(list[tuple[str, str]]):
    """What a supervisor emitted, and a way to wait for a line."""

    def __init__(self) -> None:
        super().__init__()
        self._came = asyncio.Event()

    def emit(self, name: str, line: str) -> None:
        self.append((name, line))
        self._came.set()

    async def seen(self, times: int, *, line: str, within_s: float = 15) -> None:
        async with asyncio.timeout(within_s):
            while sum(one == line for _, one in self) < times:
                self._came.clear()
                await self._came.wait()


def python(name: str, code: str, **options: Any) -> Program:
    return Program(name, (sys.executable, "-c", code), **options)


def supervised(work: Callable[[Supervisor, Lines], Coroutine[Any, Any, None]]) -> Lines:
    lines = Lines()
    asyncio.run(work(Supervisor(lines.emit), lines))
    return lines


def test_every_line_comes_with_the_name_of_its_program() -> None:
    async def work(supervisor: Supervisor, lines: Lines) -> None:
        supervisor.start(
            python("api", "import sys; print('a', flush=True); print('b', file=sys.stderr, flush=True)")
        )
        await lines.seen(1, line="b")
        await supervisor.stop("api")

    lines = supervised(work)

    assert {("api", "a"), ("api", "b")} <= set(lines)


def test_a_line_longer_than_the_buffer_does_not_stop_the_ones_after_it() -> None:
    async def work(supervisor: Supervisor, lines: Lines) -> None:
        supervisor.start(
            python("api", "import time; print('x' * 3_000_000); print('after', flush=True); time.sleep(60)")
        )
        await lines.seen(1, line="after")
        await supervisor.stop("api")

    supervised(work)


def test_a_program_that_is_killed_runs_again() -> None:
    async def work(supervisor: Supervisor, lines: Lines) -> None:
        supervisor.start(python("words", "import os; print('here', flush=True); os.kill(os.getpid(), 9)"))
        await lines.seen(2, line="here")
        await supervisor.stop("words")

    lines = supervised(work)

    assert any("-9" in line for _, line in lines)


def running(code: str) -> list[psutil.Process]:
    """Our children that run this code; the suite has others."""
    return [child for child in psutil.Process().children(recursive=True) if code in " ".join(child.cmdline())]


def test_a_stopped_program_does_not_run_again() -> None:
    async def work(supervisor: Supervisor, lines: Lines) -> None:
        supervisor.start(python("words", _SLEEPS))
        await lines.seen(1, line="here")
        await supervisor.stop("words")

    lines = supervised(work)

    assert lines == [("words", "here")]
    assert running(_SLEEPS) == []


def test_a_program_that_ignores_the_signal_is_killed_after_its_time() -> None:
    async def work(supervisor: Supervisor, lines: Lines) -> None:
        supervisor.start(python("beat", _DEAF, stop_timeout_s=0.3))
        await lines.seen(1, line="here")
        await supervisor.stop("beat")

    supervised(work)

    assert running(_DEAF) == []


def test_each_program_gets_its_own_stop_signal() -> None:
    code = (
        "import os, signal, time\nsignal.signal(signal.SIGINT, lambda *_: (os.write(1, b'int\\n'), os._exit(0)))\n"
        + _SLEEPS
    )

    async def work(supervisor: Supervisor, lines: Lines) -> None:
        supervisor.start(python("postgresql", code, stop_signal=signal.SIGINT))
        await lines.seen(1, line="here")
        await supervisor.stop("postgresql")

    lines = supervised(work)

    assert ("postgresql", "int") in lines


def test_a_program_told_to_stop_while_it_waits_for_its_restart_stops_at_once() -> None:
    async def work(supervisor: Supervisor, lines: Lines) -> None:
        supervisor.start(python("api", "print('here', flush=True)"))
        await lines.seen(3, line="here")
        async with asyncio.timeout(2):
            await supervisor.stop("api")

    supervised(work)


def test_what_is_not_ready_in_time_is_named() -> None:
    async def never() -> bool:
        return False

    async def work(supervisor: Supervisor, _: Lines) -> None:
        await supervisor.wait_until(never, name="api", within_s=0.1)

    with pytest.raises(ServiceNotReady, match="api"):
        supervised(work)


def test_a_program_that_ends_over_and_over_is_not_waited_for() -> None:
    async def never() -> bool:
        return False

    async def work(supervisor: Supervisor, _: Lines) -> None:
        supervisor.start(Program("api", ("/bin/sh", "-c", "exit 3")))
        try:
            await supervisor.wait_until(never, name="api", within_s=60)
        finally:
            await supervisor.stop("api")

    with pytest.raises(ServiceNotReady, match="api"):
        supervised(work)


def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells children of their parent's death")
    code = f"""
import asyncio, sys
from app.embedded.process import Program
from app.operations.supervisor import Supervisor
async def main():
    supervisor = Supervisor(lambda name, line: print(line, flush=True))
    supervisor.start(Program("x", (sys.executable, "-c", {_SLEEPS!r})))
    await asyncio.sleep(600)
asyncio.run(main())
"""

    async def work() -> psutil.Process:
        parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
        assert parent.stdout is not None
        await parent.stdout.readline()
        [child] = psutil.Process(parent.pid).children()
        parent.kill()
        await parent.wait()
        return child

    child = asyncio.run(work())

    psutil.wait_procs([child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
