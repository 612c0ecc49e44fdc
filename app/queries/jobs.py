"""Statements of the worker and the sweep, which act for every owner: leases, whose turn it is, and what was lost."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import new_id
from app.core.errors import (
    LeaseLost,
)
from app.models import (
    Document,
    DocumentStatus,
    EmbeddingModel,
)

UNFINISHED = (DocumentStatus.QUEUED, DocumentStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one document's chunks, until another takes it.

    `model` is whose vectors are to be made: the bot's, or where `is_next` the one that it changes to (None where
    that was called off).
    """

    document_id: uuid.UUID
    bot_id: uuid.UUID
    owner_id: uuid.UUID
    token: uuid.UUID
    attempts: int
    model: EmbeddingModel | None = EmbeddingModel.LOCAL
    is_next: bool = False


# In the words of the indexes' own conditions.
_WAITS_FOR = {
    False: "document.status IN ('queued', 'processing') AND document.searchable_at IS NULL",
    True: "document.searchable_at IS NOT NULL"
    " AND (document.status IN ('queued', 'processing') OR document.embedding_due)",
}
_IS_FREE = "(document.lease_until IS NULL OR document.lease_until < clock_timestamp())"
_SERVED_AT = {False: "words_served_at", True: "vectors_served_at"}


def _claim(which: str, *, searchable: bool) -> Any:
    """What is ready or failed stays so: it is searched while the vectors of the next model are made."""
    return text(
        f"""
        UPDATE documents AS document
        SET status = CASE WHEN document.status = 'queued' THEN 'processing' ELSE document.status END,
            attempts = document.attempts + 1, lease_token = :token,
            lease_until = clock_timestamp() + CAST(:lease AS interval)
        FROM bots AS bot
        WHERE bot.id = document.bot_id AND document.id = {which} AND {_WAITS_FOR[searchable]} AND {_IS_FREE}
        RETURNING document.id, document.bot_id, document.owner_id, document.attempts,
                  document.status <> 'processing' AS is_next, bot.embedding_model, bot.next_embedding_model
        """  # noqa: S608
    )


def _next_in_turn(*, searchable: bool) -> str:
    """The owner's who was served longest ago; of theirs what is new first, then the oldest."""
    return f"""(
        SELECT document.id FROM documents AS document JOIN users AS owner ON owner.id = document.owner_id
        WHERE {_WAITS_FOR[searchable]} AND {_IS_FREE}
        ORDER BY owner.{_SERVED_AT[searchable]} NULLS FIRST, document.status IN ('ready', 'failed'), document.id
        LIMIT 1 FOR UPDATE OF document SKIP LOCKED
    )"""  # noqa: S608


_CLAIM = {searchable: _claim(":document_id", searchable=searchable) for searchable in (False, True)}
_CLAIM_NEXT = {
    searchable: _claim(_next_in_turn(searchable=searchable), searchable=searchable) for searchable in (False, True)
}
# Nobody waits for this row: answers hold it too, and whoever deletes the account wants the documents next.
_SERVED = {
    searchable: text(
        f"UPDATE users SET {column} = clock_timestamp() WHERE id = "  # noqa: S608
        "(SELECT id FROM users WHERE id = :owner_id FOR NO KEY UPDATE SKIP LOCKED)"
    )
    for searchable, column in _SERVED_AT.items()
}


async def claim_document(
    session: AsyncSession, document_id: uuid.UUID, *, searchable: bool, lease_s: float
) -> Lease | None:
    """Take the document for its words (`searchable` false) or its vectors (true), or None if it needs neither."""
    return await _claimed(session, _CLAIM[searchable], lease_s=lease_s, document_id=document_id)


async def claim_next_document(session: AsyncSession, *, searchable: bool, lease_s: float) -> Lease | None:
    """Take what waits of the owner who was served longest ago, and note that they are served now."""
    lease = await _claimed(session, _CLAIM_NEXT[searchable], lease_s=lease_s)
    if lease is not None:
        await session.execute(_SERVED[searchable], {"owner_id": lease.owner_id})
    return lease


async def _claimed(session: AsyncSession, claim: Any, *, lease_s: float, **which: uuid.UUID) -> Lease | None:
    token = new_id()
    values = {"token": token, "lease": timedelta(seconds=lease_s), **which}
    row = (await session.execute(claim, values)).one_or_none()
    if row is None:
        return None
    model = row.next_embedding_model if row.is_next else row.embedding_model
    return Lease(
        document_id=row.id,
        bot_id=row.bot_id,
        owner_id=row.owner_id,
        token=token,
        attempts=row.attempts,
        model=EmbeddingModel(model) if model else None,
        is_next=row.is_next,
    )


async def change_leased_document(session: AsyncSession, lease: Lease, **values: Any) -> None:
    """Write to the document while the lease is ours. Raises `LeaseLost`: then roll back."""
    held = await session.scalar(
        update(Document)
        .where(Document.id == lease.document_id, Document.lease_token == lease.token)
        .values(**values)
        .returning(Document.id)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        raise LeaseLost


async def renew_lease(session: AsyncSession, lease: Lease, *, lease_s: float, embedded: int) -> None:
    """Hold the document for longer. Where a batch was stored, count it and forget earlier attempts."""
    counted = Document.chunks_embedded_next if lease.is_next else Document.chunks_embedded
    progress = {"attempts": 0, counted.key: counted + embedded} if embedded else {}
    await change_leased_document(session, lease, lease_until=_lease_end(lease_s), **progress)


async def keep_document(session: AsyncSession, lease: Lease) -> None:
    """Nobody deletes it before this transaction ends, but who finds the lease run out may take it.

    Raises `LeaseLost`.
    """
    held = await session.scalar(
        select(Document.id)
        .where(Document.id == lease.document_id, Document.lease_token == lease.token)
        .with_for_update(read=True, key_share=True)
    )
    if held is None:
        raise LeaseLost


async def release_document(session: AsyncSession, lease: Lease, *, pause_s: float = 0, **values: Any) -> None:
    """Give the lease back, with what changed; nobody takes the document before the pause is over.

    Raises `LeaseLost`.
    """
    until = _lease_end(pause_s) if pause_s else None
    await change_leased_document(session, lease, lease_token=None, lease_until=until, **values)


async def get_leased_text(session: AsyncSession, lease: Lease) -> str:
    """The document's text. Raises `LeaseLost`."""
    body = await session.scalar(
        select(Document.text).where(Document.id == lease.document_id, Document.lease_token == lease.token)
    )
    if body is None:
        raise LeaseLost
    return body


_STALLED = text(
    f"""
    UPDATE documents SET published_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM documents AS document
        WHERE (document.status IN ('queued', 'processing') AND document.published_at < :since
               OR document.embedding_due AND document.published_at < :since) AND {_IS_FREE}
        ORDER BY document.published_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id, searchable_at IS NOT NULL AS searchable
    """  # noqa: S608
)


async def list_stalled_documents(
    session: AsyncSession, *, unpublished_since: datetime, limit: int
) -> list[tuple[uuid.UUID, bool]]:
    """(id, searchable) of what nobody works on and was last published long enough ago; marks it as published."""
    rows = await session.execute(_STALLED, {"since": unpublished_since, "limit": limit})
    return [(row.id, row.searchable) for row in rows]


def _lease_end(lease_s: float) -> Any:
    # The database's clock, so that workers on different machines agree.
    return func.clock_timestamp() + timedelta(seconds=lease_s)
