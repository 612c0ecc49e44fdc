"""`/documents/`: what the account's bots were given to learn, in one list."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app import crud
from app.api.dependencies import LoginDep, SessionDep
from app.api.errors import responses
from app.api.pages import PAGED, Cursor, Limit, decode_id, encode_cursor, link_next
from app.models import Document, DocumentStatus
from app.schemas import BotDocumentView, DocumentView

router = APIRouter(prefix="/documents", tags=["Bots"])

Statuses = Annotated[
    list[DocumentStatus],
    Query(
        alias="status",
        default_factory=list,
        max_length=len(DocumentStatus),
        description="Solo los de este estado; se puede repetir.",
    ),
]


@router.get(
    "/",
    summary="Lista los documentos de todos los bots",
    response_model=list[BotDocumentView],
    responses={**PAGED, **responses(401, 422)},
)
async def list_documents(
    session: SessionDep,
    login: LoginDep,
    request: Request,
    response: Response,
    statuses: Statuses,
    limit: Limit = None,
    cursor: Cursor = None,
) -> list[BotDocumentView]:
    """El más nuevo primero, cada uno con su bot. Con `limit` va por páginas (cabecera `Link`)."""
    found = await crud.list_documents_of_all_bots(
        session,
        owner_id=login.user.id,
        statuses=statuses,
        limit=limit and limit + 1,
        before=decode_id(cursor),
    )
    if limit is not None and len(found) > limit:
        found = found[:limit]
        link_next(request, response, limit=limit, cursor=encode_cursor(str(found[-1][0].id)))
    return [_view(document, bot_name) for document, bot_name in found]


def _view(document: Document, bot_name: str) -> BotDocumentView:
    fields = DocumentView.model_validate(document).model_dump()
    return BotDocumentView(**fields, bot_id=document.bot_id, bot_name=bot_name)
