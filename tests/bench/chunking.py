"""Which sizes of chunks find the most answers, within equal numbers of characters.

Run: `OMP_NUM_THREADS=1 .venv/bin/python -m tests.bench.chunking`.

Cuts the sample handbook and some of XQuAD's articles (their paragraphs joined to whole documents) in several ways,
searches all chunks of a collection for each question by words and vectors, and counts how often the answer's
place is wholly inside the best chunks. Writes docs/benchmarks/chunking.md. The vectors of texts that were seen
before come from a file in the system's folder for temporary files.
"""

import asyncio
import json
import math
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.knowledge.chunk import Chunk, Sizes, chunk
from app.providers.base import Purpose
from app.providers.local import find_embedder

_ROOT = Path(__file__).resolve().parents[2]
_REPORT = _ROOT / "docs" / "benchmarks" / "chunking.md"
_CACHE = Path(tempfile.gettempdir()) / "bytchat-chunking-vectors.npz"
# So many of XQuAD's 48 articles, evenly taken.
_ARTICLES = 16
_TOP = (1, 3, 8)
_BUDGETS = (1_500, 4_000)
_TEXTS_PER_CALL = 64
_HEADER = """# Sizes of chunks

Program: `tests/bench/chunking.py`. The share of the questions (%) whose answer's place is wholly inside the best
chunks, by the local embedder and BM25 in equal parts; neighbours count as one. {about}; the handbook's answers are
whole sentences, XQuAD's a few words out of {articles} of its articles, joined to whole documents. `250–500` means:
long enough to stand alone from 250 characters, never more than 500 (and 200 of headings).

Top 1, 3 and 8 favour long chunks, since they show more text; the last two columns give every size the same number
of characters, which is what a model's context has. There **250–500** is the best on the handbook, on XQuAD within
half a point of the best, and it quotes more exactly than what is longer. Embedding and searching a chunk
together with the headings over it is worth two to three points on the handbook; XQuAD has no headings.

| texts | characters a chunk | chunks | mean length | top 1 | top 3 | top 8 | 1,500 characters | 4,000 characters |
|---|---|---|---|---|---|---|---|---|
"""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """The answer is `documents[document][start:end]`."""

    text: str
    document: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Collection:
    """What one bot was trained on, and what it is asked."""

    name: str
    documents: list[str]
    questions: list[Question]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to cut and to embed."""

    sizes: Sizes
    with_heading: bool = True


class Vectors:
    """Each text is embedded once, also over several runs."""

    def __init__(self) -> None:
        embedder = find_embedder(threads=1)
        if embedder is None:
            raise SystemExit("The local embedder is not installed.")
        self._embedder = embedder
        self._known: dict[str, Floats] = {}
        if _CACHE.exists():
            with np.load(_CACHE) as stored:
                self._known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))

    def of(self, texts: Sequence[str], purpose: Purpose) -> Floats:
        keys = [f"{purpose}:{text}" for text in texts]
        missing = sorted(
            {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}.items()
        )
        for first in range(0, len(missing), _TEXTS_PER_CALL):
            batch = missing[first : first + _TEXTS_PER_CALL]
            made = asyncio.run(self._embedder.embed([text for _, text in batch], purpose=purpose))
            self._known.update((key, np.array(v, np.float32)) for (key, _), v in zip(batch, made, strict=True))
        if missing:
            np.savez(_CACHE, texts=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
        return np.stack([self._known[key] for key in keys])


class Words:
    """BM25 over words without accents, cut to their first six letters in place of a stemmer."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [Counter(_stems(text)) for text in texts]
        self._lengths = np.array([sum(count.values()) for count in self._counts], np.float32)
        self._holding = Counter(stem for count in self._counts for stem in count)

    def scores(self, question: str) -> Floats:
        total = np.zeros(len(self._counts), np.float32)
        norm = 1.2 * (0.25 + 0.75 * self._lengths / self._lengths.mean())
        for stem in set(_stems(question)):
            holding = self._holding[stem]
            rarity = math.log(1 + (len(self._counts) - holding + 0.5) / (holding + 0.5))
            times = np.array([count[stem] for count in self._counts], np.float32)
            total += rarity * 2.2 * times / (times + norm)
        return total


@cache
def _stems(text: str) -> tuple[str, ...]:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return tuple(word[:6] for word in re.findall(r"\w+", plain))


def handbook() -> Collection:
    """The sample handbook and all questions that were written from it."""
    text = (_ROOT / "samples" / "tienda.es.txt").read_text(encoding="utf-8")
    stored = json.loads((_ROOT / "tests" / "data" / "handbook_questions.json").read_text(encoding="utf-8"))
    asked = [
        (item["q"], item["quote"]) for kind in stored.values() for item in kind if item.get("quote", "\0") in text
    ]
    questions = [Question(q, 0, text.index(quote), text.index(quote) + len(quote)) for q, quote in asked]
    return Collection("handbook", [text], questions)


