"""`/chat/{bot_id}` and the retry of a message: a question and its streamed answer."""

import re
import uuid
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.dependencies import BotId, Language, Services, ServicesDep, SessionIdDep
from app.api.errors import responses
from app.api.openapi import event_stream
from app.api.streaming import (
    Production,
    StreamResponse,
    chat_events_as_sse,
    chat_events_as_text,
    sse_error,
)
from app.chat.asking import Asked, retried
from app.chat.events import ChatEvent, Started
from app.chat.turn import converse
from app.schemas import Question

router = APIRouter(tags=["Chat"])

_SSE = "text/event-stream"
_TEXT = "text/plain; charset=utf-8"
_HEADERS = {
    "X-Conversation-Id": "La conversación, también cuando empieza con esta pregunta.",
    "X-Message-Id": "El de la respuesta.",
    "X-Model": "`proveedor/modelo` que responde.",
}


def _header(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "required": True, "schema": {"type": "string"}}


_BODIES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": (
            "La respuesta según se genera: sus caracteres (`text/plain`), o con `Accept: text/event-stream` los "
            "eventos `started`, `sources`, `delta`… y un último `finished` o `error`."
        ),
        "headers": {name: _header(meaning) for name, meaning in _HEADERS.items()},
        "content": {
            "text/plain": {"schema": {"type": "string"}},
            **event_stream("started", "sources", "delta", "finished", "error"),
        },
    }
}


@router.post(
    "/chat/{bot_id}",
    summary="Pregunta a un bot",
    response_class=Response,
    responses={**_BODIES, **responses(401, 404, 409, 422, 429, 503)},
)
async def chat(
    bot_id: BotId,
    body: Question,
    request: Request,
    session_id: SessionIdDep,
    services: ServicesDep,
    language: Language,
) -> Response:
    """Envía una pregunta y recibe la respuesta en tiempo real, con citas de sus documentos."""
    asked = Asked(
        session_id=session_id,
        bot_id=bot_id,
        text=body.query,
        conversation_id=body.conversation_id,
        task_type=body.task_type,
        language=language,
    )
    return await _answered(asked, request, services)


@router.post(
    "/messages/{message_id}/retry",
    summary="Responde otra vez",
    response_class=Response,
    responses={**_BODIES, **responses(401, 404, 409, 422, 429, 503)},
)
async def retry(
    message_id: uuid.UUID, request: Request, session_id: SessionIdDep, services: ServicesDep, language: Language
) -> Response:
    """Responde de nuevo a la misma pregunta: la del id, o la que responde el mensaje del id. Lo dicho se queda."""
    asked = await retried(message_id, session_id=session_id, language=language, services=services.chat)
    return await _answered(asked, request, services)


async def _answered(asked: Asked, request: Request, services: Services) -> Response:
    production: Production[ChatEvent] = Production(converse(asked, services.chat), services.live)
    production.end_with(asked.session_id, services.watch)
    first = await production.first(request.receive)
    assert isinstance(first, Started)
    events = _wants_events(request.headers.get("accept", ""))
    return StreamResponse(
        first,
        production,
        render=chat_events_as_sse if events else chat_events_as_text,
        render_error=sse_error(asked.language) if events else None,
        media_type=_SSE if events else _TEXT,
        headers={
            "Vary": "Accept",
            "X-Conversation-Id": str(first.conversation_id),
            "X-Message-Id": str(first.message_id),
            "X-Model": _model_header(first),
        },
    )


def _wants_events(accept: str) -> bool:
    """Whether the client names server-sent events, and not to refuse them."""
    for entry in accept.lower().split(","):
        media_type, *parameters = [part.strip() for part in entry.split(";")]
        if media_type == _SSE:
            return not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return False


def _model_header(started: Started) -> str:
    """`provider/model`, and where a keyless local model stands in, that it does and what it is not."""
    name = f"{started.provider}/{started.model}"
    full = f"{name} ({started.reason.replace('·', '/')})" if "extractive" in started.reason else name
    # A model's id is the owner's text: nothing of it may end the header.
    return "".join(character for character in full if " " <= character <= "~")
