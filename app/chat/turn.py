"""River one: a question is saved, passages are found, a model speaks, and what it said is kept.

A handful of statements, each a transaction of its own; no session is open while a model speaks.
"""

import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from app.chat import prompt, refusal, toolbox
from app.chat.asking import PASSAGES, Asked, ChatServices, Turn, give_back, open_turn, start_turn
from app.chat.citations import MarkerFilter
from app.chat.events import ChatEvent, Delta, Finished, GivenPassage, Sources, Started
from app.chat.question import fitting
from app.chat.reasons import told
from app.chat.record import Filing, Said, citations_of, record, to_the_end, usage_of
from app.chat.speak import Candidate, Voice, first_that_speaks
from app.chat.task_router import GENERAL, Route, choose
from app.core.database import statement
from app.core.errors import BytchatError, Conflict
from app.core.logging import add_log_fields
from app.knowledge.confidence import confidence_of
from app.knowledge.passages import Passage
from app.knowledge.search import rank
from app.models import EmbeddingModel, Finish, Provider
from app.providers import base
from app.providers.base import EXTRACTIVE, ChatRequest, SourceText
from app.providers.extract import split_sentences

# What neither PostgreSQL nor UTF-8 holds; a model that says it must not lose its answer.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Who answers, why, and the passages that can be cited."""

    voice: Voice
    task_type: str
    reason: str
    passages: tuple[Passage, ...]


async def converse(asked: Asked, services: ChatServices) -> AsyncGenerator[ChatEvent]:
    """The events of `chat.events`. What was said is stored however it ends.

    Raises `NotAuthenticated`, `NotFound`, `NoModel`, `ProviderKeyMissing` or `QuotaExceeded`, and then nothing is
    stored; and what `first_that_speaks` raises, with the ids of the stored question among its members.
    """
    began_at = time.monotonic()
    begun = services.foresight.foresee((asked.session_id, asked.bot_id), asked.text)
    try:
        opening = await open_turn(asked, services)
        add_log_fields(owner_id=str(opening.owner_id), bot_id=str(asked.bot_id))
        seat = await services.quotas.enter(opening.owner_id)
        try:
            turn = await start_turn(asked, opening, services, began_at=began_at, begun=begun)
            async with aclosing(_answer(turn, services)) as events:
                async for event in events:
                    yield event
        finally:
            await to_the_end(services.quotas.leave(seat))
    finally:
        if begun is not None:
            begun.cancel()


async def _answer(turn: Turn, services: ChatServices) -> AsyncGenerator[ChatEvent]:
    asked: list[Candidate] = []
    try:
        passages = await _find_passages(turn, services)
        sure = await _confidence(turn, passages, services) if turn.opening.is_strict else None
        if sure is not None and sure < turn.opening.min_score:
            spoken = await _refuse(turn, sure, has_passages=bool(passages))
        else:
            route = _route(turn)
            request = _request(turn, passages)
            asked = _asked(turn, route, request, services)
            if sure is None and any(map(_is_extractive, asked)):
                asked = await _doubted(turn, asked, passages, services)
            voice = await first_that_speaks(asked, patience=services.patience, circuits=services.circuits)
            reason = told(route, voice, turn.asked.language, turn.means.passed_over)
            # Only what the prompt had room for can be cited.
            spoken = _Spoken(voice, route.task_type, reason, tuple(passages[: len(request.sources)]))
    except BaseException as error:
        await to_the_end(_give_up(turn, error, asked, services))
        raise
    async with aclosing(_speak(turn, spoken, services)) as events:
        async for event in events:
            yield event


async def _confidence(turn: Turn, passages: Sequence[Passage], services: ChatServices) -> float:
    """That the passages hold the answer; below 0 where there is none."""
    if not passages:
        return -1.0
    embedder = services.providers.embedder(EmbeddingModel.LOCAL, key=None)
    return await confidence_of(_question(turn, passages), passages, embedder, model=turn.opening.embedding_model)


async def _refuse(turn: Turn, sure: float, *, has_passages: bool) -> _Spoken:
    opening = turn.opening
    voice = await refusal.refuse(turn.asked.text, own=opening.refusal)
    reason = refusal.reason_of(sure, opening.min_score, has_passages=has_passages, language=turn.asked.language)
    return _Spoken(voice, _task_type(turn), reason, ())


def _task_type(turn: Turn) -> str:
    """That of the route, where there is one: a bot that refuses needs no model."""
    try:
        return _route(turn).task_type
    except Conflict:
        return turn.asked.task_type or GENERAL


def _asked(turn: Turn, route: Route, request: ChatRequest, services: ChatServices) -> list[Candidate]:
    return toolbox.candidates(
        route.candidates,
        request=request,
        known=turn.means.known,
        catalog=services.catalog,
        providers=services.providers,
    )


async def _doubted(
    turn: Turn, asked: list[Candidate], passages: Sequence[Passage], services: ChatServices
) -> list[Candidate]:
    """The extractive one knows the documents alone: where they hold nothing it must not quote what is near."""
    if await _confidence(turn, passages, services) >= turn.opening.min_score:
        return asked
    return [_without_sources(one) if _is_extractive(one) else one for one in asked]


