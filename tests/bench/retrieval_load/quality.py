"""Whether the right passage comes first: each arm over XQuAD and over the samples."""

import asyncio
from collections.abc import Sequence

from app.core.database import Sessions
from app.embedded.services import Services
from app.providers.base import Embedder, Purpose
from app.providers.local import find_embedder
from tests.bench.chat_load.embedder import THREADS
from tests.bench.chat_load.figures import Budget, Section, table
from tests.bench.retrieval_load import arms, collections, outside
from tests.bench.retrieval_load.arms import BM25, FUSED, REFERENCE, SINGLE, Arms
from tests.bench.retrieval_load.collections import REPORTED, TUNED, Asked
from tests.bench.retrieval_load.library import connected, trained
from tests.bench.retrieval_load.scores import Scores, Share, decimals, rank_of
from tests.services import migrated_services

_LEAST_NDCG = 0.978
# So little may BM25 be under the outside reference.
_TOLERANCE = 0.005

Ranks = dict[str, list[int | None]]

_ABOUT = f"""
XQuAD's 240 paragraphs, each a document of one bot, trained as the worker does it, and 1,190 questions in each
language. A question's paragraph is the only right document; a document's rank is that of its best passage among
the first {arms.DEPTH}. The weights of the fusion were chosen on the questions of every second paragraph (*tuned*);
the other half is *reported*: nothing was chosen by it. Vectors are the local embedder's.

- *BM25*: the words' arm alone, chunk by chunk.
- `ts_rank_cd`: PostgreSQL's own ranking of a plain `to_tsvector`
  of the same chunks; any word of the question may match.
- `bm25s`: the library over the same chunks, `method="lucene"`, k1 1.2, b 0.75 as ours, Snowball stems and stop
  words of the text's language (for English its longer list), every word of one letter or more.
"""
_OF_SAMPLES = """
Both files of `samples/` in one bot, and questions that were written from the files without sight of the code
(`tests/data/retrieval_questions.json`): codes as people type them, prices, negations, paraphrases, and questions
in the other language than the text's. A passage is right when it holds 60 % of the sentence that answers, or of one
that answers as well, at its place. BM25, `ts_rank_cd` and `bm25s` rank single chunks.
"""


def measure() -> Section:
    embedder = find_embedder(threads=THREADS)
    if embedder is None:
        raise SystemExit("The local embedder is not installed.")
    with migrated_services() as services:
        return asyncio.run(_measure(services, embedder))


async def _measure(services: Services, embedder: Embedder) -> Section:
    async with connected(services) as sessions:
        all_arms = await _all_arms(sessions, embedder)
        texts, budgets = [_ABOUT], list[Budget]()
        for asked in _xquad():
            ranks = await _ranks(asked, all_arms[asked.collection], embedder)
            texts.append(f"### {asked.title}\n\n{_halves(asked, ranks)}")
            if asked.is_budgeted:
                budgets += _budgets(asked, ranks)
        asked = collections.sample_questions()
        ranks = await _ranks(asked, all_arms[asked.collection], embedder)
        texts += [f"### {asked.title}\n\n{_OF_SAMPLES.strip()}", _kinds(asked, ranks)]
        _tell_missed(asked, ranks[FUSED])
    if not outside.IS_THERE:
        texts.append(outside.MISSING)
    return Section("Quality", "\n\n".join(text.strip() for text in texts), tuple(budgets))


async def _all_arms(sessions: Sessions, embedder: Embedder) -> dict[str, Arms]:
    """By collection, each trained into a bot."""
    known = [collections.xquad("es"), collections.xquad("en"), collections.samples()]
    libraries = [await trained(sessions, one, embedder) for one in known]
    await arms.prepare(libraries[0])
    return {one.collection.name: Arms(one) for one in libraries}


def _xquad() -> list[Asked]:
    return [
        collections.xquad_questions("Spanish questions, Spanish paragraphs", language="es", collection="es"),
        collections.xquad_questions("English questions, English paragraphs", language="en", collection="en"),
        collections.xquad_questions("Spanish questions, English paragraphs", language="es", collection="en"),
    ]


async def _ranks(asked: Asked, ranked_by: Arms, embedder: Embedder) -> Ranks:
    """By arm, of each question."""
    vectors = await embedder.embed([one.text for one in asked.questions], purpose=Purpose.QUERY)
    ranks: Ranks = {}
    for question, vector in zip(asked.questions, vectors, strict=True):
        for name, ranking in (await ranked_by.rankings(question.text, vector)).items():
            ranks.setdefault(name, []).append(rank_of(question, ranking))
    return ranks


def _of_group(asked: Asked, ranks: Sequence[int | None], group: str) -> Scores:
    return Scores.of([rank for one, rank in zip(asked.questions, ranks, strict=True) if one.group == group])


def _halves(asked: Asked, ranks: Ranks) -> str:
    rows = [
        (name, decimals(_of_group(asked, found, TUNED).ndcg_10), *_of_group(asked, found, REPORTED).cells)
        for name, found in ranks.items()
    ]
    return table(("", "nDCG@10, tuned half", "nDCG@10, reported half", "R@1", "R@5", "MRR"), rows)


def _kinds(asked: Asked, ranks: Ranks) -> str:
    groups = list(dict.fromkeys(one.group for one in asked.questions))
    counted = [f"{group} ({sum(one.group == group for one in asked.questions)})" for group in groups]
    whole = [(name, *Scores.of(found).cells) for name, found in ranks.items()]
    by_kind = [
        (name, *(decimals(_of_group(asked, found, group).ndcg_10) for group in groups))
        for name, found in ranks.items()
    ]
    head = f"{len(asked.questions)} questions"
    return f"""{table((head, "nDCG@10", "R@1", "R@5", "MRR"), whole)}

nDCG@10 by kind:

{table(("", *counted), by_kind)}"""


def _budgets(asked: Asked, ranks: Ranks) -> list[Budget]:
    got = {name: _of_group(asked, found, REPORTED).ndcg_10 for name, found in ranks.items()}
    fused, better = got[FUSED], max(got[name] for name in SINGLE)
    kept: list[Budget] = [
        Share(f"{asked.title}: nDCG@10 of the reported half", fused, _LEAST_NDCG, "", at_least=True),
        Share(f"{asked.title}: beyond the better single arm", fused - better, 0.0, "", at_least=True),
    ]
    if REFERENCE in got:
        beyond = got[BM25] - got[REFERENCE]
        kept.append(Share(f"{asked.title}: BM25 beyond `bm25s`", beyond, -_TOLERANCE, "", at_least=True))
    return kept


def _tell_missed(asked: Asked, ranks: Sequence[int | None]) -> None:
    """For who wants to make it better; no part of the report."""
    for question, rank in zip(asked.questions, ranks, strict=True):
        if rank is None or rank > 3:
            print(f"  rank {rank}: {question.group}: {question.text}")
