"""Somebody who uses the platform over HTTP: what they send, what comes back, and what must never come back."""

import random
import socket
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.faults.belongings import Belongings, Ending
from tests.faults.heard import Heard, wrong_with
from tests.faults.history import AS_IT_MUST_BE, History, Invariant, Outcome

# Longer than the longest that the platform itself gives a statement and a free connection.
LIMIT_S = 90.0
_CONNECT_S = 5.0
_LETTERS = "bcdfghjklmnpqrtvwxz"
# What a chat says where the provider refuses every key.
_REFUSED = (409,)
# No answer came at all.
NOTHING = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request brought. `is_lost`: whether it was done is not known."""

    line: int
    status: int
    text: str = ""
    is_lost: bool = False
    json: Any = None

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Reading:
    """How a client reads a stream: it leaves after so many pieces, or first stops reading for a while."""

    is_plain: bool = False
    leaves_after: int | None = None
    stalls_s: float = 0.0


class Marks:
    """The word by which each owner's things are known again, wherever they turn up."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def new(self, who: str, seeded: random.Random) -> str:
        self._known[who] = "".join(seeded.choices(_LETTERS, k=12))
        return self._known[who]

    def foreign(self, who: str, text: str) -> str | None:
        """Whose mark of another owner is in it."""
        return next((other for other, mark in self._known.items() if other != who and mark in text), None)

    def items(self) -> list[tuple[str, str]]:
        return list(self._known.items())


