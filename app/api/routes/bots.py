"""`/bots/`: the bots themselves."""

from fastapi import APIRouter, Request, Response

from app import crud
from app.api.dependencies import BotId, LoginDep, OwnedBot, SessionDep
from app.api.errors import responses
from app.api.pages import Cursor, Limit, decode_id, encode_cursor, link_next
from app.models import Bot, Provider
from app.providers.base import EXTRACTIVE
from app.schemas import BotChange, BotView, ModelConfigBody, NewBot

router = APIRouter(prefix="/bots", tags=["Bots"])

_DEFAULT_CONFIGS = [ModelConfigBody(task_type="general", provider=Provider.LOCAL, model_id=EXTRACTIVE)]


@router.post("/", summary="Crea un bot", response_model=BotView, responses=responses(401, 409, 422))
async def create_bot(body: NewBot, session: SessionDep, login: LoginDep) -> Bot:
    """Con su caja de herramientas inicial. Sin `initial_configs` responde `local · extractive`, sin clave."""
    configs = _DEFAULT_CONFIGS if body.initial_configs is None else body.initial_configs
    return await crud.add_bot(
        session,
        owner_id=login.user.id,
        name=body.name,
        description=body.description,
        system_prompt=body.system_prompt,
        configs=[config.model_dump() for config in configs],
    )


@router.get("/", summary="Lista los bots", response_model=list[BotView], responses=responses(401, 422))
async def list_bots(
    session: SessionDep,
    login: LoginDep,
    request: Request,
    response: Response,
    limit: Limit = None,
    cursor: Cursor = None,
) -> list[Bot]:
    """Los bots del usuario autenticado, el más nuevo primero. Con `limit` va por páginas (cabecera `Link`)."""
    before = decode_id(cursor)
    bots = await crud.list_bots(session, owner_id=login.user.id, limit=limit and limit + 1, before=before)
    if limit is not None and len(bots) > limit:
        bots = bots[:limit]
        link_next(request, response, limit=limit, cursor=encode_cursor(str(bots[-1].id)))
    return bots


@router.get("/{bot_id}", summary="Un bot", response_model=BotView, responses=responses(401, 404, 422))
async def read_bot(bot: OwnedBot) -> Bot:
    """Con su caja de herramientas."""
    return bot


@router.put("/{bot_id}", summary="Actualiza un bot", response_model=BotView, responses=responses(401, 404, 422))
async def change_bot(bot_id: BotId, body: BotChange, session: SessionDep, login: LoginDep) -> Bot:
    """Cambia solo los campos que se nombran, como la personalidad (`system_prompt`)."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    return await crud.change_bot(session, bot_id, owner_id=login.user.id, changes=changes)


@router.delete(
    "/{bot_id}",
    summary="Borra un bot",
    status_code=204,
    response_class=Response,
    responses=responses(401, 404, 422),
)
async def remove_bot(bot_id: BotId, session: SessionDep, login: LoginDep) -> None:
    """Con sus documentos y conversaciones."""
    await crud.remove_bot(session, bot_id, owner_id=login.user.id)
