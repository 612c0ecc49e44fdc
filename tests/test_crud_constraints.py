"""The database itself refuses what would join two owners, whatever the code above it does (ISO-5)."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.errors import ForeignKeyViolation, UniqueViolation

from app.core.database import new_id
from app.models import Base
from tests.rows import Database


@dataclass(frozen=True, slots=True)
class Tree:
    """An owner with one row of each kind."""

    owner: uuid.UUID
    bot: uuid.UUID
    document: uuid.UUID
    conversation: uuid.UUID
    message: uuid.UUID


def grow(db: Database) -> Tree:
    owner = new_id()
    email = f"{owner.hex}@ejemplo.com"
    db.insert("users", id=owner, email=email, email_key=email, password_hash="x", created_at="now")
    bot = db.add_bot(owner)
    document = db.add_document(owner, bot)
    conversation = db.add_conversation(owner, bot)
    return Tree(owner, bot, document, conversation, db.add_message(owner, conversation))


@pytest.fixture(scope="module")
def trees(db: Database) -> Iterator[tuple[Tree, Tree]]:
    mine, theirs = grow(db), grow(db)
    yield mine, theirs
    db.run("DELETE FROM users WHERE id = ANY(%s)", [mine.owner, theirs.owner])


def add_config(db: Database, owner_id: uuid.UUID, bot_id: uuid.UUID) -> None:
    fields = {"task_type": "general", "provider": "openai", "model_id": new_id().hex, "created_at": "now"}
    db.insert("model_configs", id=new_id(), owner_id=owner_id, bot_id=bot_id, **fields)


# Each foreign key between owned rows, and an insert of mine that names what is theirs.
CROSSINGS: dict[str, Callable[[Database, Tree, Tree], object]] = {
    "fk_model_configs_bot_id_owner_id_bots": lambda db, mine, theirs: add_config(db, mine.owner, theirs.bot),
    "fk_documents_bot_id_owner_id_bots": lambda db, mine, theirs: db.add_document(mine.owner, theirs.bot),
    "fk_conversations_bot_id_owner_id_bots": lambda db, mine, theirs: db.add_conversation(mine.owner, theirs.bot),
    "fk_chunks_document_id_bot_id_owner_id_documents": lambda db, mine, theirs: db.add_chunk(
        mine.owner, mine.bot, theirs.document
    ),
    "fk_postings_document_id_bot_id_owner_id_documents": lambda db, mine, theirs: db.add_posting(
        mine.owner, mine.bot, theirs.document
    ),
    "fk_vectors_document_id_bot_id_owner_id_documents": lambda db, mine, theirs: db.add_vector(
        mine.owner, mine.bot, theirs.document
    ),
    "fk_messages_conversation_id_owner_id_conversations": lambda db, mine, theirs: db.add_message(
        mine.owner, theirs.conversation
    ),
    "fk_messages_question_id_conversation_id_owner_id_messages": lambda db, mine, theirs: db.add_message(
        mine.owner, mine.conversation, theirs.message
    ),
    "fk_citations_message_id_owner_id_messages": lambda db, mine, theirs: db.add_citation(
        mine.owner, theirs.message, mine.document
    ),
    "fk_citations_document_id_owner_id_documents": lambda db, mine, theirs: db.add_citation(
        mine.owner, mine.message, theirs.document
    ),
}


@pytest.mark.parametrize("constraint", CROSSINGS)
def test_a_row_of_mine_cannot_name_what_is_theirs(constraint: str, trees: tuple[Tree, Tree], db: Database) -> None:
    mine, theirs = trees

    with pytest.raises(ForeignKeyViolation) as caught:
        CROSSINGS[constraint](db, mine, theirs)

    assert caught.value.diag.constraint_name == constraint


@pytest.mark.parametrize("constraint", CROSSINGS)
def test_a_row_of_theirs_cannot_be_written_in_my_name_either(
    constraint: str, trees: tuple[Tree, Tree], db: Database
) -> None:
    mine, theirs = trees

    with pytest.raises(ForeignKeyViolation):
        CROSSINGS[constraint](db, theirs, mine)


def test_a_chunk_cannot_name_another_bot_than_its_document(trees: tuple[Tree, Tree], db: Database) -> None:
    mine, _ = trees
    other_bot = db.add_bot(mine.owner)

    with pytest.raises(ForeignKeyViolation):
        db.add_chunk(mine.owner, other_bot, mine.document)


@pytest.mark.parametrize("table", ["bots", "documents", "conversations", "messages"])
def test_a_row_that_others_hang_on_cannot_change_its_owner(
    table: str, trees: tuple[Tree, Tree], db: Database
) -> None:
    mine, theirs = trees
    row = {
        "bots": mine.bot,
        "documents": mine.document,
        "conversations": mine.conversation,
        "messages": mine.message,
    }[table]

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        db.run(f"UPDATE {table} SET owner_id = %s WHERE id = %s", theirs.owner, row)  # noqa: S608


def test_every_foreign_key_between_owned_rows_carries_the_owner_and_is_tried_above() -> None:
    owned = {table for table in Base.metadata.tables.values() if "owner_id" in table.columns}
    links = [
        constraint
        for table in owned
        for constraint in table.foreign_key_constraints
        if constraint.referred_table in owned
    ]

    for link in links:
        assert ("owner_id", "owner_id") in [(key.parent.name, key.column.name) for key in link.elements]
    assert {link.name for link in links} == set(CROSSINGS)


# Columns that name a row and are under no foreign key, each with its reason.
UNBOUND = {
    ("ledger", "bot_id"): "what was used outlives the bot; it is read joined by the owner too",
    ("provider_keys", "key_id"): "names an encryption key, no row",
    ("messages", "model_id"): "a model's name",
    ("model_configs", "model_id"): "a model's name",
    ("ledger", "model_id"): "a model's name",
}


def test_every_column_that_names_a_row_is_under_a_foreign_key_or_reviewed() -> None:
    """ISO-5."""
    unbound = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_id") and not column.foreign_keys
    }

    assert unbound == set(UNBOUND)


def test_the_database_has_the_foreign_keys_of_the_models(db: Database) -> None:
    rows = db.rows("SELECT conname FROM pg_constraint WHERE contype = 'f'")

    declared = {key.name for table in Base.metadata.tables.values() for key in table.foreign_key_constraints}
    assert {name for (name,) in rows} == declared


def test_every_table_but_users_has_an_owner_that_cannot_be_null(db: Database) -> None:
    rows = db.rows(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'owner_id' AND is_nullable = 'NO'"
    )

    assert {name for (name,) in rows} == set(Base.metadata.tables) - {"users"}


def test_one_email_has_one_account(trees: tuple[Tree, Tree], db: Database) -> None:
    """AUT-2."""
    mine, _ = trees
    [(email,)] = db.rows("SELECT email_key FROM users WHERE id = %s", mine.owner)

    with pytest.raises(UniqueViolation) as caught:
        db.insert("users", id=new_id(), email=email, email_key=email, password_hash="x", created_at="now")

    assert caught.value.diag.constraint_name == "uq_users_email_key"


def test_a_bot_has_a_triple_and_the_same_bytes_once(trees: tuple[Tree, Tree], db: Database) -> None:
    mine, _ = trees
    [(sha256,)] = db.rows("SELECT sha256 FROM documents WHERE id = %s", mine.document)
    other = db.add_document(mine.owner, mine.bot)

    with pytest.raises(UniqueViolation) as caught:
        db.run("UPDATE documents SET sha256 = %s WHERE id = %s", sha256, other)

    assert caught.value.diag.constraint_name == "uq_documents_bot_id_sha256"


def test_a_citation_outlives_its_document_and_keeps_its_owner(trees: tuple[Tree, Tree], db: Database) -> None:
    mine, _ = trees
    document, message = db.add_document(mine.owner, mine.bot), db.add_message(mine.owner, mine.conversation)
    db.add_citation(mine.owner, message, document)

    db.run("DELETE FROM documents WHERE id = %s", document)

    rows = db.rows("SELECT document_id, owner_id FROM citations WHERE message_id = %s", message)
    assert rows == [(None, mine.owner)]
