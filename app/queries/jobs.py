"""Statements of the worker and the sweep, which act for every owner: leases, chunks and what was lost."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import new_id
from app.core.errors import (
    LeaseLost,
)
from app.models import (
    Chunk,
    Document,
    DocumentStatus,
)

UNFINISHED = (DocumentStatus.QUEUED, DocumentStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one document's chunks, until another takes it."""

    document_id: uuid.UUID
    bot_id: uuid.UUID
    owner_id: uuid.UUID
    token: uuid.UUID
    attempts: int


async def claim_document(
    session: AsyncSession, document_id: uuid.UUID, *, searchable: bool, lease_s: float
) -> Lease | None:
    """Take the document for its words (`searchable` false) or its vectors (true), or None if it needs neither."""
    token = new_id()
    row = (
        await session.execute(
            update(Document)
            .where(
                Document.id == document_id,
                Document.status.in_(UNFINISHED),
                Document.searchable_at.is_not(None) if searchable else Document.searchable_at.is_(None),
                or_(Document.lease_until.is_(None), Document.lease_until < func.clock_timestamp()),
            )
            .values(
                status=DocumentStatus.PROCESSING,
                attempts=Document.attempts + 1,
                lease_token=token,
                lease_until=_lease_end(lease_s),
            )
            .returning(Document.bot_id, Document.owner_id, Document.attempts)
            .execution_options(synchronize_session=False)
        )
    ).one_or_none()
    return row and Lease(document_id, row.bot_id, row.owner_id, token, row.attempts)


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
    """A batch was stored: count it, forget earlier attempts, hold the document for longer."""
    await change_leased_document(
        session,
        lease,
        lease_until=_lease_end(lease_s),
        attempts=0,
        chunks_embedded=Document.chunks_embedded + embedded,
    )


async def release_document(session: AsyncSession, lease: Lease, **values: Any) -> None:
    """Give the lease back, with what changed. Raises `LeaseLost`."""
    await change_leased_document(session, lease, lease_token=None, lease_until=None, **values)


async def get_leased_text(session: AsyncSession, lease: Lease) -> str:
    """The document's text. Raises `LeaseLost`."""
    body = await session.scalar(
        select(Document.text).where(Document.id == lease.document_id, Document.lease_token == lease.token)
    )
    if body is None:
        raise LeaseLost
    return body


async def add_chunks(
    session: AsyncSession,
    lease: Lease,
    *,
    config: str,
    rows: Sequence[tuple[int, int, int, str, str]],
) -> None:
    """Insert (position, start, end, text, heading) rows; PostgreSQL makes their lexemes."""
    positions, starts, ends, texts, headings = (list(column) for column in zip(*rows, strict=True))
    await session.execute(
        text(
            """
            INSERT INTO chunks (document_id, bot_id, owner_id, position, start, "end", text, heading, config, lexemes, length)
            SELECT :document_id, :bot_id, :owner_id, piece.position, piece.start, piece."end", piece.text, piece.heading,
                   CAST(:config AS regconfig), made.lexemes,
                   (SELECT coalesce(sum(cardinality(word.positions)), 0) FROM unnest(made.lexemes) AS word)
            FROM unnest(CAST(:positions AS int[]), CAST(:starts AS int[]), CAST(:ends AS int[]), CAST(:texts AS text[]),
                        CAST(:headings AS text[])) AS piece (position, start, "end", text, heading)
            CROSS JOIN LATERAL (SELECT bytchat_lexemes(CAST(:config AS regconfig), piece.text) AS lexemes) AS made
            """
        ),
        {
            "document_id": lease.document_id,
            "bot_id": lease.bot_id,
            "owner_id": lease.owner_id,
            "config": config,
            "positions": positions,
            "starts": starts,
            "ends": ends,
            "texts": texts,
            "headings": headings,
        },
    )


async def remove_chunks(session: AsyncSession, lease: Lease) -> None:
    await session.execute(delete(Chunk).where(Chunk.document_id == lease.document_id))


async def list_chunks_without_vector(session: AsyncSession, lease: Lease, *, limit: int) -> list[tuple[int, str]]:
    """(position, heading and text), shortest first, so that a batch holds texts of one length."""
    rows = await session.execute(
        select(Chunk.position, Chunk.heading, Chunk.text)
        .where(Chunk.document_id == lease.document_id, Chunk.vector.is_(None))
        .order_by(func.length(Chunk.text), Chunk.position)
        .limit(limit)
    )
    return [(row.position, f"{row.heading}\n{row.text}".strip()) for row in rows]


async def change_chunk_vectors(
    session: AsyncSession, lease: Lease, vectors: Sequence[tuple[int, Sequence[float]]]
) -> None:
    """Store (position, vector) pairs."""
    await session.execute(
        text(
            """
            UPDATE chunks SET vector = CAST(made.vector AS halfvec)
            FROM unnest(CAST(:positions AS int[]), CAST(:vectors AS text[])) AS made (position, vector)
            WHERE chunks.document_id = :document_id AND chunks.position = made.position
            """
        ),
        {
            "document_id": lease.document_id,
            "positions": [position for position, _ in vectors],
            "vectors": [vector_literal(vector) for _, vector in vectors],
        },
    )


def vector_literal(vector: Sequence[float]) -> str:
    """pgvector's text form."""
    return "[" + ",".join(f"{value:.6g}" for value in vector) + "]"


async def list_stalled_documents(
    session: AsyncSession, *, unpublished_since: datetime, limit: int
) -> list[tuple[uuid.UUID, bool]]:
    """(id, searchable) of what nobody works on and was last published long enough ago; marks it as published."""
    stalled = (
        select(Document.id)
        .where(
            Document.status.in_(UNFINISHED),
            Document.published_at < unpublished_since,
            or_(Document.lease_until.is_(None), Document.lease_until < func.clock_timestamp()),
        )
        .order_by(Document.published_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    rows = await session.execute(
        update(Document)
        .where(Document.id.in_(stalled))
        .values(published_at=func.clock_timestamp())
        .returning(Document.id, Document.searchable_at)
        .execution_options(synchronize_session=False)
    )
    return [(row.id, row.searchable_at is not None) for row in rows]


def _lease_end(lease_s: float) -> Any:
    # The database's clock, so that workers on different machines agree.
    return func.clock_timestamp() + timedelta(seconds=lease_s)
