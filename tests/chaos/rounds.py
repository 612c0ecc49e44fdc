"""Rounds of chaos: documents come in, something is killed, all starts again, and nothing may be lost or doubled."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg

from tests.chaos.death import Death, Moment
from tests.chaos.expected import Control, differences, leftovers, make_control
from tests.chaos.reader import Looker, Reader, Uploaded
from tests.chaos.stage import LANES, Stage
from tests.chaos.texts import spanish
from tests.platform import Owner, register
from tests.services import wait_until

MODELS = ("openai", "google")
_SIZES = (1_000, 2_000, 4_000, 8_000, 16_000, 40_000)
_LARGEST = 200_000
# Of three batches of vectors and more.
_LONG = 40_000
_OWNERS, _BOTS = 2, 2
# No document is killed five times before it may end: it would fail, as it must.
SETTLE_EVERY = 4
# JOB-1: what is lost goes on within three minutes, and one of up to 200 KB ends within them.
_ENDED_WITHIN_S = 180
# Statements of one process, for documents of these sizes: more are seldom reached.
_STATEMENTS = {"words": 12, "vectors": 24}
_STATEMENTS_A_COMMIT = 3
# Of the time for which a lane holds a document.
_HELD_S = {"words": 0.04, "vectors": 0.12}


_TAKEN_OVER_WITHIN_S = 10
_SELDOM = (Moment.PUBLISH, Moment.PUBLISHED)


class Violation(AssertionError):
    """A fact that must hold does not. Says which seed shows it."""


@dataclass(frozen=True, slots=True)
class Round:
    """What was done in one. `hit` where something was held when it was killed."""

    number: int
    fault: str
    hit: bool
    took_s: float

    def __str__(self) -> str:
        return f"{self.number:4} {self.took_s:5.1f} s  {'hit ' if self.hit else 'idle'}  {self.fault}"


class Chaos:
    """The same seed gives the same texts, faults and steps; only the clock's part differs."""

    def __init__(self, stage: Stage, control: Control, *, seed: int) -> None:
        self._stage, self._control, self._seed = stage, control, seed
        self._seeded = random.Random(seed)
        self._looker = Looker(stage.services.database_url)
        self._shelves = [(owner, bot_id) for owner in _owners(stage) for bot_id in _bots(owner)]
        self._number = 0
        self._waiting: list[Uploaded] = []
        self._deleted: list[str] = []
        self._models = {bot_id: MODELS[0] for _, bot_id in self._shelves}
        self.settled: list[Uploaded] = []
        self.deleted = 0
        self.reader = Reader(stage.services.database_url, lambda: list(self._waiting), seed=seed)

    def close(self) -> None:
        self.reader.close()
        self._looker.close()
        for owner in {id(owner): owner for owner, _ in self._shelves}.values():
            owner.http.close()

    def round(self, fault: str = "") -> Round:
        """One fault, drawn by lot unless it is named."""
        self._number += 1
        began = time.monotonic()
        self._stage.start_the_dead()
        self._stage.wait_for_api()
        drawn = self._seeded.choices(list(FAULTS), [weight for _, weight in FAULTS.values()])[0]
        name = fault or drawn
        told, hit = FAULTS[name][0](self)
        self._stage.start_the_dead()
        return Round(self._number, f"{name}{told and ': ' + told}", hit, time.monotonic() - began)

    def settle(self) -> float:
        """Wait until every document has ended, and look at all their rows. In seconds. Raises `Violation`."""
        began = time.monotonic()
        try:
            wait_until(self._has_ended, within_s=_ENDED_WITHIN_S)
        except AssertionError:
            raise self._violation([f"not ended within {_ENDED_WITHIN_S} s: {self._unfinished()}"]) from None
        found = list(self.reader.violations)
        for one in self._waiting:
            if not one.is_deleted:
                found += [f"round {one.round}: {it}" for it in self._differences(one)]
        found += [it for document_id in self._deleted for it in leftovers(self._looker.connection, document_id)]
        if found:
            raise self._violation(found)
        self.settled += [one for one in self._waiting if not one.is_deleted]
        self.deleted += len(self._deleted)
        self._waiting, self._deleted = [], []
        return time.monotonic() - began

    def check_all(self) -> None:
        """Look again at all that have ever ended. Raises `Violation`."""
        found = [f"round {one.round}: {it}" for one in self.settled for it in self._differences(one)]
        if found:
            raise self._violation(found)

    def dies(self, lane: str) -> tuple[str, bool]:
        """The lane ends itself at a step of its work."""
        death = self._death(list(Moment), _STATEMENTS[lane])
        armed = self._stage.restart(lane, death)
        self._upload(self._seeded.randint(2, 3), least=_LONG)
        wait_until(lambda: not armed.lives or self._has_ended(), within_s=_ENDED_WITHIN_S)
        return str(death), not armed.lives

    def is_killed(self, lane: str, *, parts: Sequence[str] = ()) -> tuple[str, bool]:
        """From outside, at any moment of the time for which the lane holds a document; with it what is named."""
        before = self._leases(lane)
        self._upload(self._seeded.randint(1, 2), least=_LONG, largest=self._seeded.random() < 0.2)
        after_s = self._seeded.uniform(0, _HELD_S[lane])
        self._taken(lane, before)
        _pause(after_s)
        hit = not self._has_ended()
        for part in parts or [lane]:
            self._stage.processes[part].kill()
        return f"{after_s * 1000:.0f} ms after its claim", hit

    def freezes(self, lane: str) -> tuple[str, bool]:
        """Past its lease, beside another that goes on with its document; then it wakes."""
        before = self._leases(lane)
        self._upload(2)
        taken = self._taken(lane, before)
        frozen = self._stage.processes[lane]
        frozen.freeze()
        other = self._stage.fork(lane)
        # Frozen within a message to PostgreSQL it keeps the row locked until it wakes, whatever the timeouts are.
        with suppress(AssertionError):
            wait_until(lambda: not taken & self._leases(lane), within_s=_TAKEN_OVER_WITHIN_S)
        frozen.wake()
        self._upload(1)
        other.kill()
        return "", bool(taken)

    def loses_the_broker(self, *, with_data: bool) -> tuple[str, bool]:
        self._upload(self._seeded.randint(2, 4))
        after_s = self._seeded.uniform(0, 0.2)
        _pause(after_s)
        hit = not self._has_ended()
        self._stage.broker.kill()
        if with_data:
            self._stage.empty_broker()
        self._stage.broker.start()
        return f"after {after_s * 1000:.0f} ms", hit

    def loses_postgresql(self) -> tuple[str, bool]:
        self._upload(self._seeded.randint(2, 3))
        after_s = self._seeded.uniform(0, 0.4)
        _pause(after_s)
        hit = not self._has_ended()
        self._stage.postgresql.kill()
        self._stage.postgresql.start()
        return f"after {after_s * 1000:.0f} ms", hit

    def loses_the_api(self) -> tuple[str, bool]:
        """Right behind its 202: the job may not have been sent."""
        self._upload(1)
        self._stage.processes["api"].kill()
        return "", True

    def loses_everything(self) -> tuple[str, bool]:
        """As a power cut does it."""
        self._upload(3)
        _pause(self._seeded.uniform(0, 0.3))
        hit = not self._has_ended()
        for process in self._stage.processes.values():
            process.kill()
        self._stage.broker.kill()
        self._stage.postgresql.kill()
        self._stage.postgresql.start()
        self._stage.broker.start()
        return "", hit

    def deletes(self) -> tuple[str, bool]:
        """A document in training, with the lane that trains it killed or not."""
        self._upload(2, largest=True)
        gone = self._waiting[-1]
        _pause(self._seeded.uniform(0, 0.5))
        hit = not self._has_ended()
        gone.is_deleted = True
        gone.owner.http.delete(f"/bots/{gone.bot_id}/documents/{gone.id}").raise_for_status()
        self._deleted.append(gone.id)
        if self._seeded.random() < 0.5:
            self._stage.processes["vectors"].kill()
        return "", hit

    def changes_model(self) -> tuple[str, bool]:
        """Of a whole bot, with its vectors' lane ending at a step of that."""
        owner, bot_id = self._seeded.choice(self._shelves)
        self._upload(3, least=_LONG, bot_id=bot_id)
        wait_until(self._has_ended, within_s=_ENDED_WITHIN_S)
        model = next(one for one in MODELS if one != self._models[bot_id])
        death = self._death([one for one in Moment if one not in _SELDOM], 2 * _STATEMENTS["vectors"])
        armed = self._stage.restart("vectors", death)
        owner.http.put(f"/bots/{bot_id}", json={"embedding_model": model}).raise_for_status()
        self._models[bot_id] = model
        wait_until(lambda: not armed.lives or self._has_ended(), within_s=_ENDED_WITHIN_S)
        return f"to {model}, {death}", not armed.lives

    def _death(self, moments: Sequence[Moment], statements: int) -> Death:
        moment = self._seeded.choice(moments)
        if moment in _SELDOM:
            statements = 2
        elif moment in (Moment.COMMIT, Moment.COMMITTED):
            statements //= _STATEMENTS_A_COMMIT
        return Death(moment, self._seeded.randint(1, statements))

    def _upload(self, count: int, *, least: int = 0, largest: bool = False, bot_id: str = "") -> None:
        """The last of them has `least` characters or more, or is the largest that there is."""
        for nth in range(count):
            owner, chosen = self._seeded.choice(self._shelves)
            if bot_id:
                owner, chosen = next(shelf for shelf in self._shelves if shelf[1] == bot_id)
            size = self._seeded.choice(_SIZES)
            if nth == count - 1:
                size = _LARGEST if largest else max(size, least)
            again = self._seeded.random() < 0.15
            self._add(owner, chosen, size, self._seeded.choice(self._waiting) if again and self._waiting else None)

    def _add(self, owner: Owner, bot_id: str, size: int, twin: Uploaded | None) -> None:
        """`twin` is one whose text comes again, in another bot."""
        if twin and twin.bot_id != bot_id:
            text, marks, expected = twin.expected.text, twin.marks, twin.expected
        else:
            text, marks = spanish(self._seeded, characters=size)
            expected = self._control.train(text)
        answer = owner.upload(bot_id, text)
        if answer.status_code != 202:
            # The twin's twin is there already.
            assert answer.status_code == 200, answer.text
            return
        self._waiting.append(Uploaded(answer.json()["id"], bot_id, owner, expected, marks, self._number))

    def _differences(self, one: Uploaded) -> list[str]:
        found = differences(self._looker.connection, one.id, one.expected)
        [(model,)] = self._looker.rows("SELECT embedding_model FROM bots WHERE id = %s", one.bot_id)
        return found + ([f"its bot has {model}"] if model != self._models[one.bot_id] else [])

    def _has_ended(self) -> bool:
        self._stage.start_the_dead()
        return not self._unfinished()

    def _unfinished(self) -> list[str]:
        """Of those that wait, and what is left of a change of model; all while the database is away."""
        known = [one.id for one in self._waiting if not one.is_deleted]
        with suppress(psycopg.OperationalError):
            rows = self._looker.rows(
                "SELECT document.id::text || ' ' || status || ' ' || attempts FROM documents AS document"
                " JOIN bots AS bot ON bot.id = bot_id"
                " WHERE (document.id = ANY(%s::uuid[]) AND status NOT IN ('ready', 'failed'))"
                " OR embedding_due OR next_embedding_model IS NOT NULL",
                known,
            )
            return [row for (row,) in rows]
        return known

    def _leases(self, lane: str) -> set[str]:
        """Those that the lane's workers hold, or died with."""
        rows = self._looker.rows(
            "SELECT lease_token::text FROM documents WHERE lease_token IS NOT NULL"
            " AND CASE WHEN searchable_at IS NULL THEN 'words' ELSE 'vectors' END = %s",
            lane,
        )
        return {token for (token,) in rows}

    def _taken(self, lane: str, before: set[str]) -> set[str]:
        """What the lane took since then, as soon as it took something; empty where it was too quick."""
        found: set[str] = set()

        def has_taken() -> bool:
            found.update(self._leases(lane) - before)
            return bool(found) or not self._unfinished()

        wait_until(has_taken, within_s=_ENDED_WITHIN_S)
        return found

    def _violation(self, found: list[str]) -> Violation:
        told = "\n  ".join(found[:20])
        return Violation(f"seed {self._seed}, up to round {self._number}:\n  {told}")


