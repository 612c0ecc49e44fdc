"""Whether a question and a text are of one language, told by their commonest words: Spanish and English. Pure."""

import re
from collections.abc import Sequence

from app.knowledge.passages import Passage
from app.providers.extract import folded

_WORD = re.compile(r"[^\W\d_]+")
_COMMONEST = {
    "es": frozenset(
        """de la el que en los las del se por con una para su al lo es esta hay mi tu os me te le y o cuanto cuanta
        cuantos cuantas cual cuando donde como quien tengo puedo teneis tienen abris hasta desde""".split()
    ),
    "en": frozenset(
        """the of and to is are for with you your it in on my do does can what which when where how who why have has
        there from be an this that will at if""".split()
    ),
}
# Of several passages so much tells the language.
_READ = 3


def is_of_another_language(question: str, passages: Sequence[Passage]) -> bool:
    """Whether one is Spanish and the other English; false where either cannot be told."""
    asked = _language(question)
    told = _language(" ".join(passage.text for passage in passages[:_READ]))
    return asked is not None and told is not None and asked != told


def _language(text: str) -> str | None:
    words = _WORD.findall(folded(text))
    counts = {language: sum(word in known for word in words) for language, known in _COMMONEST.items()}
    first, second = sorted(counts, key=lambda language: -counts[language])
    return first if counts[first] > 2 * counts[second] else None
