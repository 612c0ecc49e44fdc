"""What every test may ask for: the services, the API, the workers, and people who use them."""

import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions, make_engine, make_sessions, transaction
from app.embedded.services import Services
from tests.platform import Owner, Running, api_process, register, worker_process
from tests.rows import Database
from tests.services import migrated_services

# Long files, which wait for processes: they begin first, so that neither of two runners ends with them alone.
_LONG = ("tests/worker/", "tests/operations/", "tests/e2e/")


def pytest_configure() -> None:
    # As Ctrl-C: what the tests have started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """PostgreSQL, migrated, and the broker; shared by all tests, which keep apart by their owners."""
    with migrated_services() as services:
        yield services


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def api(services: Services, logs: Path) -> Iterator[str]:
    """The address of a running API whose google and openai models follow scripts."""
    with api_process(services, logs) as (url, _):
        yield url


@pytest.fixture(scope="session")
def workers(services: Services, logs: Path) -> Iterator[list[Running]]:
    """Both lanes and beat."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(worker_process(services, logs, lane, SWEEP_EVERY_S="2"))
            for lane in ("words", "vectors", "beat")
        ]


@pytest.fixture
def owner(api: str) -> Iterator[Owner]:
    owner = register(api)
    yield owner
    owner.http.close()


@pytest.fixture
def stranger(api: str) -> Iterator[Owner]:
    """Somebody else."""
    stranger = register(api)
    yield stranger
    stranger.http.close()


@pytest.fixture(scope="module")
def database_url(services: Services) -> str:
    """The shared database; a module that must have its own says so by a fixture of this name."""
    return services.database_url


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    engine = make_engine(database_url, pool_size=10)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
async def session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    async with transaction(sessions) as session:
        yield session


@pytest.fixture(scope="session")
def db(services: Services) -> Iterator[Database]:
    """A connection of the test's own to the database."""
    database = Database(services)
    yield database
    database.close()
