"""Statements on a bot's embedding model and its change: the old vectors are searched until the new ones are whole.

Whoever changes both locks the bot's row before its documents': so nobody waits for somebody who waits for them.
"""

import uuid
from datetime import date

from sqlalchemy import ColumnElement, Row, ScalarSelect, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import BotNotFound, LeaseLost
from app.models import Bot, Document, DocumentStatus, EmbeddingModel
from app.queries.jobs import Lease, release_document

# The jobs that a change begins with; the sweep finds the rest.
_FIRST_JOBS = 100

_Models = Row[EmbeddingModel, EmbeddingModel | None]


async def change_embedding_model(
    session: AsyncSession, bot_id: uuid.UUID, *, owner_id: uuid.UUID, model: EmbeddingModel
) -> list[uuid.UUID]:
    """Begin to embed the bot's documents by another model; the one in force calls a change off.

    A bot without searchable documents has the other model at once. Gives the documents to publish after the commit.
    """
    models = await _lock_bot(session, bot_id, Bot.owner_id == owner_id)
    if models is None:
        raise BotNotFound
    if model == models.next_embedding_model:
        return []
    await _end_change(session, bot_id, error=None)
    if model == models.embedding_model:
        return []
    await session.execute(_SET_NEXT, {"bot_id": bot_id, "model": model})
    due = list(await session.scalars(_ALL_DUE, {"bot_id": bot_id}))
    if not due:
        await _switch(session, bot_id)
    return due[:_FIRST_JOBS]


async def finish_vectors(session: AsyncSession, lease: Lease, *, is_embedded: bool) -> bool:
    """All that can be embedded is: the document is ready, and the last one of a change puts the model in force.

    False where the bot has changed its model meanwhile and the document must be embedded by that one.
    Raises `LeaseLost`.
    """
    models = await _lock_bot(session, lease.bot_id)
    if models is None or (lease.is_next and models.next_embedding_model != lease.model):
        raise LeaseLost
    if lease.is_next:
        await release_document(
            session, lease, embedding_due=False, chunks_embedded_next=Document.chunks, attempts=0
        )
        await _switch_if_whole(session, lease.bot_id)
        return True
    if models.embedding_model != lease.model:
        await release_document(session, lease, chunks_embedded=0, attempts=0, published_at=func.clock_timestamp())
        await session.execute(_REMOVE_STALE, {"bot_id": lease.bot_id, "document_id": lease.document_id})
        return False
    await release_document(
        session,
        lease,
        status=DocumentStatus.READY,
        ready_at=func.clock_timestamp(),
        chunks_embedded=Document.chunks if is_embedded else 0,
        attempts=0,
        embedding_due=Document.embedding_due if models.next_embedding_model else False,
    )
    return True


async def give_up_change(session: AsyncSession, lease: Lease, *, error: str) -> None:
    """The model in force stays; the bot says why, until it is asked to change again."""
    models = await _lock_bot(session, lease.bot_id)
    if models is not None and models.next_embedding_model == lease.model:
        await _end_change(session, lease.bot_id, error=error)


async def finish_changes(session: AsyncSession) -> list[uuid.UUID]:
    """Put in force what waits for nothing any more: the last document that it waited for was deleted."""
    bots = list(await session.scalars(_WAITING_FOR_NOTHING))
    for bot_id in bots:
        await _switch_if_whole(session, bot_id)
    return bots


def is_changing_model(lease: Lease) -> ScalarSelect[bool]:
    """In SQL: whether the document's bot is on its way to another model."""
    return select(Bot.next_embedding_model.is_not(None)).where(Bot.id == lease.bot_id).scalar_subquery()


async def spend_server_key(
    session: AsyncSession, *, owner_id: uuid.UUID, day: date, micro_usd: int, cap_micro_usd: int
) -> bool:
    """Count it against the owner's share of the server's keys; False, and nothing is counted, where it is over."""
    values = {"owner_id": owner_id, "day": day, "micro_usd": micro_usd, "cap_micro_usd": cap_micro_usd}
    return (await session.execute(_SPEND, values)).one_or_none() is not None


async def _lock_bot(session: AsyncSession, bot_id: uuid.UUID, *also: ColumnElement[bool]) -> _Models | None:
    statement = select(Bot.embedding_model, Bot.next_embedding_model).where(Bot.id == bot_id, *also)
    return (await session.execute(statement.with_for_update(key_share=True))).one_or_none()


