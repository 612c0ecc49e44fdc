"""What a bot's documents hold about a question, without asking any model: it shows why a bot answers as it does."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from app import crud
from app.chat import toolbox
from app.chat.asking import PASSAGES, ChatServices, embed_elsewhere
from app.chat.record import to_the_end
from app.core.database import now, statement
from app.core.logging import add_log_fields
from app.knowledge.confidence import confidence_of
from app.knowledge.passages import Passage
from app.knowledge.search import match_words, rank
from app.models import EmbeddingModel
from app.providers.base import Vector
from app.queries.turns import Opening


@dataclass(frozen=True, slots=True)
class Found:
    """The passages, best first, and how sure it is (0 to 1) that they hold the answer."""

    passages: Sequence[Passage]
    confidence: float


async def look_up(
    query: str, *, bot_id: uuid.UUID, session_id: uuid.UUID, limit: int, services: ChatServices
) -> Found:
    """As a chat's turn searches. Raises `NotAuthenticated`, `BotNotFound` or `QuotaExceeded`."""
    async with statement(services.sessions) as session:
        opening = await crud.open_turn(
            session,
            session_id=session_id,
            bot_id=bot_id,
            conversation_id=None,
            before=None,
            history=0,
            day=now().date(),
        )
    add_log_fields(owner_id=str(opening.owner_id), bot_id=str(bot_id))
    if not opening.has_documents:
        return Found((), 0.0)
    seat = await services.quotas.enter(opening.owner_id)
    try:
        vector = await _embed(query, (session_id, bot_id), opening, services)
    finally:
        await to_the_end(services.quotas.leave(seat))
    async with statement(services.sessions) as session:
        hits = await match_words(session, bot_id=bot_id, owner_id=opening.owner_id, query=query)

        async def ranked(most: int) -> list[Passage]:
            return await rank(
                session,
                hits,
                bot_id=bot_id,
                owner_id=opening.owner_id,
                vector=vector,
                limit=most,
                model=opening.embedding_model,
            )

        # What a chat's turn would find, whatever is shown: its confidence is what `min_score` is compared with.
        judged = await ranked(PASSAGES)
        shown = judged[:limit] if limit <= PASSAGES else await ranked(limit)
    embedder = services.providers.embedder(EmbeddingModel.LOCAL, key=None)
    return Found(shown, await confidence_of(query, judged, embedder, model=opening.embedding_model))


async def _embed(
    query: str, pair: tuple[uuid.UUID, uuid.UUID], opening: Opening, services: ChatServices
) -> Vector | None:
    if opening.embedding_model is EmbeddingModel.LOCAL:
        return await services.foresight.embed(pair, query, None)
    known, _ = toolbox.credentials(
        owner_id=opening.owner_id, sealed=opening.keys, keyring=services.keyring, providers=services.providers
    )
    return await embed_elsewhere(query, opening, known, services)
