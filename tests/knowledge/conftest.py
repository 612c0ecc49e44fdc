"""A shelf in the shared database, and a database that no worker looks at."""

from collections.abc import Iterator

import pytest

from app.core.database import Sessions
from app.embedded.services import Services
from app.operations import migrate
from tests.knowledge.library import Shelf, new_shelf
from tests.services import fresh_database


@pytest.fixture
async def shelf(sessions: Sessions) -> Shelf:
    return await new_shelf(sessions)


@pytest.fixture(scope="module")
def unworked_database_url(services: Services) -> Iterator[str]:
    """The shared workers sweep the shared database, and would do what a test does by hand."""
    with fresh_database(services) as fresh:
        migrate.upgrade(fresh.database_url)
        yield fresh.database_url
