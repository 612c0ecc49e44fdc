"""What an account takes with it: its rows, read bit by bit; no secrets, and nothing that is made of its texts."""

import codecs
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Executable, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.errors import ExportUnderWay, NotAuthenticated
from app.models import (
    Bot,
    Citation,
    Conversation,
    Document,
    LedgerEntry,
    Message,
    ModelConfig,
    ProviderKey,
    Session,
    UsageDay,
    User,
)

Row = dict[str, Any]
Columns = Sequence[InstrumentedAttribute[Any]]

# PostgreSQL keeps the rest of the rows meanwhile.
_ROWS_AT_ONCE = 50
_TEXT_BYTES_AT_ONCE = 2**20

# By name, so that a new column is in no export before somebody has thought of it.
_USER: Columns = (User.id, User.email, User.created_at)
_SESSION: Columns = (
    Session.id,
    Session.user_agent,
    Session.created_at,
    Session.last_used_at,
    Session.expires_at,
)
_PROVIDER_KEY: Columns = (
    ProviderKey.provider,
    ProviderKey.last4,
    ProviderKey.checked_at,
    ProviderKey.updated_at,
)
_BOT: Columns = (
    Bot.id,
    Bot.name,
    Bot.description,
    Bot.system_prompt,
    Bot.grounding,
    Bot.min_score,
    Bot.refusal,
    Bot.embedding_model,
    Bot.next_embedding_model,
    Bot.embedding_error,
    Bot.created_at,
    Bot.updated_at,
)
_CONFIG: Columns = (
    ModelConfig.id,
    ModelConfig.task_type,
    ModelConfig.provider,
    ModelConfig.model_id,
    ModelConfig.description,
    ModelConfig.created_at,
)
_DOCUMENT: Columns = (
    Document.id,
    Document.bot_id,
    Document.filename,
    Document.size_bytes,
    Document.characters,
    Document.encoding,
    Document.language,
    Document.sha256,
    Document.status,
    Document.error,
    Document.created_at,
    Document.ready_at,
)
_CONVERSATION: Columns = (
    Conversation.id,
    Conversation.bot_id,
    Conversation.title,
    Conversation.created_at,
    Conversation.updated_at,
)
_MESSAGE: Columns = (
    Message.id,
    Message.conversation_id,
    Message.role,
    Message.text,
    Message.question_id,
    Message.finish,
    Message.error_code,
    Message.provider,
    Message.model_id,
    Message.task_type,
    Message.reason,
    Message.input_tokens,
    Message.output_tokens,
    Message.tokens_estimated,
    Message.cost_micro_usd,
    Message.first_token_ms,
    Message.duration_ms,
    Message.created_at,
)
_CITATION: Columns = (
    Citation.n,
    Citation.document_id,
    Citation.filename,
    Citation.start,
    Citation.end,
    Citation.quote,
)
_LEDGER: Columns = (
    LedgerEntry.id,
    LedgerEntry.bot_id,
    LedgerEntry.provider,
    LedgerEntry.model_id,
    LedgerEntry.task_type,
    LedgerEntry.key_source,
    LedgerEntry.finish,
    LedgerEntry.input_tokens,
    LedgerEntry.output_tokens,
    LedgerEntry.tokens_estimated,
    LedgerEntry.cost_micro_usd,
    LedgerEntry.dearest_micro_usd,
    LedgerEntry.first_token_ms,
    LedgerEntry.duration_ms,
    LedgerEntry.created_at,
)
_USAGE_DAY: Columns = (UsageDay.day, UsageDay.tokens, UsageDay.server_micro_usd)


# Bytes, of a value that is unpacked once: to find a character PostgreSQL counts from the start each time.
_TEXT = text(
    """
    SELECT substring(whole.body FROM part.start FOR :size_bytes)
    FROM (SELECT convert_to(text, 'UTF8') AS body FROM documents
          WHERE id = :document_id AND owner_id = :owner_id OFFSET 0) AS whole
    CROSS JOIN LATERAL generate_series(1, octet_length(whole.body), :size_bytes) AS part (start)
    """
)


async def hold_export(session: AsyncSession, *, owner_id: uuid.UUID) -> None:
    """Nobody else exports this account before the transaction ends. Raises `ExportUnderWay`."""
    key = func.hashtextextended(f"bytchat-export:{owner_id}", 0)
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(key))):
        raise ExportUnderWay


async def export_account(session: AsyncSession, *, owner_id: uuid.UUID) -> Row:
    """Raises `NotAuthenticated` where it is gone."""
    row = (await session.execute(select(*_USER).where(User.id == owner_id))).mappings().one_or_none()
    if row is None:
        raise NotAuthenticated
    return dict(row)


