"""Breaks a platform of its own in every way while people use it, and looks what became of what it told them.

    python -m tests.faults [--seconds 600] [--seed N [--seed M]] [--report] [--keep FOLDER] [FAULT ...]

The same seed draws the same faults and errands; only the clock's part differs. `--report` writes
`docs/benchmarks/chaos.md`. Ends with 1 where an invariant or the time of recovery does not hold; the history that
shows it is kept.
"""

import argparse
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from app.core.logging import configure_logging
from tests.faults import steady
from tests.faults.faults import FAULTS
from tests.faults.report import holds, lines_of, rendered, verdict_of
from tests.faults.run import Result, run
from tests.faults.stage import stage
from tests.platform import ROOT

REPORT = ROOT / "docs" / "benchmarks" / "chaos.md"


def main() -> int:
    """Run each seed, then the steady load, and say how it went."""
    # As Ctrl-C: what was started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    configure_logging("error", form="text")
    asked = _arguments()
    results = [_run(asked, seed) for seed in asked.seed or [random.randrange(1_000_000)]]
    steadily = Counter[str]() if asked.faults else _steadily(results[0].seed)
    if asked.report:
        REPORT.write_text(rendered(results, steadily, seconds=asked.seconds), encoding="utf-8")
    wrong = steady.problems(steadily)
    print("\n".join(["", steady.report(steadily), *wrong, *map(verdict_of, results)]))
    return int(not all(map(holds, results)) or bool(wrong))


def _steadily(seed: int) -> Counter[str]:
    """What came of a steady load while connections to PostgreSQL ended all the time."""
    print(f"\nsteady load, {steady.SECONDS:.0f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder), seed=seed) as made:
        return steady.steady(made)


def _run(asked: argparse.Namespace, seed: int) -> Result:
    folder = Path(asked.keep or tempfile.mkdtemp(prefix="bytchat-chaos-")) / str(seed)
    folder.mkdir(parents=True)
    print(f"seed {seed}, {asked.seconds:.0f} s, written down in {folder}", flush=True)
    result = run(folder, seed=seed, seconds=asked.seconds, faults=asked.faults)
    print(f"\n{lines_of(result)}", flush=True)
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--keep", metavar="FOLDER", help="keep histories and logs here")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="; ".join(FAULTS))
    asked = parser.parse_args()
    if unknown := set(asked.faults) - set(FAULTS):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
