"""Figures as the report shows them: spreads, tables, and what must be kept."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Of many times, in one unit."""

    p50: float
    p99: float
    most: float

    @classmethod
    def of(cls, times: Iterable[float]) -> "Spread":
        known = sorted(times)
        cuts = statistics.quantiles(known, n=100, method="inclusive")
        return cls(cuts[49], cuts[98], known[-1])


@dataclass(frozen=True, slots=True)
class Budget:
    """What was promised, and what was measured; less is better unless `at_least`."""

    name: str
    measured: float
    allowed: float
    unit: str
    at_least: bool = False

    @property
    def is_kept(self) -> bool:
        return self.measured >= self.allowed if self.at_least else self.measured <= self.allowed

    @property
    def row(self) -> tuple[str, str, str, str]:
        sign = "≥" if self.at_least else "≤"
        allowed = f"{sign} {self.allowed:g} {self.unit}".rstrip()
        measured = f"{round(self.measured, 1):g} {self.unit}".rstrip()
        return self.name, allowed, measured, "kept" if self.is_kept else "MISSED"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report, with the budgets that its figures keep or miss."""

    title: str
    text: str
    budgets: tuple[Budget, ...] = ()

    def __str__(self) -> str:
        return f"## {self.title}\n\n{self.text.strip()}\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str | float]]) -> str:
    """Markdown. Numbers have one decimal, and two where they are small."""
    lines = [head, ["---"] * len(head), *([_cell(one) for one in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"
