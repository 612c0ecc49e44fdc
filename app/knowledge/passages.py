"""From chunks that may answer to passages: both arms fused, neighbours joined, repetitions dropped. Pure."""

import itertools
import math
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

# In points of BM25, tuned on half of XQuAD: a standard deviation of cosine, and all of the question's words.
_MEANING_WEIGHT = 5.0
_COVERAGE_WEIGHT = 4.0
# Of what is left to a cosine of 1: where all are alike, how they differ says little.
_LEAST_SPREAD = 0.12
# One that stands out alone says no more than one of a hundred would.
_MOST_DEVIATIONS = 3.5
# Of the question's BM25, from where on a code is what it is about, and how many chunks may hold one.
_CODE_PART = 0.5
_MOST_OF_A_CODE = 3
_MOST_CHARACTERS = 1_600
# A neighbour joins where it is at least so good beside what it joins.
_JOINS_FROM = 0.5
# Of their three-word runs, from where on two passages say the same.
_SAME_FROM = 0.9
_RUN_WORDS = 3
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk as both arms found it. `gap` is the white space before the next chunk, None where that is unknown.

    `codes`: what of `words` is by words with digits.
    """

    document_id: uuid.UUID
    position: int
    filename: str
    start: int
    end: int
    text: str
    heading: str
    overlap: int
    gap: str | None
    similarity: float | None
    words: float
    coverage: float
    codes: float = 0.0


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document that may answer, of one chunk or of neighbours. `document.text[start:end] == text`.

    `words`: BM25. `coverage`: the part (0 to 1, by rarity) of the question's words that it holds. `similarity`:
    cosine to the question, None without a vector. `score`: the fused value, 0 to 1, comparable within one search
    alone. Of neighbours these are the best one's.
    """

    document_id: uuid.UUID
    filename: str
    start: int
    end: int
    text: str
    heading: str
    words: float
    coverage: float
    similarity: float | None
    score: float


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Neighbouring candidates, in the order of the text."""

    parts: tuple[Candidate, ...]
    score: float

    def joined(self, other: "_Stretch") -> "_Stretch | None":
        """Both as one, where one follows the other, both are good and there is room."""
        if self.parts[0].document_id != other.parts[0].document_id:
            return None
        if min(self.score, other.score) < _JOINS_FROM * max(self.score, other.score):
            return None
        first, second = (self, other) if self.parts[0].position < other.parts[0].position else (other, self)
        left, right = first.parts[-1], second.parts[0]
        if left.position + 1 != right.position or left.gap is None:
            return None
        if second.parts[-1].end - first.parts[0].start > _MOST_CHARACTERS:
            return None
        return _Stretch((*first.parts, *second.parts), max(self.score, other.score))


def fuse(candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    """Each with what both arms say of it, scaled to 0..1 over the candidates; best first, ties by their order.

    Words count as far as the best candidate holds the question's words: of a question in another language than the
    text those that are found are found by chance.
    """
    trust = math.sqrt(max((candidate.coverage for candidate in candidates), default=0.0))
    sums = [
        trust * (candidate.words + _COVERAGE_WEIGHT * candidate.coverage) + _MEANING_WEIGHT * meaning
        for candidate, meaning in zip(candidates, _meanings(candidates), strict=True)
    ]
    least, most = min(sums, default=0.0), max(sums, default=0.0)
    scores = [(value - least) / (most - least) if most > least else 1.0 for value in sums]
    return sorted(zip(candidates, scores, strict=True), key=lambda pair: -pair[1])


def _meanings(candidates: Sequence[Candidate]) -> list[float]:
    """A chunk that alone holds the question's code means at least as much as the likest: no vector reads codes."""
    meanings = _standardised(candidates)
    least = _CODE_PART * max((candidate.words for candidate in candidates), default=0.0)
    holds = [candidate.codes > 0 and candidate.codes >= least for candidate in candidates]
    if sum(holds) > _MOST_OF_A_CODE:
        return meanings
    most = max(meanings, default=0.0)
    return [most if it_holds else meaning for it_holds, meaning in zip(holds, meanings, strict=True)]


def _standardised(candidates: Sequence[Candidate]) -> list[float]:
    """How many standard deviations each similarity is from their mean; 0 where it is unknown.

    Cosines of one model lie in 0.75 to 0.9 and of another in 0.1 to 0.6: only how they differ can be weighed.
    """
    known = [candidate.similarity for candidate in candidates if candidate.similarity is not None]
    if not known:
        return [0.0] * len(candidates)
    mean = fmean(known)
    spread = max(pstdev(known, mean), _LEAST_SPREAD * (1 - mean)) or 1.0
    return [
        0.0 if likeness is None else min((likeness - mean) / spread, _MOST_DEVIATIONS)
        for likeness in (candidate.similarity for candidate in candidates)
    ]


def assemble(ranked: Sequence[tuple[Candidate, float]], *, limit: int) -> list[Passage]:
    """At most `limit` passages, best first: a chunk joins its neighbour, one that repeats another is dropped."""
    stretches: list[_Stretch] = []
    contents: list[_Content] = []
    for candidate, score in ranked:
        content = _content(candidate.text)
        if any(content.repeats(other) for other in contents):
            continue
        stretch = _joined(stretches, _Stretch((candidate,), score))
        if stretch is None and len(stretches) == limit:
            break
        contents.append(content)
        if stretch is None:
            stretches.append(_Stretch((candidate,), score))
    return [_passage(stretch) for stretch in stretches]


def _joined(stretches: list[_Stretch], new: _Stretch) -> _Stretch | None:
    """Put it to its neighbours, which may be two; None where it has none. Changes the list."""
    place: int | None = None
    for i in range(len(stretches) - 1, -1, -1):
        if whole := stretches[i].joined(new):
            if place is not None:
                del stretches[place]
            new, place = whole, i
            stretches[i] = whole
    return None if place is None else new


def _passage(stretch: _Stretch) -> Passage:
    parts = stretch.parts
    similarities = [part.similarity for part in parts if part.similarity is not None]
    return Passage(
        document_id=parts[0].document_id,
        filename=parts[0].filename,
        start=parts[0].start,
        end=parts[-1].end,
        text=_text(parts),
        heading=parts[0].heading,
        words=max(part.words for part in parts),
        coverage=max(part.coverage for part in parts),
        similarity=max(similarities, default=None),
        score=stretch.score,
    )


def _text(parts: Sequence[Candidate]) -> str:
    whole = parts[0].text
    for before, part in itertools.pairwise(parts):
        whole += (before.gap or "") + part.text[part.overlap :]
    return whole


@dataclass(frozen=True, slots=True)
class _Content:
    """What a chunk says, to be compared: its runs of words, and its numbers and codes."""

    runs: frozenset[tuple[str, ...]]
    numbers: tuple[str, ...]

    def repeats(self, other: "_Content") -> bool:
        """Whether it says the same: prices that differ in nothing but the number are not the same."""
        if self.numbers != other.numbers:
            return False
        return len(self.runs & other.runs) >= _SAME_FROM * len(self.runs | other.runs)


def _content(text: str) -> _Content:
    words = _WORD.findall(text.casefold())
    runs = frozenset(tuple(words[i : i + _RUN_WORDS]) for i in range(max(1, len(words) - _RUN_WORDS + 1)))
    return _Content(runs, tuple(word for word in words if any(map(str.isdigit, word))))
