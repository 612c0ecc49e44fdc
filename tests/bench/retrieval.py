"""How good, how quick and how heavy the search of documents is, with PostgreSQL alone.

    make bench-retrieval

Starts services of its own, writes `docs/benchmarks/retrieval.md`, and exits 1 when a budget is missed.
`PARTS="quality speed training"` measures those that are named, and writes nothing.
"""

import logging
import sys
import time
from collections.abc import Callable, Sequence

import structlog

from tests.bench.chat_load.figures import Section, table
from tests.bench.retrieval_load import machine, outside, quality, speed, training
from tests.platform import ROOT
from tests.services import fresh_services

REPORT = ROOT / "docs" / "benchmarks" / "retrieval.md"
_PARTS: dict[str, Callable[[], Section]] = {
    "quality": quality.measure,
    "speed": speed.measure,
    "training": training.measure,
}


def main(chosen: Sequence[str]) -> int:
    """Measure the parts that are named; all of them, which alone writes the report, where none is."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    began = time.monotonic()
    if not outside.IS_THERE:
        print(outside.MISSING)
    sections, loads = [], []
    for name in chosen or _PARTS:
        _say(began, name)
        loads.append(f"{name} {machine.load_average()}")
        sections.append(_PARTS[name]())
        print(f"\n{sections[-1]}", flush=True)
    loads.append(f"end {machine.load_average()}")
    if not chosen:
        REPORT.write_text(render(sections, loads), encoding="utf-8")
    _say(began, f"done; load averages: {', '.join(loads)}")
    print(_verdict(sections))
    return int(not all(budget.is_kept for section in sections for budget in section.budgets))


def render(sections: Sequence[Section], loads: Sequence[str]) -> str:
    with fresh_services() as services:
        where = machine.described(services)
    parts = "\n".join(map(str, sections))
    return f"""# Retrieval

`make bench-retrieval`: one run on {where}.
PostgreSQL is the embedded one with its own settings, but for `fsync`, which is off; it shares the machine with the
program. Load averages as each part began: {", ".join(loads)}.

{_verdict(sections)}

{parts}"""


def _verdict(sections: Sequence[Section]) -> str:
    return table(("", "budget", "measured", ""), [one.row for section in sections for one in section.budgets])


def _say(began: float, what: str) -> None:
    print(f"[{time.monotonic() - began:5.0f} s] {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
