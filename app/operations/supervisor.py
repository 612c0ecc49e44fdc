"""Keeps the platform's processes alive: prefixed output, restart with backoff, an ordered stop."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Protocol

from app.core.operator_errors import ServiceNotReady
from app.embedded.process import Program, Server, kill_group, spawn_options

Emit = Callable[[str, str], None]

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 10.0
_STEADY_AFTER_S = 30
# During the start alone; what ran once is brought back for ever.
_HOPELESS_AFTER = 4
_LONGEST_LINE_BYTES = 1 << 20


class Readiness(Protocol):
    async def __call__(self) -> bool: ...


class Supervisor:
    """Runs programs until they are told to stop. `emit(name, line)` gets every line that they write."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._children: dict[str, _Child] = {}

    def start(self, program: Program) -> None:
        self._children[program.name] = _Child(program, self._emit)

    async def wait_until(self, is_ready: Readiness, *, name: str, within_s: float) -> None:
        """Raises `ServiceNotReady` when it takes longer, or when the program ends over and over."""
        started = time.monotonic()
        while not await is_ready():
            waited_s, child = time.monotonic() - started, self._children.get(name)
            if waited_s > within_s or (child is not None and child.times_ended >= _HOPELESS_AFTER):
                raise ServiceNotReady(service=name, waited_s=round(waited_s), said="")
            await asyncio.sleep(0.05)

    async def start_server(self, server: Server, *, within_s: float) -> None:
        self.start(server.program)

        async def is_ready() -> bool:
            return await asyncio.to_thread(server.is_ready)

        await self.wait_until(is_ready, name=server.program.name, within_s=within_s)

    async def stop(self, *names: str) -> None:
        """Stop these together; names that never started are skipped."""
        children = [self._children.pop(name) for name in names if name in self._children]
        await asyncio.gather(*(child.stop() for child in children))


class _Child:
    """One program and the process that runs it now."""

    def __init__(self, program: Program, emit: Emit) -> None:
        self._program = program
        self._emit = emit
        self.times_ended = 0
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._task = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        self._stopping.set()
        self._signal()
        done, _ = await asyncio.wait({self._task}, timeout=self._program.stop_timeout_s)
        if not done and self._process is not None:
            self._emit(self._program.name, f"no termina en {self._program.stop_timeout_s:g} s · killed")
            kill_group(self._process.pid)
        await self._task

    async def _keep_running(self) -> None:
        waits = _waits()
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            self.times_ended += 1
            if time.monotonic() - started > _STEADY_AFTER_S:
                waits = _waits()
            wait_s = next(waits)
            said = f"ha terminado (código {code}), vuelve en {wait_s:g} s · ended with code {code}, restarts"
            self._emit(self._program.name, said)
            await self._pause(wait_s)

    async def _run_once(self) -> int:
        process = await asyncio.create_subprocess_exec(
            *self._program.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=_LONGEST_LINE_BYTES,
            **spawn_options(self._program),
        )
        self._process = process
        if self._stopping.is_set():
            self._signal()
        reading = asyncio.create_task(self._relay(process.stdout))
        code = await process.wait()
        # A grandchild may hold the pipe open for longer than its parent lives.
        await asyncio.wait({reading}, timeout=1)
        reading.cancel()
        return code

    async def _relay(self, output: asyncio.StreamReader | None) -> None:
        while output is not None:
            try:
                line = await output.readline()
            except ValueError:
                continue
            if not line:
                return
            self._emit(self._program.name, line.decode(errors="replace").rstrip())

    async def _pause(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _signal(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(self._program.stop_signal)


def _waits() -> itertools.chain[float]:
    doubling = (_FIRST_WAIT_S * 2**n for n in range(5))
    return itertools.chain(doubling, itertools.repeat(_LONGEST_WAIT_S))
