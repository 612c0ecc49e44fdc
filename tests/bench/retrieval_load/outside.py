"""`bm25s`, the outside reference for BM25, over the same chunks."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

IS_THERE = all(map(find_spec, ("bm25s", "Stemmer")))
MISSING = "`bm25s` and `PyStemmer` are not installed here: `make bench-retrieval` installs them."
# Its own lists; for English the longer one, which leaves out the question words as PostgreSQL's does.
_LISTS = {"es": ("spanish", "spanish"), "en": ("english", "english_plus")}


class Reference:
    """Lucene's BM25 with our constants, Snowball stems and stop words of each text's language."""

    def __init__(self, texts: Sequence[str], languages: Sequence[str]) -> None:
        self._languages = sorted(set(languages))
        self._size = len(texts)
        said = [_tokens(text, language) for text, language in zip(texts, languages, strict=True)]
        self._index: Any = import_module("bm25s").BM25(method="lucene", k1=1.2, b=0.75)
        self._index.index(said, show_progress=False)

    def ranked(self, question: str, *, most: int) -> list[int]:
        """The texts' numbers, best first; those without a word of the question are left out."""
        asked = list(_unique(token for language in self._languages for token in _tokens(question, language)))
        if not asked:
            return []
        found, scores = self._index.retrieve([asked], k=min(most, self._size), show_progress=False)
        return [int(number) for number, score in zip(found[0], scores[0], strict=True) if score > 0]


def _tokens(text: str, language: str) -> list[str]:
    stemmer, stop_words = _LISTS[language]
    # One letter or digit is a word too, as it is to PostgreSQL.
    made: list[list[str]] = import_module("bm25s").tokenize(
        [text],
        token_pattern=r"(?u)\b\w+\b",
        stopwords=stop_words,
        stemmer=_stemmer(stemmer),
        return_ids=False,
        show_progress=False,
    )
    return made[0]


@cache
def _stemmer(language: str) -> Any:
    return import_module("Stemmer").Stemmer(language)


def _unique(tokens: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(tokens)
