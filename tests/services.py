"""Real services for the tests: PostgreSQL and the broker on free ports, in a home that is gone afterwards."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from sqlalchemy import make_url

from app.embedded.home import temporary_home
from app.embedded.services import Services, running
from app.operations import migrate


@contextmanager
def fresh_services() -> Iterator[Services]:
    """An empty database and an empty broker."""
    with temporary_home() as home, running(home, durable=False) as services:
        yield services


@contextmanager
def migrated_services() -> Iterator[Services]:
    """The same with our tables. For who reads a worker's log, or kills one: the suite's own would take the jobs."""
    with fresh_services() as services:
        migrate.upgrade(services.database_url)
        yield services


@contextmanager
def fresh_database(services: Services) -> Iterator[Services]:
    """An empty database beside the shared one: quicker than services of its own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        url = make_url(services.database_url).set(database=name).render_as_string(hide_password=False)
        try:
            yield replace(services, database_url=url)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def wait_until(is_so: Callable[[], bool], *, within_s: float = 15) -> None:
    """Look again and again until it is so; fails the test when it takes longer."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {within_s} s"
        time.sleep(0.02)
