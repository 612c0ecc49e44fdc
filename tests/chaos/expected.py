"""What a training that nobody disturbed makes of a text, and how far the stored rows differ from it."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import make_url

from app.core.config import Settings
from app.core.database import make_engine, make_sessions
from app.embedded.services import Services
from app.knowledge.chunk import chunk
from app.knowledge.train import embedded_text
from app.operations import migrate
from app.operations.migrate import plain_url
from app.providers.base import Embedder, Purpose, Vector
from app.providers.embedders import Embedders
from tests.knowledge.library import new_shelf

_LEAST_COSINE = 0.999
_CHUNKS = """SELECT position, start, "end", overlap, text, heading, gap, content_key
FROM chunks WHERE document_id = %s ORDER BY position"""
# The order in which a posting names its chunks says nothing.
_POSTINGS = """SELECT lexeme, config::text, array_agg(position ORDER BY position),
array_agg(count ORDER BY position), array_agg(length ORDER BY position)
FROM postings CROSS JOIN LATERAL unnest(positions, counts, lengths) AS place(position, count, length)
WHERE document_id = %s GROUP BY lexeme, config::text ORDER BY lexeme, config::text"""
_VECTORS = """SELECT model, position, content_key, vector::text FROM vectors
WHERE document_id = %s ORDER BY model, position"""

Row = tuple[Any, ...]
Matrix = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Expected:
    """The rows of one text, whoever owns it."""

    text: str
    chunks: list[Row]
    postings: list[Row]
    words: int

    @property
    def entries(self) -> int:
        """How many (lexeme, chunk) pairs the postings hold."""
        return sum(len(row[2]) for row in self.postings)


class Control:
    """A database in which nothing is ever killed."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url

    def train(self, text: str) -> Expected:
        """Its chunks, checked against the chunker's own, and its words. It needs no vectors."""
        document_id = asyncio.run(self._words(text))
        with psycopg.connect(plain_url(self._url)) as connection:
            chunks = connection.execute(_CHUNKS, [document_id]).fetchall()
            postings = connection.execute(_POSTINGS, [document_id]).fetchall()
            [words] = connection.execute("SELECT words FROM documents WHERE id = %s", [document_id]).fetchall()
        assert [(row[0], row[1], row[2], row[4]) for row in chunks] == [
            (one.position, one.start, one.end, one.text) for one in chunk(text)
        ]
        return Expected(text, chunks, postings, words[0])

    async def _words(self, text: str) -> uuid.UUID:
        # Its own engine each time: the server under it may have been killed in between.
        engine = make_engine(self._url, pool_size=2)
        try:
            shelf = await new_shelf(make_sessions(engine))
            document_id = await shelf.add(text)
            await shelf.words(document_id)
        finally:
            await engine.dispose()
        return document_id


def make_control(services: Services) -> Control:
    """In a database of its own beside the other: vectors of its texts must not be found there."""
    with psycopg.connect(plain_url(services.database_url), autocommit=True) as connection:
        connection.execute("CREATE DATABASE undisturbed")
    url = make_url(services.database_url).set(database="undisturbed").render_as_string(hide_password=False)
    migrate.upgrade(url)
    return Control(url)


def differences(connection: psycopg.Connection, document_id: str, expected: Expected) -> list[str]:
    """In words, what is not as it must be with a document that is ready. Empty where all is."""
    document = connection.execute(
        "SELECT status, error, chunks, chunks_embedded, words, lease_token, lease_until, embedding_due, text,"
        " (SELECT embedding_model FROM bots WHERE bots.id = bot_id),"
        " (SELECT next_embedding_model FROM bots WHERE bots.id = bot_id)"
        " FROM documents WHERE id = %s",
        [document_id],
    ).fetchone()
    if document is None:
        return ["the document is gone"]
    *row, model, change = document
    size = len(expected.chunks)
    found = []
    should_be = ["ready", None, size, size, expected.words, None, None, False, expected.text]
    if row != should_be:
        found.append(f"document: {row[:-1]} is not {should_be[:-1]}, text is {len(row[-1])} characters")
    if change is not None:
        found.append(f"the change of model to {change} is not over")
    found += _unlike("chunks", connection.execute(_CHUNKS, [document_id]).fetchall(), expected.chunks)
    found += _unlike("postings", connection.execute(_POSTINGS, [document_id]).fetchall(), expected.postings)
    return found + _unlike_vectors(connection.execute(_VECTORS, [document_id]).fetchall(), expected, model)


def leftovers(connection: psycopg.Connection, document_id: str) -> list[str]:
    """Which rows of a deleted document are still there."""
    found = []
    for table in ("chunks", "postings", "vectors"):
        statement = f"SELECT count(*) FROM {table} WHERE document_id = %s"  # noqa: S608
        [(count,)] = connection.execute(statement.encode(), [document_id]).fetchall()
        found += [f"{count} {table} of a deleted document"] if count else []
    return found


def _unlike(name: str, rows: Sequence[Row], expected: Sequence[Row]) -> list[str]:
    if rows == expected:
        return []
    # Lists in a row are unhashable.
    missing = [row for row in expected if row not in rows][:2]
    foreign = [row for row in rows if row not in expected][:2]
    return [f"{name}: {len(rows)} for {len(expected)}; missing {missing!r:.300}; foreign {foreign!r:.300}"]


def _unlike_vectors(rows: Sequence[Row], expected: Expected, model: str) -> list[str]:
    places = [(model, row[0], row[-1]) for row in expected.chunks]
    if [(row[0], row[1], row[2]) for row in rows] != places:
        counted = {name: sum(row[0] == name for row in rows) for name in {row[0] for row in rows}}
        return [f"vectors: {counted} for {len(places)} of {model}, or not one a chunk"]
    if not rows:
        return []
    stored = np.array([np.fromstring(row[3].strip("[]"), sep=",") for row in rows])
    cosines = _of_unit_length(stored) * _of_unit_length(vectors_of(expected, model))
    wrong = [place for place, cosine in enumerate(cosines.sum(axis=1)) if cosine < _LEAST_COSINE]
    return [f"vectors of other texts at {wrong[:10]}"] if wrong else []


def vectors_of(expected: Expected, model: str) -> Matrix:
    """As the scripted embedders make them."""
    embedder = Embedders(Settings(scripted_models=True), None).get(model, key=None)
    assert embedder
    texts = [embedded_text(row[5], row[4]) for row in expected.chunks]
    return np.array(asyncio.run(_embed(embedder, texts)))


async def _embed(embedder: Embedder, texts: Sequence[str]) -> list[Vector]:
    return await embedder.embed(texts, purpose=Purpose.PASSAGE)


def _of_unit_length(matrix: Matrix) -> Matrix:
    unit: Matrix = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    return unit
