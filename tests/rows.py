"""Rows put straight into the database, and all that an owner has there, for tests that go past the API."""

import re
import uuid
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from app.core.database import new_id, now
from app.embedded.services import Services
from app.models import Base
from app.operations.migrate import plain_url

OWNED_TABLES = (
    "sessions",
    "bots",
    "model_configs",
    "documents",
    "chunks",
    "postings",
    "vectors",
    "conversations",
    "messages",
    "citations",
    "provider_keys",
    "ledger",
    "usage_days",
)
# Those that hang on the account and not on a bot.
OF_THE_ACCOUNT = ("sessions", "provider_keys", "ledger", "usage_days")
TEXT = "La tienda abre a las nueve."


class Database:
    """A connection of the test's own; every statement is committed at once."""

    def __init__(self, services: Services) -> None:
        self._connection = psycopg.connect(plain_url(services.database_url), autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement.encode(), values).fetchall()

    def run(self, statement: str, *values: object) -> None:
        self._connection.execute(statement.encode(), values)

    def insert(self, table: str, **values: object) -> None:
        columns = SQL(", ").join(map(Identifier, values))
        marks = SQL(", ").join([SQL("%s")] * len(values))
        statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(Identifier(table), columns, marks)
        self._connection.execute(statement, list(values.values()))

    def count(self, table: str, owner_id: uuid.UUID) -> int:
        statement = SQL("SELECT count(*) FROM {} WHERE owner_id = %s").format(Identifier(table))
        [(count,)] = self._connection.execute(statement, [owner_id]).fetchall()
        return int(count)

    def all_of(self, owner_id: uuid.UUID) -> dict[str, list[str]]:
        """Every row of the account, table by table, each as text."""
        found = {"users": [row for (row,) in self.rows("SELECT users::text FROM users WHERE id = %s", owner_id)]}
        for table in OWNED_TABLES:
            statement = SQL("SELECT t::text FROM {} AS t WHERE owner_id = %s ORDER BY 1").format(Identifier(table))
            found[table] = [row for (row,) in self._connection.execute(statement, [owner_id])]
        return found

    def dump(self) -> str:
        """Every row of every table as text, bytes in hexadecimal."""
        found = []
        for (table,) in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            statement = SQL("SELECT t::text FROM {} AS t").format(Identifier(table))
            found += [row for (row,) in self._connection.execute(statement)]
        return "\n".join(found)

    def ids_of(self, owner_id: uuid.UUID) -> dict[str, list[uuid.UUID]]:
        """The ids of the account's rows, by table."""
        tables = [
            table for table in Base.metadata.tables.values() if {"id", "owner_id"} <= set(table.columns.keys())
        ]
        found = {}
        for table in tables:
            statement = SQL("SELECT id FROM {} WHERE owner_id = %s").format(Identifier(table.name))
            found[table.name] = [row for (row,) in self._connection.execute(statement, [owner_id])]
        return found

    def mentions(self, *words: object) -> dict[str, int]:
        """In which tables, whatever tables there are, a row holds one of the words, and in how many rows."""
        if not words:
            return {}
        pattern = "|".join(re.escape(str(word)) for word in words)
        counts = {}
        for schema, table in self.rows(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ):
            statement = SQL("SELECT count(*) FROM {} AS t WHERE t::text ~ %s").format(Identifier(schema, table))
            [(counts[table],)] = self._connection.execute(statement, [pattern]).fetchall()
        return {table: count for table, count in counts.items() if count}

    def add_session(self, owner_id: uuid.UUID) -> uuid.UUID:
        """A login that nobody has the token of."""
        session_id = new_id()
        self.run(
            "INSERT INTO sessions (id, owner_id, created_at, expires_at)"
            " VALUES (%s, %s, now(), now() + interval '1 day')",
            *(session_id, owner_id),
        )
        return session_id

    def add_bot(self, owner_id: uuid.UUID) -> uuid.UUID:
        bot_id = new_id()
        self.run(
            "INSERT INTO bots (id, owner_id, name, description, system_prompt, created_at, updated_at)"
            " VALUES (%s, %s, 'Bot', '', '', now(), now())",
            bot_id,
            owner_id,
        )
        return bot_id

    def add_document(self, owner_id: uuid.UUID, bot_id: uuid.UUID) -> uuid.UUID:
        """A document that failed: no worker touches it."""
        document_id = new_id()
        self.run(
            "INSERT INTO documents (id, owner_id, bot_id, filename, size_bytes, characters, encoding, sha256, text,"
            " status, chunks, chunks_embedded, error, attempts, published_at, created_at)"
            " VALUES (%s, %s, %s, 'notas.txt', %s, %s, 'utf-8', %s, %s, 'failed', 0, 0, 'interrupted', 5, now(),"
            " now())",
            *(document_id, owner_id, bot_id, len(TEXT), len(TEXT), document_id.bytes, TEXT),
        )
        return document_id

    def add_conversation(self, owner_id: uuid.UUID, bot_id: uuid.UUID) -> uuid.UUID:
        conversation_id = new_id()
        self.run(
            "INSERT INTO conversations (id, owner_id, bot_id, title, created_at, updated_at)"
            " VALUES (%s, %s, %s, 'Horario', now(), now())",
            *(conversation_id, owner_id, bot_id),
        )
        return conversation_id

    def add_question(self, owner_id: uuid.UUID, conversation_id: uuid.UUID) -> uuid.UUID:
        message_id = new_id()
        self.run(
            "INSERT INTO messages (id, owner_id, conversation_id, role, text, created_at)"
            " VALUES (%s, %s, %s, 'user', '¿A qué hora abre?', now())",
            *(message_id, owner_id, conversation_id),
        )
        return message_id

    def add_message(
        self, owner_id: uuid.UUID, conversation_id: uuid.UUID, question_id: uuid.UUID | None = None
    ) -> uuid.UUID:
        """An answer."""
        message_id = new_id()
        self.run(
            "INSERT INTO messages (id, owner_id, conversation_id, question_id, role, text, created_at)"
            " VALUES (%s, %s, %s, %s, 'assistant', 'A las nueve. [1]', now())",
            *(message_id, owner_id, conversation_id, question_id),
        )
        return message_id

    def add_citation(self, owner_id: uuid.UUID, message_id: uuid.UUID, document_id: uuid.UUID | None) -> None:
        self.run(
            'INSERT INTO citations (message_id, n, owner_id, document_id, filename, start, "end", quote)'
            " VALUES (%s, 1, %s, %s, 'notas.txt', 0, %s, %s)",
            *(message_id, owner_id, document_id, len(TEXT), TEXT),
        )

    def add_ledger_entry(self, owner_id: uuid.UUID, bot_id: uuid.UUID, **values: object) -> None:
        """One answer of gpt-4o's, the dearest of its toolbox, unless `values` say otherwise."""
        defaults = {
            "id": new_id(),
            "provider": "openai",
            "model_id": "gpt-4o",
            "task_type": "general",
            "key_source": "own",
            "finish": "stop",
            "input_tokens": 100,
            "output_tokens": 10,
            "tokens_estimated": False,
            "cost_micro_usd": 350,
            "dearest_micro_usd": 350,
            "duration_ms": 1000,
            "created_at": now(),
        }
        self.insert("ledger", owner_id=owner_id, bot_id=bot_id, **{**defaults, **values})

    def add_account_rows(self, owner_id: uuid.UUID, bot_id: uuid.UUID) -> None:
        """A key that nobody can open, an answer in the ledger and the day's counters."""
        self.insert(
            "provider_keys",
            owner_id=owner_id,
            provider="google",
            key_id="none",
            nonce=b"nonce",
            ciphertext=b"sealed",
            last4="4711",
            updated_at=now(),
        )
        self.add_ledger_entry(owner_id, bot_id)
        self.insert("usage_days", owner_id=owner_id, day=now().date(), tokens=110, server_micro_usd=350)

    def add_chunk(self, owner_id: uuid.UUID, bot_id: uuid.UUID, document_id: uuid.UUID) -> None:
        """The chunk alone."""
        self.run(
            'INSERT INTO chunks (document_id, position, bot_id, owner_id, start, "end", text, heading, content_key)'
            " VALUES (%s, 0, %s, %s, 0, %s, %s, '', %s)",
            *(document_id, bot_id, owner_id, len(TEXT), TEXT, b"key"),
        )

    def add_posting(self, owner_id: uuid.UUID, bot_id: uuid.UUID, document_id: uuid.UUID) -> None:
        self.run(
            "INSERT INTO postings (bot_id, lexeme, config, document_id, owner_id, positions, counts, lengths)"
            " VALUES (%s, 'tiend', 'spanish', %s, %s, '{0}', '{1}', '{3}')",
            *(bot_id, document_id, owner_id),
        )

    def add_vector(self, owner_id: uuid.UUID, bot_id: uuid.UUID, document_id: uuid.UUID) -> None:
        self.run(
            "INSERT INTO vectors (bot_id, document_id, model, position, owner_id, content_key, vector)"
            " VALUES (%s, %s, 'local', 0, %s, %s, '[1,0]')",
            *(bot_id, document_id, owner_id, b"key"),
        )
