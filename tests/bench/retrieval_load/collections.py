"""What is searched and asked: XQuAD's paragraphs and questions, and the samples with questions written for them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.knowledge.decode import decode
from tests.bench.retrieval_load.scores import Place, Question
from tests.platform import ROOT

_DATA = ROOT / "tests" / "data"
TUNED, REPORTED = "tuned", "reported"


@dataclass(frozen=True, slots=True)
class Collection:
    """What one bot is trained on."""

    name: str
    documents: tuple[str, ...]
    # The language of each, as `bm25s` is told it.
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions to a collection."""

    title: str
    collection: str
    questions: tuple[Question, ...]
    is_budgeted: bool = False


def xquad(language: str) -> Collection:
    """Each paragraph a document."""
    documents = tuple(decode(paragraph["context"].encode()).text for paragraph in _paragraphs(language))
    return Collection(language, documents, (language,) * len(documents))


def xquad_questions(title: str, *, language: str, collection: str) -> Asked:
    """Those of every second paragraph are the tuned half, the others the reported one."""
    questions = [
        Question(asked["question"], (Place(number, 0, 0),), by_document=True, group=(TUNED, REPORTED)[number % 2])
        for number, paragraph in enumerate(_paragraphs(language))
        for asked in paragraph["qas"]
    ]
    return Asked(title, collection, tuple(questions), is_budgeted=language == collection)


def _paragraphs(language: str) -> Iterator[dict[str, Any]]:
    stored = json.loads((_DATA / "xquad" / f"{language}.json").read_text(encoding="utf-8"))
    for article in stored["data"]:
        yield from article["paragraphs"]


_SAMPLES = ("tienda.es.txt", "shop.en.txt")


def samples() -> Collection:
    """Both sample documents in one bot."""
    documents = tuple(decode((ROOT / "samples" / name).read_bytes()).text for name in _SAMPLES)
    return Collection("samples", documents, ("es", "en"))


def sample_questions() -> Asked:
    """Those of tests/data/retrieval_questions.json, by kind."""
    stored = json.loads((_DATA / "retrieval_questions.json").read_text(encoding="utf-8"))
    documents = samples().documents
    questions = [
        Question(one["q"], tuple(_places(one, documents)), by_document=False, group=one["kind"]) for one in stored
    ]
    return Asked("The samples", "samples", tuple(questions))


def _places(one: dict[str, Any], documents: tuple[str, ...]) -> Iterator[Place]:
    for said in filter(None, (one, one.get("also"))):
        number = _SAMPLES.index(said["file"])
        start = documents[number].index(said["quote"])
        yield Place(number, start, start + len(said["quote"]))
