"""Statements on what an owner keeps and uses: counted, and held to the limits in the transaction that adds to it.

A limit is looked at twice: before anything is done, and behind the insert, where it counts. There whoever adds to
the same owner's waits for the lock, and then sees what was added meanwhile: parallel requests go past no limit.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import QuotaFull
from app.core.stock import Stock, StockLimits

# By the bots, which have an index for it: the documents' own begin with the bot.
_STOCK = text(
    """
    SELECT (SELECT count(*) FROM bots WHERE owner_id = :owner_id) AS bots,
           count(document.id) AS documents, coalesce(sum(document.size_bytes), 0)::bigint AS stored_bytes
    FROM bots AS bot JOIN documents AS document ON document.bot_id = bot.id AND document.owner_id = bot.owner_id
    WHERE bot.owner_id = :owner_id
    """
)
# Not the row of `users`: workers note there whom they serve, every foreign key holds it, and whoever deletes the
# account goes on from it to the bots. Who holds this lock waits for nothing more, so that no circle can close.
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('bytchat-stock:' || CAST(:owner_id AS text), 0))")
_MAY_BE_THERE = text(
    """
    SELECT EXISTS (
        SELECT FROM documents
        WHERE bot_id = :bot_id AND owner_id = :owner_id
              AND size_bytes BETWEEN :least_bytes AND coalesce(CAST(:most_bytes AS bigint), size_bytes)
    )
    """
)
_DAY = text(
    """
    SELECT tokens, server_micro_usd
               + (SELECT coalesce(sum((hold -> 0)::bigint), 0) FROM jsonb_each(holds) AS held(id, hold)
                  WHERE (hold -> 1)::float8 > extract(epoch FROM now()))::bigint AS server_micro_usd
    FROM usage_days WHERE owner_id = :owner_id AND day = :day
    """
)


@dataclass(frozen=True, slots=True)
class DayUse:
    """What an owner's answers used on a day; `server_micro_usd` was spent or is held with the server's keys."""

    tokens: int
    server_micro_usd: int


@dataclass(frozen=True, slots=True)
class BodySize:
    """Between which sizes the file of an upload is, by what its request declares; `most_bytes` None is unknown."""

    least_bytes: int
    most_bytes: int | None


async def sum_stock(session: AsyncSession, *, owner_id: uuid.UUID) -> Stock:
    row = (await session.execute(_STOCK, {"owner_id": owner_id})).one()
    return Stock(bots=row.bots, documents=row.documents, stored_bytes=row.stored_bytes)


async def sum_day(session: AsyncSession, *, owner_id: uuid.UUID, day: date) -> DayUse:
    row = (await session.execute(_DAY, {"owner_id": owner_id, "day": day})).one_or_none()
    return DayUse(row.tokens, row.server_micro_usd) if row else DayUse(0, 0)


async def require_room_for_bot(session: AsyncSession, *, owner_id: uuid.UUID, limits: StockLimits) -> None:
    """Before it is made. Raises `QuotaFull`."""
    if limits.bots:
        limits.require_bot(await sum_stock(session, owner_id=owner_id))


async def require_room_for_upload(
    session: AsyncSession, *, bot_id: uuid.UUID, owner_id: uuid.UUID, size: BodySize, limits: StockLimits
) -> None:
    """Before it is read. Raises `QuotaFull`, save for what may be a document that the bot has already."""
    if not (limits.documents or limits.stored_bytes):
        return
    try:
        limits.require_document(await sum_stock(session, owner_id=owner_id), size_bytes=size.least_bytes)
    except QuotaFull:
        which = {"least_bytes": size.least_bytes, "most_bytes": size.most_bytes}
        if not await session.scalar(_MAY_BE_THERE, {"bot_id": bot_id, "owner_id": owner_id, **which}):
            raise


async def settle_bot(session: AsyncSession, *, owner_id: uuid.UUID, limits: StockLimits) -> None:
    """The transaction's last statement, behind the insert of one. Raises `QuotaFull`: then roll back."""
    if limits.bots:
        stock = await _hold_stock(session, owner_id=owner_id)
        limits.require_bot(replace(stock, bots=stock.bots - 1))


async def settle_document(
    session: AsyncSession, *, owner_id: uuid.UUID, size_bytes: int, limits: StockLimits
) -> None:
    """The transaction's last statement, behind the insert of one. Raises `QuotaFull`: then roll back."""
    if limits.documents or limits.stored_bytes:
        stock = await _hold_stock(session, owner_id=owner_id)
        before = replace(stock, documents=stock.documents - 1, stored_bytes=stock.stored_bytes - size_bytes)
        limits.require_document(before, size_bytes=size_bytes)


async def _hold_stock(session: AsyncSession, *, owner_id: uuid.UUID) -> Stock:
    """What there is, while nobody else adds to it until the transaction ends."""
    # Two statements: what the second sees is of after the wait.
    await session.execute(_HOLD, {"owner_id": owner_id})
    return await sum_stock(session, owner_id=owner_id)
