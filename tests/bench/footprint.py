"""What a running compose stack weighs: its images, and the memory of each service at rest.

    make bench-footprint

In the project's root, on the engine's own machine and as root: what processes share is read from /proc. `COMPOSE`
is the compose command where it is not `docker compose`. With `API_URL` (`http://127.0.0.1:80`) the stack is used
once, by an account that is removed again, and looked at a second time. Prints the figures, writes
`docs/benchmarks/footprint.md`, and exits 1 when a budget is missed.
"""

import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.chat_load.figures import Budget, table
from tests.platform import ROOT, register
from tests.questions import HANDBOOK

COMPOSE = shlex.split(os.environ.get("COMPOSE", "docker compose"))
API_URL = os.environ.get("API_URL", "")
REST_S = 30
SAMPLES = 3
BETWEEN_S = 10
ALLOWED_MB = 700
OURS = ("web", "worker", "beat")
ALLOWED_OURS_MB = 400
QUESTION = "¿Cuánto cuesta la bicicleta plegable Molinera?"
REPORT = ROOT / "docs" / "benchmarks" / "footprint.md"
_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


@dataclass(frozen=True, slots=True)
class Container:
    id: str
    service: str
    image: str


@dataclass(frozen=True, slots=True)
class Weight:
    """Megabytes (10⁶ bytes): of its processes, shared pages divided among who shares them; and of its cgroup."""

    processes: float
    cgroup: float


Weights = dict[str, Weight]


def main() -> int:
    containers = running_containers()
    idle = at_rest(containers)
    used = use_and_rest(containers) if API_URL else None
    found = budgets(idle)
    report = render(images(containers), idle, used, found)
    print(report)
    REPORT.write_text(report, encoding="utf-8")
    return 0 if all(one.is_kept for one in found) else 1


def running_containers() -> list[Container]:
    """Of the stack in this folder."""
    ids = said(*COMPOSE, "ps", "--quiet").split()
    if not ids:
        raise SystemExit("Nothing runs here. Start the stack first: docker compose up -d --build --wait")
    details = json.loads(said("docker", "inspect", *ids))
    found = [
        Container(one["Id"], one["Config"]["Labels"]["com.docker.compose.service"], one["Config"]["Image"])
        for one in details
    ]
    return sorted(found, key=lambda one: (one.service, one.id))


def said(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def at_rest(containers: Sequence[Container]) -> Weights:
    """The median of a few looks, after a while in which nobody asks for anything."""
    time.sleep(REST_S)
    looks = []
    for _ in range(SAMPLES):
        looks.append(look(containers))
        time.sleep(BETWEEN_S)
    return {service: _median([one[service] for one in looks]) for service in looks[0]}


def _median(weights: Sequence[Weight]) -> Weight:
    processes = statistics.median(one.processes for one in weights)
    return Weight(processes, statistics.median(one.cgroup for one in weights))


def look(containers: Sequence[Container]) -> Weights:
    """Each service's replicas together."""
    cgroups = cgroups_mb(containers)
    found: Weights = {}
    for one in containers:
        before = found.get(one.service, Weight(0, 0))
        found[one.service] = Weight(before.processes + processes_mb(one), before.cgroup + cgroups[one.id])
    return found


def processes_mb(container: Container) -> float:
    pids = said("docker", "top", container.id, "-eo", "pid").split()[1:]
    return sum(_pss_bytes(pid) for pid in pids) / 1e6


def _pss_bytes(pid: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        # A health check that has ended since.
        return 0
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def cgroups_mb(containers: Sequence[Container]) -> dict[str, float]:
    """As the engine tells it: without the file cache that could be given back at once."""
    ids = [one.id for one in containers]
    lines = said("docker", "stats", "--no-stream", "--no-trunc", "--format", "{{.ID}} {{.MemUsage}}", *ids)
    return {line.split()[0]: _mb(line.split()[1]) for line in lines.splitlines()}


def _mb(shown: str) -> float:
    number = shown.rstrip("BKMGi")
    return float(number) * _UNITS[shown.removeprefix(number)] / 1e6


def use_and_rest(containers: Sequence[Container]) -> Weights:
    """The same after a training and a question, for which web and worker have loaded the embedder."""
    owner = register(API_URL)
    try:
        bot = owner.new_bot()
        owner.train(bot["id"], HANDBOOK.read_bytes(), within_s=180)
        owner.ask(bot["id"], QUESTION)
    finally:
        owner.http.delete("/users/me")
        owner.http.close()
    return at_rest(containers)


def images(containers: Sequence[Container]) -> list[tuple[str, str, str]]:
    """Image, services that run it, size."""
    services: dict[str, list[str]] = {}
    for one in containers:
        services[one.image] = sorted({*services.get(one.image, []), one.service})
    return [(image, ", ".join(names), f"{image_mb(image):.0f} MB") for image, names in sorted(services.items())]


def image_mb(image: str) -> float:
    return int(said("docker", "image", "inspect", "--format", "{{.Size}}", image)) / 1e6


def budgets(idle: Weights) -> list[Budget]:
    """By the larger of the two ways to count."""
    ours = [idle[service] for service in OURS]
    return [
        Budget("all services at rest", _larger([*idle.values()]), ALLOWED_MB, "MB"),
        Budget("web, worker and beat at rest", _larger(ours), ALLOWED_OURS_MB, "MB"),
    ]


def _larger(weights: Sequence[Weight]) -> float:
    return max(sum(one.processes for one in weights), sum(one.cgroup for one in weights))


def render(
    found_images: Sequence[tuple[str, str, str]], idle: Weights, used: Weights | None, found: Sequence[Budget]
) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine().replace('_', '-')}, {platform.system()}"
    engine = said("docker", "version", "--format", "{{.Server.Version}}").strip()
    return f"""# Footprint

`make bench-footprint` on {machine}, Docker {engine}: `docker compose up` with `.env` as
`make env` makes it, and one replica of each. Megabytes are 10⁶ bytes.

{table(["", "budget", "measured", ""], [one.row for one in found])}

## Images

{table(["image", "runs", "size"], found_images)}

Layers that images share count in each.

## Memory

The median of {SAMPLES} looks after {REST_S} s of rest. *Processes* is what they hold (PSS: a page that several
share counts in parts that make one together); *cgroup* is what the engine counts against the limit, without file
cache that it can give back at once. The budgets go by the larger sum.

{_memory(idle)}
{_after_use(used)}"""


def _memory(weights: Weights) -> str:
    rows = [(service, weight.processes, weight.cgroup) for service, weight in weights.items()]
    sums = [("**all**", [*weights.values()]), ("**web + worker + beat**", [weights[one] for one in OURS])]
    totals = [(name, sum(one.processes for one in of), sum(one.cgroup for one in of)) for name, of in sums]
    return table(["service", "processes, MB", "cgroup, MB"], [*rows, *totals])


def _after_use(weights: Weights | None) -> str:
    if weights is None:
        return ""
    return f"""
After the sample handbook has been trained and asked once, so that the embedder is loaded where it is needed:

{_memory(weights)}
"""


if __name__ == "__main__":
    sys.exit(main())