def _is_extractive(candidate: Candidate) -> bool:
    return candidate.provider is Provider.LOCAL and candidate.model_id == EXTRACTIVE


def _without_sources(candidate: Candidate) -> Candidate:
    return replace(candidate, request=replace(candidate.request, sources=()))


async def _give_up(turn: Turn, error: BaseException, asked: Sequence[Candidate], services: ChatServices) -> None:
    """Nobody spoke: the question stays, and whoever asked can have it answered again."""
    if isinstance(error, BytchatError):
        error.members.update(conversation_id=str(turn.conversation_id), question_id=str(turn.question_id))
    # Left or cut off by us, the vendor may have been at work and bill it.
    was_left = not isinstance(error, BytchatError) or error.fields.get("timed_out", False)
    spent = toolbox.abandoned_micro_usd(asked, services.catalog) if was_left else 0
    await give_back(turn.held, services, owner_id=turn.opening.owner_id, spent_micro_usd=spent)


def _route(turn: Turn) -> Route:
    return choose(
        turn.means.toolbox,
        question=turn.asked.text,
        earlier=turn.earlier,
        vector=turn.vector,
        task_type=turn.asked.task_type,
        has_documents=turn.opening.has_documents,
        language=turn.asked.language,
    )


async def _find_passages(turn: Turn, services: ChatServices) -> list[Passage]:
    if not turn.opening.has_documents:
        return []
    async with statement(services.sessions) as session:
        return await rank(
            session,
            turn.hits,
            bot_id=turn.asked.bot_id,
            owner_id=turn.opening.owner_id,
            vector=turn.search_vector,
            limit=PASSAGES,
            model=turn.opening.embedding_model,
        )


def _request(turn: Turn, passages: list[Passage]) -> ChatRequest:
    request = prompt.build(
        system_prompt=turn.opening.system_prompt,
        passages=[SourceText(n, passage.text, passage.score) for n, passage in enumerate(passages, start=1)],
        history=turn.history,
        question=turn.asked.text,
        model_id="",
        budget_tokens=prompt.room_tokens(system_prompt=turn.opening.system_prompt, question=turn.asked.text),
        max_output_tokens=toolbox.MAX_OUTPUT_TOKENS,
        grounding=turn.opening.grounding,
    )
    is_strict, own = turn.opening.is_strict, turn.opening.refusal
    said_instead = refusal.sentence_of(turn.asked.text, own=own) if is_strict else ""
    # A model that reads no prompt sees no history: its question must stand alone.
    return replace(request, question=_question(turn, passages), refusal=said_instead)


def _question(turn: Turn, passages: Sequence[Passage]) -> str:
    """With as much of its context as the passages answer."""
    sentences = (sentence for passage in passages for sentence in split_sentences(passage.text))
    return fitting(turn.asked.text, turn.search_query, sentences)


async def _speak(turn: Turn, spoken: _Spoken, services: ChatServices) -> AsyncGenerator[ChatEvent]:
    said, voice, passages = Said(turn.began_at), spoken.voice, spoken.passages
    markers = MarkerFilter(count=len(passages))
    try:
        async with aclosing(voice.rest), aclosing(_checked(voice, said, markers)) as deltas:
            yield _started(turn, spoken)
            if passages:
                yield Sources(tuple(_given(n, passage) for n, passage in enumerate(passages, start=1)))
            async for text in deltas:
                said.add(text)
                yield Delta(text)
    except Exception as error:
        said.finish = Finish.ERROR
        said.error_code = error.code if isinstance(error, BytchatError) else BytchatError.code
        raise
    finally:
        used = usage_of(said, voice.candidate, services.catalog)
        citations = citations_of(passages, markers.used, text=said.text, question=_question(turn, passages))
        await to_the_end(
            record(
                said,
                _filing(turn, spoken),
                by=voice.candidate,
                used=used,
                citations=citations,
                catalog=services.catalog,
                metrics=services.metrics,
                sessions=services.sessions,
            )
        )
    yield Finished(said.finish, used, tuple(citations))


async def _checked(voice: Voice, said: Said, markers: MarkerFilter) -> AsyncGenerator[str]:
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


def _filing(turn: Turn, spoken: _Spoken) -> Filing:
    return Filing(
        message_id=turn.message_id,
        question_id=turn.question_id,
        owner_id=turn.opening.owner_id,
        bot_id=turn.asked.bot_id,
        conversation_id=turn.conversation_id,
        task_type=spoken.task_type,
        reason=spoken.reason,
        toolbox=turn.opening.toolbox,
        day=turn.held.day,
    )


def _started(turn: Turn, spoken: _Spoken) -> Started:
    return Started(
        message_id=turn.message_id,
        conversation_id=turn.conversation_id,
        question_id=turn.question_id,
        model=spoken.voice.candidate.model_id,
        provider=spoken.voice.candidate.provider,
        task_type=spoken.task_type,
        reason=spoken.reason,
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
