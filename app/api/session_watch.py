"""Who is being sent something for long, and by which session: it ends soon after the session does.

One task looks for all of a process, in one statement, and only while somebody is being sent something.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import Context

import structlog

from app import crud
from app.core.database import Sessions, statement
from app.core.errors import NotAuthenticated

log = structlog.get_logger()

_EVERY_S = 1.0
_STOP_WITHIN_S = 1.0


class SessionWatch:
    """Nobody is ended while PostgreSQL does not say that the session has."""

    def __init__(self, sessions: Sessions, *, every_s: float = _EVERY_S) -> None:
        self._sessions = sessions
        self._every_s = every_s
        self._watched: dict[object, tuple[uuid.UUID, Callable[[], None]]] = {}
        self._nobody = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_blind = False

    def add(self, session_id: uuid.UUID, end: Callable[[], None]) -> Callable[[], None]:
        """Call `end`, perhaps more than once, when the session has ended; what this gives ends the watch."""
        key = object()
        self._watched[key] = session_id, end
        self._nobody.clear()
        if self._task is None or self._task.done():
            # In a context of its own: it is of no one request.
            self._task = asyncio.create_task(self._run(), context=Context())
        return lambda: self._remove(key)

    @asynccontextmanager
    async def during(self, session_id: uuid.UUID) -> AsyncIterator[None]:
        """Breaks off what is done meanwhile where the session ends: raises `NotAuthenticated`."""
        has_ended = False

        def end() -> None:
            nonlocal has_ended
            if not has_ended:
                has_ended = True
                limit.reschedule(0)

        try:
            async with asyncio.timeout(None) as limit:
                stop_watching = self.add(session_id, end)
                try:
                    yield
                finally:
                    stop_watching()
        except TimeoutError as error:
            if has_ended:
                raise NotAuthenticated from error
            raise

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_STOP_WITHIN_S)

    def _remove(self, key: object) -> None:
        self._watched.pop(key, None)
        if not self._watched:
            self._nobody.set()

    async def _run(self) -> None:
        while self._watched:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._nobody.wait()
                continue
            await self._look()

    async def _look(self) -> None:
        asked = {session_id for session_id, _ in self._watched.values()}
        try:
            async with statement(self._sessions) as session:
                gone = asked - await crud.live_sessions(session, asked)
        except Exception as error:
            if not self._is_blind:
                log.warning("sessions.not_watched", error=type(error).__name__)
            self._is_blind = True
            return
        self._is_blind = False
        for session_id, end in list(self._watched.values()):
            if session_id in gone:
                end()
