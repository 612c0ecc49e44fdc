"""When a session was last used, noted beside the requests: none waits for it, and none fails with it."""

import asyncio
import time
import uuid
from contextvars import Context
from datetime import timedelta

import structlog

from app import crud
from app.core.database import Sessions, statement

log = structlog.get_logger()

_EVERY = timedelta(minutes=5)
_STOP_WITHIN_S = 1.0


class LastUse:
    """One task writes for all who ask, so that it takes one connection at most."""

    def __init__(self, sessions: Sessions, *, every: timedelta = _EVERY) -> None:
        self._sessions = sessions
        self._every = every
        # When this process noted it, on the monotonic clock, the oldest first.
        self._noted: dict[uuid.UUID, float] = {}
        self._waiting: set[uuid.UUID] = set()
        self._task: asyncio.Task[None] | None = None

    def note(self, session_id: uuid.UUID) -> None:
        """It is used now; that is written once in a while."""
        now = time.monotonic()
        self._forget_before(now - self._every.total_seconds())
        if session_id in self._noted:
            return
        self._noted[session_id] = now
        self._waiting.add(session_id)
        if self._task is None or self._task.done():
            # In a context of its own: it is of no one request.
            self._task = asyncio.create_task(self._write(), context=Context())

    async def aclose(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=_STOP_WITHIN_S)
            self._task.cancel()

    def _forget_before(self, oldest: float) -> None:
        while self._noted and self._noted[first := next(iter(self._noted))] <= oldest:
            del self._noted[first]

    async def _write(self) -> None:
        while self._waiting:
            session_ids, self._waiting = self._waiting, set()
            try:
                async with statement(self._sessions) as session:
                    await crud.renew_last_use(session, session_ids, older_than=self._every)
            except Exception as error:
                log.warning("sessions.use_not_noted", error=type(error).__name__)
