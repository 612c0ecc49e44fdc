"""The migrations make exactly the models' tables, from nothing, in both directions, one process at a time."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from sqlalchemy import Constraint, Index

from app.embedded.services import Services
from app.models import Base
from app.operations import migrate
from tests.platform import ROOT
from tests.services import fresh_database

_UPGRADE = "import sys; from app.operations import migrate; migrate.upgrade(sys.argv[1])"


@pytest.fixture
def empty(services: Services) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    with fresh_database(services) as fresh:
        yield fresh.database_url


def tables_of(database_url: str) -> set[str]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in rows}


def revision_of(database_url: str) -> str | None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def test_an_empty_database_becomes_the_newest_and_differs_in_nothing_from_the_models(empty: str) -> None:
    migrate.upgrade(empty)

    migrate.check(empty)
    assert revision_of(empty) == migrate.head()
    assert tables_of(empty) == {*Base.metadata.tables, "alembic_version"}


def test_upgrading_what_is_newest_changes_nothing(empty: str) -> None:
    migrate.upgrade(empty)

    migrate.upgrade(empty)

    assert revision_of(empty) == migrate.head()


def test_a_database_goes_down_to_nothing_and_up_again(empty: str) -> None:
    migrate.upgrade(empty)

    command.downgrade(migrate._config(empty), "base")

    assert tables_of(empty) == {"alembic_version"}
    migrate.upgrade(empty)
    migrate.check(empty)


def test_of_two_upgrades_at_once_both_end_well(empty: str) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", _UPGRADE, empty], cwd=ROOT, env={**os.environ, "DATABASE_URL": ""})
        for _ in range(2)
    ]

    assert [start.wait(timeout=60) for start in starts] == [0, 0]
    assert revision_of(empty) == migrate.head()


def test_every_constraint_and_index_has_a_name_of_ours(services: Services) -> None:
    unnamed = [
        f"{table.name}: {part!r}"
        for table in Base.metadata.tables.values()
        for part in (*table.constraints, *table.indexes)
        if isinstance(part, Constraint | Index) and not part.name
    ]
    expected = {str(one.name) for table in Base.metadata.tables.values() for one in table.constraints}
    with psycopg.connect(services.database_url) as connection:
        rows = connection.execute(
            "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
            "WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND relname <> 'alembic_version'"
        )
        found = {name for (name,) in rows}

    assert unnamed == []
    assert found == expected