def export_sessions(session: AsyncSession, *, owner_id: uuid.UUID) -> AsyncIterator[Row]:
    return _rows(session, select(*_SESSION).where(Session.owner_id == owner_id).order_by(Session.id))


def export_provider_keys(session: AsyncSession, *, owner_id: uuid.UUID) -> AsyncIterator[Row]:
    """Their last four characters; never the keys."""
    query = select(*_PROVIDER_KEY).where(ProviderKey.owner_id == owner_id)
    return _rows(session, query.order_by(ProviderKey.provider))


async def export_bots(session: AsyncSession, *, owner_id: uuid.UUID) -> AsyncIterator[Row]:
    """Each with its toolbox as `configs`."""
    async for row in _rows(session, select(*_BOT).where(Bot.owner_id == owner_id).order_by(Bot.id)):
        configs = (
            select(*_CONFIG)
            .where(ModelConfig.bot_id == row["id"], ModelConfig.owner_id == owner_id)
            .order_by(ModelConfig.position, ModelConfig.created_at, ModelConfig.id)
        )
        yield row | {"configs": await _all(session, configs)}


def export_documents(session: AsyncSession, *, owner_id: uuid.UUID) -> AsyncIterator[Row]:
    """Without their texts."""
    # By way of the bots, which have an index on the owner.
    query = select(*_DOCUMENT).join(Bot, Bot.id == Document.bot_id)
    return _rows(
        session, query.where(Bot.owner_id == owner_id, Document.owner_id == owner_id).order_by(Document.id)
    )


async def export_text(session: AsyncSession, document_id: uuid.UUID, *, owner_id: uuid.UUID) -> AsyncIterator[str]:
    """The document's text, cut where it is long."""
    values = {"document_id": document_id, "owner_id": owner_id, "size_bytes": _TEXT_BYTES_AT_ONCE}
    found = await session.stream(_TEXT.execution_options(yield_per=1), values)
    decoder = codecs.getincrementaldecoder("utf-8")()
    async for piece in found.scalars():
        yield decoder.decode(piece)


def export_conversations(session: AsyncSession, *, owner_id: uuid.UUID) -> AsyncIterator[Row]:
    """In the order in which `export_messages` has them."""
    query = select(*_CONVERSATION).join(Bot, Bot.id == Conversation.bot_id)
    return _rows(
        session,
        query.where(Bot.owner_id == owner_id, Conversation.owner_id == owner_id).order_by(Conversation.id),
    )


async def export_messages(session: AsyncSession, *, owner_id: uuid.UUID) -> AsyncIterator[Row]:
    """Of all conversations, one after the other, oldest first; each message with its `citations`."""
    query = (
        select(*_MESSAGE)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Bot, Bot.id == Conversation.bot_id)
        .where(Bot.owner_id == owner_id, Message.owner_id == owner_id)
        .order_by(Message.conversation_id, Message.id)
    )
    async for rows in _parts(session, query):
        message_ids = [row["id"] for row in rows]
        cited = (
            select(Citation.message_id, *_CITATION)
            .where(Citation.message_id.in_(message_ids), Citation.owner_id == owner_id)
            .order_by(Citation.message_id, Citation.n)
        )
        citations: dict[uuid.UUID, list[Row]] = {message_id: [] for message_id in message_ids}
        for citation in await _all(session, cited):
            citations[citation.pop("message_id")].append(citation)
        for row in rows:
            yield row | {"citations": citations[row["id"]]}


def export_ledger(session: AsyncSession, *, owner_id: uuid.UUID) -> AsyncIterator[Row]:
    query = select(*_LEDGER).where(LedgerEntry.owner_id == owner_id)
    return _rows(session, query.order_by(LedgerEntry.created_at, LedgerEntry.id))


def export_usage_days(session: AsyncSession, *, owner_id: uuid.UUID) -> AsyncIterator[Row]:
    return _rows(session, select(*_USAGE_DAY).where(UsageDay.owner_id == owner_id).order_by(UsageDay.day))


async def _all(session: AsyncSession, query: Executable) -> list[Row]:
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def _parts(session: AsyncSession, query: Executable) -> AsyncIterator[list[Row]]:
    """By a cursor of PostgreSQL's, so that never more of them are in memory."""
    found = await session.stream(query.execution_options(yield_per=_ROWS_AT_ONCE))
    async for part in found.mappings().partitions():
        yield [dict(row) for row in part]


async def _rows(session: AsyncSession, query: Executable) -> AsyncIterator[Row]:
    async for part in _parts(session, query):
        for row in part:
            yield row
