"""The engine and the one place where a transaction is committed."""

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from uuid_utils import compat as uuid_compat

Sessions = async_sessionmaker[AsyncSession]

_CONNECT_TIMEOUT_S = 5
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
    """Look whether a connection still lives before it is lent, where it has lain idle for a while."""

    @event.listens_for(engine.sync_engine, "checkin")
    def _returned(connection: Any, record: Any) -> None:
        record.info["returned_at"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _lent(connection: Any, record: Any, proxy: Any) -> None:
        if time.monotonic() - record.info.get("returned_at", time.monotonic()) < _PING_AFTER_IDLE_S:
            return
        dialect = engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            # The pool then tries the next one, or connects anew.
            raise DisconnectionError from error


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


@asynccontextmanager
async def transaction(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One short transaction: committed when the block ends, rolled back when it raises."""
    async with sessions() as session, session.begin():
        yield session


@asynccontextmanager
async def statement(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """For one statement, a transaction of its own: committed as it ends, without two more round trips."""
    async with sessions() as session:
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session


def new_id() -> uuid.UUID:
    """A UUIDv7: sorts by the time that it was made."""
    return uuid_compat.uuid7()


def now() -> datetime:
    return datetime.now(UTC)
