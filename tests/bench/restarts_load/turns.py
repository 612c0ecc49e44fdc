"""Replicas of the API that come, go and are restarted in turn, under load: nobody may notice."""

from dataclasses import dataclass
from datetime import datetime

from tests.bench.restarts_load.outages import Outage, under_load
from tests.bench.restarts_load.stack import Container, Stack

# What happens by chance in one turn is seen in several.
_ROUNDS = 3
_PROBES = "/health/"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Seconds from the start of a replica's container until it answered the first person."""

    name: str
    answered_after_s: float


def in_turn(stack: Stack) -> Outage:
    """Two replicas, and each is restarted when the other is healthy again."""
    stack.grow(web=2)
    containers = stack.containers("web")

    def action() -> None:
        for container in containers * _ROUNDS:
            stack.docker("restart", "--time", "30", container.id)
            stack.wait_healthy("web", replicas=2)

    return under_load(stack, f"two replicas of `web` restarted in turn, {_ROUNDS} times", action)


def arrive(stack: Stack) -> tuple[Outage, list[Arrival]]:
    stack.grow(web=1)
    before = {container.id for container in stack.containers("web")}
    outage = under_load(stack, "`up -d --scale web=3`, from one", lambda: stack.grow(web=3))
    came = [container for container in stack.containers("web") if container.id not in before]
    return outage, [_arrival(stack, one) for one in came]


def leave(stack: Stack) -> Outage:
    stack.grow(web=3)
    return under_load(stack, "`up -d --scale web=1`, from three", lambda: stack.grow(web=1))


def _arrival(stack: Stack, container: Container) -> Arrival:
    lines = stack.events(container, "http.answered")
    asked = [line["timestamp"] for line in lines if not line["route"].startswith(_PROBES)]
    return Arrival(container.short_name, datetime.fromisoformat(min(asked)).timestamp() - container.started_at)
