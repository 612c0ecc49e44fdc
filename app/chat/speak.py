"""The first model that speaks, bounded in time; another one is asked only while nothing has been said."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import structlog

from app.chat.task_router import Route, ToolboxModel
from app.core.errors import AnswerCutShort, ProviderError, ProviderKeyInvalid, ProviderUnavailable
from app.providers.base import ChatProvider, ChatRequest, Finished, TextDelta

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for the first token, between two tokens and for the whole answer."""

    first_token_s: float
    gap_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Voice:
    """A model that has begun: what it said first, and the rest, which whoever has the voice closes."""

    model: ToolboxModel
    first: TextDelta | Finished
    rest: AsyncGenerator[TextDelta | Finished]


async def first_that_speaks(
    route: Route,
    *,
    provider_of: Callable[[ToolboxModel], ChatProvider],
    request_for: Callable[[ToolboxModel], ChatRequest],
    patience: Patience,
) -> Voice:
    """Raises `ProviderKeyInvalid` or `ProviderUnavailable` when none of the candidates says a word."""
    failure: ProviderError | None = None
    for model in route.candidates:
        pieces = _bounded(provider_of(model).stream(request_for(model)), patience)
        try:
            return Voice(model, await anext(pieces), pieces)
        except ProviderError as error:
            failure = error
            log.warning("chat.model_failed", provider=model.provider, model=model.model_id, cause=str(error))
    if failure is not None and failure.status in (401, 403) and len(route.candidates) == 1:
        raise ProviderKeyInvalid(provider=route.candidates[0].provider) from failure
    raise ProviderUnavailable from failure


async def _bounded(
    stream: AsyncGenerator[TextDelta | Finished], patience: Patience
) -> AsyncGenerator[TextDelta | Finished]:
    """What the model says, up to and with `Finished`. Raises `AnswerCutShort` when it stops half-way.

    Its first step is the model's: once that was taken, closing this closes the model's stream.
    """
    try:
        said = await _next(stream, patience.first_token_s)
        yield said
        ends_at = time.monotonic() + patience.total_s
        while not isinstance(said, Finished):
            said = await _next_or_cut(stream, min(patience.gap_s, ends_at - time.monotonic()))
            yield said
    finally:
        await stream.aclose()


async def _next_or_cut(stream: AsyncGenerator[TextDelta | Finished], timeout_s: float) -> TextDelta | Finished:
    try:
        return await _next(stream, timeout_s)
    except ProviderError as error:
        raise AnswerCutShort from error


async def _next(stream: AsyncGenerator[TextDelta | Finished], timeout_s: float) -> TextDelta | Finished:
    # The clock runs for one step only: a timeout held across a yield would cancel whoever consumes.
    try:
        async with asyncio.timeout(max(timeout_s, 0)):
            return await anext(stream)
    except StopAsyncIteration as error:
        raise ProviderError(cause="it ended without a last word") from error
    except TimeoutError as error:
        raise ProviderError(cause="it took too long") from error
