"""How long a search takes in bots of several sizes beside a million other chunks, and what a chunk weighs."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.core.database import Sessions, transaction
from app.embedded.services import Services
from app.knowledge.search import match_words, rank
from tests.bench.chat_load.cpu import Meter
from tests.bench.chat_load.figures import Budget, Section, table
from tests.bench.retrieval_load import corpus, million
from tests.bench.retrieval_load.library import backend_of, connected
from tests.bench.retrieval_load.million import Measured
from tests.services import migrated_services

_QUESTIONS = 100
_WARMING = 10
_LIMIT = 10
_BUDGETED_CHUNKS = 5_000
_ALLOWED_MS = 15

_ABOUT = """
One connection, one search after another, {questions} different questions of XQuAD a bot, after {warming} others.
All bots are in one database of {chunks:,} chunks of {bots} bots, each bot of an owner of its own. Texts are XQuAD's
Spanish sentences, shuffled, with one word in twenty made up; the measured bots' were trained as the worker does it,
the others are copies of one that was. The documents of the last were trained one by one between the others, so that
their rows lie apart. Vectors are random, of 384 dimensions. *Words* is `match_words`, *fusion* `rank`, which reads
the vectors and makes passages; *search* is both with the transaction around them. The question's embedding is
not in it. *Processor* is what a search takes of it on average, in PostgreSQL and in the program. Milliseconds.
"""
_DESIGNS = """
Ways to store the words, and what a search by words alone takes (p95). Ours is of this run; the others were measured
once, before this one was chosen, in a like database on the same kind of machine.
"""
_EARLIER = (
    ("a `tsvector` a chunk, the hits' unnested by each search", "80 ms", "–", "–", "–"),
    ("a row for each chunk and lexeme", "about 2 ms", "–", "–", "5.7 KB"),
)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds, of each question unless said."""

    words: list[float]
    fusion: list[float]
    search: list[float]
    # Of the processor, a search, on average.
    database: float
    program: float


def measure() -> Section:
    with migrated_services() as services:
        return asyncio.run(_measure(services))


async def _measure(services: Services) -> Section:
    async with connected(services) as sessions:
        began = time.perf_counter()
        measured = await million.populate(sessions)
        print(f"  the million was made in {time.perf_counter() - began:.0f} s", flush=True)
        times = {one.name: await _times(one) for one in measured}
        sizes, counted = await _sizes(sessions), await _counted(sessions)
        postings = {one.name: await _postings_bytes(one) for one in measured}
    return Section(
        "Speed",
        "\n\n".join(
            part.strip()
            for part in (
                _ABOUT.format(questions=_QUESTIONS, warming=_WARMING, chunks=counted[0], bots=counted[1]),
                _speeds(times),
                _DESIGNS,
                _designs(measured, times, postings),
                f"What a chunk weighs, over the whole database:\n\n{_weights(sizes, counted[0])}",
                f"How fast chunks come in, by their words and on one connection:\n\n{_rates(measured)}",
            )
        ),
        tuple(_budgets(measured, times)),
    )


async def _times(bot: Measured) -> Times:
    asked = corpus.questions(_QUESTIONS + _WARMING)
    vectors = million.random_vectors(len(asked), seed=7)
    questions = list(zip(asked, vectors, strict=True))
    for question, vector in questions[:_WARMING]:
        await _search(bot, question, vector)
    meter = Meter({"database": [await backend_of(bot.shelf.sessions)]})
    began_ns = time.process_time_ns()
    times = [await _search(bot, question, vector) for question, vector in questions[_WARMING:]]
    program = (time.process_time_ns() - began_ns) / 1e6 / len(times)
    words, fusion, search = (list(column) for column in zip(*times, strict=True))
    return Times(words, fusion, search, meter.spent_ms()["database"] / len(times), program)


