"""A question comes in: who asks, what may be used for the answer, and the question saved while it is embedded."""

import asyncio
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from app import crud
from app.chat import prompt, toolbox
from app.chat.catalog import Catalog
from app.chat.circuit import Circuits
from app.chat.foresight import EMBEDDED_CHARACTERS, Foresight
from app.chat.metrics import AnswerMetrics
from app.chat.question import in_context
from app.chat.record import to_the_end
from app.chat.speak import Patience
from app.chat.task_router import ToolboxModel, choose
from app.chat.toolbox import Credentials, PassedOver
from app.core.database import Sessions, new_id, now, statement
from app.core.encryption import Keyring
from app.core.errors import ProviderError, ProviderKeyMissing, ProviderKeyUnreadable
from app.core.quotas import ChatQuotas, server_budget_spent, tokens_a_day_exceeded
from app.knowledge.search import WordHit, match_words
from app.models import EmbeddingModel, Provider
from app.providers.base import ChatMessage, Purpose, Role, Vector
from app.providers.registry import Providers
from app.queries.answers import NewQuestion, Reservation
from app.queries.turns import HistoryMessage, Opening

_HISTORY_MESSAGES = 20
# As many as a turn finds and a model is given.
PASSAGES = 8
_TITLE_CHARACTERS = 80
# A vendor that takes longer for a question's vector is not waited for: its words find something without it.
_EMBED_WITHIN_S = 3.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an owner may use in a day (UTC); no tokens means no limit."""

    tokens_a_day: int
    server_micro_usd_a_day: int


@dataclass(frozen=True, slots=True)
class ChatServices:
    """What a turn acts with."""

    sessions: Sessions
    providers: Providers
    foresight: Foresight
    patience: Patience
    circuits: Circuits
    catalog: Catalog
    keyring: Keyring
    quotas: ChatQuotas
    allowance: Allowance
    metrics: AnswerMetrics = field(default_factory=AnswerMetrics)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came in. With a `question_id` it is stored already, and is answered again."""

    session_id: uuid.UUID
    bot_id: uuid.UUID
    text: str
    conversation_id: uuid.UUID | None = None
    question_id: uuid.UUID | None = None
    task_type: str | None = None
    language: str = "es"


