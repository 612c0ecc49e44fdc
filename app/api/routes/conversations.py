"""`/conversations/`: what was asked and answered."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app import crud
from app.api.dependencies import LoginDep, OwnedBot, SessionDep
from app.api.errors import responses
from app.api.pages import PAGED, Cursor, Limit, decode_time_and_id, encode_cursor, link_next
from app.models import Conversation
from app.schemas import ConversationSummary, ConversationView, MessageView

router = APIRouter(tags=["Chat"])

ConversationId = Annotated[uuid.UUID, Path()]


@router.get(
    "/bots/{bot_id}/conversations/",
    summary="Lista las conversaciones",
    response_model=list[ConversationSummary],
    responses={**PAGED, **responses(401, 404, 422)},
)
async def list_conversations(
    bot: OwnedBot,
    session: SessionDep,
    request: Request,
    response: Response,
    limit: Limit = None,
    cursor: Cursor = None,
) -> list[Conversation]:
    """La última en la que se habló, primero. Con `limit` va por páginas (cabecera `Link`)."""
    found = await crud.list_conversations(
        session,
        bot_id=bot.id,
        owner_id=bot.owner_id,
        limit=limit and limit + 1,
        before=decode_time_and_id(cursor),
    )
    if limit is not None and len(found) > limit:
        found = found[:limit]
        cursor = encode_cursor(found[-1].updated_at.isoformat(), str(found[-1].id))
        link_next(request, response, limit=limit, cursor=cursor)
    return found


@router.get(
    "/conversations/{conversation_id}",
    summary="Una conversación",
    response_model=ConversationView,
    responses=responses(401, 404, 422),
)
async def read_conversation(
    conversation_id: ConversationId, session: SessionDep, login: LoginDep
) -> ConversationView:
    """Con sus mensajes y, en cada respuesta, sus citas, el modelo, el tipo de tarea y los tokens."""
    conversation = await crud.get_conversation(session, conversation_id, owner_id=login.user.id)
    messages = await crud.list_messages(session, conversation.id, owner_id=login.user.id)
    summary = ConversationSummary.model_validate(conversation)
    return ConversationView(
        **summary.model_dump(), messages=[MessageView.model_validate(message) for message in messages]
    )


@router.delete(
    "/conversations/{conversation_id}",
    summary="Borra una conversación",
    status_code=204,
    response_class=Response,
    responses=responses(401, 404, 422),
)
async def remove_conversation(conversation_id: ConversationId, session: SessionDep, login: LoginDep) -> None:
    """Con sus mensajes."""
    await crud.remove_conversation(session, conversation_id, owner_id=login.user.id)
