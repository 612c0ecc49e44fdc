"""Draws what goes wrong, when, and for how long; several things at once now and then."""

import random
import time
from collections import Counter
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.faults.faults import FAULTS, Fault, NotNow
from tests.faults.stage import APIS, Stage
from tests.services import wait_until

_LOOK_EVERY_S = 0.05
# Between two draws; work goes on undisturbed meanwhile, if no fault lasts.
_PAUSES_S = (0.1, 2.5)
# How many at once, by lot.
_AT_ONCE = (1, 1, 1, 1, 2, 2, 3)


# What these hold may keep an answer from being stored; an API that is asked to stop stores it first.
_OF_RECORDS = frozenset({"backends", "locks", "links-postgresql", "api"})
_IN_ORDER = "api-terminated"


@dataclass(slots=True, eq=False)
class Injected:
    """When a fault was there, on the monotonic clock. `ended` is None while it is."""

    name: str
    began: float
    ended: float | None = None
    disturbs_records: bool = False


@dataclass(slots=True, eq=False)
class _Running:
    fault: Fault
    block: AbstractContextManager[object]
    ends_at: float
    entry: Injected


class Injector:
    """`counts` are the faults that hit, by name; `recoveries` the seconds from «PostgreSQL is back» to «served».

    Served is: both APIs say that they are ready, and answer a real request. Without names all faults are drawn.
    """

    def __init__(self, stage: Stage, *, seed: int, faults: Collection[str] = ()) -> None:
        if unknown := set(faults) - set(FAULTS):
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        self.counts: Counter[str] = Counter()
        self.recoveries: list[float] = []
        # Also those that hit nothing.
        self.log: list[Injected] = []
        self._stage = stage
        self._lots = random.Random(seed)
        self._faults = [FAULTS[name] for name in sorted(faults or FAULTS)]
        self._running: list[_Running] = []

    def run(self, seconds: float) -> None:
        """Break things for so long, in the caller's thread; then everything is healed and served again."""
        ends_at = time.monotonic() + seconds
        next_at = time.monotonic()
        try:
            while (now := time.monotonic()) < ends_at:
                self._end([one for one in self._running if one.ends_at <= now])
                if now >= next_at:
                    self._draw()
                    next_at = time.monotonic() + self._lots.uniform(*_PAUSES_S)
                time.sleep(_LOOK_EVERY_S)
        finally:
            self._end(list(self._running))
            self._stage.heal()
        self._stage.wait_until_served()

    def _draw(self) -> None:
        for _ in range(self._lots.choice(_AT_ONCE)):
            held = {what for one in self._running for what in one.fault.holds}
            # Every kind is as likely as the others, however many are under way.
            fault = self._lots.choice(self._faults)
            lasts_s = self._lots.uniform(*fault.lasts_s)
            if not held & fault.holds:
                self._begin(fault, lasts_s)

    def _begin(self, fault: Fault, lasts_s: float) -> None:
        if fault.ends_postgresql and not self._is_served():
            return
        block, entry = fault.block(self._stage, self._lots), _entry(fault)
        self.log.append(entry)
        try:
            block.__enter__()
        except NotNow:
            entry.ended = time.monotonic()
            return
        self.counts[fault.name] += 1
        self._running.append(_Running(fault, block, time.monotonic() + lasts_s, entry))

    def _is_served(self) -> bool:
        """Else an API that is only starting would be taken for one that does not recover."""
        stage = self._stage
        return not any(stage.parts[name].is_ending for name in APIS) and all(map(stage.serves, stage.apis))

    def _end(self, those: list[_Running]) -> None:
        for one in those:
            self._running.remove(one)
            try:
                one.block.__exit__(None, None, None)
            except NotNow:
                self.counts[one.fault.name] -= 1
                continue
            finally:
                one.entry.ended = time.monotonic()
            if one.fault.ends_postgresql:
                wait_until(self._stage.database_answers, within_s=60)
                self.recoveries.append(self._stage.wait_until_served())
                one.entry.ended = time.monotonic()


def _entry(fault: Fault) -> Injected:
    disturbs = bool(fault.holds & _OF_RECORDS) and fault.name != _IN_ORDER
    return Injected(fault.name, time.monotonic(), disturbs_records=disturbs)
