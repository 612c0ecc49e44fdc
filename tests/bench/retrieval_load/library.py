"""Bots that are trained as the worker trains them."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text

from app.core.database import Sessions, make_engine, make_sessions, transaction
from app.embedded.services import Services
from app.providers.base import Embedder
from tests.bench.retrieval_load.collections import Collection
from tests.bench.retrieval_load.scores import Place
from tests.knowledge.library import Shelf, new_shelf


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk, its place in the collection, and what it says, the headings over it included."""

    key: tuple[uuid.UUID, int]
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Library:
    """A collection as a bot holds it."""

    shelf: Shelf
    collection: Collection
    documents: Sequence[uuid.UUID]
    chunks: Sequence[StoredChunk]

    def languages(self) -> list[str]:
        return [self.collection.languages[one.place.document] for one in self.chunks]


@asynccontextmanager
async def connected(services: Services, *, connections: int = 1) -> AsyncIterator[Sessions]:
    """As the API is."""
    engine = make_engine(services.database_url, pool_size=connections)
    try:
        yield make_sessions(engine)
    finally:
        await engine.dispose()


async def backend_of(sessions: Sessions) -> int:
    """PostgreSQL's process of the one connection."""
    async with transaction(sessions) as session:
        return int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)


async def words_of(shelf: Shelf, body: str) -> uuid.UUID:
    """A new document, searchable by its words."""
    document_id = await shelf.add(body)
    assert await shelf.words(document_id), "The document's words were not stored."
    return document_id


async def trained(sessions: Sessions, collection: Collection, embedder: Embedder) -> Library:
    """A bot of its own with each of the collection's documents."""
    shelf = await new_shelf(sessions)
    documents = []
    for body in collection.documents:
        documents.append(await words_of(shelf, body))
        await shelf.vectors(documents[-1], embedder)
    return Library(shelf, collection, documents, await _chunks(shelf, documents))


async def _chunks(shelf: Shelf, documents: Sequence[uuid.UUID]) -> list[StoredChunk]:
    number_of = {document_id: number for number, document_id in enumerate(documents)}
    async with transaction(shelf.sessions) as session:
        rows = await session.execute(
            text(
                """
                SELECT document_id, position, start, "end", concat_ws(E'\\n', nullif(heading, ''), text) AS said
                FROM chunks WHERE bot_id = :bot_id AND owner_id = :owner_id ORDER BY document_id, position
                """
            ),
            {"bot_id": shelf.bot_id, "owner_id": shelf.owner_id},
        )
    return [
        StoredChunk(
            (row.document_id, row.position), Place(number_of[row.document_id], row.start, row.end), row.said
        )
        for row in rows
    ]
