"""How sure it is that a bot's documents answer a question, 0 to 1, without asking any language model.

A logistic regression over what search found: BM25, which of the question's telling words stand there together with
what it asks for, and, where the local embedder is there, which of its words the nearest sentences support. The
weights stand in `confidence_weights.json`, made by `tests/bench/grounding.py`; there are three sets, by what is
known. At 0.5 it refuses one in twenty of what is answered.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.knowledge.asking import asks_for_a_work, kinds_asked, telling
from app.knowledge.passages import Passage
from app.knowledge.support import support
from app.knowledge.tongue import is_of_another_language
from app.models import EmbeddingModel
from app.providers.base import Embedder
from app.providers.codes import as_written, unknown_codes
from app.providers.extract import folded, split_sentences, stems

_WEIGHTS = Path(__file__).with_name("confidence_weights.json")
# As many as a chat's turn finds.
_PASSAGES = 8
# What stands further down is rarely what answers.
_READ = 4
_STEM_BEGINNING = 4
_MOST_DEVIATIONS = 4.0
# Of a question in another language than the text words say nothing, the best cosine alone does. Of XQuAD's Spanish
# questions on English paragraphs 95 in 100 have more than 0.794 to the best one, and less than 0.789 to the
# twelfth, which is of another matter.
_BETWEEN_LANGUAGES = (0.788, 0.012)
# A code is found, or there is nothing on it.
_LOST_CODE = -2.0


@dataclass(frozen=True, slots=True)
class Head:
    """For each feature its mean and deviation where it was fitted, and its weight."""

    bias: float
    features: Mapping[str, tuple[float, float, float]]


async def confidence_of(
    question: str,
    passages: Sequence[Passage],
    embedder: Embedder | None,
    *,
    model: EmbeddingModel = EmbeddingModel.LOCAL,
) -> float:
    """As `confidence`, and better where there is a local embedder, whatever the model of the bot's vectors.

    It embeds the passages' likeliest sentences and the question without each of its words: some 40 ms.
    """
    if embedder is None or not passages or not _asks(question) or _is_between_languages(question, passages, model):
        return confidence(question, passages, model=model)
    return _likely(score(await closer_features(question, passages, embedder), heads()["sentences"]))


def confidence(
    question: str, passages: Sequence[Passage], *, model: EmbeddingModel = EmbeddingModel.LOCAL
) -> float:
    """0 where there is no passage, and for signs without a word.

    `question` is as it was searched, by the vectors of `model`. Cosines of another model than the local one lie
    elsewhere: nothing was fitted to them, so the words alone count.
    """
    if not passages or not _asks(question):
        return 0.0
    if _is_between_languages(question, passages, model):
        middle, width = _BETWEEN_LANGUAGES
        return _likely((max(_cosines(passages)) - middle) / width)
    found = features(question, passages)
    head = heads()["vectors" if "cosine" in found and model is EmbeddingModel.LOCAL else "words"]
    return _likely(score(found, head))


def _asks(question: str) -> bool:
    return any(map(str.isalnum, question))


def _is_between_languages(question: str, passages: Sequence[Passage], model: EmbeddingModel) -> bool:
    has_cosines = model is EmbeddingModel.LOCAL and bool(_cosines(passages))
    return has_cosines and is_of_another_language(question, passages)


def _cosines(passages: Sequence[Passage]) -> list[float]:
    return [one.similarity for one in passages if one.similarity is not None]


def _likely(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def score(found: Mapping[str, float], head: Head) -> float:
    """The logit. A feature beyond what was seen counts as the farthest that was."""
    logit = head.bias + sum(
        weight * max(-_MOST_DEVIATIONS, min(_MOST_DEVIATIONS, (found[name] - mean) / deviation))
        for name, (mean, deviation, weight) in head.features.items()
    )
    return min(logit, _LOST_CODE) if found["code_lost"] else logit


@lru_cache
def heads() -> dict[str, Head]:
    """`sentences`, `vectors` and `words`."""
    read = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return {
        name: Head(one["bias"], {feature: tuple(values) for feature, values in one["features"].items()})
        for name, one in read.items()
    }


def features(question: str, passages: Sequence[Passage]) -> dict[str, float]:
    """What the regression reads, the best first; cosines only where there are some."""
    passages = passages[:_PASSAGES]
    return _of_words(_as_written(question, passages), passages) | _of_meaning(passages)


async def closer_features(question: str, passages: Sequence[Passage], embedder: Embedder) -> dict[str, float]:
    """Of words and of sentences; no cosine of the search, which may be another model's."""
    passages = passages[:_PASSAGES]
    asked = _as_written(question, passages)
    return _of_words(asked, passages) | await support(asked, passages, embedder)


def _as_written(question: str, passages: Sequence[Passage]) -> str:
    return as_written(question, [_read(one) for one in passages])


def _read(passage: Passage) -> str:
    return f"{passage.heading}\n{passage.text}"


def _of_meaning(passages: Sequence[Passage]) -> dict[str, float]:
    cosines = _cosines(passages)
    return {"cosine": max(cosines)} if cosines else {}


def _of_words(question: str, passages: Sequence[Passage]) -> dict[str, float]:
    asked = stems(question)
    about = frozenset(telling(asked))
    texts = [_read(one) for one in passages]
    there = frozenset().union(*map(stems, texts))
    beginnings = {word[:_STEM_BEGINNING] for word in there}
    lost = [word for word in about - there if word[:_STEM_BEGINNING] not in beginnings]
    together, together_answered = _together(question, about, passages)
    return {
        "coverage_of_best": passages[0].coverage,
        "bm25": max(one.words for one in passages),
        "lost_part": len(lost) / max(1, len(about)),
        "code_lost": float(bool(unknown_codes(question, texts))),
        "together": together,
        "together_unanswered": together - together_answered,
        "wants_a_work": float(asks_for_a_work(question)),
    }


def _together(question: str, about: frozenset[str], passages: Sequence[Passage]) -> tuple[float, float]:
    """The part of the telling words that one sentence holds at most, and one that also has what is asked for."""
    kinds = kinds_asked(question)
    best = best_answered = 0.0
    for passage in passages[:_READ]:
        heading = stems(passage.heading)
        for sentence in split_sentences(passage.text):
            held = len(about & (stems(sentence) | heading)) / len(about) if about else 0.5
            best = max(best, held)
            if held > best_answered and all(kind.search(folded(sentence)) for kind in kinds):
                best_answered = held
    return best, best_answered
