"""`/bots/{bot_id}/search`: what a bot's documents hold about a question."""

from fastapi import APIRouter

from app.api.dependencies import BotId, ServicesDep, SessionIdDep
from app.api.errors import responses
from app.chat.lookup import Found, look_up
from app.knowledge.passages import Passage
from app.schemas import PassageView, SearchQuery, SearchView

router = APIRouter(prefix="/bots/{bot_id}", tags=["Bots"])

_SHOWN_DIGITS = 4


@router.post(
    "/search",
    summary="Busca en los documentos de un bot",
    response_model=SearchView,
    responses=responses(401, 404, 422, 429, 503),
)
async def search(bot_id: BotId, body: SearchQuery, session_id: SessionIdDep, services: ServicesDep) -> SearchView:
    """Los pasajes que recibiría el modelo, el mejor primero, y la confianza en que contengan la respuesta."""
    found = await look_up(
        body.query, bot_id=bot_id, session_id=session_id, limit=body.limit, services=services.chat
    )
    return _view(found)


def _view(found: Found) -> SearchView:
    return SearchView(
        passages=[_passage(passage) for passage in found.passages],
        confidence=round(found.confidence, _SHOWN_DIGITS),
    )


def _passage(passage: Passage) -> PassageView:
    return PassageView(
        document_id=passage.document_id,
        filename=passage.filename,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        heading=passage.heading,
        bm25=round(passage.words, _SHOWN_DIGITS),
        vector=None if passage.similarity is None else round(passage.similarity, _SHOWN_DIGITS),
        score=round(passage.score, _SHOWN_DIGITS),
    )
