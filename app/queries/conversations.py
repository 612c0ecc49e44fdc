"""Statements on conversations, messages and citations."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core.errors import (
    ConversationNotFound,
)
from app.models import (
    Conversation,
    Message,
)


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
