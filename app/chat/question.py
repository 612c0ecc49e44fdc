"""A question on its own, and one that only makes sense after those before it. Pure.

The rules look at form alone, in Spanish and English: how a question opens, what it points at, and whether it names
anything. A rule that is wrong costs little: the question is searched with some words of the one before it, and
weighs more than they do.
"""

import re
from collections.abc import Iterable, Sequence

from app.knowledge.asking import telling
from app.providers.extract import folded, stems

_WORD = re.compile(r"\w+", re.UNICODE)
_CONTINUES = re.compile(
    r"[\s¿¡\"'(«]*(y|e|o|pero|and|or|but|what about|how about|then|entonces|también|tampoco)(?![-\w])",
    re.IGNORECASE,
)
_MOST_WORDS_CONTINUING = 12
_MOST_WORDS_POINTING = 8
_MOST_WORDS_ASKING = 5
# So many words of its own make a question of what opens with «y».
_NAMES_ENOUGH = 2
# The end of a long question is what it asks.
_EARLIER_CHARACTERS = 500

# Said after an answer, or before a question: nothing is asked.
_COURTESIES = frozenset(
    """gracias muchas mil ok okay okey vale hola buenas buenos dias tardes noches adios chao perfecto genial
    estupendo fenomenal entendido bien muy de acuerdo hasta luego pronto manana claro excelente guay
    thanks thank you very much so hi hello hey bye goodbye great perfect good morning afternoon evening night cool
    fine nice awesome cheers got it understood see later""".split()
)
# When something is: another time takes the place of the one asked for before.
_TIMES = (
    r"(?:lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bados?|domingos?|festivos?|diario|fin(?:es)? de semana"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|hoy|ma[nñ]ana"
    r"|navidad(?:es)?|verano|invierno|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april"
    r"|june|july|august|september|october|november|december|today|tomorrow|weekends?|holidays?)"
)
# With what stands before it: «los domingos», «en agosto», «on Sundays».
_TIME = re.compile(
    rf"\b(?:(?:en|on|in|at|por|para|de|el|los|la|las|the|this|este|cada|every)\s+)*{_TIMES}\b", re.IGNORECASE
)
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
_OPENS = re.compile(r"(?:abre|cierra|opens?|closes?)$")
# The house is asked, and such a verb needs no object: «¿y el domingo abrís?»
_HOUSE_OPENS = re.compile(r"(?:abr[ií]s|cerr[aá]is|est[aá]is)$")
_HAS_VERB = re.compile(
    rf"{_ADDRESSES.pattern}|{_LACKS_SUBJECT.pattern}|{_OPENS.pattern}"
    r"|(?:se|is|are|do|does|did|can|could|will|would|has|have|should|abren|cierran|necesit\w+|quiero|acept\w+)$"
)


_NAME = re.compile(r"(?:\s(?:en|in|at))?\s[A-ZÁÉÍÓÚÑ]\w+")
# «el casco», «the blue one», «a day pass»; and where such a thing was named before.
_NAMES_A_THING = re.compile(r"(?:(el|la|los|las|the)|un|una|unos|unas|a|an)\s+(?!de\b|que\b)\w", re.IGNORECASE)
_UP_TO = r"\s+\w.*?(?=[?!.,;]|\s(?:en|para|con|sin|por|at|on|for|with|if|si)\b|$)"
_DEFINITE = re.compile(rf"\b(?:el|la|los|las|the)\b{_UP_TO}", re.IGNORECASE)
_INDEFINITE = re.compile(rf"\b(?:un|una|unos|unas|a|an)\b{_UP_TO}", re.IGNORECASE)


def searched(question: str, earlier: Sequence[str]) -> str:
    """What to search for: the question, and before it those that it leans on («¿y el domingo?»), oldest first."""
    text = question
    for previous in reversed(earlier):
        if not leans_on_the_previous(question):
            break
        text = f"{previous.strip()[-_EARLIER_CHARACTERS:]} {text.strip()}"
        question = previous
    return text