def xquad(language: str) -> Collection:
    """Some of XQuAD's articles as whole documents."""
    stored = json.loads((_ROOT / "tests" / "data" / "xquad" / f"{language}.json").read_text(encoding="utf-8"))
    articles = stored["data"][:: len(stored["data"]) // _ARTICLES][:_ARTICLES]
    documents, questions = [], []
    for number, article in enumerate(articles):
        text = ""
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                answer = asked["answers"][0]
                start = len(text) + answer["answer_start"]
                questions.append(Question(asked["question"], number, start, start + len(answer["text"])))
            text += paragraph["context"] + "\n\n"
        documents.append(text)
    return Collection(f"XQuAD {language}", documents, questions)


def measure(collection: Collection, way: Way, vectors: Vectors) -> dict[str, float]:
    """The share of the questions whose answer is found, by what may be looked at."""
    chunks = [(number, one) for number, text in enumerate(collection.documents) for one in chunk(text, way.sizes)]
    texts = [f"{one.heading}\n{one.text}".strip() if way.with_heading else one.text for _, one in chunks]
    words, said = Words(texts), vectors.of(texts, Purpose.PASSAGE)
    asked = vectors.of([question.text for question in collection.questions], Purpose.QUERY)
    found: Counter[str] = Counter()
    for question, vector in zip(collection.questions, asked, strict=True):
        scores = _even(said @ vector) + _even(words.scores(question.text))
        best = [chunks[place] for place in np.argsort(-scores, kind="stable")[: max(_TOP) * 8]]
        found.update(_finding(question, best, collection.documents[question.document]))
    shares = {name: found[name] / len(collection.questions) for name in _names()}
    return {"chunks": len(chunks), "mean": sum(len(one.text) for _, one in chunks) / len(chunks), **shares}


def _even(scores: Floats) -> Floats:
    low, high = scores.min(), scores.max()
    return np.asarray((scores - low) / (high - low + 1e-9), np.float32)


def _names() -> list[str]:
    return [*(f"top {count}" for count in _TOP), *(f"{budget:,} characters" for budget in _BUDGETS)]


def _finding(question: Question, best: list[tuple[int, Chunk]], text: str) -> Iterator[str]:
    for count in _TOP:
        if _holds(best[:count], question, text):
            yield f"top {count}"
    for budget in _BUDGETS:
        if _holds(_within(best, budget), question, text):
            yield f"{budget:,} characters"


def _within(best: list[tuple[int, Chunk]], budget: int) -> list[tuple[int, Chunk]]:
    taken, used = [], 0
    for one in best:
        used += len(one[1].text)
        if used > budget:
            break
        taken.append(one)
    return taken


def _holds(taken: list[tuple[int, Chunk]], question: Question, text: str) -> bool:
    """Whether the chunks, neighbours joined, hold the whole answer."""
    spans = sorted((one.start, one.end) for document, one in taken if document == question.document)
    joined = [list(spans[0])] if spans else []
    for (_, before), (start, end) in pairwise(spans):
        if start <= before or not text[before:start].strip():
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return any(start <= question.start and question.end <= end for start, end in joined)


def ways() -> Iterator[Way]:
    """What is compared: sizes, and headings embedded and searched with the chunk or not."""
    for enough, most in ((150, 300), (200, 400), (250, 500), (300, 600), (350, 700), (500, 1_000), (800, 1_600)):
        yield Way(Sizes(enough, most))
    yield Way(Sizes(), with_heading=False)


def main() -> int:
    vectors = Vectors()
    collections = [handbook(), xquad("es"), xquad("en")]
    lines = [_line(collection, way, vectors) for collection in collections for way in ways()]
    about = ", ".join(f"{one.name} {len(one.questions)} questions" for one in collections)
    _REPORT.write_text(_HEADER.format(about=about, articles=_ARTICLES) + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _line(collection: Collection, way: Way, vectors: Vectors) -> str:
    got = measure(collection, way, vectors)
    name = f"{way.sizes.enough}–{way.sizes.most}{'' if way.with_heading else ', without headings'}"
    is_chosen = way == Way(Sizes())
    shares = " | ".join(f"{100 * got[name]:.1f}" for name in _names())
    cells = f"{f'**{name}**' if is_chosen else name} | {got['chunks']:.0f} | {got['mean']:.0f} | {shares}"
    print(collection.name, cells, flush=True)
    return f"| {collection.name} | {cells} |"


if __name__ == "__main__":
    sys.exit(main())
