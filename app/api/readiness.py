"""Whether the services under us answer, and what waits there, asked so that a silent one holds nobody up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import text

from app import crud
from app.core.database import Sessions, transaction
from app.core.queue import Publisher
from app.queries.backlog import Backlog

_WITHIN_S = 2.0
# Scrapers and health checks may come as often as they like.
_KEEP_S = 5.0

T = TypeVar("T")


class Probe(Generic[T]):
    """Asks in one task at a time, and leaves the task alone when its time is up.

    Cancelling a statement waits for the network that is silent; one stuck connection is all that it may cost.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], *, within_s: float = _WITHIN_S, keep_s: float = 0) -> None:
        self._ask, self._within_s, self._keep_s = ask, within_s, keep_s
        self._asking: asyncio.Task[T | Exception] | None = None
        self._began_at = 0.0

    async def find(self) -> T | Exception:
        """The answer, of the last `keep_s` seconds, or why there is none."""
        clock = asyncio.get_running_loop().time
        if self._asking is None or (self._asking.done() and clock() >= self._began_at + self._keep_s):
            self._asking, self._began_at = asyncio.create_task(self._run()), clock()
        asking = self._asking
        await asyncio.wait({asking}, timeout=max(self._began_at + self._within_s - clock(), 0))
        return asking.result() if asking.done() else TimeoutError()

    async def state(self) -> str:
        """`ok`, or the kind of failure."""
        found = await self.find()
        return type(found).__name__ if isinstance(found, Exception) else "ok"

    async def _run(self) -> T | Exception:
        try:
            return await self._ask()
        except Exception as error:
            return error


@dataclass(frozen=True, slots=True)
class Probes:
    """`database` is fine when it answers and is migrated."""

    database: Probe[None]
    backlog: Probe[Backlog]
    queues: Probe[dict[str, int]]


def make_probes(sessions: Sessions, publisher: Publisher) -> Probes:
    async def look_at_database() -> None:
        async with transaction(sessions) as session:
            await session.execute(text("SELECT 1 FROM documents LIMIT 1"))

    async def look_at_backlog() -> Backlog:
        async with transaction(sessions) as session:
            return await crud.get_backlog(session)

    return Probes(
        database=Probe(look_at_database),
        backlog=Probe(look_at_backlog, keep_s=_KEEP_S),
        queues=Probe(publisher.queue_lengths, keep_s=_KEEP_S),
    )