def in_context(question: str, earlier: Sequence[str]) -> str:
    """What words are searched for: the question, and before it what it leaves unsaid.

    That is what the one before was about. Where a follow-up puts another thing or place there («¿y en Peñalvera?»),
    or nothing else was named, it is what was asked. A time gives way to another time.
    """
    text = following = question
    for previous in reversed(earlier):
        if not leans_on_the_previous(following):
            break
        text = f"{_left_unsaid(previous.strip()[-_EARLIER_CHARACTERS:], question)} {text.strip()}".strip()
        following = previous
    return text


def fitting(question: str, searched_as: str, texts: Iterable[str]) -> str:
    """What sentences are compared with: the question in its context where one of these texts is on both.

    Else alone: «casco Brisa ¿y se puede devolver?» is nearest to the helmet's price, though the texts say what can
    be returned.
    """
    own = frozenset(telling(stems(question)))
    carried = frozenset(telling(stems(searched_as))) - own
    held = [words for text in texts if own & (words := stems(text))]
    if not held or not carried or any(carried & words for words in held):
        return searched_as
    return question


def _left_unsaid(previous: str, question: str) -> str:
    """What of the question before is meant as well, now that this is asked."""
    named = _without_opening(question)
    asks = _asks(_words(named))
    is_named = any(telling(stems(question))) or bool(_NAMES_A_THING.match(named))
    kept = _without_opening(previous)
    if _TIME.search(question) or (is_named and asks):
        kept = _TIME.sub(" ", kept)
    if is_named:
        about = " ".join(word for word in _WORD.findall(kept) if any(telling(stems(word))))
        left = kept if asks else _without_what_gives_way(kept, named)
        kept = about if asks or (about and left == kept) else left
    return " ".join(kept.split()) if _WORD.search(kept) else ""


def _without_opening(question: str) -> str:
    opening = _CONTINUES.match(question)
    return question[opening.end() :].strip() if opening else question


def _spaced(text: str) -> str:
    """A capital that opens a sentence makes no name of it."""
    return f" {text}" if text[:1].islower() else text


def _without_what_gives_way(previous: str, named: str) -> str:
    """The names, where the follow-up says another name; else the last thing with such an article."""
    if _NAME.search(f" {_TIME.sub(' ', named)}") and _NAME.search(before := _spaced(previous)):
        return _NAME.sub(" ", before)
    if _TIME.match(named) or not (article := _NAMES_A_THING.match(named)):
        return previous
    kinds = (_DEFINITE, _INDEFINITE) if article[1] else (_INDEFINITE, _DEFINITE)
    for kind in kinds:
        if things := list(kind.finditer(previous)):
            return previous[: things[-1].start()] + previous[things[-1].end() :]
    return previous


def leans_on_the_previous(question: str) -> bool:
    """Whether it opens like a continuation, points at what it does not name, or names nothing."""
    words = _words(question)
    if not words:
        return True
    if _COURTESIES.issuperset(folded(" ".join(words)).split()):
        return False
    if _CONTINUES.match(question) and len(words) <= _MOST_WORDS_CONTINUING:
        return _points(words) or not _is_whole(_without_opening(question))
    return _points(words) or _is_fragment(words) or _lacks_a_subject(question, words)


def _words(question: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(question)]


def _is_whole(question: str) -> bool:
    """Whether it asks something of its own, and names what it asks it of."""
    words, named = _words(question), len(list(telling(stems(question))))
    return _asks(words) and (named >= _NAMES_ENOUGH or (named > 0 and any(map(_HOUSE_OPENS.match, words))))


def _asks(words: Sequence[str]) -> bool:
    return not _ASKING.isdisjoint(words) or any(map(_HAS_VERB.match, words))


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


def _lacks_a_subject(question: str, words: Sequence[str]) -> bool:
    """«¿qué precio tiene?», «¿a qué hora abre el domingo?»"""
    asks = words[0] in _ASKING or (words[0] in _PREPOSITIONS and len(words) > 1 and words[1] in _ASKING)
    words = _words(_TIME.sub(" ", question))
    if not asks or not words or len(words) > _MOST_WORDS_ASKING:
        return False
    return bool(_LACKS_SUBJECT.match(words[-1]) or _OPENS.match(words[-1]))