async def _search(bot: Measured, question: str, vector: Sequence[float]) -> tuple[float, float, float]:
    bot_id, owner_id = bot.shelf.bot_id, bot.shelf.owner_id
    began = time.perf_counter()
    async with transaction(bot.shelf.sessions) as session:
        at_words = time.perf_counter()
        hits = await match_words(session, bot_id=bot_id, owner_id=owner_id, query=question)
        at_fusion = time.perf_counter()
        passages = await rank(session, hits, bot_id=bot_id, owner_id=owner_id, vector=list(vector), limit=_LIMIT)
        at_end = time.perf_counter()
    ended = time.perf_counter()
    assert len(passages) == _LIMIT, f"{bot.name}: {len(passages)} passages for {question}"
    return 1000 * (at_fusion - at_words), 1000 * (at_end - at_fusion), 1000 * (ended - began)


def _p50(times: Sequence[float]) -> float:
    return statistics.median(times)


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def _speeds(times: dict[str, Times]) -> str:
    rows = [
        (
            name,
            *(f"{figure(part):.1f}" for part in (of.words, of.fusion, of.search) for figure in (_p50, _p95)),
            f"{of.database:.1f} + {of.program:.1f}",
        )
        for name, of in times.items()
    ]
    head = [f"{part} {figure}" for part in ("words", "fusion", "**search**") for figure in ("p50", "p95")]
    return table(("bot", *head, "processor"), rows)


async def _sizes(sessions: Sessions) -> dict[str, tuple[int, int]]:
    """Bytes of each table and of its indexes."""
    async with transaction(sessions) as session:
        rows = await session.execute(
            text(
                "SELECT name, pg_table_size(name::regclass) AS rows, pg_indexes_size(name::regclass) AS indexes"
                " FROM unnest(ARRAY['chunks', 'postings', 'vectors']) AS name"
            )
        )
    return {row.name: (row.rows, row.indexes) for row in rows}


async def _counted(sessions: Sessions) -> tuple[int, int]:
    async with transaction(sessions) as session:
        chunks = await session.scalar(text("SELECT count(*) FROM chunks"))
        bots = await session.scalar(text("SELECT count(*) FROM bots"))
    return int(chunks or 0), int(bots or 0)


async def _postings_bytes(bot: Measured) -> float:
    """Rows and index entries of a chunk's words."""
    async with transaction(bot.shelf.sessions) as session:
        found = await session.scalar(
            text(
                "SELECT sum(pg_column_size(postings.*) + 4 + 2 * 8 + 16 + 4 + 16 + 16 + pg_column_size(lexeme))"
                " FROM postings WHERE bot_id = :bot_id"
            ),
            {"bot_id": bot.shelf.bot_id},
        )
    return float(found or 0) / bot.chunks


def _designs(measured: Sequence[Measured], times: dict[str, Times], postings: dict[str, float]) -> str:
    by_name = {one.name: one for one in measured}
    one, most, spread = (_named(by_name, start) for start in ("5,000 chunks, one", "50,000", "5,000 chunks, 100"))
    ours = (
        "**a row for each document and lexeme, with arrays**",
        *(f"{_p95(times[n].words):.1f} ms" for n in (one, spread, most)),
    )
    weights = f"{postings[one] / 1000:.1f} to {postings[spread] / 1000:.1f} KB"
    head = ("", "5,000 chunks", "5,000 in 100 documents", "50,000 chunks", "a chunk's words")
    return table(head, [*_EARLIER, (*ours, weights)])


def _named(by_name: dict[str, Measured], start: str) -> str:
    return next(name for name in by_name if name.startswith(start))


def _weights(sizes: dict[str, tuple[int, int]], chunks: int) -> str:
    rows = [
        (f"`{name}`", f"{own / chunks:.0f}", f"{indexes / chunks:.0f}", f"{(own + indexes) / 1e6:,.0f} MB")
        for name, (own, indexes) in sizes.items()
    ]
    return table(("", "rows, bytes", "indexes, bytes", "in all"), rows)


def _rates(measured: Sequence[Measured]) -> str:
    rows = [(one.name, f"{one.chunks / one.training_s:,.0f} a second") for one in measured]
    return table(("bot", "chunks searchable"), rows)


def _budgets(measured: Sequence[Measured], times: dict[str, Times]) -> list[Budget]:
    return [
        Budget(f"search among {one.name}: p95", _p95(times[one.name].search), _ALLOWED_MS, "ms")
        for one in measured
        if one.chunks == _BUDGETED_CHUNKS
    ]
