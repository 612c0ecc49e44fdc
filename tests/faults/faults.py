"""Everything that may go wrong, each as a block: the fault is there for as long as the block lasts.

A fault says what it takes hold of, so that two that would undo one another never meet.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

import psycopg

from tests.faults.parts import Part
from tests.faults.provider import Behaviour
from tests.faults.proxy import Link
from tests.faults.stage import APIS, LEASE_S, OURS, WORKERS, Stage
from tests.services import wait_until

Block = Callable[[Stage, random.Random], AbstractContextManager[object]]

# What reading and writing both go through.
_TABLES = ("users", "sessions", "bots", "documents", "chunks", "conversations", "messages")
_TERMINATE = """SELECT count(pg_terminate_backend(pid)) FROM (
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        AND application_name NOT LIKE %s
    ORDER BY random() LIMIT %s) AS them"""


class NotNow(Exception):
    """What the fault would have hit is not there at the moment."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`holds` is what it takes hold of, `lasts_s` the shortest and the longest time that it lasts.

    `ends_postgresql`: as it ends, PostgreSQL is back, and how long the APIs take from there is measured.
    """

    name: str
    block: Block
    holds: frozenset[str]
    lasts_s: tuple[float, float]
    ends_postgresql: bool = False


FAULTS: dict[str, Fault] = {}


def _fault(
    *holds: str, lasts_s: tuple[float, float] = (0.1, 0.5), ends_postgresql: bool = False
) -> Callable[[Callable[[Stage, random.Random], Iterator[None]]], None]:
    """Enter it into `FAULTS` under its function's name; one that waits for PostgreSQL is alone with the APIs."""

    def add(function: Callable[[Stage, random.Random], Iterator[None]]) -> None:
        name = function.__name__.strip("_").replace("_", "-")
        FAULTS[name] = Fault(name, contextmanager(function), frozenset(holds), lasts_s, ends_postgresql)

    return add


# Workers and beat.


@_fault("workers")
def _worker_killed(stage: Stage, lots: random.Random) -> Iterator[None]:
    _living(stage, WORKERS, lots).kill()
    yield


@_fault("workers")
def _lane_killed(stage: Stage, lots: random.Random) -> Iterator[None]:
    part = _living(stage, WORKERS, lots)
    lanes = part.children()
    if not lanes:
        raise NotNow
    with suppress(ProcessLookupError):
        os.kill(lots.choice(lanes), signal.SIGKILL)
    yield


@_fault("workers")
def _worker_terminated(stage: Stage, lots: random.Random) -> Iterator[None]:
    _living(stage, WORKERS, lots).terminate()
    yield


@_fault("workers", lasts_s=(LEASE_S + 0.5, LEASE_S + 4))
def _worker_frozen(stage: Stage, lots: random.Random) -> Iterator[None]:
    part = _living(stage, WORKERS, lots)
    part.freeze()
    try:
        yield
    finally:
        part.wake()


@_fault("workers", lasts_s=(LEASE_S + 0.5, LEASE_S + 4))
def _all_workers_frozen(stage: Stage, lots: random.Random) -> Iterator[None]:
    parts = [stage.parts[name] for name in WORKERS]
    for part in parts:
        part.freeze()
    try:
        yield
    finally:
        for part in parts:
            part.wake()


@_fault("beat")
def _beat_killed(stage: Stage, lots: random.Random) -> Iterator[None]:
    _living(stage, ("beat",), lots).kill()
    yield


# Redis.


