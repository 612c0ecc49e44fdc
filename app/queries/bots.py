"""Statements on bots and their toolbox."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, delete, func, select, true, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from app.core.database import new_id, now
from app.core.errors import (
    BotNotFound,
    ModelConfigExists,
    ModelConfigNotFound,
)
from app.core.stock import MODELS_PER_BOT, models_full
from app.models import (
    Bot,
    Conversation,
    Document,
    ModelConfig,
    Provider,
)
from app.providers.base import EXTRACTIVE

# A model of the toolbox, beside the one that a statement is about.
_Other = aliased(ModelConfig)
_IS_EXTRACTIVE = and_(_Other.provider == Provider.LOCAL, _Other.model_id == EXTRACTIVE)


@dataclass(frozen=True, slots=True)
class EmbeddingProgress:
    """How many chunks a change of embedding model has to embed, and how many of them it has."""

    chunks: int
    chunks_embedded: int


async def add_bot(
    session: AsyncSession,
    *,
    owner_id: uuid.UUID,
    name: str,
    description: str,
    system_prompt: str,
    configs: Sequence[dict[str, Any]],
    settings: Mapping[str, Any] | None = None,
) -> Bot:
    """With the configs in the order given. Raises `ModelConfigExists` when a triple comes twice.

    `settings`: how it answers and embeds; what is not named is as for any bot.
    """
    values = {"name": name, "description": description, "system_prompt": system_prompt, **(settings or {})}
    bot = Bot(owner_id=owner_id, **values)
    session.add(bot)
    await session.flush()
    for position, config in enumerate(configs):
        await _insert_config(session, bot_id=bot.id, owner_id=owner_id, position=position, **config)
    return await get_bot(session, bot.id, owner_id=owner_id)


async def get_bot(session: AsyncSession, bot_id: uuid.UUID, *, owner_id: uuid.UUID) -> Bot:
    """With its toolbox."""
    bot = await session.scalar(
        select(Bot)
        .where(Bot.id == bot_id, Bot.owner_id == owner_id)
        .options(selectinload(Bot.configs))
        .execution_options(populate_existing=True)
    )
    if bot is None:
        raise BotNotFound
    return bot


async def list_bots(
    session: AsyncSession, *, owner_id: uuid.UUID, limit: int | None = None, before: uuid.UUID | None = None
) -> list[Bot]:
    """Newest first; `before` is the last id of the page before."""
    query = select(Bot).where(Bot.owner_id == owner_id).order_by(Bot.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Bot.id < before)
    return list(await session.scalars(query.options(selectinload(Bot.configs))))


async def change_bot(
    session: AsyncSession, bot_id: uuid.UUID, *, owner_id: uuid.UUID, changes: dict[str, Any]
) -> Bot:
    """Only the named fields."""
    if changes:
        await session.execute(
            update(Bot).where(Bot.id == bot_id, Bot.owner_id == owner_id).values(**changes, updated_at=now())
        )
    return await get_bot(session, bot_id, owner_id=owner_id)


async def embedding_progress(
    session: AsyncSession, bot_ids: Sequence[uuid.UUID], *, owner_id: uuid.UUID
) -> dict[uuid.UUID, EmbeddingProgress]:
    """Of the change of embedding model that each bot is in. Bots without searchable documents are not in it."""
    rows = await session.execute(
        select(
            Document.bot_id,
            func.sum(Document.chunks),
            func.sum(case((Document.embedding_due, Document.chunks_embedded_next), else_=Document.chunks)),
        )
        .where(Document.bot_id.in_(bot_ids), Document.owner_id == owner_id, Document.searchable_at.is_not(None))
        .group_by(Document.bot_id)
    )
    return {bot_id: EmbeddingProgress(chunks, embedded) for bot_id, chunks, embedded in rows}


async def remove_bot(session: AsyncSession, bot_id: uuid.UUID, *, owner_id: uuid.UUID) -> None:
    # Conversations before documents, as an answer takes them: in another order the two would wait for each other.
    await session.execute(
        select(Conversation.id)
        .where(Conversation.bot_id == bot_id, Conversation.owner_id == owner_id)
        .order_by(Conversation.id)
        .with_for_update()
    )
    gone = await session.scalar(delete(Bot).where(Bot.id == bot_id, Bot.owner_id == owner_id).returning(Bot.id))
    if gone is None:
        raise BotNotFound


async def add_model_config(
    session: AsyncSession,
    *,
    bot_id: uuid.UUID,
    owner_id: uuid.UUID,
    provider: Provider,
    model_id: str,
    task_type: str,
    description: str = "",
) -> ModelConfig:
    """Behind the bot's others, but before an extractive model of its task type.

    Extractive never fails, so whatever stands behind it is never asked.
    Raises `ModelConfigExists` when the triple is there already, `QuotaFull` when the toolbox is: then roll back.
    """
    await _hold_toolbox(session, bot_id, owner_id=owner_id)
    config = await _insert_config(
        session,
        bot_id=bot_id,
        owner_id=owner_id,
        provider=provider,
        model_id=model_id,
        task_type=task_type,
        description=description,
        position=_end_of_toolbox(bot_id, owner_id),
    )
    await _require_place(session, bot_id, owner_id=owner_id)
    await _put_before(session, config, _IS_EXTRACTIVE)
    return config


async def change_model_config(
    session: AsyncSession,
    config_id: uuid.UUID,
    *,
    bot_id: uuid.UUID,
    owner_id: uuid.UUID,
    changes: dict[str, Any],
    is_first: bool = False,
) -> ModelConfig:
    """Only the named fields; `is_first` puts it before the others of its task type.

    It keeps its place otherwise, but where its task type changes it goes before an extractive model, as a new one
    does. Raises `ModelConfigExists` when the triple is there already.
    """
    # Before the config is touched: whoever moves it holds the bot first.
    await _hold_toolbox(session, bot_id, owner_id=owner_id)
    config = await _get_config(session, config_id, bot_id=bot_id, owner_id=owner_id)
    has_new_type = changes.get("task_type", config.task_type) != config.task_type
    for name, value in changes.items():
        setattr(config, name, value)
    try:
        await session.flush()
    except IntegrityError as error:
        raise ModelConfigExists from error
    if is_first or has_new_type:
        await _put_before(session, config, true() if is_first else _IS_EXTRACTIVE)
    return config


async def remove_model_config(
    session: AsyncSession, config_id: uuid.UUID, *, bot_id: uuid.UUID, owner_id: uuid.UUID
) -> None:
    gone = await session.scalar(
        delete(ModelConfig)
        .where(ModelConfig.id == config_id, ModelConfig.bot_id == bot_id, ModelConfig.owner_id == owner_id)
        .returning(ModelConfig.id)
    )
    if gone is None:
        raise ModelConfigNotFound


async def _hold_toolbox(session: AsyncSession, bot_id: uuid.UUID, *, owner_id: uuid.UUID) -> None:
    """Who gives places in it, one at a time; whoever reads it does not wait."""
    held = select(Bot.id).where(Bot.id == bot_id, Bot.owner_id == owner_id).with_for_update(key_share=True)
    if await session.scalar(held) is None:
        raise BotNotFound


async def _require_place(session: AsyncSession, bot_id: uuid.UUID, *, owner_id: uuid.UUID) -> None:
    """For the model that was put in last. Raises `QuotaFull`."""
    inside = select(func.count()).where(ModelConfig.bot_id == bot_id, ModelConfig.owner_id == owner_id)
    before = (await session.scalar(inside) or 0) - 1
    if before >= MODELS_PER_BOT:
        raise models_full(used=before)


async def _get_config(
    session: AsyncSession, config_id: uuid.UUID, *, bot_id: uuid.UUID, owner_id: uuid.UUID
) -> ModelConfig:
    config = await session.scalar(
        select(ModelConfig)
        .where(ModelConfig.id == config_id, ModelConfig.bot_id == bot_id, ModelConfig.owner_id == owner_id)
        .execution_options(populate_existing=True)
    )
    if config is None:
        raise ModelConfigNotFound
    return config


async def _insert_config(session: AsyncSession, **values: Any) -> ModelConfig:
    config: ModelConfig | None = await session.scalar(
        pg_insert(ModelConfig).values(id=new_id(), **values).on_conflict_do_nothing().returning(ModelConfig)
    )
    if config is None:
        raise ModelConfigExists
    return config


def _end_of_toolbox(bot_id: uuid.UUID, owner_id: uuid.UUID) -> ScalarSelect[int]:
    end = select(func.coalesce(func.max(_Other.position) + 1, 0))
    return end.where(_Other.bot_id == bot_id, _Other.owner_id == owner_id).scalar_subquery()


async def _put_before(session: AsyncSession, config: ModelConfig, others: ColumnElement[bool]) -> None:
    """Before the first of its task type that is so, itself included. It keeps its place where there is none."""
    place = (
        select(func.min(_Other.position))
        .where(_Other.bot_id == config.bot_id, _Other.owner_id == config.owner_id)
        .where(_Other.task_type == config.task_type, others)
        .scalar_subquery()
    )
    await session.execute(
        update(ModelConfig)
        .where(ModelConfig.bot_id == config.bot_id, ModelConfig.owner_id == config.owner_id)
        .where(ModelConfig.position >= place)
        .values(position=case((ModelConfig.id == config.id, place), else_=ModelConfig.position + 1))
        .execution_options(synchronize_session=False)
    )
