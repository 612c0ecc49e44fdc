"""`/bots/{bot_id}/train` and the documents that came in through it."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from app import crud
from app.api.dependencies import (
    BotId,
    BriefLoginDep,
    Language,
    Login,
    LoginDep,
    OwnedBot,
    Services,
    ServicesDep,
    SessionDep,
)
from app.api.errors import responses
from app.api.middleware import MULTIPART_ROOM_BYTES
from app.api.openapi import event_stream
from app.api.streaming import Production, StreamResponse, sse, sse_error
from app.core.database import transaction
from app.core.errors import FileMissing, FileNameNotTxt, TooLarge
from app.core.queue import VECTORS, WORDS
from app.core.stock import StockLimits
from app.knowledge.decode import decode
from app.models import Document, DocumentStatus
from app.queries.quotas import BodySize
from app.schemas import DocumentView

router = APIRouter(prefix="/bots/{bot_id}", tags=["Bots"])

_POLL_S = 0.4
_MAX_FILENAME_CHARACTERS = 255
_FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "Un archivo `.txt`."}
                    },
                }
            }
        },
    }
}
_EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Eventos `progress` y un último `finished`.",
        "content": event_stream("progress", "finished", "error"),
    }
}


@router.post(
    "/train",
    summary="Entrena al bot con un documento",
    status_code=202,
    response_model=DocumentView,
    responses={
        200: {"model": DocumentView, "description": "Los mismos bytes ya estaban: el documento que hay."},
        **responses(401, 404, 409, 413, 422),
    },
    openapi_extra=_FILE_BODY,
)
async def train(
    bot_id: BotId,
    request: Request,
    response: Response,
    login: BriefLoginDep,
    services: ServicesDep,
    background: BackgroundTasks,
) -> Document:
    """Sube un `.txt`; se procesa en segundo plano. Con el 202 el documento ya está guardado y no se pierde."""
    owner_id, limits = login.user.id, StockLimits.of(services.settings)
    async with transaction(services.sessions) as session:
        await crud.get_bot(session, bot_id, owner_id=owner_id)
        await crud.require_room_for_upload(
            session, bot_id=bot_id, owner_id=owner_id, size=_declared_size(request), limits=limits
        )
    async with _upload(request, limit_mb=services.settings.upload_limit_mb) as (filename, file), services.uploads:
        fields = await asyncio.to_thread(_document_fields, filename, file)
        async with transaction(services.sessions) as session:
            document, is_new = await crud.add_document(session, bot_id=bot_id, owner_id=owner_id, **fields)
            again = not is_new and document.status is DocumentStatus.FAILED
            if is_new:
                await crud.settle_document(
                    session, owner_id=owner_id, size_bytes=document.size_bytes, limits=limits
                )
            if again:
                document = await crud.requeue_document(session, document.id, bot_id=bot_id, owner_id=owner_id)
    if is_new or again:
        background.add_task(_publish, services, document)
    if not is_new:
        response.status_code = 200
    return document


@router.get(
    "/documents/",
    summary="Lista los documentos",
    response_model=list[DocumentView],
    responses=responses(401, 404, 422),
)
async def list_documents(bot: OwnedBot, session: SessionDep) -> list[Document]:
    """Con su estado y su progreso, el más nuevo primero."""
    return await crud.list_documents(session, bot_id=bot.id, owner_id=bot.owner_id)


@router.get(
    "/documents/events",
    summary="Sigue el entrenamiento",
    response_class=Response,
    responses={**_EVENT_STREAM, **responses(401, 404, 422)},
)
async def follow_documents(
    bot_id: BotId, request: Request, login: BriefLoginDep, services: ServicesDep, language: Language
) -> Response:
    """Un evento `progress` por documento y cambio, mientras alguno esté en cola o en proceso; luego `finished`."""
    production = Production(_progress(services, login, bot_id), services.live)
    first = await production.first(request.receive)
    return StreamResponse(
        first,
        production,
        render=b"".join,
        render_error=sse_error(language),
        media_type="text/event-stream",
        headers={},
    )


@router.get(
    "/documents/{document_id}",
    summary="Un documento",
    response_model=DocumentView,
    responses=responses(401, 404, 422),
)
async def read_document(bot_id: BotId, document_id: uuid.UUID, session: SessionDep, login: LoginDep) -> Document:
    """Su estado y su progreso."""
    return await crud.get_document(session, document_id, bot_id=bot_id, owner_id=login.user.id)


@router.get(
    "/documents/{document_id}/text",
    summary="El texto de un documento",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **responses(401, 404, 422)},
)
async def read_document_text(
    bot_id: BotId,
    document_id: uuid.UUID,
    session: SessionDep,
    login: LoginDep,
    start: Annotated[int, Query(ge=0, le=2**31 - 2)] = 0,
    end: Annotated[int | None, Query(ge=0, le=2**31 - 2)] = None,
) -> Response:
    """Tal como se guardó; `start` y `end` lo cortan por caracteres."""
    text = await crud.get_document_text(
        session, document_id, bot_id=bot_id, owner_id=login.user.id, start=start, end=end
    )
    return Response(text, media_type="text/plain; charset=utf-8")


@router.post(
    "/documents/{document_id}/retry",
    summary="Reintenta un documento que falló",
    status_code=202,
    response_model=DocumentView,
    responses=responses(401, 404, 409, 422),
)
async def retry_document(
    bot_id: BotId,
    document_id: uuid.UUID,
    session: SessionDep,
    login: LoginDep,
    services: ServicesDep,
    background: BackgroundTasks,
) -> Document:
    """Vuelve a ponerlo en cola."""
    document = await crud.requeue_document(session, document_id, bot_id=bot_id, owner_id=login.user.id)
    background.add_task(_publish, services, document)
    return document


@router.delete(
    "/documents/{document_id}",
    summary="Borra un documento",
    status_code=204,
    response_class=Response,
    responses=responses(401, 404, 422),
)
async def remove_document(bot_id: BotId, document_id: uuid.UUID, session: SessionDep, login: LoginDep) -> None:
    """Deja de usarse en las respuestas desde este momento, también si se estaba entrenando."""
    await crud.remove_document(session, document_id, bot_id=bot_id, owner_id=login.user.id)


async def _publish(services: Services, document: Document) -> None:
    # After the response: what the broker does not take now, the sweep publishes.
    await services.publisher.publish(VECTORS if document.searchable else WORDS, str(document.id))


def _declared_size(request: Request) -> BodySize:
    """Of the file alone: the form around it takes something too."""
    declared = request.headers.get("content-length", "")
    if not declared.isdigit():
        return BodySize(least_bytes=1, most_bytes=None)
    return BodySize(least_bytes=max(1, int(declared) - MULTIPART_ROOM_BYTES), most_bytes=int(declared))


@asynccontextmanager
async def _upload(request: Request, *, limit_mb: int) -> AsyncIterator[tuple[str, BinaryIO]]:
    """The name and the file, on the disk if it is long. Raises `FileMissing`, `FileNameNotTxt`, `TooLarge`."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise FileMissing
    try:
        form = await request.form(max_files=1, max_fields=1)
    except (HTTPException, KeyError, UnicodeError) as error:
        # Starlette's word for a multipart body that cannot be parsed.
        raise FileMissing from error
    try:
        yield _file_of(form, limit_mb=limit_mb)
    finally:
        await form.close()


