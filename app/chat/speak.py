"""The first model that speaks, bounded in time; another one is asked only while nothing has been said."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass

import structlog

from app.chat.circuit import Circuits, Line
from app.core.errors import (
    AnswerCutShort,
    ProviderError,
    ProviderKeyInvalid,
    ProviderResting,
    ProviderSaidNothing,
    ProviderTimedOut,
    ProviderUnavailable,
)
from app.models import KeySource, Provider
from app.providers.base import ChatProvider, ChatRequest, Finished, TextDelta

log = structlog.get_logger()

# Waits before all are asked once more, where nobody said a word.
_RETRY_WAITS_S = (0.4, 1.2)
_LONGEST_RETRY_WAIT_S = 5.0

_BY_KIND = {
    ProviderTimedOut: ("no ha respondido a tiempo", "it did not answer in time"),
    ProviderSaidNothing: ("ha terminado sin decir nada", "it finished without a word"),
    ProviderResting: ("en pausa tras fallar varias veces", "paused after repeated failures"),
}
_BY_STATUS = {
    None: ("no se ha podido hablar con él", "it could not be reached"),
    401: ("clave rechazada (HTTP {status})", "key refused (HTTP {status})"),
    403: ("clave rechazada (HTTP {status})", "key refused (HTTP {status})"),
    404: ("ese modelo no existe (HTTP {status})", "there is no such model (HTTP {status})"),
    429: ("demasiadas peticiones o sin saldo (HTTP {status})", "too many requests or no credit (HTTP {status})"),
}


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for the first token, between two tokens and for the whole answer."""

    first_token_s: float
    gap_s: float
    total_s: float

    @property
    def longest_silence_s(self) -> float:
        """After that nobody else is asked."""
        return 10 * self.first_token_s + _LONGEST_RETRY_WAIT_S

    @property
    def longest_s(self) -> float:
        """By then an answer has ended, whatever was tried for it."""
        return self.longest_silence_s + self.total_s


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may answer: whom to call, with what, and whose key pays."""

    provider: Provider
    model_id: str
    calls: ChatProvider
    request: ChatRequest
    line: Line
    key_source: KeySource | None = None
    # What the toolbox calls it, where the vendor has retired that and this is its successor.
    retired_id: str | None = None
    # It is no model at all: no tokens, no cost.
    is_free: bool = False

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model_id}"

    @property
    def lines(self) -> tuple[Line, Line]:
        """What may rest: the provider and key, and this model of theirs."""
        return self.line, (*self.line, self.model_id)

    def line_of(self, error: ProviderError) -> Line:
        """A model that is slow must not rest all the others, which other owners may be using with the same key."""
        return self.lines[isinstance(error, ProviderTimedOut)]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a candidate said nothing."""

    candidate: Candidate
    error: ProviderError

    def phrase(self, language: str) -> str:
        return f"{self.candidate.name}: {_why(self.error, language)}"


@dataclass(frozen=True, slots=True)
class Voice:
    """A model that has begun: what it said first, and the rest, which whoever has the voice closes.

    `failures` are those of the models that were asked before it, the last of each.
    """

    candidate: Candidate
    first: TextDelta | Finished
    rest: AsyncGenerator[TextDelta | Finished]
    failures: tuple[Failure, ...] = ()


async def first_that_speaks(candidates: Sequence[Candidate], *, patience: Patience, circuits: Circuits) -> Voice:
    """Ask them in order; where nobody answers, those that may soon are asked again after a short wait.

    Raises `ProviderKeyInvalid` when all refused their keys, else `ProviderUnavailable`.
    """
    began = time.monotonic()
    failures: dict[str, Failure] = {}
    again = list(candidates)
    for shortest_s in (0.0, *_RETRY_WAITS_S):
        wait_s = max(shortest_s, _asked_to_wait_s(failures.values()))
        if not again or time.monotonic() - began + wait_s > patience.first_token_s + _LONGEST_RETRY_WAIT_S:
            break
        await asyncio.sleep(wait_s)
        for candidate in again:
            if time.monotonic() - began > patience.longest_silence_s - patience.first_token_s:
                break
            voice = await _begin(candidate, patience, circuits)
            if isinstance(voice, Voice):
                return Voice(candidate, voice.first, voice.rest, tuple(failures.values()))
            if candidate.name not in failures:
                # Its further failures in this request are the same trouble.
                circuits.failed(candidate.line_of(voice.error), voice.error)
            failures[candidate.name] = voice
        again = [failure.candidate for failure in failures.values() if _may_pass_soon(failure.error)]
    raise _told(tuple(failures.values()), circuits)


async def _begin(candidate: Candidate, patience: Patience, circuits: Circuits) -> Voice | Failure:
    if rest_s := max(map(circuits.looks_at_s, candidate.lines)):
        return Failure(candidate, ProviderResting(retry_after_s=rest_s))
    for line in candidate.lines:
        circuits.takes_attempt(line)
    pieces = _bounded(candidate.calls.stream(candidate.request), patience)
    try:
        voice = Voice(candidate, await anext(pieces), pieces)
        if isinstance(voice.first, Finished) and voice.first.finish == "stop":
            await pieces.aclose()
            raise ProviderSaidNothing
    except ProviderError as error:
        log.warning("chat.model_failed", model=candidate.name, cause=str(error))
        return Failure(candidate, error)
    for line in candidate.lines:
        circuits.succeeded(line)
    return voice


def _may_pass_soon(error: ProviderError) -> bool:
    """Whether it is worth asking again within this request: it failed at once, and for a reason that passes."""
    slow = isinstance(error, ProviderTimedOut | ProviderResting)
    return error.is_retryable and not slow and (error.retry_after_s or 0) <= _LONGEST_RETRY_WAIT_S


def _asked_to_wait_s(failures: Iterable[Failure]) -> float:
    """The shortest wait that one of those who may answer soon asked for."""
    waits = (failure.error.retry_after_s or 0 for failure in failures if _may_pass_soon(failure.error))
    return min(waits, default=0.0)


def _told(failures: Sequence[Failure], circuits: Circuits) -> ProviderKeyInvalid | ProviderUnavailable:
    if all(failure.error.refuses_key for failure in failures):
        return ProviderKeyInvalid(provider=failures[0].candidate.provider)
    longest = (
        max(failure.error.retry_after_s or 0, *map(circuits.looks_at_s, failure.candidate.lines))
        for failure in failures
    )
    waits = [wait_s for wait_s in longest if wait_s]
    return ProviderUnavailable(
        failures_es="; ".join(failure.phrase("es") for failure in failures),
        failures_en="; ".join(failure.phrase("en") for failure in failures),
        timed_out=any(isinstance(failure.error, ProviderTimedOut) for failure in failures),
        retry_after_s=math.ceil(min(waits)) if len(waits) == len(failures) else None,
    )


def _why(error: ProviderError, language: str) -> str:
    """For people; the vendor's own words stay out of it."""
    es, en = next((words for kind, words in _BY_KIND.items() if isinstance(error, kind)), _by_status(error.status))
    return (en if language == "en" else es).format(status=error.status)


def _by_status(status: int | None) -> tuple[str, str]:
    if status is not None and status >= 500:
        return "fallo del proveedor (HTTP {status})", "the provider failed (HTTP {status})"
    return _BY_STATUS.get(status, ("petición rechazada (HTTP {status})", "request refused (HTTP {status})"))


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
        raise ProviderTimedOut from error
