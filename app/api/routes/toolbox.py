"""`/bots/{bot_id}/models/`: the bot's toolbox of models."""

import uuid

from fastapi import APIRouter, Response

from app import crud
from app.api.dependencies import OwnedBot, SessionDep
from app.api.errors import responses
from app.models import ModelConfig
from app.schemas import ModelConfigBody, ModelConfigChange, ModelConfigView

router = APIRouter(prefix="/bots/{bot_id}/models", tags=["Bots"])


@router.post(
    "/",
    summary="Añade un modelo",
    response_model=ModelConfigView,
    responses=responses(401, 404, 409, 422),
)
async def add_model(body: ModelConfigBody, bot: OwnedBot, session: SessionDep) -> ModelConfig:
    """Para un tipo de tarea, detrás de los demás; pero delante de `local · extractive`, que nunca falla."""
    return await crud.add_model_config(session, bot_id=bot.id, owner_id=bot.owner_id, **body.model_dump())


@router.get(
    "/", summary="Lista los modelos", response_model=list[ModelConfigView], responses=responses(401, 404, 422)
)
async def list_models(bot: OwnedBot) -> list[ModelConfig]:
    """En el orden en que se les pregunta."""
    return bot.configs


@router.put(
    "/{config_id}",
    summary="Cambia un modelo",
    response_model=ModelConfigView,
    responses=responses(401, 404, 409, 422),
)
async def change_model(
    config_id: uuid.UUID, body: ModelConfigChange, bot: OwnedBot, session: SessionDep
) -> ModelConfig:
    """Cambia solo los campos que se nombran. Con `first`, responde antes que los demás de su tipo de tarea."""
    return await crud.change_model_config(
        session,
        config_id,
        bot_id=bot.id,
        owner_id=bot.owner_id,
        changes=body.model_dump(exclude_unset=True, exclude_none=True, exclude={"first"}),
        is_first=body.first is True,
    )


@router.delete(
    "/{config_id}",
    summary="Quita un modelo",
    status_code=204,
    response_class=Response,
    responses=responses(401, 404, 422),
)
async def remove_model(config_id: uuid.UUID, bot: OwnedBot, session: SessionDep) -> None:
    """De la caja de herramientas del bot."""
    await crud.remove_model_config(session, config_id, bot_id=bot.id, owner_id=bot.owner_id)
