"""A steady mix of requests from people who never try again, each with a mark by which its effect is found later."""

import asyncio
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.platform import Owner, parse_events, register, text_of

A_SECOND = 20
_PEOPLE = 6
_TIMEOUT_S = 40.0
# In turns. Every one but `read` writes something that no other writes.
_MIX = ("read", "create", "change", "ask", "upload", "read", "create", "change", "ask-plain", "read")
_KNOWN = "El taller de Valdearce abre de nueve a dos y cierra los domingos."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a bot that has learned something, one that has not, and one for files."""

    owner: Owner
    trained: str
    plain: str
    files: str


@dataclass(slots=True)
class Sent:
    """One request. `status` is 0 where no answer came; `end` is how a stream ended."""

    kind: str
    mark: str
    person: Person
    keeps_alive: bool
    target: str = ""
    at: float = 0.0
    took_s: float = 0.0
    status: int = 0
    problem: str = ""
    retry_after: str = ""
    end: str = ""
    said: str = ""
    made: str = ""

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_whole(self) -> bool:
        """All that was asked for came."""
        return self.is_acknowledged and self.end in ("", "finished")

    @property
    def outcome(self) -> str:
        """In few words, for the report."""
        if self.is_acknowledged:
            return "2xx" if self.is_whole else f"2xx, then {self.end}"
        return f"{self.status} {self.problem}".strip() if self.status else self.problem


def people(url: str) -> list[Person]:
    """New accounts, so that no limit of an owner is met. Needs the workers."""
    return [_person(url) for _ in range(_PEOPLE)]


def _person(url: str) -> Person:
    owner = register(url)
    bots = [str(owner.new_bot(name=name)["id"]) for name in ("trained", "plain", "files")]
    owner.train(bots[0], _KNOWN, within_s=180)
    return Person(owner, *bots)


def leave(everybody: Sequence[Person]) -> None:
    """Take the accounts away with all that they own, as far as anybody answers."""
    for person in everybody:
        with suppress(httpx2.HTTPError):
            person.owner.http.delete("/users/me")
        person.owner.http.close()


@dataclass(slots=True)
class Traffic:
    """Runs for the length of a block, in a thread of its own; then `sent` is whole.

    Half of the requests go over connections that are kept, the others over one each.
    """

    url: str
    everybody: Sequence[Person]
    sent: list[Sent] = field(default_factory=list)
    # Bots whose making was acknowledged and which nobody has changed.
    _unchanged: deque[tuple[Person, str]] = field(default_factory=deque)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    async def _run(self) -> None:
        options: dict[str, Any] = {"base_url": self.url, "timeout": _TIMEOUT_S, "trust_env": False}
        # As many as there are people: who waits for an answer keeps nobody else from asking.
        many = httpx2.Limits(max_connections=None, max_keepalive_connections=20)
        once = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        async with (
            httpx2.AsyncClient(**options, limits=many) as keeping,
            httpx2.AsyncClient(**options, limits=once, headers={"Connection": "close"}) as closing,
            asyncio.TaskGroup() as tasks,
        ):
            due = asyncio.get_running_loop().time()
            number = 0
            while not self._stop.is_set():
                sent = self._next(number)
                self.sent.append(sent)
                tasks.create_task(_send(keeping if sent.keeps_alive else closing, sent, self._unchanged))
                number, due = number + 1, due + 1 / A_SECOND
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))

    def _next(self, number: int) -> Sent:
        kind, mark = _MIX[number % len(_MIX)], f"{number}-{uuid.uuid4().hex}"
        rounds = number // len(_MIX)
        person = self.everybody[rounds % len(self.everybody)]
        keeps_alive = (number + rounds) % 2 == 0
        if kind != "change":
            return Sent(kind, mark, person, keeps_alive)
        if not self._unchanged:
            return Sent("read", mark, person, keeps_alive)
        person, bot = self._unchanged.popleft()
        return Sent(kind, mark, person, keeps_alive, target=bot)


async def _send(http: httpx2.AsyncClient, sent: Sent, unchanged: deque[tuple[Person, str]]) -> None:
    sent.at = time.monotonic()
    try:
        async with http.stream(**_request(sent)) as answer:
            sent.status = answer.status_code
            await _read(answer, sent)
    except httpx2.HTTPError as error:
        # With a status it is an answer that broke off.
        sent.problem, sent.end = type(error).__name__, "broken" if sent.status else ""
    sent.took_s = time.monotonic() - sent.at
    if sent.kind == "create" and sent.is_whole:
        unchanged.append((sent.person, sent.made))


async def _read(answer: httpx2.Response, sent: Sent) -> None:
    sent.retry_after = answer.headers.get("Retry-After", "")
    sent.made = answer.headers.get("X-Conversation-Id", "")
    sent.end = "broken" if sent.made else ""
    body = await answer.aread()
    if sent.made:
        events = parse_events(body.decode())
        sent.said, sent.end = text_of(events), _end_of(events)
    elif sent.kind != "read" and sent.is_acknowledged:
        sent.made = answer.json()["id"]
    elif not sent.is_acknowledged:
        sent.problem = _code_of(answer)


def _end_of(events: list[tuple[str, dict[str, Any]]]) -> str:
    name, data = events[-1] if events else ("nothing", {})
    return str(data["code"]) if name == "error" else name


def _code_of(answer: httpx2.Response) -> str:
    """A problem's code, and `no problem` for a body that is none."""
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return "no problem"


def _request(sent: Sent) -> dict[str, Any]:
    person = sent.person
    headers = {"Authorization": f"Bearer {person.owner.token}"}
    match sent.kind:
        case "create":
            return {"method": "POST", "url": "/bots/", "json": {"name": sent.mark}, "headers": headers}
        case "change":
            body = {"description": sent.mark}
            return {"method": "PUT", "url": f"/bots/{sent.target}", "json": body, "headers": headers}
        case "ask" | "ask-plain":
            bot = person.trained if sent.kind == "ask" else person.plain
            headers["Accept"] = "text/event-stream"
            return {"method": "POST", "url": f"/chat/{bot}", "json": {"query": question(sent)}, "headers": headers}
        case "upload":
            file = {"file": (f"{sent.mark}.txt", file_text(sent).encode(), "text/plain")}
            return {"method": "POST", "url": f"/bots/{person.files}/train", "files": file, "headers": headers}
        case _:
            return {"method": "GET", "url": "/bots/?limit=5", "headers": headers}


def question(sent: Sent) -> str:
    return f"¿Cuándo abre el taller? {sent.mark}"


def file_text(sent: Sent) -> str:
    return f"Esta nota lleva la marca {sent.mark} y no dice nada más."
