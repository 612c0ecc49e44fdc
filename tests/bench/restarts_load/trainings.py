"""Workers that are killed in the middle of a training: the document must end ready, with exactly its chunks."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.chat_load import corpus
from tests.bench.restarts_load.stack import Container, Stack, crash, wait_for
from tests.platform import Owner, register

READY_WITHIN_S = 180.0
# Several batches of vectors, so that there is a middle.
_PARAGRAPHS = 100
_BEGUN_WITHIN_S = 180.0
# An engine waits a tenth of a second before it starts again what crashed, and longer each time.
_COMES_BACK_WITHIN_S = 20.0

_DIGESTS = """
    SELECT document_id, count(*), count(vector), md5(string_agg(
        concat_ws(':', position, start, "end", md5(text), md5(heading)), ',' ORDER BY position))
    FROM chunks
    WHERE document_id = ANY (string_to_array(:'ids', ',')::uuid[])
    GROUP BY document_id;
"""
# Of a document: its chunks, those that have a vector, and a digest of what they are.
Digest = tuple[str, ...]


# Kills, and gives the processes that it killed behind the engine's back.
Act = Callable[[Stack, Container], list[int]]


@dataclass(frozen=True, slots=True)
class Killed:
    """`is_inside`: behind the engine's back. `was_started_by_hand`: nobody else went on with it in time."""

    case: str
    is_inside: bool
    came_back: bool
    was_started_by_hand: bool
    ready_after_s: float
    is_exact: bool


def measure(stack: Stack) -> list[Killed]:
    stack.grow(worker=1)
    owner = register(stack.url)
    try:
        whole = undisturbed(stack, owner)
        inside = [_killed(stack, owner, whole, case, act) for case, act in _INSIDE.items()]
        stack.grow(worker=2)
        one_of_two = _killed(stack, owner, whole, "the engine kills one of two replicas", _by_engine)
        stack.grow(worker=1)
        only_one = _killed(stack, owner, whole, "`docker compose kill -s KILL worker`, the only one", _by_compose)
        return [*inside, one_of_two, only_one]
    finally:
        owner.http.delete("/users/me")
        stack.grow()


def undisturbed(stack: Stack, owner: Owner, text: str | None = None) -> Digest:
    bot = owner.new_bot()["id"]
    document = owner.train(bot, text or long_text(), within_s=2 * READY_WITHIN_S)
    return digests(stack, [document["id"]])[document["id"]]


def long_text(paragraphs: int = _PARAGRAPHS) -> str:
    return corpus.more_shops(paragraphs)


def digests(stack: Stack, documents: Iterable[str]) -> dict[str, Digest]:
    """By document, from the rows themselves."""
    rows = stack.sql(_DIGESTS, ids=",".join(documents))
    return {row[0]: tuple(row[1:]) for row in rows}


def holder(stack: Stack, document_id: str) -> Container:
    """The worker that took the document last."""
    claims = [
        (line["timestamp"], container)
        for container in stack.containers("worker")
        for line in stack.events(container, "document.claimed")
        if line["document_id"] == document_id
    ]
    return max(claims, key=lambda claim: claim[0])[1]


def _killed(stack: Stack, owner: Owner, whole: Digest, case: str, act: Act) -> Killed:
    bot = owner.new_bot()["id"]
    document = owner.upload(bot, long_text()).json()["id"]
    wait_for(lambda: is_half_done(owner, bot, document), "a training is under way", within_s=_BEGUN_WITHIN_S)
    victim = holder(stack, document)
    before = _processes(victim.pid)
    began = time.monotonic()
    killed = act(stack, victim)
    came_back = _comes_back(stack, victim, before, killed or before)
    by_hand = not _ends(owner, bot, document)
    if by_hand:
        stack.grow()
        _ends(owner, bot, document)
    took_s = time.monotonic() - began
    is_ready = owner.document(bot, document)["status"] == "ready"
    is_exact = is_ready and digests(stack, [document])[document] == whole
    return Killed(case, bool(killed), came_back, by_hand, took_s, is_exact)


def _ends(owner: Owner, bot: str, document: str) -> bool:
    """Whether it is ready or failed in the time that a job has."""

    def has_ended() -> bool:
        return owner.document(bot, document)["status"] in ("ready", "failed")

    try:
        wait_for(has_ended, "the training ends", within_s=READY_WITHIN_S, look_every_s=0.5)
    except TimeoutError:
        return False
    return True


def is_half_done(owner: Owner, bot: str, document: str) -> bool:
    told = owner.document(bot, document)
    return bool(told["status"] == "processing" and 0 < told["chunks_embedded"] < told["chunks"])


def _comes_back(stack: Stack, victim: Container, before: Sequence[int], killed: Sequence[int]) -> bool:
    """Whether as many processes run as before without those that were killed, and without anybody's doing."""

    def is_back() -> bool:
        found = [pid for one in stack.containers("worker") if one.id == victim.id for pid in _processes(one.pid)]
        return len(found) >= len(before) and not set(found) & set(killed)

    try:
        wait_for(is_back, "the container is back", within_s=_COMES_BACK_WITHIN_S, look_every_s=0.5)
    except TimeoutError:
        return False
    return True


def _by_engine(stack: Stack, victim: Container) -> list[int]:
    stack.docker("kill", "--signal", "KILL", victim.id)
    return []


def _by_compose(stack: Stack, victim: Container) -> list[int]:
    stack.compose("kill", "-s", "KILL", "worker")
    return []


def _init(stack: Stack, victim: Container) -> list[int]:
    return crash(_processes(victim.pid)[:1])


def _parent(stack: Stack, victim: Container) -> list[int]:
    return crash(_processes(victim.pid)[1:2])


def _lanes(stack: Stack, victim: Container) -> list[int]:
    return crash(_processes(victim.pid)[2:])


def _processes(first: int) -> list[int]:
    """A container's, from the first down: its init, the parent of the lanes, the lanes."""
    try:
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []
    return [first, *(pid for child in children for pid in _processes(int(child)))]


_INSIDE: dict[str, Act] = {
    "the container's first process crashes": _init,
    "the parent of the lanes crashes": _parent,
    "both lanes crash": _lanes,
}
