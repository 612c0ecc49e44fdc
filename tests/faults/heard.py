"""A streamed answer as a client hears it, and what about it must never be."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.faults.belongings import Ending
from tests.faults.provider import answer_to

_LAST = ("finished", "error")
# Who answers in the place of the provider, and in words of their own.
_STAND_INS = ("extractive", "refusal")

Event = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Heard:
    """What came, and when, on the monotonic clock. `events` are whole ones; plain text has none."""

    is_plain: bool
    began: float
    ended: float = 0.0
    ending: Ending = Ending.CUT
    events: list[Event] = field(default_factory=list)
    plain: str = ""
    _rest: str = ""

    def feed(self, piece: str) -> None:
        if self.is_plain:
            self.plain += piece
            return
        *blocks, self._rest = (self._rest + piece).split("\n\n")
        self.events += [event for block in blocks if (event := _event(block))]

    @property
    def text(self) -> str:
        return self.plain or "".join(data["text"] for name, data in self.events if name == "delta")

    @property
    def last(self) -> Event | None:
        return next((event for event in self.events if event[0] in _LAST), None)

    def told(self, name: str) -> dict[str, Any]:
        """The first event of that name, empty where there was none."""
        return next((data for kind, data in self.events if kind == name), {})

    def end(self, *, is_clean: bool) -> None:
        """The connection is over: as the protocol has it, or cut."""
        if self.last is not None:
            self.ending = Ending(self.last[0])
        elif is_clean and self.is_plain:
            self.ending = Ending.CLEAN
        else:
            self.ending = Ending.CUT


def _event(block: str) -> Event | None:
    fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
    return (fields["event"], json.loads(fields["data"])) if fields else None


def wrong_with(heard: Heard, question: str, *, is_over: bool) -> list[str]:
    """What must not be in an answer, whatever was broken meanwhile. `is_over` where its end came as it should."""
    names = [name for name, _ in heard.events]
    found = []
    if sum(name in _LAST for name in names) > 1:
        found.append(f"two last events: {names[-3:]}")
    elif heard.last is not None and names[-1] not in _LAST:
        found.append(f"{names[-1]} after {heard.last[0]}")
    if is_over and not heard.is_plain and heard.last is None:
        found.append(f"a stream that ended in order without a last event, after {names[-2:]}")
    if names and names[0] not in ("started", "headers"):
        found.append(f"a stream that began with {names[0]}")
    if heard.told("started").get("model") in _STAND_INS:
        return found
    return found + _wrong_words(heard, question)


def _wrong_words(heard: Heard, question: str) -> list[str]:
    text = heard.text
    possible = [answer_to(question, cites=cites) for cites in _may_cite(heard)]
    if heard.ending in (Ending.FINISHED, Ending.CLEAN):
        return (
            [] if text in possible else [f"an answer told as whole that is {text!r:.160}, not {possible[0]!r:.160}"]
        )
    return [] if any(whole.startswith(text) for whole in possible) else [f"words that nobody said: {text!r:.160}"]


def _may_cite(heard: Heard) -> list[bool]:
    if heard.is_plain:
        return [False, True]
    return [bool(heard.told("sources"))]


def may_be_said(text: str, question: str) -> bool:
    """Whether it is the beginning of what the provider says to that question."""
    return any(answer_to(question, cites=cites).startswith(text) for cites in (False, True))
