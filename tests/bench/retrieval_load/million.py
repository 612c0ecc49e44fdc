"""A database of a million chunks: the bots that are measured, and all the others that they must not feel."""

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sqlalchemy import text

from app.core.database import Sessions, transaction
from app.crud import vector_literal
from app.models import Base
from tests.bench.retrieval_load import corpus
from tests.bench.retrieval_load.library import words_of
from tests.knowledge.library import Shelf, new_shelf

CHUNKS = 1_000_000
# What each of the others holds: one long document and some short ones.
_OTHERS_DOCUMENTS = (4_500, *(50 for _ in range(10)))
_OTHERS_CHUNKS = sum(_OTHERS_DOCUMENTS)
_DIMENSIONS = 384
_VECTORS = 2_000

_KEY = "substring(sha256(convert_to(copy.new_id::text || old.position, 'UTF8')) FROM 1 FOR 16)"
_OWN = {"bot_id": "copy.bot_id", "owner_id": "copy.owner_id"}
# What differs from the original, by table.
_COPIED = {
    "documents": {**_OWN, "id": "copy.new_id", "text": "''"},
    "chunks": {**_OWN, "document_id": "copy.new_id", "content_key": _KEY},
    "postings": {**_OWN, "document_id": "copy.new_id"},
    "vectors": {**_OWN, "document_id": "copy.new_id", "content_key": _KEY},
}
_ADD_VECTORS = text(
    """
    INSERT INTO vectors (bot_id, document_id, model, position, owner_id, content_key, vector)
    SELECT bot_id, document_id, 'local', position, owner_id, content_key, vector
    FROM chunks JOIN bench_vectors ON n = mod(position * 7919 + :shift, :vectors)
    WHERE document_id = :document_id ORDER BY position
    """
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A bot of the million."""

    name: str
    shelf: Shelf
    chunks: int
    # What its documents took to become searchable by their words.
    training_s: float


async def populate(sessions: Sessions) -> list[Measured]:
    """The bots to measure; one's documents were trained between others' training."""
    await _make_vectors(sessions)
    measured = [await _bot(sessions, f"{count:,} chunks, one document", (count,)) for count in (500, 5_000, 50_000)]
    original = await _bot(sessions, "original", _OTHERS_DOCUMENTS)
    spread = await new_shelf(sessions)
    others = (CHUNKS - sum(one.chunks for one in measured)) // _OTHERS_CHUNKS - 2
    training_s, trained = 0.0, 0
    for number in range(others):
        await _copy(original.shelf, await new_shelf(sessions))
        while trained < 100 * (number + 1) // others:
            training_s += await _train(spread, 50, seed=1_000_000 + trained)
            trained += 1
    await _settle(sessions)
    return [*measured, Measured("5,000 chunks, 100 documents, among others' rows", spread, 5_000, training_s)]


async def _bot(sessions: Sessions, name: str, documents: Iterable[int]) -> Measured:
    shelf = await new_shelf(sessions)
    sizes = list(documents)
    times = [await _train(shelf, size, seed=31 * size + number) for number, size in enumerate(sizes)]
    return Measured(name, shelf, sum(sizes), sum(times))


async def _train(shelf: Shelf, chunks: int, *, seed: int) -> float:
    """A new document with vectors. The seconds until its words were searchable."""
    body = corpus.text_of_chunks(chunks, seed=seed)
    began = time.perf_counter()
    document_id = await words_of(shelf, body)
    took = time.perf_counter() - began
    await _add_vectors(shelf.sessions, document_id, shift=seed)
    return took


async def _add_vectors(sessions: Sessions, document_id: uuid.UUID, *, shift: int) -> None:
    async with transaction(sessions) as session:
        values = {"document_id": document_id, "shift": shift % _VECTORS, "vectors": _VECTORS}
        await session.execute(_ADD_VECTORS, values)


def random_vectors(count: int, *, seed: int) -> list[list[float]]:
    """Of length 1."""
    made = np.random.default_rng(seed).standard_normal((count, _DIMENSIONS))
    vectors: list[list[float]] = (made / np.linalg.norm(made, axis=1, keepdims=True)).tolist()
    return vectors


async def _make_vectors(sessions: Sessions) -> None:
    rows = [{"n": n, "vector": vector_literal(one)} for n, one in enumerate(random_vectors(_VECTORS, seed=1))]
    async with transaction(sessions) as session:
        await session.execute(text("CREATE TABLE bench_vectors (n int PRIMARY KEY, vector halfvec)"))
        await session.execute(text("INSERT INTO bench_vectors VALUES (:n, CAST(:vector AS halfvec))"), rows)


async def _copy(original: Shelf, other: Shelf) -> None:
    """All that the original holds, as another owner's."""
    async with transaction(other.sessions) as session:
        await session.execute(
            text(
                "CREATE TEMPORARY TABLE copies ON COMMIT DROP AS SELECT id AS old_id, gen_random_uuid() AS new_id,"
                " CAST(:bot_id AS uuid) AS bot_id, CAST(:owner_id AS uuid) AS owner_id"
                " FROM documents WHERE bot_id = :original"
            ),
            {"bot_id": other.bot_id, "owner_id": other.owner_id, "original": original.bot_id},
        )
        for table, changed in _COPIED.items():
            await session.execute(text(_copying(table, changed)), {"original": original.bot_id})


def _copying(table: str, changed: dict[str, str]) -> str:
    names = [column.name for column in Base.metadata.tables[table].columns]
    listed = ", ".join(f'"{name}"' for name in names)
    taken = ", ".join(changed.get(name, f'old."{name}"') for name in names)
    key = "id" if table == "documents" else "document_id"
    return (
        f"INSERT INTO {table} ({listed}) SELECT {taken} FROM {table} AS old"  # noqa: S608
        f" JOIN copies AS copy ON copy.old_id = old.{key} WHERE old.bot_id = :original"
    )


async def _settle(sessions: Sessions) -> None:
    """What autovacuum does in time."""
    async with sessions() as session:
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        await session.execute(text("SET statement_timeout = 0"))
        await session.execute(text("VACUUM ANALYZE"))
        await session.execute(text("CHECKPOINT"))
        await session.execute(text("RESET statement_timeout"))
