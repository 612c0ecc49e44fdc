"""`/bots/`: the bots themselves."""

import uuid
from collections.abc import Sequence

from fastapi import APIRouter, BackgroundTasks, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app import crud
from app.api.dependencies import BotId, Login, LoginDep, OwnedBot, Services, ServicesDep, SessionDep
from app.api.errors import responses
from app.api.pages import PAGED, Cursor, Limit, decode_id, encode_cursor, link_next
from app.chat.toolbox import credentials
from app.core.errors import ProviderKeyMissing, ProviderKeyUnreadable
from app.core.queue import VECTORS
from app.core.stock import StockLimits
from app.models import Bot, EmbeddingModel, Provider
from app.providers.base import EXTRACTIVE
from app.queries.bots import EmbeddingProgress
from app.queries.keys import sealed_of
from app.schemas import BotChange, BotView, EmbeddingChangeView, ModelConfigBody, NewBot

router = APIRouter(prefix="/bots", tags=["Bots"])

_DEFAULT_CONFIGS = [ModelConfigBody(task_type="general", provider=Provider.LOCAL, model_id=EXTRACTIVE)]
_NOTHING_YET = EmbeddingProgress(chunks=0, chunks_embedded=0)


@router.post("/", summary="Crea un bot", response_model=BotView, responses=responses(401, 409, 422, 503))
async def create_bot(body: NewBot, session: SessionDep, login: LoginDep, services: ServicesDep) -> BotView:
    """Con su caja de herramientas inicial. Sin `initial_configs` responde `local · extractive`, sin clave."""
    limits = StockLimits.of(services.settings)
    await crud.require_room_for_bot(session, owner_id=login.user.id, limits=limits)
    configs = _DEFAULT_CONFIGS if body.initial_configs is None else body.initial_configs
    await _require_embedding_key(body.embedding_model, session, login, services)
    bot = await crud.add_bot(
        session,
        owner_id=login.user.id,
        name=body.name,
        description=body.description,
        system_prompt=body.system_prompt,
        settings=body.model_dump(include={"grounding", "min_score", "refusal", "embedding_model"}),
        configs=[config.model_dump() for config in configs],
    )
    await crud.settle_bot(session, owner_id=login.user.id, limits=limits)
    return _view(bot, None)


@router.get(
    "/",
    summary="Lista los bots",
    response_model=list[BotView],
    responses={**PAGED, **responses(401, 422)},
)
async def list_bots(
    session: SessionDep,
    login: LoginDep,
    request: Request,
    response: Response,
    limit: Limit = None,
    cursor: Cursor = None,
) -> list[BotView]:
    """Los bots del usuario autenticado, el más nuevo primero. Con `limit` va por páginas (cabecera `Link`)."""
    before = decode_id(cursor)
    bots = await crud.list_bots(session, owner_id=login.user.id, limit=limit and limit + 1, before=before)
    if limit is not None and len(bots) > limit:
        bots = bots[:limit]
        link_next(request, response, limit=limit, cursor=encode_cursor(str(bots[-1].id)))
    return await _views(session, bots, owner_id=login.user.id)


@router.get("/{bot_id}", summary="Un bot", response_model=BotView, responses=responses(401, 404, 422))
async def read_bot(bot: OwnedBot, session: SessionDep) -> BotView:
    """Con su caja de herramientas."""
    [view] = await _views(session, [bot], owner_id=bot.owner_id)
    return view


@router.put(
    "/{bot_id}",
    summary="Actualiza un bot",
    response_model=BotView,
    responses=responses(401, 404, 409, 422, 503),
)
async def change_bot(
    bot_id: BotId,
    body: BotChange,
    session: SessionDep,
    login: LoginDep,
    services: ServicesDep,
    background: BackgroundTasks,
) -> BotView:
    """Cambia solo los campos que se nombran, como la personalidad (`system_prompt`)."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    model = changes.pop("embedding_model", None)
    # First of all: another owner's bot must not tell which keys are missing.
    bot = await crud.change_bot(session, bot_id, owner_id=login.user.id, changes=changes)
    if model is not None:
        if model is not bot.embedding_model:
            await _require_embedding_key(model, session, login, services)
        waiting = await crud.change_embedding_model(session, bot_id, owner_id=login.user.id, model=model)
        background.add_task(_publish, services, waiting)
        bot = await crud.get_bot(session, bot_id, owner_id=login.user.id)
    [view] = await _views(session, [bot], owner_id=login.user.id)
    return view


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


async def _publish(services: Services, document_ids: Sequence[uuid.UUID]) -> None:
    for document_id in document_ids:
        await services.publisher.publish(VECTORS, str(document_id))


async def _require_embedding_key(
    model: EmbeddingModel, session: AsyncSession, login: Login, services: Services
) -> None:
    """Raises `ProviderKeyMissing` or `ProviderKeyUnreadable`."""
    providers = services.chat.providers
    if not providers.embedder_needs_key(model):
        return
    stored = await crud.list_provider_keys(session, owner_id=login.user.id)
    known, unreadable = credentials(
        owner_id=login.user.id,
        sealed={row.provider: sealed_of(row) for row in stored},
        keyring=services.keyring,
        providers=providers,
    )
    provider = Provider(model)
    if provider in unreadable:
        raise ProviderKeyUnreadable(provider=provider)
    if provider not in known:
        raise ProviderKeyMissing(providers=provider)


async def _views(session: AsyncSession, bots: Sequence[Bot], *, owner_id: uuid.UUID) -> list[BotView]:
    changing = [bot.id for bot in bots if bot.next_embedding_model]
    known = await crud.embedding_progress(session, changing, owner_id=owner_id) if changing else {}
    return [_view(bot, known.get(bot.id)) for bot in bots]


def _view(bot: Bot, progress: EmbeddingProgress | None) -> BotView:
    view = BotView.model_validate(bot)
    if bot.next_embedding_model or bot.embedding_error:
        progress = progress or _NOTHING_YET
        view.embedding_change = EmbeddingChangeView(
            embedding_model=bot.next_embedding_model,
            chunks=progress.chunks,
            chunks_embedded=progress.chunks_embedded,
            error=bot.embedding_error,
        )
    return view
