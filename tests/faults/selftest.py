"""Shows that the oracle finds what it is there for: four faults, each planted in a copy of the source by itself.

    python -m tests.faults.selftest [--seed N] [NAME ...]

A run without any must be clean, or what is found in the others says nothing. Ends with 1 where one is missed.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.logging import configure_logging
from tests.faults.history import Invariant
from tests.faults.oracle import told
from tests.faults.run import Result, run
from tests.platform import ROOT

PATCHES = Path(__file__).parent / "planted"
_SOURCES = ("app", "worker", "migrations")


@dataclass(frozen=True, slots=True)
class Planted:
    """A patch, the faults that bring its effect to light within `seconds`, and what the oracle must say."""

    name: str
    faults: tuple[str, ...]
    seconds: float
    invariant: Invariant
    slow: Mapping[str, float] = field(default_factory=dict)

    @property
    def patch(self) -> Path:
        return PATCHES / f"no-{self.name}.patch"


# Nothing that matters ends with beat: with it alone all that goes wrong is what clients do.
_HARMLESS = ("beat-killed",)
# Milliseconds: most of a training is waiting for vectors then, outside of any transaction, which PostgreSQL would
# end by itself.
_SLOW = {"worker-provider": 150}
# A frozen worker's document is taken over long before it wakes, and no document is put aside half-way.
_SETTINGS = {"JOB_LEASE_S": "2.5", "JOB_LOST_AFTER_S": "1", "SWEEP_EVERY_S": "0.5", "EMBED_SLICE_S": "30"}
PLANTED = (
    Planted("sweep", ("redis-emptied",), 20, Invariant.STUCK),
    Planted("lease", ("worker-frozen",), 45, Invariant.CHUNKS, slow=_SLOW),
    Planted("shield", _HARMLESS, 12, Invariant.MESSAGES),
    Planted("owner", _HARMLESS, 15, Invariant.OWNERS),
)
_CONTROL_S = 30
# What is not through by then waits for somebody who does not come.
_QUIET_WITHIN_S = 30


class PatchFails(Exception):
    """It no longer fits the source."""


def main() -> int:
    """Run the control and each planted fault."""
    # As Ctrl-C: what was started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    configure_logging("error", form="text")
    asked = _arguments()
    chosen = [one for one in PLANTED if one.name in asked.names or not asked.names]
    is_clean = _control(chosen, seed=asked.seed)
    return int(not all([is_clean, *(_is_caught(one, seed=asked.seed) for one in chosen)]))


def copied(folder: Path, patch: Path | None = None) -> Path:
    """A copy of the source in a new folder, with the patch in it. Raises `PatchFails`."""
    source = folder / "source"
    for name in _SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    if patch is not None:
        command = ["patch", "--strip=1", "--fuzz=0", "--batch", f"--input={patch}"]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PatchFails(f"{patch.name} does not fit the source any more:\n{done.stdout}{done.stderr}")
    return source


def _control(chosen: Collection[Planted], *, seed: int) -> bool:
    """The same faults, nothing planted."""
    faults = {fault for one in chosen for fault in one.faults}
    slow = next((one.slow for one in chosen if one.slow), {})
    result, took_s = _played(None, seed=seed, seconds=_CONTROL_S, faults=faults, slow=slow)
    said = "clean" if result.is_clean else f"NOT clean\n{told(result.violations)}"
    print(f"nothing planted: {said}, after {took_s:.0f} s", flush=True)
    return result.is_clean


def _is_caught(one: Planted, *, seed: int) -> bool:
    result, took_s = _played(one.patch, seed=seed, seconds=one.seconds, faults=one.faults, slow=one.slow)
    count = result.counts[one.invariant]
    said = f"caught: {one.invariant}: {count}" if count else f"MISSED\n{told(result.violations)}"
    print(f"no {one.name}: {said}, after {took_s:.0f} s", flush=True)
    return bool(count)


def _played(
    patch: Path | None, *, seed: int, seconds: float, faults: Collection[str], slow: Mapping[str, float]
) -> tuple[Result, float]:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bytchat-selftest-") as name:
        folder = Path(name)
        source = copied(folder, patch)
        result = run(
            folder,
            seed=seed,
            seconds=seconds,
            faults=faults,
            source=source,
            quiet_within_s=_QUIET_WITHIN_S,
            slow=slow,
            settings=_SETTINGS,
        )
    return result, time.monotonic() - began


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.selftest")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(one.name for one in PLANTED))
    asked = parser.parse_args()
    if unknown := set(asked.names) - {one.name for one in PLANTED}:
        parser.error(f"nothing planted of that name: {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
