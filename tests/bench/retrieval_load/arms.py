"""The ways to rank that are compared, each over the same bot's chunks."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import text

from app.core.database import transaction
from app.knowledge.passages import Passage
from app.knowledge.search import match_words, rank
from app.providers.base import Vector
from tests.bench.retrieval_load import outside
from tests.bench.retrieval_load.library import Library
from tests.bench.retrieval_load.scores import Place

BM25 = "BM25"
WORDS = "BM25 and coverage: a search without a vector"
VECTORS = "vectors"
FUSED = "**fused**: what the product does"
SHORT = "fused, only ten passages asked for"
TS_RANK = "`ts_rank_cd`"
REFERENCE = "`bm25s`"
# Each arm alone: what the fused one must not be under.
SINGLE = (BM25, WORDS, VECTORS)
DEPTH = 50
_SHORT_DEPTH = 10

_TS_RANK = text(
    """
    WITH asked AS (
        SELECT config, replace(plainto_tsquery(config, :query)::text, '&', '|')::tsquery AS query
        FROM (SELECT DISTINCT config FROM bench_texts WHERE bot_id = :bot_id) AS configs
    )
    SELECT document_id, position FROM bench_texts JOIN asked USING (config)
    WHERE bot_id = :bot_id AND words @@ query
    ORDER BY ts_rank_cd(words, query) DESC, document_id, position LIMIT :most
    """
)
_MAKE_TEXTS = text(
    r"""
    CREATE TABLE bench_texts AS
    SELECT chunk.bot_id, document_id, position, config,
           to_tsvector(config, concat_ws(E'\n', nullif(heading, ''), chunk.text)) AS words
    FROM chunks AS chunk JOIN documents ON documents.id = document_id
    """
)


async def prepare(library: Library) -> None:
    """What `ts_rank_cd` reads: its own plain tsvector of every chunk that is stored."""
    async with transaction(library.shelf.sessions) as session:
        await session.execute(_MAKE_TEXTS)
        await session.execute(text("CREATE INDEX ON bench_texts (bot_id)"))


class Arms:
    """All of them for one library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._places = {one.key: one.place for one in library.chunks}
        self._number_of = {document_id: number for number, document_id in enumerate(library.documents)}
        self._reference = (
            outside.Reference([one.text for one in library.chunks], library.languages())
            if outside.IS_THERE
            else None
        )

    async def rankings(self, question: str, vector: Vector) -> dict[str, list[Place]]:
        """By arm, best first."""
        shelf = self._library.shelf
        rank_all = partial(rank, bot_id=shelf.bot_id, owner_id=shelf.owner_id)
        async with transaction(shelf.sessions) as session:
            hits = await match_words(session, bot_id=shelf.bot_id, owner_id=shelf.owner_id, query=question)
            ranked = await session.execute(_TS_RANK, {"query": question, "bot_id": shelf.bot_id, "most": 4 * DEPTH})
            found = {
                BM25: [self._places[hit.document_id, hit.position] for hit in hits],
                WORDS: self._of(await rank_all(session, hits, vector=None, limit=DEPTH)),
                VECTORS: self._of(await rank_all(session, [], vector=vector, limit=DEPTH)),
                FUSED: self._of(await rank_all(session, hits, vector=vector, limit=DEPTH)),
                SHORT: self._of(await rank_all(session, hits, vector=vector, limit=_SHORT_DEPTH)),
                TS_RANK: [self._places[row.document_id, row.position] for row in ranked],
            }
        if self._reference is not None:
            numbers = self._reference.ranked(question, most=4 * DEPTH)
            found[REFERENCE] = [self._library.chunks[number].place for number in numbers]
        return found

    def _of(self, passages: Sequence[Passage]) -> list[Place]:
        return [Place(self._number_of[one.document_id], one.start, one.end) for one in passages]
