"""River two's query side: exact BM25 and an exact vector scan of one bot, fused into passages.

BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75) is counted from the stored lexemes in one statement: an exact
score needs no extension, and a scan of one bot costs what that bot holds, not what the platform holds.

What makes it quick: the vector is read once and not for each row (`meant`), of a chunk only the lexemes that were
asked for are unnested (stored ones all have weight D), and the sums are float8, not numeric.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.crud import vector_literal
from app.providers.base import Vector

# How many candidates each arm brings to the fusion.
_CANDIDATES = 40
# Each arm is scaled to 0..1 over the candidates; the best of five weights on the sample handbook's questions.
_WORDS_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that may answer. `document.text[start:end] == text`.

    `coverage`: the part (0 to 1, by rarity) of the question's words that it holds. `similarity`: cosine to the
    question, None without a vector. `score`: the fused rank value, 0 to 1, comparable within one search alone.
    """

    document_id: uuid.UUID
    filename: str
    start: int
    end: int
    text: str
    words: float
    coverage: float
    similarity: float | None
    score: float


_WORDS = text(
    r"""
    WITH scope AS (
        SELECT count(*)::float8 AS chunks, avg(length)::float8 AS mean_length, array_agg(DISTINCT config) AS configs
        FROM chunks WHERE bot_id = :bot_id AND owner_id = :owner_id
    ),
    asked AS MATERIALIZED (
        SELECT made.config, made.lexemes,
               (SELECT string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | ')
                FROM unnest(made.lexemes) AS lexeme)::tsquery AS query
        FROM (SELECT config, tsvector_to_array(bytchat_lexemes(config, :query)) AS lexemes
              FROM scope CROSS JOIN LATERAL unnest(scope.configs) AS config) AS made
    ),
    hits AS MATERIALIZED (
        SELECT chunk.document_id, chunk.position, chunk.length, chunk.config, word.lexeme,
               cardinality(word.positions) AS tf
        FROM asked
        JOIN chunks AS chunk ON chunk.config = asked.config AND chunk.lexemes @@ asked.query
        CROSS JOIN LATERAL unnest(ts_filter(setweight(chunk.lexemes, 'A', asked.lexemes), '{a}')) AS word
        WHERE chunk.bot_id = :bot_id AND chunk.owner_id = :owner_id
    ),
    rarity AS (
        SELECT asked.config, lexeme,
               ln(1 + (scope.chunks - coalesce(seen.df, 0) + 0.5::float8)
                  / (coalesce(seen.df, 0) + 0.5::float8)) AS idf
        FROM asked CROSS JOIN LATERAL unnest(asked.lexemes) AS lexeme CROSS JOIN scope
        LEFT JOIN (SELECT config, lexeme, count(*) AS df FROM hits GROUP BY config, lexeme) AS seen
             USING (config, lexeme)
    )
    SELECT hits.document_id, hits.position,
           sum(rarity.idf * hits.tf * 2.2::float8 / (hits.tf + 1.2::float8
               * (0.25::float8 + 0.75::float8 * hits.length / scope.mean_length))) AS words,
           (sum(rarity.idf) / (SELECT sum(idf) FROM rarity AS whole
                               WHERE whole.config = min(hits.config::oid)::regconfig)) AS coverage
    FROM hits JOIN rarity USING (config, lexeme) CROSS JOIN scope
    GROUP BY hits.document_id, hits.position
    ORDER BY words DESC, hits.document_id, hits.position LIMIT :candidates
    """
)
_RANK = text(
    """
    WITH meant AS MATERIALIZED (SELECT CAST(:vector AS halfvec) AS vector),
    by_meaning AS (
        SELECT document_id, position FROM chunks
        WHERE bot_id = :bot_id AND owner_id = :owner_id AND vector IS NOT NULL
              AND (SELECT vector FROM meant) IS NOT NULL
        ORDER BY vector <#> (SELECT vector FROM meant) LIMIT :candidates
    ),
    by_words AS (SELECT * FROM unnest(CAST(:document_ids AS uuid[]), CAST(:positions AS int[])))
    SELECT chunk.document_id, chunk.position, document.filename, chunk.start, chunk."end", chunk.text,
           -(chunk.vector <#> (SELECT vector FROM meant)) AS similarity
    FROM (SELECT * FROM by_words UNION SELECT document_id, position FROM by_meaning) AS found(document_id, position)
    JOIN chunks AS chunk USING (document_id, position)
    JOIN documents AS document ON document.id = chunk.document_id
    WHERE chunk.bot_id = :bot_id AND chunk.owner_id = :owner_id
    ORDER BY chunk.document_id, chunk.position
    """
)


