"""What logging in costs everybody else (AUT-3), and whether its time tells which accounts exist (AUT-4).

    python -m tests.bench.login_load

Starts services of its own, prints the figures, writes `docs/benchmarks/login.md`, and exits 1 when one is missed.
"""

import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from app.operations import migrate
from tests.addresses import new_address, try_login
from tests.platform import Owner, api_process, register
from tests.services import fresh_services

LOGINS_PER_S = 20
READS = 800
READ_EVERY_S = 0.025
ALLOWED_MORE_MS = 25
WRONG_LOGINS = 200
ALLOWED_DIFFERENCE = 0.10
REPORT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "login.md"


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, times_s: list[float]) -> "Spread":
        cuts = statistics.quantiles((1000 * one for one in times_s), n=100)
        return cls(round(cuts[49], 1), round(cuts[98], 1))


@dataclass(frozen=True, slots=True)
class Figures:
    idle: Spread
    loaded: Spread
    logins_per_s: float
    known_ms: float
    unknown_ms: float

    @property
    def more_ms(self) -> float:
        return round(self.loaded.p99 - self.idle.p99, 1)

    @property
    def difference(self) -> float:
        return abs(self.known_ms - self.unknown_ms) / min(self.known_ms, self.unknown_ms)

    @property
    def is_good(self) -> bool:
        under_load = self.logins_per_s >= 0.95 * LOGINS_PER_S
        return under_load and self.more_ms <= ALLOWED_MORE_MS and self.difference <= ALLOWED_DIFFERENCE


def main() -> int:
    with fresh_services() as services, tempfile.TemporaryDirectory() as logs:
        migrate.upgrade(services.database_url)
        with api_process(services, Path(logs), LOG_LEVEL="warning") as (url, _):
            figures = measure(url)
    report = render(figures)
    print(report)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(report, encoding="utf-8")
    return 0 if figures.is_good else 1


def measure(url: str) -> Figures:
    people = [register(url) for _ in range(WRONG_LOGINS // 10)]
    reader = people[0]
    for _ in range(5):
        reader.new_bot()
    time_reads(reader, 100)
    idle = Spread.of(time_reads(reader, READS))
    with logins(url, [person.email for person in people]) as done:
        time.sleep(1)
        began, before = time.monotonic(), done.value
        loaded = Spread.of(time_reads(reader, READS))
        rate = (done.value - before) / (time.monotonic() - began)
    known, unknown = time_wrong_logins(url, people)
    return Figures(idle, loaded, round(rate, 1), round(1000 * known, 1), round(1000 * unknown, 1))


def time_reads(reader: Owner, count: int) -> list[float]:
    """Seconds that each `GET /bots/` takes, at a steady pace."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        assert reader.http.get("/bots/").status_code == 200
        times.append(time.perf_counter() - began)
        time.sleep(max(0.0, READ_EVERY_S - times[-1]))
    return times


@contextmanager
def logins(url: str, emails: list[str]) -> Iterator["multiprocessing.sharedctypes.Synchronized[int]"]:
    """A process that logs in at a steady rate, so that the reader's own pace is not disturbed."""
    context = multiprocessing.get_context("spawn")
    done = context.Value("i", 0)
    process = context.Process(target=keep_logging_in, args=(url, emails, done), daemon=True)
    process.start()
    try:
        yield done
    finally:
        process.terminate()
        process.join()


def keep_logging_in(url: str, emails: list[str], done: "multiprocessing.sharedctypes.Synchronized[int]") -> None:
    with httpx2.Client(base_url=url, timeout=30, trust_env=False) as http:
        due = time.monotonic()
        while True:
            assert try_login(http, emails[done.value % len(emails)]).status_code == 200
            done.value += 1
            due += 1 / LOGINS_PER_S
            time.sleep(max(0.0, due - time.monotonic()))


def time_wrong_logins(url: str, people: list[Owner]) -> tuple[float, float]:
    """Median seconds of a wrong login for an account that exists and for one that does not, taken in turns."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for person in people:
        with ExitStack() as stack:
            transport = httpx2.HTTPTransport(local_address=new_address())
            http = stack.enter_context(httpx2.Client(base_url=url, transport=transport, timeout=30))
            http.get("/health/live")
            for _ in range(10):
                for exists in (True, False):
                    email = person.email if exists else f"{uuid.uuid4().hex}@ejemplo.com"
                    began = time.perf_counter()
                    assert try_login(http, email, "no-es-esta-clave").status_code == 401
                    times[exists].append(time.perf_counter() - began)
    return statistics.median(times[True]), statistics.median(times[False])


def render(figures: Figures) -> str:
    machine = (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    )
    verdict = "Kept." if figures.is_good else "MISSED."
    return f"""# Logging in under load

`python -m tests.bench.login_load` on {machine}; API, PostgreSQL, broker and clients share the machine. {verdict}

| `GET /bots/` | p50 ms | p99 ms |
|---|---|---|
| idle | {figures.idle.p50} | {figures.idle.p99} |
| beside {figures.logins_per_s} logins a second | {figures.loaded.p50} | {figures.loaded.p99} |

AUT-3: p99 is {figures.more_ms} ms more than idle; {ALLOWED_MORE_MS} ms are allowed at {LOGINS_PER_S} a second.

| Wrong login | median ms |
|---|---|
| account that exists | {figures.known_ms} |
| account that does not | {figures.unknown_ms} |

AUT-4: the medians differ by {100 * figures.difference:.1f} %; {100 * ALLOWED_DIFFERENCE:.0f} % are allowed.
"""


if __name__ == "__main__":
    sys.exit(main())
