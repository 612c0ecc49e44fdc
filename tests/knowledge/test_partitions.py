"""Chunks, their words and their vectors in partitions, as docs/scaling.md says: all goes on as before."""

import re
from collections.abc import AsyncIterator

import psycopg
import pytest

from app.core.database import Sessions, make_engine, make_sessions
from app.embedded.services import Services
from app.operations import migrate
from tests.knowledge.library import HashEmbedder, Shelf, many_chunks, new_shelf
from tests.platform import ROOT
from tests.services import fresh_database

pytestmark = pytest.mark.anyio

_PAGE = (ROOT / "docs" / "scaling.md").read_text()


@pytest.fixture
async def before(services: Services) -> AsyncIterator[tuple[str, Sessions]]:
    """A database whose tables are each in one piece."""
    with fresh_database(services) as fresh:
        migrate.upgrade(fresh.database_url)
        engine = make_engine(fresh.database_url, pool_size=2)
        yield fresh.database_url, make_sessions(engine)
        await engine.dispose()


def part(database_url: str) -> None:
    """As psql does it: one statement after another."""
    found: list[str] = re.findall(r"```sql\n(.*?)```", _PAGE, re.DOTALL)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(next(one for one in found if "PARTITION BY" in one).encode())


async def found(shelf: Shelf) -> list[tuple[int, float]]:
    return [(passage.start, passage.score) for passage in await shelf.search("faro3 faro7", vector=[0.5] * 8)]


async def test_what_was_found_in_one_table_is_found_in_its_parts(before: tuple[str, Sessions]) -> None:
    url, sessions = before
    shelf = await new_shelf(sessions)
    await shelf.train(many_chunks(20, word="faro"), HashEmbedder())
    whole = await found(shelf)

    part(url)

    assert whole
    assert await found(shelf) == whole


async def test_documents_come_and_go_in_parts_with_all_their_chunks(before: tuple[str, Sessions]) -> None:
    url, sessions = before
    part(url)
    shelf = await new_shelf(sessions)

    document_id = await shelf.train(many_chunks(20, word="faro"), HashEmbedder())
    trained = await shelf.chunks(document_id), await shelf.vector_rows(document_id), await found(shelf)
    await shelf.remove(document_id)

    assert [len(rows) for rows in trained[:2]] == [20, 20]
    assert trained[2]
    assert await shelf.chunks(document_id) == []
    assert await shelf.vector_rows(document_id) == []
    assert await found(shelf) == []


async def test_a_database_in_parts_goes_on_to_be_migrated(before: tuple[str, Sessions]) -> None:
    url, _ = before
    part(url)

    migrate.upgrade(url)

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (migrate.head(),)