@_fault("redis", lasts_s=(0.2, 3))
def _redis_killed(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _down(stage.parts["broker"]):
        yield
    wait_until(stage.broker_answers, within_s=60)


@_fault("redis", lasts_s=(0.2, 3))
def _redis_emptied(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _down(stage.parts["broker"]):
        stage.forget_broker()
        yield
    wait_until(stage.broker_answers, within_s=60)


@_fault("redis", lasts_s=(1, 8))
def _redis_black_holed(stage: Stage, lots: random.Random) -> Iterator[None]:
    links = [stage.links["api-redis"], stage.links["worker-redis"]]
    with _silent(lots.sample(links, lots.choice((1, 2))), lots):
        yield


@_fault("redis", lasts_s=(1, 5))
def _redis_full(stage: Stage, lots: random.Random) -> Iterator[None]:
    if not stage.broker_answers():
        raise NotNow
    stage.fill_broker()
    try:
        yield
    finally:
        stage.empty_broker_of_filling()


# PostgreSQL.


@_fault("backends")
def _backends_terminated(stage: Stage, lots: random.Random) -> Iterator[None]:
    """All of them at once."""
    terminate(stage, 100)
    yield


@_fault("backends", lasts_s=(2, 6))
def _backends_dying(stage: Stage, lots: random.Random) -> Iterator[None]:
    """Some each second."""
    with repeating(1 / lots.choice((3, 5, 10)), lambda: terminate(stage, 1)):
        yield


@_fault("backends", "locks", "api", "links-postgresql", lasts_s=(0.1, 2), ends_postgresql=True)
def _postmaster_killed(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _down(stage.parts["postgresql"]):
        yield
    wait_until(stage.database_answers, within_s=60)


@_fault("locks", lasts_s=(0.5, 5))
def _table_locked(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _connected(stage, "lock") as connection, connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '3s'")
        connection.execute(f"LOCK TABLE {lots.choice(_TABLES)} IN ACCESS EXCLUSIVE MODE")
        yield


@_fault("links-postgresql", lasts_s=(0.5, 2))
def _commit_answer_lost_to_api(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _losing_commits(stage.links["api-postgresql"], lots):
        yield


@_fault("links-postgresql", lasts_s=(0.5, 2))
def _commit_answer_lost_to_worker(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _losing_commits(stage.links["worker-postgresql"], lots):
        yield


@_fault("links-postgresql", lasts_s=(1, 4))
def _postgresql_delayed(stage: Stage, lots: random.Random) -> Iterator[None]:
    link = stage.links[lots.choice(("api-postgresql", "worker-postgresql"))]
    link.delay(lots.choice((10, 50, 200)))
    try:
        yield
    finally:
        link.flow()


@_fault("links-postgresql")
def _postgresql_cut(stage: Stage, lots: random.Random) -> Iterator[None]:
    stage.links[lots.choice(("api-postgresql", "worker-postgresql"))].cut()
    yield


@_fault("backends", "locks", "api", "links-postgresql", lasts_s=(0.5, 3), ends_postgresql=True)
def _postgresql_refused(stage: Stage, lots: random.Random) -> Iterator[None]:
    links = [stage.links["api-postgresql"], stage.links["worker-postgresql"]]
    for link in links:
        link.refuse()
    try:
        yield
    finally:
        for link in links:
            link.flow()


@_fault("backends", "locks", "api", "links-postgresql", lasts_s=(1, 7), ends_postgresql=True)
def _postgresql_black_holed(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _silent([stage.links["api-postgresql"], stage.links["worker-postgresql"]], lots):
        yield


# The APIs.


@_fault("api")
def _api_killed(stage: Stage, lots: random.Random) -> Iterator[None]:
    _living(stage, APIS, lots).kill()
    yield


@_fault("api")
def _api_terminated(stage: Stage, lots: random.Random) -> Iterator[None]:
    _living(stage, APIS, lots).terminate()
    yield


@_fault("api", lasts_s=(0.5, 4))
def _api_frozen(stage: Stage, lots: random.Random) -> Iterator[None]:
    part = _living(stage, APIS, lots)
    part.freeze()
    try:
        yield
    finally:
        part.wake()


# The provider.


@_fault("provider", lasts_s=(1, 5))
def _provider_fails(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _behaving(stage, lots, Behaviour.KEY_REFUSED, Behaviour.BUSY, Behaviour.FAILS):
        yield


@_fault("provider", lasts_s=(1, 5))
def _provider_breaks_off(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _behaving(stage, lots, Behaviour.CUT, Behaviour.BAD_JSON, Behaviour.NO_END):
        yield


@_fault("provider", lasts_s=(1, 6))
def _provider_stalls(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _behaving(stage, lots, Behaviour.DRIP, Behaviour.HANGS, Behaviour.COMMENTS):
        yield


@_fault("provider")
def _provider_cut(stage: Stage, lots: random.Random) -> Iterator[None]:
    stage.links["api-provider"].cut()
    stage.links["worker-provider"].cut()
    yield


@_fault("provider", lasts_s=(1, 5))
def _provider_black_holed(stage: Stage, lots: random.Random) -> Iterator[None]:
    with _silent([stage.links["api-provider"], stage.links["worker-provider"]], lots):
        yield


# What they are made of.


def _living(stage: Stage, names: Sequence[str], lots: random.Random) -> Part:
    part = stage.parts[lots.choice(names)]
    if not part.lives or part.is_ending:
        raise NotNow
    return part


@contextmanager
def _down(part: Part) -> Iterator[None]:
    """Killed, and started again only when the block ends."""
    part.is_held.set()
    part.kill()
    try:
        yield
    finally:
        part.is_held.clear()


@contextmanager
def _silent(links: list[Link], lots: random.Random) -> Iterator[None]:
    """Black holes; at the end what was sent arrives, or the connections turn out to be dead."""
    for link in links:
        link.black_hole()
    try:
        yield
    finally:
        is_cut = lots.random() < 0.5
        for link in links:
            if is_cut:
                link.cut()
            link.flow()


@contextmanager
def _losing_commits(link: Link, lots: random.Random) -> Iterator[None]:
    lost = link.lost_commits
    link.lose_commit(lots.choice((1, 1, 2, 5)))
    try:
        yield
    finally:
        link.lose_commit(0)
    if link.lost_commits == lost:
        raise NotNow


@contextmanager
def _behaving(stage: Stage, lots: random.Random, *kinds: Behaviour) -> Iterator[None]:
    """One kind alone, or all of them and some that are well."""
    stage.provider.behave(*lots.choice([*((kind,) for kind in kinds), (*kinds, Behaviour.WELL)]))
    try:
        yield
    finally:
        stage.provider.behave()


@contextmanager
def _connected(stage: Stage, name: str) -> Iterator[psycopg.Connection]:
    """A connection of ours, whose end may be that of PostgreSQL."""
    try:
        connection = stage.connect(name)
    except psycopg.Error as error:
        raise NotNow from error
    try:
        yield connection
    except psycopg.Error as error:
        raise NotNow from error
    finally:
        connection.close()


def terminate(stage: Stage, most: int) -> int:
    """How many connections were ended."""
    with _connected(stage, "kill") as connection:
        found = connection.execute(_TERMINATE, [f"{OURS}%", most]).fetchone()
    if not found or not found[0]:
        raise NotNow
    return int(found[0])


@contextmanager
def repeating(every_s: float, act: Callable[[], object]) -> Iterator[None]:
    """Act again and again, from a thread and at that pace however long it takes, until the block ends."""
    is_over = threading.Event()

    def run() -> None:
        due = time.monotonic() + every_s
        while not is_over.wait(max(0.0, due - time.monotonic())):
            due += every_s
            with suppress(NotNow):
                act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(timeout=15)
