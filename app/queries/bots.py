"""Statements on bots and their toolbox."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core.database import new_id, now
from app.core.errors import (
    BotNotFound,
    ModelConfigExists,
    ModelConfigNotFound,
)
from app.models import (
    Bot,
    ModelConfig,
    Provider,
)


async def add_bot(
    session: AsyncSession,
    *,
    owner_id: uuid.UUID,
    name: str,
    description: str,
    system_prompt: str,
    configs: Sequence[dict[str, Any]],
) -> Bot:
    """Raises `ModelConfigExists` when a triple comes twice."""
    bot = Bot(owner_id=owner_id, name=name, description=description, system_prompt=system_prompt)
    session.add(bot)
    await session.flush()
    for config in configs:
        await add_model_config(session, bot_id=bot.id, owner_id=owner_id, **config)
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


async def remove_bot(session: AsyncSession, bot_id: uuid.UUID, *, owner_id: uuid.UUID) -> None:
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
    config: ModelConfig | None = await session.scalar(
        pg_insert(ModelConfig)
        .values(
            id=new_id(),
            bot_id=bot_id,
            owner_id=owner_id,
            provider=provider,
            model_id=model_id,
            task_type=task_type,
            description=description,
        )
        .on_conflict_do_nothing()
        .returning(ModelConfig)
    )
    if config is None:
        raise ModelConfigExists
    return config


async def change_model_config(
    session: AsyncSession,
    config_id: uuid.UUID,
    *,
    bot_id: uuid.UUID,
    owner_id: uuid.UUID,
    changes: dict[str, Any],
) -> ModelConfig:
    """Only the named fields. Raises `ModelConfigExists` when the triple is there already."""
    config = await session.scalar(
        select(ModelConfig).where(
            ModelConfig.id == config_id, ModelConfig.bot_id == bot_id, ModelConfig.owner_id == owner_id
        )
    )
    if config is None:
        raise ModelConfigNotFound
    for name, value in changes.items():
        setattr(config, name, value)
    try:
        await session.flush()
    except IntegrityError as error:
        raise ModelConfigExists from error
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
