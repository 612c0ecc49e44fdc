"""A bot's documents in the real database, without the API: what the tests of this folder read and write."""

import asyncio
import hashlib
import math
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import crud
from app.core.database import Sessions, transaction
from app.crud import Lease
from app.knowledge import train
from app.knowledge.embedder_choice import Choose, Chosen, passages_by
from app.knowledge.passages import Passage
from app.knowledge.search import match_words, rank
from app.models import Bot, Chunk, ChunkVector, Document, EmbeddingModel
from app.providers.base import Embedder, Purpose, Vector

LEASE_S = 60


class HashEmbedder:
    """An embedder that costs nothing. `meanwhile` is awaited within each call, before it answers."""

    dimensions = 8

    def __init__(self, meanwhile: Callable[[], Awaitable[Any]] | None = None) -> None:
        self._meanwhile = meanwhile
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        self.asked += texts
        if self._meanwhile is not None:
            await self._meanwhile()
        return [_unit_vector(text) for text in texts]


@dataclass(frozen=True, slots=True)
class Shelf:
    """An owner's bot and its documents."""

    sessions: Sessions
    owner_id: uuid.UUID
    bot_id: uuid.UUID

    async def add(self, text: str) -> uuid.UUID:
        """As an upload leaves it: queued."""
        async with transaction(self.sessions) as session:
            document, _ = await crud.add_document(
                session,
                bot_id=self.bot_id,
                owner_id=self.owner_id,
                filename="notas.txt",
                size_bytes=len(text.encode()),
                characters=len(text),
                encoding="utf-8",
                sha256=hashlib.sha256(text.encode()).digest(),
                text=text,
            )
        return document.id

    async def train(self, text: str, embedder: HashEmbedder | None = None) -> uuid.UUID:
        document_id = await self.add(text)
        await self.words(document_id, will_embed=embedder is not None)
        if embedder:
            await self.vectors(document_id, embedder)
        return document_id

    async def words(self, document_id: uuid.UUID, *, will_embed: bool = True, lease_s: float = LEASE_S) -> bool:
        done = await train.make_words(document_id, sessions=self.sessions, lease_s=lease_s, will_embed=will_embed)
        return done == document_id

    async def vectors(
        self,
        document_id: uuid.UUID,
        embedder: Embedder | None,
        *,
        lease_s: float = LEASE_S,
        must_stop: Callable[[], bool] = lambda: False,
    ) -> bool:
        return await self.vectors_by(always(embedder), document_id, lease_s=lease_s, must_stop=must_stop)

    async def vectors_by(
        self,
        choose: Choose,
        document_id: uuid.UUID,
        *,
        lease_s: float = LEASE_S,
        must_stop: Callable[[], bool] = lambda: False,
    ) -> bool:
        unfinished = await train.make_vectors(
            document_id, sessions=self.sessions, choose=choose, lease_s=lease_s, must_stop=must_stop
        )
        return unfinished == document_id

    async def document(self, document_id: uuid.UUID) -> Document:
        async with transaction(self.sessions) as session:
            return await crud.get_document(session, document_id, bot_id=self.bot_id, owner_id=self.owner_id)

    async def chunks(self, document_id: uuid.UUID) -> list[Chunk]:
        async with transaction(self.sessions) as session:
            rows = select(Chunk).where(Chunk.document_id == document_id).order_by(Chunk.position)
            return list(await session.scalars(rows))

    async def vector_rows(
        self, document_id: uuid.UUID, model: EmbeddingModel = EmbeddingModel.LOCAL
    ) -> list[ChunkVector]:
        async with transaction(self.sessions) as session:
            rows = select(ChunkVector).where(ChunkVector.document_id == document_id, ChunkVector.model == model)
            return list(await session.scalars(rows.order_by(ChunkVector.position)))

    async def remove(self, document_id: uuid.UUID) -> None:
        async with transaction(self.sessions) as session:
            await crud.remove_document(session, document_id, bot_id=self.bot_id, owner_id=self.owner_id)

    async def retry(self, document_id: uuid.UUID) -> None:
        async with transaction(self.sessions) as session:
            await crud.requeue_document(session, document_id, bot_id=self.bot_id, owner_id=self.owner_id)

    async def bot(self) -> Bot:
        async with transaction(self.sessions) as session:
            return await crud.get_bot(session, self.bot_id, owner_id=self.owner_id)

    async def change_model(self, model: EmbeddingModel) -> list[uuid.UUID]:
        async with transaction(self.sessions) as session:
            return await crud.change_embedding_model(session, self.bot_id, owner_id=self.owner_id, model=model)

    async def search(self, query: str, *, vector: Vector | None = None, limit: int = 40) -> list[Passage]:
        async with transaction(self.sessions) as session:
            hits = await match_words(session, bot_id=self.bot_id, owner_id=self.owner_id, query=query)
            return await rank(session, hits, bot_id=self.bot_id, owner_id=self.owner_id, vector=vector, limit=limit)


def passage(
    text: str, *, similarity: float | None, heading: str = "", words: float = 0.0, coverage: float = 0.0
) -> Passage:
    """One that a search might have found."""
    return Passage(
        document_id=uuid.UUID(int=1),
        filename="notas.txt",
        start=0,
        end=len(text),
        text=text,
        heading=heading,
        words=words,
        coverage=coverage,
        similarity=similarity,
        score=1.0,
    )


def always(embedder: Embedder | None) -> Choose:
    """Whatever the model."""

    async def choose(lease: Lease) -> Chosen | None:
        return passages_by(embedder) if embedder else None

    return choose


async def new_shelf(sessions: Sessions) -> Shelf:
    async with transaction(sessions) as session:
        user = await crud.add_user(session, email=f"{uuid.uuid4().hex}@ejemplo.com", password_hash="-")
    return await second_shelf(sessions, user.id)


async def second_shelf(sessions: Sessions, owner_id: uuid.UUID) -> Shelf:
    """Another bot of the same owner."""
    async with transaction(sessions) as session:
        bot = await crud.add_bot(
            session, owner_id=owner_id, name="Bot", description="", system_prompt="", configs=[]
        )
    return Shelf(sessions, owner_id, bot.id)


def many_chunks(count: int, *, gap: int = 600, word: str | None = None) -> str:
    """A text of so many one-word chunks: each word stands too far from the next to share a chunk with it.

    Unless `word` says otherwise nobody has embedded it before.
    """
    word = word or f"p{uuid.uuid4().hex}x"
    return (" " * gap).join(f"{word}{place}" for place in range(count))


async def lease_over(lease_s: float) -> None:
    """Wait until a lease of that length has run out."""
    await asyncio.sleep(lease_s + 0.05)


def _unit_vector(text: str) -> Vector:
    values = [byte - 127.5 for byte in hashlib.sha256(text.encode()).digest()[:8]]
    length = math.hypot(*values)
    return [value / length for value in values]