def _file_of(form: FormData, *, limit_mb: int) -> tuple[str, BinaryIO]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise FileMissing
    filename = _plain_name(file.filename or "")
    if not filename.lower().endswith(".txt"):
        raise FileNameNotTxt
    if file.size is not None and file.size > limit_mb * 1024 * 1024:
        raise TooLarge(limit_mb=limit_mb)
    return filename, file.file


def _plain_name(name: str) -> str:
    """The last part of what the client calls the file, without what cannot be shown; never used as a path."""
    # Browsers write a quotation mark so in a multipart header (WHATWG).
    last = PurePath(name.replace("%22", '"').replace("\\", "/")).name
    shown = "".join(character for character in last if character.isprintable())
    stem, dot, suffix = shown.rpartition(".")
    return shown if len(shown) <= _MAX_FILENAME_CHARACTERS else stem[:200] + dot + suffix[:16]


def _document_fields(filename: str, file: BinaryIO) -> dict[str, Any]:
    data = file.read()
    decoded = decode(data)
    return {
        "filename": filename,
        "size_bytes": len(data),
        "characters": len(decoded.text),
        "encoding": decoded.encoding,
        "sha256": hashlib.sha256(data).digest(),
        "text": decoded.text,
    }


async def _progress(services: Services, login: Login, bot_id: uuid.UUID) -> AsyncGenerator[bytes]:
    """Ends with the login, too: a token that was revoked follows nothing any more."""
    owner_id = login.user.id
    told: dict[uuid.UUID, str] = {}
    old: set[uuid.UUID] | None = None
    while True:
        async with transaction(services.sessions) as session:
            await crud.get_user_of_session(session, login.session_id)
            await crud.get_bot(session, bot_id, owner_id=owner_id)
            documents = await crud.list_documents(session, bot_id=bot_id, owner_id=owner_id)
        unfinished = {document.id for document in documents if document.status in crud.UNFINISHED}
        # What was done before this began is no news; what comes and is done between two looks is.
        old = ({document.id for document in documents} if old is None else old) - unfinished
        for document in documents:
            body = DocumentView.model_validate(document)
            if document.id not in old and told.get(document.id) != repr(body):
                told[document.id] = repr(body)
                yield sse("progress", body.model_dump(mode="json"))
        if not unfinished:
            yield sse("finished", {})
            return
        await asyncio.sleep(_POLL_S)
