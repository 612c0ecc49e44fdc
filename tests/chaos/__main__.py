"""Kills parts of a platform of its own at random, round after round, and looks whether any training suffered.

    python -m tests.chaos [--rounds 200] [--seed N] [FAULT ...]

Ends with 1 at the first fact that does not hold, and tells the seed, the rounds and what differs.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from app.core.logging import configure_logging
from tests.chaos.rounds import FAULTS, SETTLE_EVERY, Chaos, Violation, chaos
from tests.chaos.stage import stage


def main() -> int:
    """Run the rounds and say how each went."""
    # As Ctrl-C: what was started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    configure_logging("error", form="text")
    asked = _arguments()
    print(f"seed {asked.seed}, {asked.rounds} rounds", flush=True)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        stage(Path(folder)) as made,
        chaos(made, seed=asked.seed) as begun,
    ):
        try:
            hits = run(begun, rounds=asked.rounds, faults=asked.faults)
        except Violation as violation:
            print(f"\n{violation}", file=sys.stderr)
            return 1
        print(f"{asked.rounds} rounds in {time.monotonic() - began:.0f} s, {hits.total()} in the midst of work:")
        print(f"{len(begun.settled)} documents are whole, {begun.deleted} are gone")
        print(f"the reader saw {begun.reader.looks} states and {begun.reader.answers} searches, no half among them")
    return 0


def run(begun: Chaos, *, rounds: int, faults: list[str]) -> Counter[str]:
    """How often each fault hit work in progress. Raises `Violation`."""
    hits: Counter[str] = Counter()
    for number in range(rounds):
        done = begun.round(faults[number % len(faults)] if faults else "")
        print(done, flush=True)
        hits[done.fault] += done.hit
        if (number + 1) % SETTLE_EVERY == 0 or number + 1 == rounds:
            took_s = begun.settle()
            print(f"     {took_s:5.1f} s  whole", flush=True)
    begun.check_all()
    return hits


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="; ".join(FAULTS))
    asked = parser.parse_args()
    if unknown := set(asked.faults) - set(FAULTS):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
