"""Somebody who looks on all the time, and must never see a half: through the API, and in one statement."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import psycopg

from app.operations.migrate import plain_url
from tests.chaos.expected import Expected
from tests.platform import Owner

_EVERY_S = 0.02
_AT_ONCE = 4
_STATES = """
    SELECT document.id::text, document.status, document.searchable_at IS NOT NULL, document.chunks, document.words,
           document.chunks_embedded,
           (SELECT (count(*), coalesce(sum("end" - start), 0))::text FROM chunks WHERE document_id = document.id),
           (SELECT (count(*), coalesce(sum(cardinality(positions)), 0))::text
            FROM postings WHERE document_id = document.id),
           (SELECT count(*) FROM vectors WHERE vectors.bot_id = document.bot_id
            AND document_id = document.id AND model = bot.embedding_model)
    FROM documents AS document JOIN bots AS bot ON bot.id = document.bot_id
    WHERE document.id = ANY(%s::uuid[])
"""


@dataclass(slots=True)
class Uploaded:
    """A document that was taken, and what must become of it."""

    id: str
    bot_id: str
    owner: Owner
    expected: Expected
    marks: list[str]
    round: int
    is_deleted: bool = False


class Looker:
    """A connection that comes back after the server was killed."""

    def __init__(self, database_url: str) -> None:
        self._url = plain_url(database_url)
        self._connection: psycopg.Connection | None = None

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Raises `psycopg.OperationalError` while the server is away."""
        try:
            return self.connection.execute(statement.encode(), values).fetchall()
        except psycopg.OperationalError:
            # That of before the server was killed.
            self.close()
            return self.connection.execute(statement.encode(), values).fetchall()

    @property
    def connection(self) -> psycopg.Connection:
        if self._connection is None:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class Reader:
    """Reads in a thread of its own while anybody asks `documents` for more."""

    def __init__(self, database_url: str, documents: Callable[[], Sequence[Uploaded]], *, seed: int) -> None:
        self.violations: list[str] = []
        self.looks = 0
        self.answers = 0
        self._documents = documents
        self._seeded = random.Random(seed)
        self._looker = Looker(database_url)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._looker.close()

    def _read(self) -> None:
        while not self._over.wait(_EVERY_S):
            waiting = [one for one in self._documents() if not one.is_deleted]
            if not waiting:
                continue
            some = self._seeded.sample(waiting, min(_AT_ONCE, len(waiting)))
            try:
                self._look_at_rows(some)
                self._ask(some[0])
            except (psycopg.OperationalError, httpx2.HTTPError):
                # Somebody was killed: it is no answer.
                continue
            except Exception as error:
                self.violations.append(f"the reader failed: {error!r}")

    def _look_at_rows(self, documents: Sequence[Uploaded]) -> None:
        known = {one.id: one for one in documents}
        for row in self._looker.rows(_STATES, list(known)):
            self.looks += 1
            if problem := mixture(known[row[0]].expected, *row[1:]):
                self.violations.append(f"seen of round {known[row[0]].round}: {problem}")

    def _ask(self, one: Uploaded) -> None:
        """The document, a search for a paragraph of it, the document again."""
        mark = self._seeded.choice(one.marks)
        # The whole of it: of a single word the scripted embedders may think the opposite.
        said = next(paragraph for paragraph in one.expected.text.split("\n\n") if mark in paragraph)
        before = _get(one)
        found = one.owner.http.post(f"/bots/{one.bot_id}/search", json={"query": said, "limit": 10})
        after = _get(one)
        if before is None or after is None or found.status_code >= 500 or one.is_deleted:
            return
        self.answers += 1
        passages = [it for it in found.json()["passages"] if it["document_id"] == one.id]
        if not after["searchable"] and passages:
            self.violations.append(f"found of round {one.round}: a passage before it was searchable")
        if any(one.expected.text[passage["start"] : passage["end"]] != passage["text"] for passage in passages):
            self.violations.append(f"found of round {one.round}: a passage that is not its text")
        if before["searchable"] and not any(mark in passage["text"] for passage in passages):
            given = [(it["document_id"] == one.id, it["bm25"], it["vector"]) for it in found.json()["passages"]]
            self.violations.append(f"not found of round {one.round}: {mark}, {before['status']}, but {given}")


def mixture(
    expected: Expected,
    status: str,
    searchable: bool,
    chunks: int,
    words: int,
    embedded: int,
    stored_chunks: str,
    stored_postings: str,
    vectors: int,
) -> str | None:
    """What is half of a document, as one statement saw it."""
    size = len(expected.chunks)
    characters = sum(row[2] - row[1] for row in expected.chunks)
    whole = (size, expected.words, f"({size},{characters})", f"({len(expected.postings)},{expected.entries})")
    is_so = (chunks, words, stored_chunks, stored_postings)
    if is_so != (whole if searchable else (0, 0, "(0,0)", "(0,0)")):
        return f"{status}, searchable={searchable}: {is_so}, whole is {whole}"
    if vectors != embedded or (status == "ready" and vectors != size):
        return f"{status}: {vectors} vectors of {size} chunks, chunks_embedded={embedded}"
    return None


def _get(one: Uploaded) -> dict[str, Any] | None:
    answer = one.owner.http.get(f"/bots/{one.bot_id}/documents/{one.id}")
    body: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
    return body
