"""The processor time and the memory of groups of processes, to the nanosecond where the system counts so."""

import sys
import time
from collections.abc import Iterable, Mapping

import psutil

_CPUCLOCK_SCHED = 2


def with_children(pid: int) -> list[int]:
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def child_named(name: str) -> int:
    """A process that this one started, by the beginning of its program's name."""
    return next(int(child.pid) for child in psutil.Process().children() if child.name().startswith(name))


def _cpu_ms(pid: int) -> float:
    if sys.platform != "linux":
        return 1000 * sum(psutil.Process(pid).cpu_times()[:2])
    # What clock_getcpuclockid(3) gives for a process: /proc's own figures are ten milliseconds coarse.
    return time.clock_gettime_ns((~pid << 3) | _CPUCLOCK_SCHED) / 1e6


def memory_mb(pids: Iterable[int]) -> float:
    """What they and their children hold, shared pages counted once."""
    return sum(_memory_bytes(one) for pid in pids for one in with_children(pid)) / 1e6


def _memory_bytes(pid: int) -> int:
    full = psutil.Process(pid).memory_full_info()
    return int(getattr(full, "pss", full.rss))


class Meter:
    """What each group of processes, their children included, uses between two looks."""

    def __init__(self, groups: Mapping[str, Iterable[int]]) -> None:
        self._groups = {name: tuple(pids) for name, pids in groups.items()}
        self._before = {name: self._used_ms(name) for name in self._groups}

    def spent_ms(self) -> dict[str, float]:
        """Processor milliseconds of each group since this was made; of children that ended meanwhile none."""
        return {
            name: sum(used - before.get(pid, 0) for pid, used in self._used_ms(name).items())
            for name, before in self._before.items()
        }

    def _used_ms(self, name: str) -> dict[int, float]:
        return {one: _cpu_ms(one) for pid in self._groups[name] for one in with_children(pid)}