class Person:
    """One owner in one thread. Every request goes to any of the APIs, is bounded in time and is written down."""

    def __init__(
        self, name: str, *, apis: list[str], history: History, marks: Marks, seeded: random.Random
    ) -> None:
        self.name, self.history, self.seeded, self.marks = name, history, seeded, marks
        self.mark = marks.new(name, seeded)
        self.owns = Belongings()
        self.id = ""
        self.token = ""
        # Whether the last request failed: people wait a moment then.
        self.is_unlucky = False
        self._apis = apis
        limit = httpx2.Timeout(LIMIT_S, connect=_CONNECT_S)
        self._http = httpx2.Client(timeout=limit, trust_env=False)
        # Whoever stops reading must soon be noticed at the other end: nothing fits into what lies between.
        narrow = httpx2.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)])
        self._narrow = httpx2.Client(timeout=limit, trust_env=False, transport=narrow)

    def close(self) -> None:
        self._http.close()
        self._narrow.close()

    def send(
        self,
        op: str,
        method: str,
        path: str,
        *,
        also: Collection[int] = (),
        told: str = "",
        token: str = "",
        **content: Any,
    ) -> Reply:
        """`also` are statuses beside 2xx that are right here; `told` is what the history is to know."""
        api = self.seeded.choice(self._apis)
        line = self.history.invoked(self.name, op, method=method, path=path, api=api, told=told)
        began = time.monotonic()
        try:
            answer = self._http.request(method, f"{api}{path}", headers=_headers(token or self.token), **content)
        except httpx2.HTTPError as error:
            return self._lost(line, op, error, began=began)
        return self._told(line, op, answer, also=also)

    def listen(self, op: str, path: str, question: str, reading: Reading, **content: Any) -> tuple[Reply, Heard]:
        """Ask and hear the answer, as the client reads it."""
        api = self.seeded.choice(self._apis)
        line = self.history.invoked(self.name, op, path=path, api=api, told=question, reading=str(reading))
        began, status = time.monotonic(), NOTHING
        heard = Heard(reading.is_plain, began)
        headers = _headers(self.token) | {"Accept": "text/plain" if reading.is_plain else "text/event-stream"}
        http = self._narrow if reading.stalls_s else self._http
        try:
            with http.stream("POST", f"{api}{path}", headers=headers, **content) as answer:
                status = answer.status_code
                if status != 200:
                    answer.read()
                    return self._told(line, op, answer, also=_REFUSED), heard
                _hear_headers(heard, answer.headers)
                is_over = self._read(heard, answer, reading, line=line, began=began)
        except httpx2.HTTPError as error:
            if status != 200:
                return self._lost(line, op, error, began=began), heard
            is_over = False
            heard.end(is_clean=False)
        heard.ended = time.monotonic()
        self._ended(line, op, heard, question, is_over=is_over and heard.ending is not Ending.LEFT)
        return Reply(line, status), heard

    def _read(self, heard: Heard, answer: httpx2.Response, reading: Reading, *, line: int, began: float) -> bool:
        """Whether it was read to its end."""
        for nth, piece in enumerate(answer.iter_text()):
            heard.feed(piece)
            if time.monotonic() - began > LIMIT_S:
                self._hung(line, began)
                break
            if nth == 0 and reading.stalls_s:
                _stop_reading(reading.stalls_s)
            if reading.leaves_after is not None and nth >= reading.leaves_after:
                heard.ending = Ending.LEFT
                return False
        heard.end(is_clean=True)
        return True

    def _ended(self, line: int, op: str, heard: Heard, question: str, *, is_over: bool) -> None:
        self.history.ended(
            line,
            op,
            Outcome.ACKNOWLEDGED,
            kind=heard.ending,
            ids=heard.told("headers") or heard.told("started"),
            last=heard.last,
            text=heard.text,
        )
        for wrong in wrong_with(heard, question, is_over=is_over):
            self.history.violated(Invariant.ANSWERS, wrong, line)
        self._look_for_others(line, str(heard.events))

    def _told(self, line: int, op: str, answer: httpx2.Response, *, also: Collection[int]) -> Reply:
        status, body = answer.status_code, _json(answer)
        self._look_for_others(line, answer.text)
        if answer.is_success or status in also:
            outcome = Outcome.ACKNOWLEDGED if answer.is_success else Outcome.FAILED
            self.history.ended(line, op, outcome, status=status, kind=f"{status} {AS_IT_MUST_BE}", ids=_ids(body))
            return Reply(line, status, answer.text, json=body)
        self.is_unlucky = is_lost = status >= 500
        outcome = Outcome.UNKNOWN if is_lost else Outcome.FAILED
        self.history.ended(line, op, outcome, status=status, kind=str(status), said=answer.text[:300])
        if status == 503 and not answer.headers.get("retry-after", "").isdecimal():
            self.history.violated(Invariant.ANSWERS, "503 without a word of when to come again", line)
        if status not in (503, 429):
            asked = f"{answer.request.method} {answer.request.url.path}"
            self.history.violated(Invariant.ANSWERS, f"{status} to {asked}: {answer.text[:200]}", line)
        return Reply(line, status, answer.text, is_lost=is_lost, json=body)

    def _lost(self, line: int, op: str, error: httpx2.HTTPError, *, began: float) -> Reply:
        """Nobody answered. What was never sent was not done."""
        self.is_unlucky = True
        was_sent = not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
        outcome = Outcome.UNKNOWN if was_sent else Outcome.FAILED
        self.history.ended(line, op, outcome, kind=type(error).__name__, said=str(error))
        if isinstance(error, httpx2.ReadTimeout) or time.monotonic() - began > LIMIT_S:
            self._hung(line, began)
        return Reply(line, NOTHING, is_lost=was_sent)

    def _hung(self, line: int, began: float) -> None:
        waited_s = time.monotonic() - began
        self.history.violated(Invariant.ANSWERS, f"no end within {waited_s:.0f} s", line)

    def _look_for_others(self, line: int, text: str) -> None:
        if other := self.marks.foreign(self.name, text):
            self.history.violated(Invariant.OWNERS, f"{self.name} was shown what is {other}'s: {text[:300]}", line)


def _hear_headers(heard: Heard, headers: Mapping[str, str]) -> None:
    """Plain text has no events: its headers tell the ids."""
    if heard.is_plain:
        ids = {"message_id": headers["x-message-id"], "conversation_id": headers["x-conversation-id"]}
        heard.events.append(("headers", {**ids, "model": headers.get("x-model", "")}))


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _json(answer: httpx2.Response) -> Any:
    if "json" not in answer.headers.get("content-type", ""):
        return None
    return answer.json()


def _ids(body: Any) -> Any:
    """What of an answer the history needs: ids, not texts."""
    if isinstance(body, list):
        return [_ids(one) for one in body]
    if isinstance(body, dict):
        return {name: value for name, value in body.items() if name in ("id", "status", "name", "filename", "code")}
    return None


def _stop_reading(seconds: float) -> None:
    """It is what is tested."""
    time.sleep(seconds)
