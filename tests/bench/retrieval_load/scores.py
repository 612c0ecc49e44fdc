"""How good rankings are, where each question has one place that is right. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from tests.bench.chat_load.figures import Budget


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the collection's document of that number."""

    document: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """Right are the whole of a document (`by_document`), or so much of one of these places."""

    text: str
    right: tuple[Place, ...]
    by_document: bool
    # "tuned", "reported", or what it tries.
    group: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over questions, each from 0 to 1."""

    ndcg_10: float
    first: float
    first_five: float
    mrr: float

    @classmethod
    def of(cls, ranks: Sequence[int | None]) -> "Scores":
        """`ranks`: each question's, from 1; None where what is right was not found."""
        found = [rank or math.inf for rank in ranks]
        return cls(
            fmean(1 / math.log2(1 + rank) if rank <= 10 else 0.0 for rank in found),
            fmean(rank <= 1 for rank in found),
            fmean(rank <= 5 for rank in found),
            fmean(1 / rank for rank in found),
        )

    @property
    def cells(self) -> tuple[str, str, str, str]:
        return decimals(self.ndcg_10), decimals(self.first), decimals(self.first_five), decimals(self.mrr)


@dataclass(frozen=True, slots=True)
class Share(Budget):
    """A budget without a unit, with the decimals that it is decided by."""

    @property
    def row(self) -> tuple[str, str, str, str]:
        sign, verdict = "≥" if self.at_least else "≤", "kept" if self.is_kept else "MISSED"
        return self.name, f"{sign} {decimals(self.allowed)}", decimals(self.measured), verdict


# Of the quote's characters, so many make a passage the right one.
_ENOUGH = 0.6


def rank_of(question: Question, ranking: Sequence[Place]) -> int | None:
    """Where what is right comes first. A document's rank is that of its best place."""
    if question.by_document:
        documents = list(dict.fromkeys(place.document for place in ranking))
        wanted = question.right[0].document
        return documents.index(wanted) + 1 if wanted in documents else None
    return next((rank for rank, place in enumerate(ranking, 1) if _is_right(place, question)), None)


def _is_right(place: Place, question: Question) -> bool:
    return any(_shared(place, right) >= _ENOUGH * (right.end - right.start) for right in question.right)


def _shared(place: Place, right: Place) -> int:
    return min(place.end, right.end) - max(place.start, right.start) if place.document == right.document else 0


def decimals(value: float) -> str:
    return f"{value:.3f}"