async def _switch_if_whole(session: AsyncSession, bot_id: uuid.UUID) -> None:
    """The bot's row must be locked."""
    # Searchable since the change began, without having seen it.
    await session.execute(_MISSED_DUE, {"bot_id": bot_id})
    if not await session.scalar(_IS_ANY_DUE, {"bot_id": bot_id}):
        await _switch(session, bot_id)


async def _switch(session: AsyncSession, bot_id: uuid.UUID) -> None:
    for statement in (_ALL_READY, _PUT_IN_FORCE, _REMOVE_OTHER_VECTORS):
        await session.execute(statement, {"bot_id": bot_id})


async def _end_change(session: AsyncSession, bot_id: uuid.UUID, *, error: str | None) -> None:
    await session.execute(_DROP_NEXT, {"bot_id": bot_id, "error": error})
    for statement in (_NONE_DUE, _REMOVE_OTHER_VECTORS):
        await session.execute(statement, {"bot_id": bot_id})


_SET_NEXT = text("UPDATE bots SET next_embedding_model = :model, updated_at = now() WHERE id = :bot_id")
_DROP_NEXT = text("UPDATE bots SET next_embedding_model = NULL, embedding_error = :error WHERE id = :bot_id")
_PUT_IN_FORCE = text(
    "UPDATE bots SET embedding_model = next_embedding_model, next_embedding_model = NULL, embedding_error = NULL,"
    " updated_at = now() WHERE id = :bot_id"
)
_ALL_DUE = text(
    "UPDATE documents SET embedding_due = true, chunks_embedded_next = 0, published_at = clock_timestamp()"
    " WHERE bot_id = :bot_id AND searchable_at IS NOT NULL RETURNING id"
)
_MISSED_DUE = text(
    "UPDATE documents SET embedding_due = true, published_at = clock_timestamp()"
    " WHERE bot_id = :bot_id AND searchable_at IS NOT NULL AND NOT embedding_due AND chunks_embedded_next < chunks"
)
_IS_ANY_DUE = text("SELECT EXISTS (SELECT FROM documents WHERE bot_id = :bot_id AND embedding_due)")
# Who makes vectors of the model that is no more wanted loses the lease; what is not ready yet is not theirs.
_NONE_DUE = text(
    """
    UPDATE documents
    SET embedding_due = false, chunks_embedded_next = 0,
        attempts = CASE WHEN status IN ('ready', 'failed') THEN 0 ELSE attempts END,
        lease_token = CASE WHEN status IN ('ready', 'failed') THEN NULL ELSE lease_token END,
        lease_until = CASE WHEN status IN ('ready', 'failed') THEN NULL ELSE lease_until END
    WHERE bot_id = :bot_id AND (embedding_due OR chunks_embedded_next > 0)
    """
)
_ALL_READY = text(
    """
    UPDATE documents
    SET chunks_embedded = chunks, chunks_embedded_next = 0, status = 'ready', error = NULL, attempts = 0,
        ready_at = coalesce(ready_at, clock_timestamp()), lease_token = NULL, lease_until = NULL
    WHERE bot_id = :bot_id AND searchable_at IS NOT NULL
    """
)
_REMOVE_OTHER_VECTORS = text(
    "DELETE FROM vectors WHERE bot_id = :bot_id AND model <> (SELECT embedding_model FROM bots WHERE id = :bot_id)"
)
_REMOVE_STALE = text(
    "DELETE FROM vectors USING bots WHERE bots.id = :bot_id AND vectors.bot_id = :bot_id"
    " AND vectors.document_id = :document_id AND vectors.model <> bots.embedding_model"
    " AND vectors.model IS DISTINCT FROM bots.next_embedding_model"
)
_WAITING_FOR_NOTHING = text(
    "SELECT id FROM bots WHERE next_embedding_model IS NOT NULL AND NOT EXISTS"
    " (SELECT FROM documents WHERE bot_id = bots.id AND embedding_due) FOR NO KEY UPDATE SKIP LOCKED"
)
_SPEND = text(
    """
    INSERT INTO usage_days AS d (owner_id, day, tokens, server_micro_usd, holds)
    SELECT :owner_id, :day, 0, :micro_usd, '{}' WHERE :micro_usd <= :cap_micro_usd
    ON CONFLICT (owner_id, day) DO UPDATE SET server_micro_usd = d.server_micro_usd + excluded.server_micro_usd
    WHERE d.server_micro_usd + excluded.server_micro_usd
        + (SELECT coalesce(sum((hold -> 0)::bigint), 0) FROM jsonb_each(d.holds) AS held(id, hold)
           WHERE (hold -> 1)::float8 > extract(epoch FROM now())) <= :cap_micro_usd
    RETURNING 1
    """
)
