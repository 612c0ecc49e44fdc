"""Statements on documents, by their owner."""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import new_id, now
from app.core.errors import (
    DocumentNotFailed,
    DocumentNotFound,
)
from app.models import (
    Bot,
    Document,
    DocumentStatus,
)


async def add_document(
    session: AsyncSession, *, bot_id: uuid.UUID, owner_id: uuid.UUID, **fields: Any
) -> tuple[Document, bool]:
    """The document and whether it is new: the bot keeps one of the same bytes."""
    document = await session.scalar(
        pg_insert(Document)
        .values(id=new_id(), bot_id=bot_id, owner_id=owner_id, **fields)
        .on_conflict_do_nothing(index_elements=[Document.bot_id, Document.sha256])
        .returning(Document)
    )
    if document is not None:
        return document, True
    there = await session.scalar(
        select(Document).where(
            Document.bot_id == bot_id, Document.owner_id == owner_id, Document.sha256 == fields["sha256"]
        )
    )
    if there is None:
        raise DocumentNotFound
    return there, False


async def get_document(
    session: AsyncSession, document_id: uuid.UUID, *, bot_id: uuid.UUID, owner_id: uuid.UUID
) -> Document:
    document = await session.scalar(_document(document_id, bot_id=bot_id, owner_id=owner_id))
    if document is None:
        raise DocumentNotFound
    return document


async def list_documents(session: AsyncSession, *, bot_id: uuid.UUID, owner_id: uuid.UUID) -> list[Document]:
    """Newest first."""
    return list(
        await session.scalars(
            select(Document)
            .where(Document.bot_id == bot_id, Document.owner_id == owner_id)
            .order_by(Document.id.desc())
            .execution_options(populate_existing=True)
        )
    )


async def list_documents_of_all_bots(
    session: AsyncSession,
    *,
    owner_id: uuid.UUID,
    statuses: Collection[DocumentStatus] = (),
    limit: int | None = None,
    before: uuid.UUID | None = None,
) -> list[tuple[Document, str]]:
    """Each with its bot's name, newest first; no `statuses` are all of them."""
    query = (
        select(Document, Bot.name)
        .join(Bot, Bot.id == Document.bot_id)
        .where(Bot.owner_id == owner_id, Document.owner_id == owner_id)
        .order_by(Document.id.desc())
        .limit(limit)
    )
    if statuses:
        query = query.where(Document.status.in_(statuses))
    if before is not None:
        query = query.where(Document.id < before)
    return [(document, name) for document, name in await session.execute(query)]


async def get_document_text(
    session: AsyncSession,
    document_id: uuid.UUID,
    *,
    bot_id: uuid.UUID,
    owner_id: uuid.UUID,
    start: int = 0,
    end: int | None = None,
) -> str:
    """The stored characters from `start` to before `end`."""
    cut = func.substr(Document.text, start + 1, max(0, (end if end is not None else 2**31 - 2) - start))
    body = await session.scalar(
        select(cut).where(Document.id == document_id, Document.bot_id == bot_id, Document.owner_id == owner_id)
    )
    if body is None:
        raise DocumentNotFound
    return str(body)


async def remove_document(
    session: AsyncSession, document_id: uuid.UUID, *, bot_id: uuid.UUID, owner_id: uuid.UUID
) -> None:
    gone = await session.scalar(
        delete(Document)
        .where(Document.id == document_id, Document.bot_id == bot_id, Document.owner_id == owner_id)
        .returning(Document.id)
    )
    if gone is None:
        raise DocumentNotFound


async def requeue_document(
    session: AsyncSession, document_id: uuid.UUID, *, bot_id: uuid.UUID, owner_id: uuid.UUID
) -> Document:
    """A failed one again. Raises `DocumentNotFailed`."""
    document = await session.scalar(_document(document_id, bot_id=bot_id, owner_id=owner_id).with_for_update())
    if document is None:
        raise DocumentNotFound
    if document.status is not DocumentStatus.FAILED:
        raise DocumentNotFailed
    document.status = DocumentStatus.QUEUED
    document.error = None
    document.attempts = 0
    document.published_at = now()
    await session.flush()
    return document


def _document(document_id: uuid.UUID, *, bot_id: uuid.UUID, owner_id: uuid.UUID) -> Select[Document]:
    return select(Document).where(
        Document.id == document_id, Document.bot_id == bot_id, Document.owner_id == owner_id
    )
