"""What people notice while parts of a running compose stack are restarted, killed and grown, and what is lost.

    python -m tests.bench.restarts [--url http://127.0.0.1:80] [PART ...]

In the project's root, on the engine's own machine and as root: some processes are killed behind the engine's back.
The stack is up, with one replica of each, and is left so; nobody else may use it meanwhile. `COMPOSE` is the
compose command where it is not `docker compose`. Writes `docs/benchmarks/restarts.md` after a run of all parts, and
exits 1 when a budget is missed.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.chat_load.figures import Section, table
from tests.bench.restarts_load import sections
from tests.bench.restarts_load.stack import Stack
from tests.bench.restarts_load.traffic import A_SECOND
from tests.platform import ROOT

REPORT = ROOT / "docs" / "benchmarks" / "restarts.md"
# Models that speak by a script: long streams without a vendor. And as many accounts from here as are wanted.
_SETTINGS = 'services: {web: {environment: {SCRIPTED_MODELS: "true", REGISTRATIONS_PER_HOUR: "0"}}}\n'
_PARTS: dict[str, Callable[[Stack], Section]] = {
    "one replica": sections.one_replica,
    "replicas": sections.replicas,
    "workers": sections.workers,
    "growth": sections.growth,
}


def main() -> int:
    """Measure the parts that are named; all of them, which alone writes the report, where none is."""
    asked = _arguments()
    began = time.monotonic()
    measured = []
    with scripted_stack(asked.url) as stack:
        for name in asked.parts or _PARTS:
            _say(began, name)
            measured.append(_PARTS[name](stack))
            print(f"\n{measured[-1]}", flush=True)
    report = render(measured)
    if not asked.parts:
        REPORT.write_text(report, encoding="utf-8")
    _say(began, "done")
    print(_verdict(measured))
    return int(not all(budget.is_kept for section in measured for budget in section.budgets))


@contextmanager
def scripted_stack(url: str) -> Iterator[Stack]:
    """The stack with scripted models for the length of a block, with one replica of each before and after."""
    files = os.environ.get("COMPOSE_FILE", "docker-compose.yml")
    with tempfile.TemporaryDirectory() as folder:
        more = Path(folder) / "scripted.yml"
        more.write_text(_SETTINGS, encoding="utf-8")
        stack = Stack(url, {"COMPOSE_FILE": f"{files}:{more}"})
        stack.grow()
        try:
            yield stack
        finally:
            Stack(url, {"COMPOSE_FILE": files}).grow()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.restarts")
    parser.add_argument("--url", default="http://127.0.0.1:80", help="the API's address, through nginx")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(_PARTS))
    asked = parser.parse_args()
    if urlsplit(asked.url).hostname not in ("127.0.0.1", "localhost"):
        parser.error("--url must be on this machine: what it leads to is killed.")
    if unknown := set(asked.parts) - set(_PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return asked


def render(measured: Sequence[Section]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine().replace('_', '-')}, Linux"
    parts = "\n".join(map(str, measured))
    return f"""# Restarts, kills and growth

`python -m tests.bench.restarts` on {machine}: one run against `docker compose up`, through nginx. All of it shares
the machine: the stack, the engine, the clients. Models speak by a script where a long stream is wanted.

The load is {A_SECOND} requests a second, whatever became of those before: lists, bots made and changed, questions
to a bot with documents and to one without, uploads; half over kept connections and half over new ones, and none is
tried again. Each that writes carries a mark of its own. Afterwards everything is read back: *missing* is what was
acknowledged (2xx) and is not there, or not as was told; *doubled* is what is there twice.

{_verdict(measured)}

{parts}"""


def _verdict(measured: Sequence[Section]) -> str:
    return table(("", "budget", "measured", ""), [one.row for section in measured for one in section.budgets])


def _say(began: float, what: str) -> None:
    print(f"[{time.monotonic() - began:5.0f} s] {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
