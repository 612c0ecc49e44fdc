"""Whether a stored citation shows the sentences that an answer rests on.

Run: `.venv/bin/python -m tests.bench.citations`.

The 40 cases of `tests/data/citation_cases.json` were labelled without sight of the code; the even ones were tuned
on. Writes docs/benchmarks/citations.md; exits non-zero under 85 % of all.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.chat.quotes import narrowed, supporting

_ROOT = Path(__file__).resolve().parents[2]
_CASES = _ROOT / "tests" / "data" / "citation_cases.json"
_REPORT = _ROOT / "docs" / "benchmarks" / "citations.md"
_AIM = 0.85
_HEADER = """# The quotes of citations

Program: `tests/bench/citations.py` ({machine}). Cases: `tests/data/citation_cases.json`, each a passage, a
question, an answer in other words with its markers, and the sentences that support it. «Exactly»: these sentences
and no other are found. «Held»: the stored quote, one stretch, holds all of them; «length» is its part of the
passage. Words alone, no model: {milliseconds:.1f} ms a passage at the median.

| cases | exactly | held | length |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class _Outcome:
    is_exact: bool
    is_held: bool
    part: float
    took_s: float


def main() -> int:
    outcomes = [_try(case) for case in json.loads(_CASES.read_text(encoding="utf-8"))]
    milliseconds = statistics.median(one.took_s for one in outcomes) * 1000
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    parts = {"even: tuned on": outcomes[::2], "odd: reported": outcomes[1::2], "all": outcomes}
    report = _HEADER.format(machine=machine, milliseconds=milliseconds)
    report += "".join(_line(name, part) for name, part in parts.items())
    _REPORT.write_text(report, encoding="utf-8")
    print(report)
    return int(sum(one.is_exact for one in outcomes) < _AIM * len(outcomes))


def _try(case: dict[str, object]) -> _Outcome:
    passage, wanted = str(case["passage"]), case["quotes"]
    assert isinstance(wanted, list)
    began = time.perf_counter()
    spans = supporting(str(case["answer"]), 1, passage, question=str(case["q"]))
    took_s = time.perf_counter() - began
    start, end = narrowed(passage, spans)
    return _Outcome(
        is_exact=sorted(passage[a:b] for a, b in spans) == sorted(wanted),
        is_held=all(one in passage[start:end] for one in wanted),
        part=(end - start) / len(passage),
        took_s=took_s,
    )


def _line(name: str, outcomes: Sequence[_Outcome]) -> str:
    exact, held = sum(one.is_exact for one in outcomes), sum(one.is_held for one in outcomes)
    part = statistics.mean(one.part for one in outcomes)
    return f"| {name} | {_of(exact, len(outcomes))} | {_of(held, len(outcomes))} | {part:.0%} |\n"


def _of(some: int, count: int) -> str:
    return f"{some}/{count} ({some / count:.0%})"


if __name__ == "__main__":
    sys.exit(main())