@dataclass(frozen=True, slots=True)
class WordHit:
    """A chunk with words of the question, and what it scores by them."""

    document_id: uuid.UUID
    position: int
    words: float
    coverage: float


async def search(
    session: AsyncSession,
    *,
    bot_id: uuid.UUID,
    owner_id: uuid.UUID,
    query: str,
    vector: Vector | None,
    limit: int,
) -> list[Passage]:
    """The bot's passages for the query, best first. Without a vector, by words alone."""
    hits = await match_words(session, bot_id=bot_id, owner_id=owner_id, query=query)
    return await rank(session, hits, bot_id=bot_id, owner_id=owner_id, vector=vector, limit=limit)


async def match_words(
    session: AsyncSession, *, bot_id: uuid.UUID, owner_id: uuid.UUID, query: str
) -> list[WordHit]:
    """The first arm, which needs no vector and so runs while the query is embedded; best first."""
    rows = await session.execute(
        _WORDS, {"bot_id": bot_id, "owner_id": owner_id, "query": query, "candidates": _CANDIDATES}
    )
    return [WordHit(*row) for row in rows]


async def rank(
    session: AsyncSession,
    hits: Sequence[WordHit],
    *,
    bot_id: uuid.UUID,
    owner_id: uuid.UUID,
    vector: Vector | None,
    limit: int,
) -> list[Passage]:
    """The second arm, and both fused into passages, best first."""
    rows = await session.execute(
        _RANK,
        {
            "bot_id": bot_id,
            "owner_id": owner_id,
            "vector": vector_literal(vector) if vector else None,
            "candidates": _CANDIDATES,
            "document_ids": [hit.document_id for hit in hits],
            "positions": [hit.position for hit in hits],
        },
    )
    by_words = {(hit.document_id, hit.position): hit for hit in hits}
    return fuse([_candidate(row, by_words.get((row.document_id, row.position))) for row in rows])[:limit]


def _candidate(row: Row[Any], hit: WordHit | None) -> dict[str, Any]:
    return {
        "document_id": row.document_id,
        "filename": row.filename,
        "start": row.start,
        "end": row.end,
        "text": row.text,
        "words": hit.words if hit else 0.0,
        "coverage": hit.coverage if hit else 0.0,
        "similarity": row.similarity,
    }


def fuse(candidates: Sequence[Mapping[str, Any]]) -> list[Passage]:
    """Weighted sum of both arms, each scaled over the candidates; best first, ties by place in the text."""
    most_words = max((row["words"] for row in candidates), default=0.0)
    known = [row["similarity"] for row in candidates if row["similarity"] is not None]
    least, most = min(known, default=0.0), max(known, default=0.0)

    def score(row: Mapping[str, Any]) -> float:
        words = row["words"] / most_words if most_words else 0.0
        if not known:
            return float(words)
        meaning = (row["similarity"] - least) / ((most - least) or 1) if row["similarity"] is not None else 0.0
        return float(_WORDS_WEIGHT * words + (1 - _WORDS_WEIGHT) * meaning)

    passages = [Passage(**row, score=score(row)) for row in candidates]
    return sorted(passages, key=lambda passage: -passage.score)
