"""Statements on conversations, messages and citations."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core.database import now
from app.core.errors import (
    ConversationNotFound,
)
from app.models import (
    Citation,
    Conversation,
    Document,
    Message,
)


async def add_conversation(
    session: AsyncSession, *, bot_id: uuid.UUID, owner_id: uuid.UUID, title: str
) -> Conversation:
    conversation = Conversation(bot_id=bot_id, owner_id=owner_id, title=title)
    session.add(conversation)
    await session.flush()
    return conversation


async def get_conversation(
    session: AsyncSession,
    conversation_id: uuid.UUID,
    *,
    owner_id: uuid.UUID,
    bot_id: uuid.UUID | None = None,
) -> Conversation:
    query = select(Conversation).where(Conversation.id == conversation_id, Conversation.owner_id == owner_id)
    if bot_id is not None:
        query = query.where(Conversation.bot_id == bot_id)
    conversation = await session.scalar(query)
    if conversation is None:
        raise ConversationNotFound
    return conversation


async def list_conversations(
    session: AsyncSession,
    *,
    bot_id: uuid.UUID,
    owner_id: uuid.UUID,
    limit: int | None = None,
    before: tuple[datetime, uuid.UUID] | None = None,
) -> list[Conversation]:
    """The one last spoken in first."""
    query = (
        select(Conversation)
        .where(Conversation.bot_id == bot_id, Conversation.owner_id == owner_id)
        .order_by(Conversation.updated_at.desc(), Conversation.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(Conversation.updated_at, Conversation.id) < before)
    return list(await session.scalars(query))


async def remove_conversation(session: AsyncSession, conversation_id: uuid.UUID, *, owner_id: uuid.UUID) -> None:
    gone = await session.scalar(
        delete(Conversation)
        .where(Conversation.id == conversation_id, Conversation.owner_id == owner_id)
        .returning(Conversation.id)
    )
    if gone is None:
        raise ConversationNotFound


async def list_messages(session: AsyncSession, conversation_id: uuid.UUID, *, owner_id: uuid.UUID) -> list[Message]:
    """All, oldest first, with their citations."""
    return list(
        await session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.owner_id == owner_id)
            .order_by(Message.id)
            .options(selectinload(Message.citations))
        )
    )


async def list_recent_messages(
    session: AsyncSession, conversation_id: uuid.UUID, *, owner_id: uuid.UUID, limit: int
) -> list[tuple[str, str]]:
    """(role, text) of the last ones, oldest first."""
    rows = await session.execute(
        select(Message.role, Message.text)
        .where(Message.conversation_id == conversation_id, Message.owner_id == owner_id, Message.text != "")
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [(row.role, row.text) for row in rows][::-1]


async def add_message(
    session: AsyncSession, *, conversation_id: uuid.UUID, owner_id: uuid.UUID, **fields: Any
) -> Message:
    """Also moves the conversation to the top of its list."""
    message = Message(conversation_id=conversation_id, owner_id=owner_id, **fields)
    session.add(message)
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.owner_id == owner_id)
        .values(updated_at=now())
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    return message


async def add_citations(
    session: AsyncSession, *, message_id: uuid.UUID, owner_id: uuid.UUID, citations: Sequence[dict[str, Any]]
) -> None:
    """A document that was deleted meanwhile leaves its quote without a link."""
    wanted = {citation["document_id"] for citation in citations}
    there = set(
        await session.scalars(
            select(Document.id)
            .where(Document.id.in_(wanted), Document.owner_id == owner_id)
            .with_for_update(read=True, key_share=True)
        )
    )
    rows = [
        {
            **citation,
            "document_id": citation["document_id"] if citation["document_id"] in there else None,
            "message_id": message_id,
            "owner_id": owner_id,
        }
        for citation in citations
    ]
    if rows:
        await session.execute(insert(Citation), rows)
