"""River one: a question is saved, passages are found, a model speaks, and what it said is kept.

Three short transactions; no session is open while a model speaks.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import anyio
import structlog

from app import crud
from app.chat import prompt
from app.chat.citations import MarkerFilter
from app.chat.events import ChatEvent, Delta, Finished, GivenPassage, Sources, Started
from app.chat.question import searched
from app.chat.speak import Patience, Voice, first_that_speaks
from app.chat.task_router import Route, ToolboxModel, choose
from app.core.database import Sessions, new_id, transaction
from app.core.errors import BytchatError
from app.knowledge.search import Passage, search
from app.models import Bot, Finish, ModelConfig, Provider
from app.providers import base
from app.providers.base import ChatMessage, ChatRequest, Embedder, Purpose, Role, SourceText, Usage
from app.providers.local import EXTRACTIVE
from app.providers.registry import Registry

log = structlog.get_logger()

_PASSAGES = 8
_HISTORY_MESSAGES = 20
# More of a long question says nothing new about where to look, and costs a second a thousand words.
_EMBEDDED_CHARACTERS = 600
_PROMPT_BUDGET_TOKENS = 6_000
_MAX_OUTPUT_TOKENS = 2_048
_TITLE_CHARACTERS = 80
# What neither PostgreSQL nor UTF-8 holds; a model that says it must not lose its answer.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ChatServices:
    """What a turn acts with."""

    sessions: Sessions
    providers: Registry
    embedder: Embedder | None
    patience: Patience


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that is saved, and all that answering it needs."""

    owner_id: uuid.UUID
    bot_id: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID
    question: str
    # The question as it is searched: with those before it where it leans on them.
    search_query: str
    system_prompt: str
    history: tuple[ChatMessage, ...]
    route: Route
    has_documents: bool


@dataclass(slots=True)
class _Answer:
    """What has been said so far."""

    parts: list[str] = field(default_factory=list)
    finish: Finish = Finish.INTERRUPTED
    error_code: str | None = None
    usage: Usage = field(default_factory=Usage)


async def open_turn(
    *,
    owner_id: uuid.UUID,
    bot_id: uuid.UUID,
    question: str,
    conversation_id: uuid.UUID | None,
    task_type: str | None,
    language: str,
    services: ChatServices,
) -> Turn:
    """Save the question. Raises `NotFound`, `NoModel` or `ProviderKeyMissing`, and then stores nothing."""
    async with transaction(services.sessions) as session:
        bot = await crud.get_bot(session, bot_id, owner_id=owner_id)
        has_documents = await crud.has_documents(session, bot_id=bot_id, owner_id=owner_id)
        route = choose(
            _toolbox(bot, services.providers),
            task_type=task_type,
            has_documents=has_documents,
            language=language,
        )
        if conversation_id is None:
            title = " ".join(question.split())[:_TITLE_CHARACTERS]
            conversation = await crud.add_conversation(session, bot_id=bot_id, owner_id=owner_id, title=title)
            history: list[tuple[str, str]] = []
        else:
            conversation = await crud.get_conversation(session, conversation_id, owner_id=owner_id, bot_id=bot_id)
            history = await crud.list_recent_messages(
                session, conversation.id, owner_id=owner_id, limit=_HISTORY_MESSAGES
            )
        await crud.add_message(
            session, conversation_id=conversation.id, owner_id=owner_id, role=Role.USER, text=question
        )
    return Turn(
        owner_id=owner_id,
        bot_id=bot_id,
        conversation_id=conversation.id,
        message_id=new_id(),
        question=question,
        search_query=searched(question, [text for role, text in history if role == Role.USER]),
        system_prompt=bot.system_prompt,
        history=tuple(ChatMessage(Role(role), text) for role, text in history),
        route=route,
        has_documents=has_documents,
    )


async def answer(turn: Turn, services: ChatServices) -> AsyncGenerator[ChatEvent]:
    """The events of `chat.events`. What was said is stored however it ends."""
    passages = await _find_passages(turn, services)
    request = _request(turn, passages)
    # Only what the prompt had room for can be cited.
    passages = passages[: len(request.sources)]
    voice = await first_that_speaks(
        turn.route,
        provider_of=lambda model: services.providers[model.provider],
        request_for=lambda model: replace(request, model_id=model.model_id),
        patience=services.patience,
    )
    said = _Answer()
    markers = MarkerFilter(count=len(passages))
    try:
        async with aclosing(voice.rest), aclosing(_spoken(voice, said, markers)) as deltas:
            yield _started(turn, voice.model)
            if passages:
                yield Sources(tuple(_given(n, passage) for n, passage in enumerate(passages, start=1)))
            async for text in deltas:
                said.parts.append(text)
                yield Delta(text)
    except Exception as error:
        said.finish = Finish.ERROR
        said.error_code = error.code if isinstance(error, BytchatError) else BytchatError.code
        raise
    finally:
        await _to_the_end(_record(turn, voice.model, said, _cited(passages, markers.used), services))
    yield Finished(said.finish, said.usage)