Fault = Callable[[Chaos], tuple[str, bool]]
# How each is done, and how often it is drawn.
FAULTS: dict[str, tuple[Fault, int]] = {
    "words die": (lambda chaos: chaos.dies("words"), 6),
    "vectors die": (lambda chaos: chaos.dies("vectors"), 6),
    "words killed": (lambda chaos: chaos.is_killed("words"), 3),
    "vectors killed": (lambda chaos: chaos.is_killed("vectors"), 3),
    "worker killed": (lambda chaos: chaos.is_killed("vectors", parts=LANES), 2),
    "words frozen": (lambda chaos: chaos.freezes("words"), 1),
    "vectors frozen": (lambda chaos: chaos.freezes("vectors"), 1),
    "broker killed": (lambda chaos: chaos.loses_the_broker(with_data=False), 1),
    "broker emptied": (lambda chaos: chaos.loses_the_broker(with_data=True), 2),
    "postgresql killed": (lambda chaos: chaos.loses_postgresql(), 2),
    "api killed": (lambda chaos: chaos.loses_the_api(), 2),
    "everything killed": (lambda chaos: chaos.loses_everything(), 1),
    "document deleted": (lambda chaos: chaos.deletes(), 2),
    "model changed": (lambda chaos: chaos.changes_model(), 4),
}


@contextmanager
def chaos(stage: Stage, *, seed: int) -> Iterator[Chaos]:
    """Ready for the first round."""
    begun = Chaos(stage, make_control(stage.services), seed=seed)
    try:
        yield begun
    finally:
        begun.close()


def _owners(stage: Stage) -> list[Owner]:
    return [register(stage.url) for _ in range(_OWNERS)]


def _bots(owner: Owner) -> list[str]:
    return [str(owner.new_bot(embedding_model=MODELS[0])["id"]) for _ in range(_BOTS)]


def _pause(seconds: float) -> None:
    """Until the drawn moment: it is what is tested."""
    time.sleep(seconds)
