"""Statements that store what a document is found by: its chunks, their words by lexeme, their vectors by model."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.queries.jobs import Lease

_CHUNK_COLUMNS = (
    ("document_id", "uuid"),
    ("bot_id", "uuid"),
    ("owner_id", "uuid"),
    ("position", "int4"),
    ("start", "int4"),
    ('"end"', "int4"),
    ("overlap", "int4"),
    ("text", "text"),
    ("heading", "text"),
    ("gap", "text"),
    ("content_key", "bytea"),
)
# (position, start, end, overlap, text, heading, gap, content_key)
ChunkRow = tuple[int, int, int, int, str, str, str | None, bytes]


@dataclass(frozen=True, slots=True)
class Pending:
    """What must be embedded once: the chunks at `positions` say the same."""

    content_key: bytes
    positions: list[int]


async def add_chunks(session: AsyncSession, lease: Lease, rows: Iterable[ChunkRow]) -> None:
    """Insert them as they come, by COPY: fifty thousand a second."""
    raw = await (await session.connection()).get_raw_connection()
    names = ", ".join(name for name, _ in _CHUNK_COLUMNS)
    of_the_document = (lease.document_id, lease.bot_id, lease.owner_id)
    async with (
        raw.driver_connection.cursor() as cursor,  # type: ignore[union-attr]
        cursor.copy(f"COPY chunks ({names}) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.set_types([kind for _, kind in _CHUNK_COLUMNS])
        for row in rows:
            await copy.write_row(of_the_document + row)


# What of a chunk counts as its words: what it stands under too.
_SAID = r"concat_ws(E'\n', nullif(heading, ''), text)"
_ADD_POSTINGS = text(
    f"""
    WITH pieces AS MATERIALIZED (
        SELECT position, lexemes,
               (SELECT coalesce(sum(cardinality(word.positions)), 0) FROM unnest(lexemes) AS word) AS length
        FROM (SELECT position, bytchat_lexemes(CAST(:config AS regconfig), {_SAID}) AS lexemes
              FROM chunks WHERE document_id = :document_id AND bot_id = :bot_id OFFSET 0) AS read
    ),
    stored AS (
        INSERT INTO postings (bot_id, lexeme, config, document_id, owner_id, positions, counts, lengths)
        SELECT :bot_id, word.lexeme, CAST(:config AS regconfig), :document_id, :owner_id,
               array_agg(position), array_agg(cardinality(word.positions)::smallint),
               array_agg(least(length, 32767)::smallint)
        FROM pieces CROSS JOIN LATERAL unnest(lexemes) AS word
        GROUP BY word.lexeme
    )
    SELECT coalesce(sum(length), 0)::bigint FROM pieces
    """  # noqa: S608
)


async def add_postings(session: AsyncSession, lease: Lease, *, config: str) -> int:
    """Make the stored chunks' words findable. How many there are, each as often as it occurs."""
    # Of a text of hundreds of megabytes it takes longer than any other statement may.
    await session.execute(
        text("SELECT set_config('work_mem', '64MB', true), set_config('statement_timeout', '15min', true)")
    )
    return int(await session.scalar(_ADD_POSTINGS, {**_of(lease), "config": config}) or 0)


async def remove_chunks(session: AsyncSession, lease: Lease) -> None:
    """With all that is made of them."""
    for table in ("vectors", "postings", "chunks"):
        await session.execute(
            text(f"DELETE FROM {table} WHERE document_id = :document_id AND bot_id = :bot_id"),  # noqa: S608
            _of(lease),
        )


