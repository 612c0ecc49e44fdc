"""`make fuzz`: many cases against the running API; the last lines count them by route and status."""

import argparse
import random
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from app.embedded.services import Services
from tests.fuzz.attempt import Attempts, Finding
from tests.fuzz.cases import Operation, at_random, corners, operations
from tests.fuzz.estate import NO_QUOTAS, Estate
from tests.platform import api_process
from tests.routes import Route
from tests.rows import Database
from tests.services import migrated_services

_CASES_A_ROUND = 40
# By then each operation was tried at random, too: one that never answered well is a finding.
_ENOUGH_CASES = 4_000
_SHOWN_FINDINGS = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="at least so many; the corners of all come first")
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    if options.cases < 1:
        parser.error("--cases: 1 o más · 1 or more")
    seed = random.randrange(10**6) if options.seed is None else options.seed
    print(f"SEED={seed} CASES={options.cases}", flush=True)
    with migrated_services() as services, TemporaryDirectory() as folder:
        return _run(services, Path(folder), cases=options.cases, seed=seed)


def _run(services: Services, folder: Path, *, cases: int, seed: int) -> int:
    with api_process(services, folder, **NO_QUOTAS) as (api, running), closing(Database(services)) as db:
        with closing(Estate(api, db)) as estate, closing(Attempts(api, estate)) as attempts:
            _attempt_all(operations(api), attempts, cases=cases, seed=seed)
            _report(attempts, seed=seed)
        alive = running.process.poll() is None
        if not alive:
            print(running.said()[-2000:])
    return 0 if alive and not attempts.findings and not _never_well(attempts) else 1


def _never_well(attempts: Attempts) -> list[Route]:
    return attempts.never_well() if attempts.sent >= _ENOUGH_CASES else []


def _attempt_all(found: dict[Route, Operation], attempts: Attempts, *, cases: int, seed: int) -> None:
    """The corners of all, then rounds at random until there are enough."""
    began = time.monotonic()
    for operation in found.values():
        for case in corners(operation):
            attempts.send(case)
    _tell(attempts, cases, began)
    turn = 0
    while attempts.sent < cases:
        before = attempts.sent
        for route, operation in found.items():
            at_random(operation, _CASES_A_ROUND, attempts.send, start=f"{seed} {turn} {route}")
            if attempts.sent >= cases:
                break
        turn += 1
        _tell(attempts, cases, began)
        assert attempts.sent > before, "No operation gives another case."


def _tell(attempts: Attempts, cases: int, began: float) -> None:
    took_s = time.monotonic() - began
    print(f"  {attempts.sent}/{cases} · {took_s:.0f} s · {len(attempts.findings)} findings", flush=True)


def _report(attempts: Attempts, *, seed: int) -> None:
    for finding, count in _distinct(attempts.findings).items():
        print(f"\n{count} × {finding}")
    print("\nRespuestas por ruta y estado · Answers by route and status")
    for route in dict.fromkeys(route for route, _ in attempts.answers):
        statuses = sorted((status, count) for (one, status), count in attempts.answers.items() if one == route)
        print(f"  {' '.join(route):55} {'  '.join(f'{status}: {count}' for status, count in statuses)}")
    for route in _never_well(attempts):
        print(f"Nunca respondió bien · Never answered well: {' '.join(route)}")
    total, found = attempts.answers.total(), len(attempts.findings)
    print(f"SEED={seed}: {attempts.sent} casos · cases, {total} respuestas · answers, {found} hallazgos · findings")


def _distinct(findings: list[Finding]) -> dict[Finding, int]:
    """One of each kind, with how many there were."""
    first: dict[tuple[Route, str], Finding] = {}
    counts: Counter[tuple[Route, str]] = Counter()
    for finding in findings:
        key = (finding.route, finding.kind)
        first.setdefault(key, finding)
        counts[key] += 1
    return {first[key]: count for key, count in counts.most_common(_SHOWN_FINDINGS)}


if __name__ == "__main__":
    sys.exit(main())
