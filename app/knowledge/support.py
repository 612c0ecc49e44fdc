"""Which of a question's words its nearest sentence answers, told by a local embedder.

A word that is answered there brings the question nearer to the sentence; one that is not keeps it away: without
«colores», «¿en qué colores hay la Ribera 7?» comes nearer to what is said of the Ribera 7. So each word is left out
once. Measured in docs/benchmarks/grounding.md: a third of the doubt that search leaves.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.knowledge.asking import kinds_asked, telling
from app.knowledge.passages import Passage
from app.providers.base import Embedder, Purpose
from app.providers.extract import folded, split_sentences, stems

Floats = npt.NDArray[np.float64]

# What keeps a decision under 60 ms of one core: more told no better.
_PASSAGES = 3
_SENTENCES = 8
_SENTENCE_CHARACTERS = 300
_QUESTION_CHARACTERS = 240
_WORDS = 10
# As good as a word can be that the sentence spells, and as bad as what is asked for can be where it is nowhere.
_MOST_SUPPORT = 0.02
_FARTHEST = 0.06
# What is longer says no more.
_LONGEST = 20


async def support(question: str, passages: Sequence[Passage], embedder: Embedder) -> dict[str, float]:
    """What the regression of `app.knowledge.confidence` reads of it. `passages` is not empty, the best first."""
    asked = question[:_QUESTION_CHARACTERS]
    sentences = _sentences(asked, passages[:_PASSAGES])
    words = asked.split()
    places = [place for place, word in enumerate(words) if stems(word)][:_WORDS]
    lessened = [" ".join(words[:place] + words[place + 1 :]) or "?" for place in places]
    said, given = await asyncio.gather(
        embedder.embed(sentences, purpose=Purpose.PASSAGE),
        embedder.embed([asked, *lessened], purpose=Purpose.QUERY),
    )
    cosines = np.array(given) @ np.array(said).T
    return _told(_Read(asked, sentences, [words[place] for place in places], cosines), len(words))


@dataclass(frozen=True, slots=True)
class _Read:
    """The cosines' first row is of the whole question, each next of the question without that word."""

    question: str
    sentences: Sequence[str]
    words: Sequence[str]
    cosines: Floats

    @property
    def nearest(self) -> int:
        return int(self.cosines[0].argmax())

    def supports(self) -> Floats:
        """For each word how much nearer the question is to some sentence with it."""
        return np.asarray(self.cosines[0].max() - self.cosines[1:].max(axis=1))


def _sentences(question: str, passages: Sequence[Passage]) -> list[str]:
    """Those that share most words with the question; among equals the first."""
    asked = stems(question)
    every = dict.fromkeys(
        sentence[:_SENTENCE_CHARACTERS] for passage in passages for sentence in split_sentences(passage.text)
    )
    return sorted(every, key=lambda sentence: -len(stems(sentence) & asked))[:_SENTENCES] or [passages[0].text]


def _told(read: _Read, length: int) -> dict[str, float]:
    there, elsewhere = _kinds(read)
    return _of_words(read) | {
        "sentence": float(read.cosines[0].max()),
        "length": float(min(length, _LONGEST)),
        "kind_there": there,
        "kind_elsewhere": elsewhere,
    }


def _of_words(read: _Read) -> dict[str, float]:
    supports = read.supports()
    told = [any(telling(stems(word))) for word in read.words]
    chosen = [place for place in range(len(told)) if told[place]] or list(range(len(told)))
    if not chosen:
        return dict.fromkeys(
            ("support", "support_all", "support_least", "support_unspelt", "against", "spelt"), 0.0
        )
    sentence = stems(read.sentences[read.nearest])
    spelt = [bool(stems(read.words[place]) & sentence) for place in chosen]
    unspelt = [supports[place] for place, is_spelt in zip(chosen, spelt, strict=True) if not is_spelt]
    return {
        "support": float(supports[chosen].mean()),
        "support_all": float(supports.mean()),
        "support_least": float(supports[chosen].min()),
        "support_unspelt": float(min(unspelt, default=_MOST_SUPPORT)),
        "against": float((supports[chosen] < 0).mean()),
        "spelt": sum(spelt) / len(spelt),
    }


def _kinds(read: _Read) -> tuple[float, float]:
    """Whether the nearest sentence has what is asked for (0: nothing is), and how far one that has it is."""
    kinds = kinds_asked(read.question)
    if not kinds:
        return 0.0, 0.0
    has = [all(kind.search(folded(sentence)) for kind in kinds) for sentence in read.sentences]
    near = read.cosines[0]
    best = max((near[place] for place, it_has in enumerate(has) if it_has), default=near.max() - _FARTHEST)
    return (1.0 if has[read.nearest] else -1.0), float(near.max() - best)