_WITHOUT_VECTOR = """
    chunk.document_id = :document_id AND chunk.bot_id = :bot_id
    AND NOT EXISTS (SELECT FROM vectors AS had WHERE had.bot_id = :bot_id AND had.document_id = :document_id
                    AND had.model = :model AND had.position = chunk.position)
"""
_REUSE = text(
    f"""
    INSERT INTO vectors (bot_id, document_id, model, position, owner_id, content_key, vector)
    SELECT chunk.bot_id, chunk.document_id, :model, chunk.position, chunk.owner_id, chunk.content_key, known.vector
    FROM chunks AS chunk
    CROSS JOIN LATERAL (SELECT vector FROM vectors AS known
                        WHERE known.model = :model AND known.content_key = chunk.content_key
                              AND (:model = 'local' OR known.owner_id = :owner_id) LIMIT 1) AS known
    WHERE {_WITHOUT_VECTOR}
    ORDER BY chunk.position
    ON CONFLICT DO NOTHING
    """  # noqa: S608
)


async def reuse_vectors(session: AsyncSession, lease: Lease) -> int:
    """Take the vectors that the model has already made of the same texts. How many these were.

    Of the local model whosever they are; of a vendor's the owner's own alone: without a key that the vendor takes
    they would tell that somebody here has exactly this text.
    """
    return _rows(await session.execute(_REUSE, {**_of(lease), "model": lease.model}))


_PENDING = text(
    f"""
    SELECT chunk.content_key, array_agg(chunk.position ORDER BY chunk.position) AS positions
    FROM chunks AS chunk WHERE {_WITHOUT_VECTOR}
    GROUP BY chunk.content_key ORDER BY min(length(chunk.text)), min(chunk.position)
    """  # noqa: S608
)


async def list_pending(session: AsyncSession, lease: Lease) -> list[Pending]:
    """What has no vector of the model, shortest first, so that a batch holds texts of one length."""
    rows = await session.execute(_PENDING, {**_of(lease), "model": lease.model})
    return [Pending(row.content_key, row.positions) for row in rows]


async def list_chunk_texts(
    session: AsyncSession, lease: Lease, positions: Sequence[int]
) -> dict[int, tuple[str, str]]:
    """(heading, text) by position."""
    rows = await session.execute(
        text(
            "SELECT position, heading, text FROM chunks"
            " WHERE document_id = :document_id AND bot_id = :bot_id AND position = ANY(:positions)"
        ),
        {**_of(lease), "positions": list(positions)},
    )
    return {row.position: (row.heading, row.text) for row in rows}


_ADD_VECTORS = text(
    """
    INSERT INTO vectors (bot_id, document_id, model, position, owner_id, content_key, vector)
    SELECT :bot_id, :document_id, :model, place.position, :owner_id, made.content_key, made.vector
    FROM (SELECT content_key, CAST(vector AS halfvec) AS vector, nth
          FROM unnest(CAST(:keys AS bytea[]), CAST(:vectors AS text[])) WITH ORDINALITY
               AS made(content_key, vector, nth)) AS made
    JOIN unnest(CAST(:nths AS int[]), CAST(:positions AS int[])) AS place(nth, position) USING (nth)
    ORDER BY place.position
    ON CONFLICT DO NOTHING
    """
)


async def add_vectors(session: AsyncSession, lease: Lease, made: Sequence[tuple[Pending, Sequence[float]]]) -> int:
    """Store each for every chunk that says the same. How many rows these were."""
    places = [(nth, position) for nth, (one, _) in enumerate(made, 1) for position in one.positions]
    values = {
        "model": lease.model,
        "keys": [one.content_key for one, _ in made],
        "vectors": [vector_literal(vector) for _, vector in made],
        "nths": [nth for nth, _ in places],
        "positions": [position for _, position in places],
    }
    return _rows(await session.execute(_ADD_VECTORS, {**_of(lease), **values}))


def vector_literal(vector: Sequence[float]) -> str:
    """pgvector's text form."""
    return "[" + ",".join(f"{value:.6g}" for value in vector) + "]"


def _of(lease: Lease) -> dict[str, uuid.UUID]:
    return {"document_id": lease.document_id, "bot_id": lease.bot_id, "owner_id": lease.owner_id}


def _rows(result: object) -> int:
    return int(getattr(result, "rowcount", 0))
