"""Which language a text is in, and which of PostgreSQL's text search configurations reads it."""

import ctypes
import re
from array import array
from functools import lru_cache
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNDETERMINED = "und"

# A few pages tell the language as well as the whole book does; taken all over it, so that the language of a
# foreign beginning (a licence, a quotation) is not taken for that of the text.
_SAMPLES = 8
_SAMPLE_CHARACTERS = 500
# Two words may be of several languages; where the scores (natural logarithms) hardly differ, it is one of these.
_LIKELIER = ("es", "en")
_CLOSE = 3.0
_WORD = re.compile(r"[^\W\d_]{2,}")
_CONFIGURATIONS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
_WITHOUT_STEMMER = ("bg", "cs", "fa", "gl", "he", "ja", "ko", "pl", "sk", "sl", "th", "uk", "vi", "zh")


def language_of(text: str) -> str:
    """ISO 639-1 code of the likeliest language among those that we tell apart, `und` where nothing tells it."""
    sample = _sample(text)
    if not _WORD.search(sample):
        return UNDETERMINED
    ranked = _identifier().rank(sample)
    best, score = ranked[0]
    close = [language for language, near in ranked if score - near < _CLOSE]
    return next((language for language in _LIKELIER if language in close), str(best))


def configuration_of(language: str) -> str:
    """PostgreSQL's configuration, `simple` where it has no stemmer for the language."""
    return _CONFIGURATIONS.get(language, "simple")


def _sample(text: str) -> str:
    if len(text) <= _SAMPLES * _SAMPLE_CHARACTERS:
        return text
    step = (len(text) - _SAMPLE_CHARACTERS) // (_SAMPLES - 1)
    return "\n".join(text[first : first + _SAMPLE_CHARACTERS] for first in range(0, len(text), step))


class _Moves:
    """The identifier's table of 38,000 × 256 next states, of which nine in ten are those of the first row.

    Only the others are kept: 11 MB in place of 39.
    """

    def __init__(self, moves: "np.ndarray[Any, np.dtype[np.uint32]]", first: int) -> None:
        rows = moves.reshape(-1, 256)
        rest = rows != rows[first]
        self._common = rows[first].tolist()
        self._ends = array("I", rest.sum(axis=1).cumsum().astype(np.uint32).tobytes())
        self._letters = (np.flatnonzero(rest) & 255).astype(np.uint8).tobytes()
        self._states = array("I", rows[rest].tobytes())

    def __getitem__(self, place: int) -> int:
        row, letter = place >> 8, place & 255
        found = self._letters.find(letter, self._ends[row - 1] if row else 0, self._ends[row])
        return int(self._common[letter] if found < 0 else self._states[found])


@lru_cache
def _identifier() -> LanguageIdentifier:
    """Restricted to what we tell apart, in 22 MB in place of the 82 that it takes as it comes."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=False)
    identifier.set_languages([*_CONFIGURATIONS, *_WITHOUT_STEMMER])
    identifier._full_model = None
    identifier.tk_nextmove = _Moves(np.frombuffer(identifier.tk_nextmove, np.uint32), identifier.tk_row[0])
    identifier._rowbase = array("I", identifier._rowbase)
    identifier.tk_output = array("i", identifier.tk_output)
    _give_memory_back()
    return identifier


def _give_memory_back() -> None:
    """The 100 MB that the tables took while they were made: glibc would keep a third of them."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
