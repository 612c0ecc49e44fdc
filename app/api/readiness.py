"""Whether the database answers, asked so that a silent one holds nobody up."""

import asyncio

from sqlalchemy import text

from app.core.database import Sessions, transaction

_TIMEOUT_S = 3.0


class DatabaseProbe:
    """Asks in one task at a time, and leaves the task alone when its time is up.

    Cancelling a statement waits for the network that is silent; one stuck connection is all that it may cost.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._asking: asyncio.Task[str] | None = None

    async def state(self) -> str:
        """`ok` when the database answers and is migrated, else the kind of failure."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        asking = self._asking
        await asyncio.wait({asking}, timeout=_TIMEOUT_S)
        return asking.result() if asking.done() else "TimeoutError"

    async def _ask(self) -> str:
        try:
            async with transaction(self._sessions) as session:
                await session.execute(text("SELECT 1 FROM documents LIMIT 1"))
        except Exception as error:
            return type(error).__name__
        return "ok"
