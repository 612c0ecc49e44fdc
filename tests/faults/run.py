"""One run from beginning to end: the stage, the crowd, the faults, quiet, the oracle, and the figures of it all."""

import statistics
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.crowd import crowd
from tests.faults.history import History, Invariant, Violation
from tests.faults.injector import Injector
from tests.faults.oracle import QUIET_WITHIN_S, Oracle
from tests.faults.stage import stage
from tests.faults.watcher import watcher
from tests.platform import ROOT

PEOPLE = 6
# What the crowd does: in a run of this length each must have been done, or what is said of it says nothing.
OPERATIONS = (
    *("register", "log in", "log out", "change password", "who am i"),
    *("create bot", "rename bot", "list bots", "delete bot", "search"),
    *("upload", "list documents", "delete document"),
    *("ask", "ask again", "list conversations", "read conversation", "delete conversation"),
)
ALL_WITHIN_S = 120.0
# After PostgreSQL is back both APIs serve again within this time.
RECOVERED_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one seed gave."""

    seed: int
    seconds: float
    injected: Counter[str]
    acknowledged: Counter[str]
    failures: Counter[str]
    counts: Counter[Invariant]
    recoveries: list[float]
    documents: int
    looks: int
    quiet_s: float
    violations: list[Violation] = field(default_factory=list)

    @property
    def never_done(self) -> list[str]:
        """What nobody was let do, which no invariant would notice."""
        expected = OPERATIONS if self.seconds >= ALL_WITHIN_S else ("upload", "ask")
        return [op for op in expected if not self.acknowledged[op]] + ([] if self.documents else ["train"])

    @property
    def slowest_s(self) -> float:
        return max(self.recoveries, default=0.0)

    @property
    def median_s(self) -> float:
        return statistics.median(self.recoveries) if self.recoveries else 0.0

    @property
    def is_clean(self) -> bool:
        return not self.violations


def run(
    folder: Path,
    *,
    seed: int,
    seconds: float,
    faults: Collection[str] = (),
    source: Path = ROOT,
    people: int = PEOPLE,
    quiet_within_s: float = QUIET_WITHIN_S,
    slow: Mapping[str, float] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Result:
    """Break things for so long while people use them, then look. The history stays in the folder.

    `slow` are links over which everything takes so many milliseconds, so that more is hit in the midst of it.
    """
    with (
        History(folder / "history.jsonl") as history,
        stage(folder, source=source, seed=seed, **settings or {}) as made,
        crowd(made.apis, history, seed=seed, size=people) as those,
    ):
        began = time.monotonic()
        injector = Injector(made, seed=seed, faults=faults)
        for link, delay_ms in (slow or {}).items():
            made.links[link].delay(delay_ms)
        those.begin()
        with watcher(made, history) as eye:
            try:
                injector.run(seconds)
            finally:
                those.end()
        oracle = Oracle(made, those, history)
        counts = oracle.judge(injector.log, quiet_within_s=quiet_within_s)
        return Result(
            seed=seed,
            seconds=time.monotonic() - began,
            injected=injector.counts,
            acknowledged=history.acknowledged,
            failures=history.failures,
            counts=counts,
            recoveries=injector.recoveries,
            documents=oracle.documents,
            looks=eye.looks,
            quiet_s=oracle.quiet_s,
            violations=history.violations,
        )
