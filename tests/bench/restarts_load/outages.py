"""One service restarted, grown or shrunk under load: what people saw, and what became of what they sent."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx2

from tests.bench.restarts_load.effects import Effects, look_up
from tests.bench.restarts_load.stack import Stack
from tests.bench.restarts_load.traffic import Sent, Traffic, leave, people
from tests.platform import Owner, register

_BEFORE_S = 4.0
_AFTER_S = 8.0
# A minute.
_LONG = "tokens=600;pace_ms=100"
_REFUSALS = (502, 503)


@dataclass(frozen=True, slots=True)
class Outage:
    """`acted_at` is when it began, in seconds of the monotonic clock."""

    name: str
    acted_at: float
    sent: Sequence[Sent]
    effects: Effects

    @property
    def failed(self) -> list[Sent]:
        return [one for one in self.sent if not one.is_whole]

    @property
    def failed_before(self) -> int:
        """What failed though nothing had happened yet: then the machine does not carry the load."""
        return sum(one.at < self.acted_at for one in self.failed)

    @property
    def lasted_s(self) -> float:
        """From the first request that failed to the last, as they were sent."""
        times = [one.at for one in self.failed]
        return max(times) - min(times) if times else 0.0

    @property
    def acknowledged(self) -> int:
        return sum(one.is_acknowledged for one in self.sent)

    @property
    def refused(self) -> list[Sent]:
        return [one for one in self.sent if one.status in _REFUSALS]

    @property
    def broken(self) -> list[Sent]:
        """Connections that ended without an answer, or in the middle of one."""
        return [one for one in self.sent if not one.status or one.end == "broken"]

    @property
    def wrong(self) -> list[Sent]:
        """Answered by anything else than what was asked for or a refusal that says when to come again."""
        known = (*_REFUSALS, 0)
        return [
            one
            for one in self.sent
            if not (one.is_acknowledged or one.status in known) or (one.status == 503 and not one.retry_after)
        ]


def under_load(stack: Stack, name: str, action: Callable[[], None]) -> Outage:
    """Act while 20 requests a second come in, wait until all goes on as before, and look up every effect."""
    everybody = people(stack.url)
    try:
        with Traffic(stack.url, everybody) as traffic:
            time.sleep(_BEFORE_S)
            acted_at = time.monotonic()
            action()
            time.sleep(_AFTER_S)
        return Outage(name, acted_at, traffic.sent, look_up(everybody, traffic.sent))
    finally:
        leave(everybody)


def restart(stack: Stack, service: str, *, while_a_model_speaks: bool = False) -> Outage:
    """Where a model speaks all the time, a server that is stopping has somebody to wait for."""

    def action() -> None:
        stack.compose("restart", service)
        stack.wait_healthy(service)
        stack.wait_answering()

    name = f"`docker compose restart {service}`"
    if not while_a_model_speaks:
        return under_load(stack, name, action)
    with _listener(stack.url):
        return under_load(stack, f"{name}, a long stream open", action)


@contextmanager
def _listener(url: str) -> Iterator[None]:
    """Somebody whose answer takes longer than anything that happens in the block."""
    owner = register(url)
    bot = owner.scripted_bot(_LONG)["id"]
    listening = threading.Thread(target=_listen, args=(owner, bot))
    listening.start()
    try:
        yield
    finally:
        listening.join()
        owner.http.delete("/users/me")


def _listen(owner: Owner, bot: str) -> None:
    # How it ends is no matter here.
    with suppress(httpx2.HTTPError):
        owner.http.post(f"/chat/{bot}", json={"query": "Cuenta"})
