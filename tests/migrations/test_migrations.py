"""The migrations make exactly the models' tables, from nothing, in both directions, one process at a time.

On the embedded PostgreSQL, and on the server of `TEST_POSTGRESQL_URL` too, where a superuser's URL names one.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic import command
from psycopg.sql import SQL, Identifier
from sqlalchemy import Constraint, Index, make_url

from app.core.database import new_id
from app.core.errors import DatabasePasswordRefused, DatabaseTooNew
from app.embedded.services import Services
from app.models import Base
from app.operations import migrate
from tests.platform import ROOT
from tests.services import fresh_database

_UPGRADE = "import sys; from app.operations import migrate; migrate.upgrade(sys.argv[1])"
_OTHER_SERVER = os.environ.get("TEST_POSTGRESQL_URL", "")


@pytest.fixture(params=["embedded", *(["other"] if _OTHER_SERVER else [])])
def server(request: pytest.FixtureRequest, services: Services) -> Services:
    return services if request.param == "embedded" else replace(services, database_url=_OTHER_SERVER)


@pytest.fixture
def empty(server: Services) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    with fresh_database(server) as fresh:
        yield fresh.database_url


@pytest.fixture
def plain_owner(server: Services) -> Iterator[str]:
    """The URL of a database whose owner is no superuser; the superuser has made its extensions."""
    name = f"owner_{uuid4().hex}"
    role = Identifier(name)
    with psycopg.connect(server.database_url, autocommit=True) as superuser:
        superuser.execute(SQL("CREATE ROLE {} LOGIN PASSWORD 'plain'").format(role))
        try:
            with fresh_database(server) as fresh:
                url = make_url(fresh.database_url)
                superuser.execute(SQL("ALTER DATABASE {} OWNER TO {}").format(Identifier(str(url.database)), role))
                with psycopg.connect(fresh.database_url, autocommit=True) as inside:
                    inside.execute("CREATE EXTENSION vector")
                    inside.execute("CREATE EXTENSION unaccent")
                yield url.set(username=name, password="plain").render_as_string(hide_password=False)
        finally:
            superuser.execute(SQL("DROP ROLE {}").format(role))


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


def test_an_owner_who_is_no_superuser_migrates_where_the_extensions_are_there(plain_owner: str) -> None:
    migrate.upgrade(plain_owner)

    migrate.check(plain_owner)
    assert revision_of(plain_owner) == migrate.head()


def test_a_toolbox_of_before_keeps_its_order(empty: str) -> None:
    command.upgrade(migrate._config(empty), "0002")
    with psycopg.connect(empty) as connection:
        bots = [_bot_of_before(connection, ages=ages) for ages in ([3, 1, 2], [1, 2])]

    migrate.upgrade(empty)

    with psycopg.connect(empty) as connection:
        found = [
            connection.execute(
                "SELECT model_id, position FROM model_configs WHERE bot_id = %s ORDER BY position", [bot]
            ).fetchall()
            for bot in bots
        ]
    assert found == [[("3 hours", 0), ("2 hours", 1), ("1 hours", 2)], [("2 hours", 0), ("1 hours", 1)]]


def _bot_of_before(connection: psycopg.Connection, *, ages: list[int]) -> UUID:
    """A bot whose models are so many hours old and called so."""
    owner, bot = new_id(), new_id()
    connection.execute(
        "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES (%s, %s, %s, 'x', now())",
        [owner, owner.hex, owner.hex],
    )
    connection.execute(
        "INSERT INTO bots (id, owner_id, name, description, system_prompt, created_at, updated_at)"
        " VALUES (%s, %s, 'Bot', '', '', now(), now())",
        [bot, owner],
    )
    for age in ages:
        connection.execute(
            "INSERT INTO model_configs (id, owner_id, bot_id, task_type, provider, model_id, created_at)"
            " VALUES (%s, %s, %s, 'general', 'openai', %s, now() - %s::interval)",
            [new_id(), owner, bot, f"{age} hours", f"{age} hours"],
        )
    return bot


def test_a_document_of_before_stays_searchable_and_embedded(empty: str) -> None:
    command.upgrade(migrate._config(empty), "0004")
    with psycopg.connect(empty) as connection:
        bot = _bot_of_before(connection, ages=[1])
        document = _document_of_before(connection, bot, ["El aviso ERR-4711.", "Otro aviso."])

    migrate.upgrade(empty)

    with psycopg.connect(empty) as connection:
        postings = connection.execute(
            "SELECT lexeme, positions, counts, lengths FROM postings WHERE bot_id = %s AND lexeme = ANY(%s)"
            " ORDER BY lexeme",
            [bot, ["4711", "avis", "devolu"]],
        ).fetchall()
        [(config, words)] = connection.execute("SELECT config::text, words FROM documents")
        vectors = connection.execute(
            "SELECT position, model, vector::text FROM vectors WHERE document_id = %s ORDER BY position", [document]
        ).fetchall()
        [(embedded,)] = connection.execute("SELECT content_key FROM chunks WHERE position = 0")
    assert postings == [
        ("4711", [0], [1], [4]),
        ("avis", [0, 1], [1, 1], [4, 2]),
        ("devolu", [0, 1], [1, 1], [4, 2]),
    ]
    assert (config, words) == ("spanish", 6)
    assert vectors == [(0, "local", "[1,0]")]
    assert embedded == sha256(b"Devoluciones\nEl aviso ERR-4711.").digest()[:16]


def test_a_document_goes_back_to_what_it_was(empty: str) -> None:
    command.upgrade(migrate._config(empty), "0004")
    with psycopg.connect(empty) as connection:
        _document_of_before(connection, _bot_of_before(connection, ages=[1]), ["El aviso ERR-4711.", "Otro aviso."])
    before = _chunks_of_before(empty)

    migrate.upgrade(empty)
    command.downgrade(migrate._config(empty), "0004")

    assert _chunks_of_before(empty) == before


def _chunks_of_before(database_url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database_url) as connection:
        return connection.execute(
            "SELECT position, text, heading, config::text, lexemes::text, length, vector::text FROM chunks"
            " ORDER BY position"
        ).fetchall()


def _document_of_before(connection: psycopg.Connection, bot: UUID, texts: list[str]) -> UUID:
    """Under the heading «Devoluciones», its first chunk with a vector."""
    document = new_id()
    connection.execute(
        "INSERT INTO documents (id, owner_id, bot_id, filename, size_bytes, characters, encoding, language, sha256,"
        " text, status, chunks, chunks_embedded, attempts, published_at, created_at, searchable_at)"
        " SELECT %s, owner_id, id, 'a.txt', 1, 1, 'utf-8', 'es', 'x', 'x', 'ready', 2, 1, 0, now(), now(), now()"
        " FROM bots WHERE id = %s",
        [document, bot],
    )
    for position, text in enumerate(texts):
        connection.execute(
            'INSERT INTO chunks (document_id, bot_id, owner_id, position, start, "end", text, heading, config,'
            " lexemes, length, vector)"
            " SELECT id, bot_id, owner_id, %s, 0, 1, %s, 'Devoluciones', 'spanish', made,"
            " (SELECT sum(cardinality(word.positions)) FROM unnest(made) AS word), %s::halfvec"
            " FROM documents, bytchat_lexemes('spanish', %s) AS made WHERE id = %s",
            [position, text, None if position else "[1,0]", text, document],
        )
    return document


def test_of_two_upgrades_at_once_both_end_well(empty: str) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", _UPGRADE, empty], cwd=ROOT, env={**os.environ, "DATABASE_URL": ""})
        for _ in range(2)
    ]

    assert [start.wait(timeout=60) for start in starts] == [0, 0]
    assert revision_of(empty) == migrate.head()


def test_every_constraint_and_index_has_a_name_of_ours(empty: str) -> None:
    migrate.upgrade(empty)

    unnamed = [
        f"{table.name}: {part!r}"
        for table in Base.metadata.tables.values()
        for part in (*table.constraints, *table.indexes)
        if isinstance(part, Constraint | Index) and not part.name
    ]
    expected = {str(one.name) for table in Base.metadata.tables.values() for one in table.constraints}
    with psycopg.connect(empty) as connection:
        rows = connection.execute(
            "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
            "WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND relname <> 'alembic_version'"
        )
        found = {name for (name,) in rows}

    assert unnamed == []
    assert found == expected


def test_a_password_that_postgresql_refuses_is_named(empty: str) -> None:
    wrong = make_url(empty).set(password="not-it").render_as_string(hide_password=False)

    with pytest.raises(DatabasePasswordRefused) as refused:
        migrate.upgrade(wrong)

    assert "POSTGRES_PASSWORD" in refused.value.sentence("en")
    assert "not-it" not in str(refused.value)


def test_a_database_of_a_newer_release_is_left_alone_and_told(empty: str) -> None:
    migrate.upgrade(empty)
    with psycopg.connect(empty) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseTooNew) as refused:
        migrate.upgrade(empty)

    assert "9999" in refused.value.sentence("en")
    assert revision_of(empty) == "9999"
