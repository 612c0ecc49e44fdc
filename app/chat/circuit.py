"""Remembers which provider and key keep failing, so that nobody waits for them again and again."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from app.core.errors import ProviderError, ProviderResting, ProviderTimedOut

# What a circuit stands for: a provider and the fingerprint of a key, or one model of theirs.
Line = tuple[str, ...]

_OPENS_AT = 3.0
# Two of them open a circuit: each costs somebody half a minute.
_TIMEOUT_WEIGHT = 1.5
_OPEN_S = 30.0
_LONGEST_OPEN_S = 300.0
# Failures further apart than this are not the same trouble.
_MEMORY_S = 120.0
_MOST_LINES = 10_000


@dataclass(slots=True)
class _State:
    score: float = 0.0
    failed_at: float = 0.0
    open_until: float = 0.0
    openings: int = 0
    # Somebody was let through to see whether it is well again.
    is_tried: bool = False

    @property
    def is_open(self) -> bool:
        return self.score >= _OPENS_AT


class Circuits:
    """One circuit a line: three failures in a row open it for half a minute, twice as long each time after that.

    Once it has been open long enough a single attempt is let through; the others wait for what it brings.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._states: dict[Line, _State] = {}

    def looks_at_s(self, line: Line) -> float:
        """Seconds that the line still rests; 0 when it may be tried."""
        state = self._states.get(line)
        return max(0.0, state.open_until - self._clock()) if state and state.is_open else 0.0

    def takes_attempt(self, line: Line) -> None:
        """Somebody tries the line; where it had been open, nobody else does until that has come back."""
        state = self._states.get(line)
        if state is not None and state.is_open:
            # Should the attempt never come back, another is let through after that.
            state.is_tried, state.open_until = True, self._clock() + _OPEN_S

    def failed(self, line: Line, error: ProviderError) -> None:
        """Only failures that may pass count; a refused key or a wrong request says nothing about the line."""
        if not error.is_retryable or isinstance(error, ProviderResting):
            return
        at = self._clock()
        state = self._states.pop(line, None) or _State()
        if not state.is_open and at - state.failed_at > _MEMORY_S:
            state = _State()
        self._states[line] = state
        if state.is_open and not state.is_tried:
            # It was under way when the circuit opened, and tells nothing new.
            return
        state.failed_at = at
        state.score += _TIMEOUT_WEIGHT if isinstance(error, ProviderTimedOut) else 1.0
        if state.is_open:
            lasts_s = min(_OPEN_S * 2**state.openings, _LONGEST_OPEN_S)
            state.open_until = at + max(lasts_s, min(error.retry_after_s or 0, _LONGEST_OPEN_S))
            state.openings, state.is_tried = state.openings + 1, False
        if len(self._states) > _MOST_LINES:
            self._states.pop(next(iter(self._states)))

    def succeeded(self, line: Line) -> None:
        self._states.pop(line, None)