async def _find_passages(turn: Turn, services: ChatServices) -> list[Passage]:
    if not turn.has_documents:
        return []
    vector = None
    if services.embedder is not None:
        [vector] = await services.embedder.embed([turn.search_query[:_EMBEDDED_CHARACTERS]], purpose=Purpose.QUERY)
    async with transaction(services.sessions) as session:
        return await search(
            session,
            bot_id=turn.bot_id,
            owner_id=turn.owner_id,
            query=turn.search_query,
            vector=vector,
            limit=_PASSAGES,
        )


async def _spoken(voice: Voice, said: _Answer, markers: MarkerFilter) -> AsyncGenerator[str]:
    """The checked text; sets how it finished and what it used on `said`."""
    async with aclosing(_pieces(voice)) as pieces:
        async for piece in pieces:
            if isinstance(piece, base.Finished):
                said.finish, said.usage = Finish(piece.finish), piece.usage
            elif text := markers.feed(_UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", piece.text)):
                yield text
    if rest := markers.finish():
        yield rest


async def _pieces(voice: Voice) -> AsyncGenerator[base.TextDelta | base.Finished]:
    yield voice.first
    async for piece in voice.rest:
        yield piece


def _request(turn: Turn, passages: list[Passage]) -> ChatRequest:
    request = prompt.build(
        system_prompt=turn.system_prompt,
        passages=[SourceText(n, passage.text, passage.score) for n, passage in enumerate(passages, start=1)],
        history=turn.history,
        question=turn.question,
        model_id="",
        budget_tokens=_PROMPT_BUDGET_TOKENS,
        max_output_tokens=_MAX_OUTPUT_TOKENS,
    )
    # A model that reads no prompt sees no history: its question must stand alone.
    return replace(request, question=turn.search_query)


def _toolbox(bot: Bot, providers: Registry) -> list[ToolboxModel]:
    return [
        ToolboxModel(config.task_type, config.provider, config.model_id, usable=_is_usable(config, providers))
        for config in bot.configs
    ]


def _is_usable(config: ModelConfig, providers: Registry) -> bool:
    # Of the local models there is one alone: it must not answer in another's name.
    is_there = config.provider != Provider.LOCAL or config.model_id == EXTRACTIVE
    return is_there and config.provider in providers


def _started(turn: Turn, model: ToolboxModel) -> Started:
    return Started(
        message_id=turn.message_id,
        conversation_id=turn.conversation_id,
        model=model.model_id,
        provider=model.provider,
        task_type=turn.route.task_type,
        reason=turn.route.reason,
    )


def _given(n: int, passage: Passage) -> GivenPassage:
    return GivenPassage(
        n=n,
        document_id=passage.document_id,
        filename=passage.filename,
        start=passage.start,
        end=passage.end,
        quote=passage.text,
        score=round(passage.score, 4),
    )


def _cited(passages: list[Passage], used: list[int]) -> list[dict[str, object]]:
    return [
        {
            "n": n,
            "document_id": passages[n - 1].document_id,
            "filename": passages[n - 1].filename,
            "start": passages[n - 1].start,
            "end": passages[n - 1].end,
            "quote": passages[n - 1].text,
        }
        for n in sorted(used)
    ]


async def _to_the_end(work: Coroutine[None, None, None]) -> None:
    """Do it whole: a client that leaves cancels whoever waits here, and the answer so far must be kept."""
    # A task of its own: asyncio's cancellation, unlike anyio's, does not stop at a shielded scope.
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            await asyncio.wait({task})
        raise


async def _record(
    turn: Turn,
    model: ToolboxModel,
    said: _Answer,
    citations: list[dict[str, object]],
    services: ChatServices,
) -> None:
    """Raises `ConversationNotFound` when it was deleted meanwhile."""
    async with transaction(services.sessions) as session:
        await crud.get_conversation(session, turn.conversation_id, owner_id=turn.owner_id)
        await crud.add_message(
            session,
            id=turn.message_id,
            conversation_id=turn.conversation_id,
            owner_id=turn.owner_id,
            role=Role.ASSISTANT,
            text="".join(said.parts),
            finish=said.finish,
            error_code=said.error_code,
            provider=model.provider,
            model_id=model.model_id,
            task_type=turn.route.task_type,
            reason=turn.route.reason,
            input_tokens=said.usage.input_tokens,
            output_tokens=said.usage.output_tokens,
        )
        await crud.add_citations(session, message_id=turn.message_id, owner_id=turn.owner_id, citations=citations)
    log.info("chat.answered", message_id=str(turn.message_id), finish=said.finish, model=model.model_id)