@dataclass(frozen=True, slots=True)
class Means:
    """The keys and models that may be used, those that may not, and the micro-dollars to hold for the dearest."""

    known: Credentials
    toolbox: tuple[ToolboxModel, ...]
    passed_over: tuple[PassedOver, ...]
    most_micro_usd: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that is saved, and all that answering it needs."""

    asked: Asked
    opening: Opening
    began_at: float
    conversation_id: uuid.UUID
    question_id: uuid.UUID
    # Also names the answer that is to come.
    held: Reservation
    # The question as it is searched: with what it leaves unsaid where it leans on those before it.
    search_query: str
    earlier: tuple[str, ...]
    history: tuple[ChatMessage, ...]
    means: Means
    hits: tuple[WordHit, ...]
    # Of the local model, which the router reads.
    vector: Vector | None
    # Of the bot's own model, which search compares with.
    search_vector: Vector | None

    @property
    def message_id(self) -> uuid.UUID:
        return self.held.message_id


async def retried(message_id: uuid.UUID, *, session_id: uuid.UUID, language: str, services: ChatServices) -> Asked:
    """The question that the message is or answers, to be asked again. Raises `MessageNotFound`."""
    async with statement(services.sessions) as session:
        question = await crud.get_question(session, message_id, session_id=session_id)
    return Asked(
        session_id=session_id,
        bot_id=question.bot_id,
        text=question.text,
        conversation_id=question.conversation_id,
        question_id=question.id,
        language=language,
    )


async def open_turn(asked: Asked, services: ChatServices) -> Opening:
    async with statement(services.sessions) as session:
        return await crud.open_turn(
            session,
            session_id=asked.session_id,
            bot_id=asked.bot_id,
            conversation_id=asked.conversation_id,
            before=asked.question_id,
            history=_HISTORY_MESSAGES,
            day=now().date(),
        )


async def start_turn(
    asked: Asked,
    opening: Opening,
    services: ChatServices,
    *,
    began_at: float,
    begun: asyncio.Task[Vector] | None = None,
) -> Turn:
    """Save the question, while it is embedded."""
    at = now()
    if (most := services.allowance.tokens_a_day) and opening.tokens_today >= most:
        raise tokens_a_day_exceeded(most, at)
    means = _affordable(asked, opening, services)
    history = _in_order(opening.history)
    earlier = tuple(message.text for message in opening.history if message.role == Role.USER)
    search_query = in_context(asked.text, earlier)
    question = _new_question(asked)
    held = Reservation(
        message_id=new_id(),
        day=at.date(),
        micro_usd=means.most_micro_usd,
        cap_micro_usd=services.allowance.server_micro_usd_a_day,
        until=at.timestamp() + services.patience.longest_s,
    )
    storing = asyncio.create_task(_store_and_match(question, held, search_query, opening, services))
    try:
        vector, asked_elsewhere, hits = await asyncio.gather(
            _embed(asked, search_query, opening, services, begun),
            embed_elsewhere(search_query, opening, means.known, services, question=asked.text),
            asyncio.shield(storing),
        )
    except BaseException:
        await to_the_end(_undo(storing, held, services, owner_id=opening.owner_id))
        raise
    return Turn(
        asked=asked,
        opening=opening,
        began_at=began_at,
        conversation_id=question.conversation_id,
        question_id=question.id,
        held=held,
        search_query=search_query,
        earlier=earlier,
        history=history,
        means=means,
        hits=tuple(hits),
        vector=vector,
        search_vector=vector if opening.embedding_model is EmbeddingModel.LOCAL else asked_elsewhere,
    )


def _affordable(asked: Asked, opening: Opening, services: ChatServices) -> Means:
    """Raises `NoModel`, `ProviderKeyMissing`, or `QuotaExceeded` where only the day's share of the server's keys is
    used up.
    """
    providers, catalog, cap = services.providers, services.catalog, services.allowance.server_micro_usd_a_day
    known, unreadable = toolbox.credentials(
        owner_id=opening.owner_id, sealed=opening.keys, keyring=services.keyring, providers=providers
    )
    models = tuple(toolbox.models(opening.toolbox, known=known, providers=providers))
    most_tokens = prompt.most_tokens(
        system_prompt=opening.system_prompt,
        texts=[*(message.text for message in opening.history), asked.text],
        with_passages=opening.has_documents,
    )
    fitting, most_micro_usd = toolbox.affordable(
        models,
        known=known,
        catalog=catalog,
        input_tokens=most_tokens,
        left_micro_usd=max(0, cap - opening.server_micro_usd_today),
    )
    if any(model.usable for model in models) and not any(model.usable for model in fitting):
        raise server_budget_spent(cap, now())
    try:
        # Refuses what nobody can answer before anything is stored.
        choose(fitting, task_type=None, has_documents=opening.has_documents, language=asked.language)
    except ProviderKeyMissing:
        if opening.is_strict:
            # Without documents it refuses, whoever could have answered.
            return Means(known, (), (), 0)
        if unreadable:
            raise ProviderKeyUnreadable(provider=unreadable[0]) from None
        raise
    return Means(known, fitting, toolbox.passed_over(models, fitting), most_micro_usd)


def _in_order(history: Sequence[HistoryMessage]) -> tuple[ChatMessage, ...]:
    """Each answer behind its question, also one that was given again later."""
    ordered = sorted(history, key=lambda message: (message.question_id or message.id, message.id))
    return tuple(ChatMessage(Role(message.role), message.text) for message in ordered)


def _new_question(asked: Asked) -> NewQuestion:
    title = None if asked.conversation_id else " ".join(asked.text.split())[:_TITLE_CHARACTERS]
    return NewQuestion(
        id=asked.question_id or new_id(),
        bot_id=asked.bot_id,
        conversation_id=asked.conversation_id or new_id(),
        title=title,
        text=None if asked.question_id else asked.text,
    )


async def _store_and_match(
    question: NewQuestion, held: Reservation, search_query: str, opening: Opening, services: ChatServices
) -> list[WordHit]:
    """What of the search needs no vector is done while the question is embedded."""
    owner_id = opening.owner_id
    async with statement(services.sessions) as session:
        if not await crud.add_question(session, question, held, owner_id=owner_id):
            # Another question took the rest of the budget since it was looked at.
            raise server_budget_spent(held.cap_micro_usd, now())
        if not opening.has_documents:
            return []
        return await match_words(session, bot_id=question.bot_id, owner_id=owner_id, query=search_query)


async def _undo(
    storing: asyncio.Task[list[WordHit]], held: Reservation, services: ChatServices, *, owner_id: uuid.UUID
) -> None:
    """Not before it is stored: else it would be held after it was given back."""
    await asyncio.gather(storing, return_exceptions=True)
    await give_back(held, services, owner_id=owner_id)


async def give_back(
    held: Reservation, services: ChatServices, *, owner_id: uuid.UUID, spent_micro_usd: int = 0
) -> None:
    """There will be no answer."""
    if held.micro_usd:
        async with statement(services.sessions, once=True) as session:
            await crud.release_reservation(
                session, held.message_id, owner_id=owner_id, day=held.day, spent_micro_usd=spent_micro_usd
            )


async def _embed(
    asked: Asked, search_query: str, opening: Opening, services: ChatServices, begun: asyncio.Task[Vector] | None
) -> Vector | None:
    if not opening.has_documents:
        return None
    pair = (asked.session_id, asked.bot_id)
    # What was begun is of the question alone.
    alone = await services.foresight.embed(pair, asked.text, begun)
    if alone is None or search_query == asked.text:
        return alone
    whole = await services.foresight.embed(pair, search_query, None)
    return between(alone, whole) if whole else alone


def between(alone: Vector, whole: Vector) -> Vector:
    """Where a question that leans looks: what it says itself counts twice, alone and with what it leaves unsaid."""
    both = [one + other for one, other in zip(alone, whole, strict=True)]
    length = math.hypot(*both)
    return [value / length for value in both] if length else whole


async def embed_elsewhere(
    search_query: str, opening: Opening, known: Credentials, services: ChatServices, *, question: str = ""
) -> Vector | None:
    """By the bot's own model, where that is a vendor's; None where it fails or takes too long.

    `question` is what was asked, where more than that is searched.
    """
    model = opening.embedding_model
    if model is EmbeddingModel.LOCAL or not opening.has_documents:
        return None
    held = known.get(Provider(model))
    try:
        embedder = services.providers.embedder(model, key=held.key if held else None)
        if embedder is None:
            return None
        async with asyncio.timeout(_EMBED_WITHIN_S):
            texts = [text[:EMBEDDED_CHARACTERS] for text in dict.fromkeys((question or search_query, search_query))]
            vectors = await embedder.embed(texts, purpose=Purpose.QUERY)
    except (ProviderError, TimeoutError) as error:
        log.warning("chat.question_not_embedded", model=model, cause=str(error) or type(error).__name__)
        return None
    return between(*vectors) if len(vectors) > 1 else vectors[0]
