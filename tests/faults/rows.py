"""What the database holds when all is quiet: an owner's rows, what is stuck, and rows that are another's."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from tests.faults.history import Invariant, Violation
from tests.faults.verdicts import Stored, StoredBot, StoredDocument, StoredMessage, StoredTalk

Connection = psycopg.Connection[tuple[Any, ...]]

_UNFINISHED = """SELECT format('document %s is %s after %s attempts, error %s', id, status, attempts, error)
FROM documents WHERE status NOT IN ('ready', 'failed') OR embedding_due OR lease_token IS NOT NULL"""
_STUCK = (
    _UNFINISHED,
    "SELECT format('bot %s still changes to %s', id, next_embedding_model) FROM bots"
    " WHERE next_embedding_model IS NOT NULL",
    "SELECT format('message %s never ended', id) FROM messages WHERE role = 'assistant' AND finish IS NULL",
    "SELECT format('held for answer %s, which is entered', held) FROM usage_days, jsonb_object_keys(holds) AS held"
    " JOIN ledger ON ledger.id::text = held",
    # Longer than any answer may take with the stage's settings.
    "SELECT format('held for %s until %s', held.id, to_timestamp((held.hold -> 1)::float8))"
    " FROM usage_days, jsonb_each(holds) AS held(id, hold)"
    " WHERE (held.hold -> 1)::float8 > extract(epoch FROM now()) + 60",
    "SELECT format('statement of %s for %s: %s', pid, now() - query_start, left(query, 80)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND state = 'active' AND now() - query_start > interval '20 s'"
    " AND application_name NOT LIKE 'faults%'",
)
# Shorter is somebody at work.
_IDLE = """SELECT format('%s since %s: %s', pid, now() - state_change, left(query, 80)) FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%'
      AND now() - state_change > interval '5 s'"""
# Each table whose rows hang on another's, and by what.
_PARENTS = (
    ("model_configs", "bots", "bot_id"),
    ("documents", "bots", "bot_id"),
    ("chunks", "documents", "document_id"),
    ("postings", "documents", "document_id"),
    ("vectors", "documents", "document_id"),
    ("conversations", "bots", "bot_id"),
    ("messages", "conversations", "conversation_id"),
    ("citations", "messages", "message_id"),
    ("citations", "documents", "document_id"),
    ("ledger", "messages", "id"),
)
# Where an owner's words may stand.
_WORDS = {
    "bots": ("name", "system_prompt", "description"),
    "documents": ("text", "filename"),
    "chunks": ("text", "heading"),
    "postings": ("lexeme",),
    "conversations": ("title",),
    "messages": ("text",),
    "citations": ("quote", "filename"),
}


def unfinished(connection: Connection) -> list[str]:
    """The documents that are not through yet."""
    return _told(connection, _UNFINISHED)


def failed(connection: Connection) -> list[tuple[str, str, str]]:
    """(owner, bot, document) of those that ended with a reason."""
    statement = "SELECT owner_id::text, bot_id::text, id::text FROM documents WHERE status = 'failed'"
    return [(owner, bot, document) for owner, bot, document in connection.execute(statement)]


def stuck(connection: Connection) -> Iterator[Violation]:
    for statement in _STUCK:
        yield from (Violation(Invariant.STUCK, told) for told in _told(connection, statement))


def idle_in_transaction(connection: Connection) -> Iterator[Violation]:
    return (Violation(Invariant.IDLE, told) for told in _told(connection, _IDLE))


def of_wrong_owners(connection: Connection, owners: Sequence[tuple[str, str]]) -> Iterator[Violation]:
    """`owners` are (id, mark). Every row is its parent's owner's, and an owner's mark is in no other's row."""
    for table, parent, column in _PARENTS:
        statement = (
            f"SELECT count(*) FROM {table} AS it JOIN {parent} AS parent ON parent.id = it.{column}"  # noqa: S608
            " WHERE parent.owner_id <> it.owner_id"
        )
        yield from _counted(connection, statement, f"rows of {table} are not their {parent}' owner's")
    for owner, mark in owners:
        for table, columns in _WORDS.items():
            holds = " OR ".join(f"{column} LIKE %(mark)s" for column in columns)
            statement = f"SELECT count(*) FROM {table} WHERE owner_id <> %(owner)s AND ({holds})"  # noqa: S608
            told = f"rows of {table} are others' and hold the mark of {owner}"
            yield from _counted(connection, statement, told, owner=owner, mark=f"%{mark}%")


def without_ledger(connection: Connection) -> Iterator[Violation]:
    """What an answer used is entered with it, in one statement."""
    statement = "SELECT count(*) FROM messages WHERE role = 'assistant' AND id NOT IN (SELECT id FROM ledger)"
    for violation in _counted(connection, statement, "answers are in no ledger"):
        yield Violation(Invariant.MESSAGES, violation.told)


def stored_of(connection: Connection, owner: str) -> Stored:
    """All of an owner's rows that the model knows of."""

    def rows(statement: str) -> list[tuple[Any, ...]]:
        return connection.execute(f"{statement} WHERE owner_id = %s ORDER BY id".encode(), [owner]).fetchall()

    return Stored(
        bots=[StoredBot(*row) for row in rows("SELECT id::text, name FROM bots")],
        documents=[StoredDocument(*row) for row in rows("SELECT id::text, bot_id::text, filename FROM documents")],
        talks=[StoredTalk(*row) for row in rows("SELECT id::text, bot_id::text, title FROM conversations")],
        messages=[
            StoredMessage(*row)
            for row in rows(
                "SELECT id::text, conversation_id::text, role, text, question_id::text, finish FROM messages"
            )
        ],
    )


def _told(connection: Connection, statement: str) -> list[str]:
    return [told for (told,) in connection.execute(statement.encode())]


def _counted(connection: Connection, statement: str, told: str, **values: str) -> Iterator[Violation]:
    [(count,)] = connection.execute(statement.encode(), values).fetchall()
    if count:
        yield Violation(Invariant.OWNERS, f"{count} {told}")
