"""Real services for the tests: PostgreSQL and the broker on free ports, in a home that is gone afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.embedded.home import temporary_home
from app.embedded.services import Services, running


@contextmanager
def fresh_services() -> Iterator[Services]:
    """An empty database and an empty broker."""
    with temporary_home() as home, running(home, durable=False) as services:
        yield services


def wait_until(is_so: Callable[[], bool], *, within_s: float = 15) -> None:
    """Look again and again until it is so; fails the test when it takes longer."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {within_s} s"
        time.sleep(0.02)
