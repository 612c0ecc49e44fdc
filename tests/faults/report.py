"""The figures of the runs, for the terminal and for `docs/benchmarks/chaos.md`."""

import os
import platform
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.faults import steady
from tests.faults.history import Invariant
from tests.faults.oracle import QUIET_WITHIN_S, told
from tests.faults.run import PEOPLE, RECOVERED_WITHIN_S, Result

_INTRODUCTION = """\
# Chaos

`make chaos SECONDS={seconds:.0f} SEED="{seeds}"` on {cores}, {machine}, {system}: one run a seed. Real processes
share the machine: PostgreSQL, the broker, two APIs, two workers, beat, a stub provider, and a TCP proxy on every
way between them. {people} owners use both APIs at random (accounts, bots, documents, search, chats that are read,
left or stalled) and write down what was acknowledged, while faults are drawn by the seed, often several at once.
Then all is healed, and once every document has ended (within {quiet:.0f} s) an oracle compares what there is with
that: what was acknowledged is there once and whole, what was acknowledged as removed is gone, and what nobody told
the end of is there whole, once, or not at all. The chunks, words and vectors of each document are compared with
those of a training that nothing disturbed.

`make chaos-selftest` removes the sweep, the lease, the shielded record and an owner filter from a copy of the
source, one at a time, and the oracle must find each.
"""


def lines_of(result: Result) -> str:
    """The last lines of a run."""
    lines = [told(result.violations)] if result.violations else []
    lines += [
        f"seed {result.seed}: {result.seconds:.0f} s, quiet after {result.quiet_s:.0f} s",
        f"faults injected: {result.injected.total()} ({counted(result.injected)})",
        f"operations acknowledged: {result.acknowledged.total()} ({counted(result.acknowledged)})",
        f"not acknowledged: {result.failures.total()} ({counted(result.failures)})",
        f"documents compared: {result.documents}, all of them looked at {result.looks} times meanwhile",
        *(f"{invariant}: {result.counts[invariant]}" for invariant in Invariant),
        f"never acknowledged (must be nothing): {', '.join(result.never_done) or 'nothing'}",
        f"recovery after PostgreSQL is back: median {result.median_s:.1f} s, slowest {result.slowest_s:.1f} s"
        f" of {len(result.recoveries)} (at most {RECOVERED_WITHIN_S:.0f} s)",
    ]
    return "\n".join(lines)


def holds(result: Result) -> bool:
    """Every invariant, the time within which the APIs serve again, and that all was tried."""
    return result.is_clean and not result.never_done and result.slowest_s <= RECOVERED_WITHIN_S


def verdict_of(result: Result) -> str:
    """All of a run in one line."""
    said = "all holds" if holds(result) else "MISSED"
    return (
        f"seed {result.seed}: {result.injected.total()} faults, {result.acknowledged.total()} operations"
        f" acknowledged, {len(result.violations)} violations, recovery at most {result.slowest_s:.1f} s: {said}"
    )


def rendered(results: Sequence[Result], steadily: Counter[str], *, seconds: float) -> str:
    """The document. `steadily` is what came of the steady load."""
    parts = [_introduction(results, seconds), _table(_rows(results), seeds=results)]
    parts += ["## A steady loss of connections\n", _steady(steadily)]
    for title, of in (("Faults injected", "injected"), ("Operations acknowledged", "acknowledged")):
        names = sorted({name for result in results for name in getattr(result, of)})
        rows = [(name, [str(getattr(result, of)[name]) for result in results]) for name in names]
        parts += [f"## {title}\n", _table(rows, seeds=results)]
    return "\n".join(parts)


def counted(counts: Counter[str]) -> str:
    """Most first."""
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _introduction(results: Sequence[Result], seconds: float) -> str:
    return _INTRODUCTION.format(
        seconds=seconds,
        seeds=" ".join(str(result.seed) for result in results),
        cores=f"{os.cpu_count()} cores",
        machine=platform.machine(),
        system=platform.system(),
        people=PEOPLE,
        quiet=QUIET_WITHIN_S,
    )


def _rows(results: Sequence[Result]) -> list[tuple[str, list[str]]]:
    def row(name: str, values: Iterable[object]) -> tuple[str, list[str]]:
        return name, [str(value) for value in values]

    return [
        row("seconds", (f"{result.seconds:.0f}" for result in results)),
        row("faults injected", (result.injected.total() for result in results)),
        row("operations acknowledged", (result.acknowledged.total() for result in results)),
        row(
            "operations refused, failed, or of which nobody told the end",
            (result.failures.total() for result in results),
        ),
        row("documents compared with an undisturbed training", (result.documents for result in results)),
        row("kinds of operation never acknowledged (≤ 0)", (_kept(len(it.never_done), 0) for it in results)),
        *(row(f"{one} (≤ 0)", (_kept(result.counts[one], 0) for result in results)) for one in Invariant),
        row("PostgreSQL came back, times", (len(result.recoveries) for result in results)),
        row("served again after it, median, s", (f"{result.median_s:.1f}" for result in results)),
        row(
            f"served again after it, slowest, s (≤ {RECOVERED_WITHIN_S:.0f})",
            (_kept(round(result.slowest_s, 1), RECOVERED_WITHIN_S) for result in results),
        ),
    ]


def _kept(value: float, most: float) -> str:
    return str(value) if value <= most else f"{value} MISSED"


def _steady(counts: Counter[str]) -> str:
    wrong = steady.problems(counts)
    return (
        f"{steady.report(counts)}\n\n{steady.TERMINATIONS_A_SECOND} connections to PostgreSQL end a second under"
        f" {steady.REQUESTS_A_SECOND} requests a second.\nFewer than {steady.MOST_UNAVAILABLE:.1%} may be answered"
        f" 503, none 401, and nothing else may fail: {'MISSED: ' + '; '.join(wrong) if wrong else 'kept'}.\n"
    )


def _table(rows: Sequence[tuple[str, Sequence[str]]], *, seeds: Sequence[Result]) -> str:
    head = ["|  | " + " | ".join(f"seed {result.seed}" for result in seeds) + " |"]
    head.append("| --- |" + " --- |" * len(seeds))
    body = [
        f"| {name} | " + " | ".join([*values, *[""] * (len(seeds) - len(values))]) + " |" for name, values in rows
    ]
    return "\n".join([*head, *body, ""])
