"""A question on its own, and one that only makes sense after those before it. Pure.

The rules look at form alone, in Spanish and English: how a question opens, what it points at, and whether it names
anything. A rule that is wrong costs little: the question is searched together with the one before it.
"""

import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+", re.UNICODE)
_CONTINUES = re.compile(
    r"[\s¿¡\"'(«]*(y|e|o|pero|and|or|but|what about|how about|then|entonces|también|tampoco)(?![-\w])",
    re.IGNORECASE,
)
_MOST_WORDS_CONTINUING = 12
_MOST_WORDS_POINTING = 8
_MOST_WORDS_ASKING = 5
# The end of a long question is what it asks.
_EARLIER_CHARACTERS = 500

# Many people write without accents.
_ASKING = frozenset(
    """qué cuál cuáles cuándo cuánto cuánta cuántos cuántas cómo dónde quién quiénes
    que cual cuales cuando cuanto cuanta cuantos cuantas como donde quien quienes
    what which when where who whose why how""".split()
)
_PREPOSITIONS = frozenset(
    "a al con de del desde en hasta para por sin sobre at for from in on to with without".split()
)
_ARTICLES = frozenset("el la los las un una unos unas the".split())
# They stand for something that was named before, wherever they stand.
_POINTERS = frozenset(
    """eso esos esas ese esa aquello ello ellos ellas él ella allí ahí tampoco it its they them those""".split()
)
_LAST_POINTERS = frozenset(
    """este esta estos estas esto mismo misma mismos mismas otro otra otros otras también
    this that these there one ones same other others too either""".split()
)
_PRONOUNS = frozenset("lo la los las le les".split())
_NOT_AFTER_LO = frozenset("que más mejor peor último primero mismo".split())
# A verb with its object behind it (devolverlo); «charla» is a noun.
_WITH_PRONOUN = re.compile(r"(?!charlas?$)\w{2,}[aei]r(?:l[oa]s?|les?)$")
# Whom we ask (abrís, tenéis), or ourselves: such a verb needs no name before it.
_ADDRESSES = re.compile(r"\w+(?:[aá]is|[eé]is|ís|amos|emos|imos)$|hay$|pued[oe]s?$|tienes$|sois$")
# Of something that should have been named: «¿qué precio tiene?», «¿cuánto tarda?»
_LACKS_SUBJECT = re.compile(
    r"(?:cuesta|vale|pesa|mide|dura|tiene|lleva|incluye|viene|trae|sirve|funciona|llega|tarda|cubre|consume|aguanta"
    r"|está|es|son|hace|ocupa)n?$"
)


def searched(question: str, earlier: Sequence[str]) -> str:
    """What to search for: the question, and before it those that it leans on («¿y el domingo?»), oldest first."""
    text = question
    for previous in reversed(earlier):
        if not leans_on_the_previous(question):
            break
        text = f"{previous.strip()[-_EARLIER_CHARACTERS:]} {text.strip()}"
        question = previous
    return text


def leans_on_the_previous(question: str) -> bool:
    """Whether it opens like a continuation, points at what it does not name, or names nothing."""
    words = [word.casefold() for word in _WORD.findall(question)]
    if not words:
        return True
    if _CONTINUES.match(question) and len(words) <= _MOST_WORDS_CONTINUING:
        return True
    return _points(words) or _is_fragment(words) or _lacks_a_subject(words)


def _points(words: Sequence[str]) -> bool:
    if len(words) > _MOST_WORDS_POINTING:
        return False
    return (
        not _POINTERS.isdisjoint(words)
        or words[-1] in _LAST_POINTERS
        or any(map(_WITH_PRONOUN.match, words))
        or any(_is_pronoun(words, place) for place in range(len(words) - 1))
    )


def _is_pronoun(words: Sequence[str], place: int) -> bool:
    """Whether «la» and the like stand there for a thing, and are not its article."""
    word, following = words[place], words[place + 1]
    if word not in _PRONOUNS:
        return False
    if _ADDRESSES.match(following) or (place == 1 and words[0] in _ASKING):
        return True
    return word == "lo" and place == 0 and following not in _NOT_AFTER_LO


def _is_fragment(words: Sequence[str]) -> bool:
    """One word, or a few that hold no verb: «¿precio?», «¿en azul?», «¿los domingos?», «how much?»"""
    first, *rest = words
    if not rest:
        return not _ADDRESSES.match(first)
    if first in _PREPOSITIONS:
        return len(rest) == 1 or (len(rest) == 2 and rest[0] not in _ASKING)
    if len(rest) == 1:
        return first in _ARTICLES or (first in _ASKING and not _ADDRESSES.match(rest[0]))
    return False


def _lacks_a_subject(words: Sequence[str]) -> bool:
    asks = words[0] in _ASKING or (words[0] in _PREPOSITIONS and len(words) > 1 and words[1] in _ASKING)
    return asks and len(words) <= _MOST_WORDS_ASKING and bool(_LACKS_SUBJECT.match(words[-1]))
