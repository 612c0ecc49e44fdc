"""What an answer said and used, and how that is kept however it ends."""

import asyncio
import time
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

import anyio
import structlog

from app import crud
from app.chat import toolbox
from app.chat.catalog import Catalog
from app.chat.events import AnswerUsage, Citation
from app.chat.metrics import AnswerMetrics
from app.chat.quotes import narrowed, supporting
from app.chat.speak import Candidate
from app.chat.usage import cost_micro_usd, dearest_micro_usd, estimated_usage
from app.core.database import Sessions, statement
from app.knowledge.passages import Passage
from app.models import Finish, KeySource
from app.providers.base import Usage
from app.queries.answers import NewAnswer
from app.queries.turns import ToolboxEntry

log = structlog.get_logger()


@dataclass(slots=True)
class Said:
    """What a model has said so far. Times are those of `time.monotonic`."""

    began_at: float
    first_token_at: float | None = None
    parts: list[str] = field(default_factory=list)
    finish: Finish = Finish.INTERRUPTED
    error_code: str | None = None
    usage: Usage = field(default_factory=Usage)

    def add(self, text: str) -> None:
        if self.first_token_at is None:
            self.first_token_at = time.monotonic()
        self.parts.append(text)

    @property
    def first_token_s(self) -> float | None:
        return None if self.first_token_at is None else self.first_token_at - self.began_at

    @property
    def text(self) -> str:
        return "".join(self.parts)


@dataclass(frozen=True, slots=True)
class Filing:
    """Where an answer belongs. What it may cost is held on the owner's `day`."""

    message_id: uuid.UUID
    question_id: uuid.UUID
    owner_id: uuid.UUID
    bot_id: uuid.UUID
    conversation_id: uuid.UUID
    task_type: str
    reason: str
    toolbox: tuple[ToolboxEntry, ...]
    day: date


def usage_of(said: Said, by: Candidate, catalog: Catalog) -> AnswerUsage:
    """The provider's own count, or ours and marked so where it gave none."""
    if by.is_free:
        return AnswerUsage(input_tokens=0, output_tokens=0, estimated=False, cost_micro_usd=0)
    used = said.usage
    is_estimated = used.input_tokens is None or used.output_tokens is None
    if is_estimated:
        used = estimated_usage(by.request, said.text)
    input_tokens, output_tokens = used.input_tokens or 0, used.output_tokens or 0
    model = catalog.find(by.provider, by.model_id)
    cost = cost_micro_usd(model, input_tokens=input_tokens, output_tokens=output_tokens)
    return AnswerUsage(input_tokens, output_tokens, is_estimated, cost)


async def record(
    said: Said,
    filing: Filing,
    *,
    by: Candidate,
    used: AnswerUsage,
    citations: Sequence[Citation],
    catalog: Catalog,
    metrics: AnswerMetrics,
    sessions: Sessions,
) -> None:
    """Raises `ConversationNotFound` when it was deleted meanwhile; the ledger has its entry all the same."""
    tokens = {"input_tokens": used.input_tokens, "output_tokens": used.output_tokens}
    metrics.answered(by.provider, said.finish, first_token_s=said.first_token_s, **tokens)
    known = (
        catalog.find(one.provider, toolbox.current_id(catalog, one.provider, one.model_id))
        for one in filing.toolbox
    )
    answer = NewAnswer(
        id=filing.message_id,
        bot_id=filing.bot_id,
        conversation_id=filing.conversation_id,
        question_id=filing.question_id,
        text=said.text,
        finish=said.finish,
        error_code=said.error_code,
        provider=by.provider,
        model_id=by.model_id,
        task_type=filing.task_type,
        reason=filing.reason,
        key_source=by.key_source,
        tokens_estimated=used.estimated,
        cost_micro_usd=used.cost_micro_usd,
        dearest_micro_usd=dearest_micro_usd(known, **tokens),
        server_micro_usd=_owed_micro_usd(said, by, used, catalog),
        first_token_ms=round(((said.first_token_at or time.monotonic()) - said.began_at) * 1000),
        duration_ms=round((time.monotonic() - said.began_at) * 1000),
        day=filing.day,
        **tokens,
    )
    async with statement(sessions) as session:
        await crud.add_answer(session, answer, [asdict(one) for one in citations], owner_id=filing.owner_id)
    log.info("chat.answered", message_id=str(answer.id), finish=said.finish, model=by.name)


def _owed_micro_usd(said: Said, by: Candidate, used: AnswerUsage, catalog: Catalog) -> int:
    """What counts against the owner's share of the server's keys."""
    if by.key_source is not KeySource.SERVER:
        return 0
    is_broken_off = said.finish in (Finish.INTERRUPTED, Finish.ERROR)
    unheard = toolbox.unheard_tokens(by, catalog) if used.estimated and is_broken_off else 0
    return toolbox.server_cost_micro_usd(
        catalog,
        by.provider,
        by.model_id,
        input_tokens=used.input_tokens,
        output_tokens=max(used.output_tokens, unheard),
    )


def citations_of(passages: Sequence[Passage], used: Sequence[int], *, text: str, question: str) -> list[Citation]:
    """Of each passage that the text cites the sentences that it rests on, or the whole where none stands out."""
    return [_citation(n, passages[n - 1], text, question) for n in sorted(used)]


def _citation(n: int, passage: Passage, text: str, question: str) -> Citation:
    start, end = narrowed(passage.text, supporting(text, n, passage.text, question=question))
    return Citation(
        n=n,
        document_id=passage.document_id,
        filename=passage.filename,
        start=passage.start + start,
        end=passage.start + end,
        quote=passage.text[start:end],
    )


async def to_the_end(work: Coroutine[None, None, None]) -> None:
    """Do it whole: a client that leaves cancels whoever waits here, and the answer so far must be kept."""
    # A task of its own: asyncio's cancellation, unlike anyio's, does not stop at a shielded scope.
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            await asyncio.wait({task})
        raise
