"""The engine and the one place where a transaction is committed."""

import select
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from uuid_utils import compat as uuid_compat

_CONNECT_TIMEOUT_S = 5
# A second attempt is only for what failed at once.
_CONNECT_AGAIN_WITHIN_S = 1.0
_STATEMENT_TIMEOUT_MS = 60_000
_IDLE_IN_TRANSACTION_S = 30.0
# A connection that was used just now needs no ping, which costs a round trip.
_PING_AFTER_IDLE_S = 2.0


def driver_url(url: str) -> str:
    """The URL with psycopg 3 as its driver, whichever PostgreSQL spelling came in."""
    return (
        make_url(url.replace("postgres://", "postgresql://", 1))
        .set(drivername="postgresql+psycopg")
        .render_as_string(hide_password=False)
    )


def make_engine(
    url: str, *, pool_size: int, idle_in_transaction_s: float = _IDLE_IN_TRANSACTION_S, pooled: bool = False
) -> AsyncEngine:
    """An engine whose connections fail fast and never wait for a lock or a statement without limit.

    A transaction that does nothing for so long is rolled back: its process is frozen or cut off, and its locks
    would hold up whoever takes over. `pooled`: a pooler between us and PostgreSQL lends a connection to each
    transaction anew, so that nothing may be kept in one; the role then brings the limits.
    """
    session = _OF_A_POOLER if pooled else _of_our_own(idle_in_transaction_s)
    engine = create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        # A failed statement is logged; what it was to store is not.
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            # A peer that vanished without a word is noticed in seconds, not in the system's quarter of an hour.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            **session,
        },
    )
    _ping_the_idle(engine)
    _connect_again(engine)
    return engine


_OF_A_POOLER: dict[str, Any] = {"prepare_threshold": None}


def _of_our_own(idle_in_transaction_s: float) -> dict[str, Any]:
    options = {
        "statement_timeout": _STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": round(idle_in_transaction_s * 1000),
        "timezone": "UTC",
    }
    return {
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        "prepare_threshold": 5,
    }


def _ping_the_idle(engine: AsyncEngine) -> None:
    """Look whether a connection still lives before it is lent: the kernel knows of most that have ended.

    Where it has lain idle for a while, PostgreSQL is asked too.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def _returned(connection: Any, record: Any) -> None:
        record.info["returned_at"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _lent(connection: Any, record: Any, proxy: Any) -> None:
        # A new one has not been idle, and the pool gives up where two in a row were refused here.
        if (returned_at := record.info.get("returned_at")) is None:
            return
        if _has_word(connection):
            raise DisconnectionError("PostgreSQL has ended this connection.")
        if time.monotonic() - returned_at < _PING_AFTER_IDLE_S:
            return
        dialect = engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            # The pool then tries the next one, or connects anew.
            raise DisconnectionError from error


def _connect_again(engine: AsyncEngine) -> None:
    """Where making a connection fails at once, try once more: it may have been ended while it was made."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def _connect(dialect: Any, record: Any, arguments: Any, parameters: Any) -> Any:
        began = time.monotonic()
        try:
            return dialect.connect(*arguments, **parameters)
        except dialect.loaded_dbapi.OperationalError:
            if time.monotonic() - began > _CONNECT_AGAIN_WITHIN_S:
                raise
        return dialect.connect(*arguments, **parameters)


def _has_word(connection: Any) -> bool:
    """Whether something came unasked: to who asks nothing and listens to nothing, only a farewell comes."""
    poll = select.poll()
    poll.register(connection.driver_connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


@dataclass(slots=True)
class Attempt:
    """What became of one attempt at a request. It may be repeated where it was cut off before it did anything."""

    was_cut_off: bool = False
    # Something was committed, or was about to be.
    may_have_acted: bool = False


attempt: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


class Session(AsyncSession):
    """Repeats a statement that is a transaction by itself, where its connection ends under it."""

    is_repeatable = False

    async def execute(self, *arguments: Any, **named: Any) -> Any:
        try:
            return await super().execute(*arguments, **named)
        except DBAPIError as error:
            if not (self.is_repeatable and error.connection_invalidated):
                raise
        await self.reset()
        await self.by_itself()
        return await super().execute(*arguments, **named)

    async def by_itself(self) -> None:
        """From now on each statement is committed as it ends."""
        await self.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


Sessions = async_sessionmaker[Session]


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, class_=Session, expire_on_commit=False, autoflush=False)


@asynccontextmanager
async def transaction(sessions: Sessions) -> AsyncIterator[Session]:
    """One short transaction: committed when the block ends, rolled back when it raises."""
    tried = attempt.get() or Attempt()
    try:
        async with sessions() as session, session.begin():
            yield session
            tried.may_have_acted = True
    except DBAPIError as error:
        tried.was_cut_off |= error.connection_invalidated
        raise


@asynccontextmanager
async def statement(sessions: Sessions, *, once: bool = False) -> AsyncIterator[Session]:
    """For one statement, a transaction of its own: committed as it ends, without two more round trips.

    It is done again where its connection ends under it, and PostgreSQL may have done it by then: what adds up says
    `once`.
    """
    (attempt.get() or Attempt()).may_have_acted = True
    async with sessions() as session:
        await session.by_itself()
        session.is_repeatable = not once
        yield session


@asynccontextmanager
async def snapshot(sessions: Sessions) -> AsyncIterator[Session]:
    """One transaction that sees everything as it was at its first statement, and changes nothing."""
    async with sessions() as session:
        await session.connection(
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        yield session


def new_id() -> uuid.UUID:
    """A UUIDv7: sorts by the time that it was made."""
    return uuid_compat.uuid7()


def now() -> datetime:
    return datetime.now(UTC)
