"""River two's query side: exact BM25 and an exact vector scan of one bot, fused into passages.

BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75) is counted from the postings in one statement: an exact score
needs no extension. A word counts by the better of its two forms, as it is written and without accents.

Both arms read what that bot holds and nothing else, so a search costs what the bot holds, not what the platform
holds. The sums are float8, not numeric, and the vector is read once and not for each row (`meant`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.crud import vector_literal
from app.knowledge.passages import Candidate, Passage, assemble, fuse
from app.models import EmbeddingModel
from app.providers.base import Vector

# How many candidates each arm brings to the fusion.
_CANDIDATES = 40
# Of so many chunks the BM25 is told, for those that the other arm brings.
_WORD_HITS = 200

_WORDS = text(
    r"""
    WITH scope AS MATERIALIZED (
        SELECT sum(chunks)::float8 AS chunks, sum(words)::float8 / greatest(sum(chunks), 1) AS mean_length,
               array_agg(DISTINCT config) AS configs
        FROM documents WHERE bot_id = :bot_id AND owner_id = :owner_id AND searchable_at IS NOT NULL
    ),
    said AS MATERIALIZED (
        SELECT config, bytchat_spelt(config, :query) AS spelt
        FROM scope CROSS JOIN LATERAL unnest(configs) AS config
    ),
    -- `word` is its place in the question: the plain and the unaccented form of one word have the same.
    asked AS MATERIALIZED (
        SELECT config, read.lexeme, min(place) AS word, read.lexeme ~ '\d' AS is_code
        FROM said
        CROSS JOIN LATERAL (SELECT * FROM unnest(to_tsvector(config, spelt))
                            UNION ALL SELECT * FROM unnest(to_tsvector(config, unaccent(spelt)))) AS read
        CROSS JOIN LATERAL unnest(read.positions) AS place
        GROUP BY config, read.lexeme
    ),
    found AS MATERIALIZED (
        SELECT asked.word, asked.is_code, posting.config, posting.lexeme, posting.document_id, posting.positions,
               posting.counts, posting.lengths,
               sum(cardinality(posting.positions)) OVER (PARTITION BY posting.config, posting.lexeme) AS df
        FROM asked
        JOIN postings AS posting ON posting.bot_id = :bot_id AND posting.lexeme = asked.lexeme
             AND posting.config = asked.config
        WHERE posting.owner_id = :owner_id
    ),
    rarity AS MATERIALIZED (
        SELECT asked.config, asked.word, asked.lexeme,
               ln(1 + (scope.chunks - coalesce(seen.df, 0) + 0.5::float8)
                  / (coalesce(seen.df, 0) + 0.5::float8)) AS idf
        FROM asked CROSS JOIN scope
        LEFT JOIN (SELECT config, lexeme, min(df)::float8 AS df FROM found GROUP BY config, lexeme) AS seen
             USING (config, lexeme)
    ),
    -- A word is as rare as the commoner of its forms.
    weights AS MATERIALIZED (SELECT config, word, min(idf) AS weight FROM rarity GROUP BY config, word),
    hits AS (
        SELECT found.document_id, found.config, place.position, found.word, bool_or(found.is_code) AS is_code,
               max(rarity.idf * place.tf * 2.2::float8 / (place.tf + 1.2::float8
                   * (0.25::float8 + 0.75::float8 * place.length / scope.mean_length))) AS points
        FROM found JOIN rarity USING (config, lexeme) CROSS JOIN scope
        CROSS JOIN LATERAL unnest(found.positions, found.counts, found.lengths) AS place(position, tf, length)
        GROUP BY found.document_id, found.config, place.position, found.word
    )
    SELECT document_id, position, sum(points) AS words,
           sum(weight) / (SELECT sum(whole.weight) FROM weights AS whole
                          WHERE whole.config = hits.config) AS coverage,
           coalesce(sum(points) FILTER (WHERE is_code), 0) AS codes
    FROM hits JOIN weights USING (config, word)
    GROUP BY document_id, position, config
    ORDER BY words DESC, document_id, position LIMIT :most
    """
)
_RANK = text(
    """
    WITH meant AS MATERIALIZED (SELECT CAST(:vector AS halfvec) AS vector),
    by_meaning AS (
        SELECT document_id, position FROM vectors
        WHERE bot_id = :bot_id AND owner_id = :owner_id AND model = :model
              AND (SELECT vector FROM meant) IS NOT NULL
        ORDER BY vector <#> (SELECT vector FROM meant) LIMIT :candidates
    ),
    by_words AS (SELECT * FROM unnest(CAST(:document_ids AS uuid[]), CAST(:positions AS int[])))
    SELECT chunk.document_id, chunk.position, document.filename, chunk.start, chunk."end", chunk.text,
           chunk.heading, chunk.overlap, chunk.gap, -(known.vector <#> (SELECT vector FROM meant)) AS similarity
    FROM (SELECT * FROM by_words UNION SELECT document_id, position FROM by_meaning) AS found(document_id, position)
    JOIN chunks AS chunk USING (document_id, position)
    JOIN documents AS document ON document.id = chunk.document_id
    LEFT JOIN vectors AS known ON known.bot_id = :bot_id AND known.document_id = chunk.document_id
         AND known.model = :model AND known.position = chunk.position
    WHERE chunk.bot_id = :bot_id AND chunk.owner_id = :owner_id
    ORDER BY chunk.document_id, chunk.position
    """
)


@dataclass(frozen=True, slots=True)
class WordHit:
    """A chunk with words of the question, and what it scores by them; `codes`: by those with digits."""

    document_id: uuid.UUID
    position: int
    words: float
    coverage: float
    codes: float


async def match_words(
    session: AsyncSession, *, bot_id: uuid.UUID, owner_id: uuid.UUID, query: str
) -> list[WordHit]:
    """The first arm, which needs no vector and so runs while the query is embedded; best first."""
    rows = await session.execute(
        _WORDS, {"bot_id": bot_id, "owner_id": owner_id, "query": query, "most": _WORD_HITS}
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
    model: EmbeddingModel = EmbeddingModel.LOCAL,
) -> list[Passage]:
    """The second arm, and both fused into passages, best first. `model` is whose the vector is."""
    candidates = await _find_candidates(
        session, hits, bot_id=bot_id, owner_id=owner_id, vector=vector, limit=limit, model=model
    )
    return assemble(fuse(candidates), limit=limit)


async def _find_candidates(
    session: AsyncSession,
    hits: Sequence[WordHit],
    *,
    bot_id: uuid.UUID,
    owner_id: uuid.UUID,
    vector: Vector | None,
    limit: int,
    model: EmbeddingModel,
) -> list[Candidate]:
    most = max(_CANDIDATES, 2 * limit)
    rows = await session.execute(
        _RANK,
        {
            "bot_id": bot_id,
            "owner_id": owner_id,
            "vector": vector_literal(vector) if vector else None,
            "model": model,
            "candidates": most,
            "document_ids": [hit.document_id for hit in hits[:most]],
            "positions": [hit.position for hit in hits[:most]],
        },
    )
    by_words = {(hit.document_id, hit.position): hit for hit in hits}
    return [_candidate(row, by_words.get((row.document_id, row.position))) for row in rows]


def _candidate(row: Row[Any], hit: WordHit | None) -> Candidate:
    if hit is None:
        return Candidate(**row._mapping, words=0.0, coverage=0.0)
    return Candidate(**row._mapping, words=hit.words, coverage=hit.coverage, codes=hit.codes)
