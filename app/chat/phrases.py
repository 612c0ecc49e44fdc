"""Finding listed phrases in a question's words, in one pass. Pure.

Phrases are listed without case and accents, as many people write; `*` at the end of a word stands for any ending.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

_INDEX_CHARACTERS = 3

Kind = TypeVar("Kind")


class Phrases(Generic[Kind]):
    """Phrases of up to any number of words, each of one or more kinds."""

    def __init__(self, listed: Iterable[tuple[str, Kind]]) -> None:
        self._words: defaultdict[str, list[Kind]] = defaultdict(list)
        self._beginnings: defaultdict[str, list[tuple[str, Kind]]] = defaultdict(list)
        # By their first word, with the words that follow it.
        self._longer: defaultdict[str, list[tuple[tuple[str, ...], Kind]]] = defaultdict(list)
        for phrase, kind in listed:
            self._add(phrase, kind)

    def _add(self, phrase: str, kind: Kind) -> None:
        first, *others = phrase.split()
        if others:
            self._longer[first].append((tuple(others), kind))
        elif first.endswith("*"):
            self._beginnings[first[:_INDEX_CHARACTERS]].append((first[:-1], kind))
        else:
            self._words[first].append(kind)

    def find(self, words: Sequence[str]) -> Counter[Kind]:
        """How often phrases of each kind occur among the folded words."""
        found: Counter[Kind] = Counter()
        for place, word in enumerate(words):
            if word in self._words:
                found.update(self._words[word])
            if word in self._longer:
                found.update(
                    kind
                    for others, kind in self._longer[word]
                    if tuple(words[place + 1 : place + 1 + len(others)]) == others
                )
            index = word[:_INDEX_CHARACTERS]
            if index in self._beginnings:
                found.update(kind for start, kind in self._beginnings[index] if word.startswith(start))
        return found
