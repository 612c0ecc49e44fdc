"""A database that fails while requests run: 503 and when to come again, never 401 and never a trace (OPS-4)."""

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psycopg
import pytest
from sqlalchemy import make_url

from app.embedded.home import temporary_home
from app.embedded.postgresql import postgresql
from app.embedded.services import Services
from app.operations import migrate
from tests.chaos.stage import Service
from tests.platform import Owner, Running, api_process, environment, free_port, register, started
from tests.services import wait_until

PEOPLE = 6


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A PostgreSQL of the test's own, which keeps what it committed."""
    with temporary_home() as home:
        service = Service(lambda: postgresql(home), tmp_path_factory.mktemp("postgresql") / "postgresql.log")
        try:
            migrate.upgrade(service.server.url)
            yield service
        finally:
            service.stop()


@pytest.fixture(scope="module")
def api_on_it(database: Service, services: Services, logs: Path) -> Iterator[tuple[Owner, Running]]:
    own = Services(database.server.url, services.redis_url, services.secret_key, services.encryption_key)
    with api_process(own, logs) as (url, running):
        owner = register(url)
        yield owner, running
        owner.http.close()


@contextmanager
def busy(owner: Owner) -> Iterator[Counter[tuple[int, str]]]:
    """People who read and write without a pause; what they were answered, as (status, Retry-After)."""
    seen: Counter[tuple[int, str]] = Counter()
    is_over = threading.Event()

    def ask() -> None:
        with httpx2.Client(
            base_url=owner.http.base_url, headers=owner.http.headers, timeout=60, trust_env=False
        ) as http:
            while not is_over.is_set():
                for answer in (http.get("/users/me"), http.post("/bots/", json={"name": "Bot"})):
                    seen[answer.status_code, answer.headers.get("Retry-After", "")] += 1

    threads = [threading.Thread(target=ask) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: seen[200, ""] > 2 * PEOPLE, within_s=60)
        yield seen
        known = seen[200, ""]
        wait_until(lambda: seen[200, ""] > known + 2 * PEOPLE, within_s=60)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def assert_only_503(seen: Counter[tuple[int, str]], running: Running) -> None:
    assert set(seen) <= {(200, ""), (503, "5")}
    assert "Traceback" not in running.said()
    assert "exception" not in running.said()


def test_connections_that_the_database_ends_are_503_and_then_replaced_ops_4(
    database: Service, api_on_it: tuple[Owner, Running]
) -> None:
    owner, running = api_on_it

    with busy(owner) as seen, psycopg.connect(database.server.url, autocommit=True) as operator:
        for _ in range(20):
            operator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    assert_only_503(seen, running)


def test_a_database_that_is_killed_while_requests_run_is_503_until_it_is_back_ops_4(
    database: Service, api_on_it: tuple[Owner, Running]
) -> None:
    owner, running = api_on_it

    with busy(owner) as seen:
        database.kill()
        wait_until(lambda: seen[503, "5"] > 0, within_s=60)
        database.start()

    assert_only_503(seen, running)
    assert owner.http.get("/users/me").json()["email"] == owner.email


def test_a_database_that_refuses_the_password_is_503_ops_4(services: Services, logs: Path, owner: Owner) -> None:
    wrong = make_url(services.database_url).set(password="clave-que-no-es").render_as_string(hide_password=False)
    port = free_port()
    env = environment(services, DATABASE_URL=wrong, API_PORT=str(port))
    with (
        started([sys.executable, "-m", "app.serve"], env, logs / f"refused-{port}.log") as running,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http,
    ):
        wait_until(lambda: is_live(http), within_s=60)
        ready = http.get("/health/ready")
        answer = http.get("/users/me", headers=owner.http.headers)

    assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "OperationalError")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "database_unavailable"
    assert "clave-que-no-es" not in running.said()
    assert "Traceback" not in running.said()


def is_live(http: httpx2.Client) -> bool:
    try:
        return http.get("/health/live").is_success
    except httpx2.HTTPError:
        return False
