"""Which sentences of a passage an answer rests on where it cites it. Pure.

A sentence said as it stands is found as it stands; others by words alone, since this runs behind the last token:
an answer's numbers, names and codes come from its source as they are, whatever becomes of the other words. Tuned on
half of `tests/data/citation_cases.json`.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.providers.extract import JOINER, folded, split_sentences, stems

Span = tuple[int, int]

_MARKER = re.compile(r"\[(\d+)\]")
_WORD = re.compile(r"\w+(?:[-/.,:]\w+)*", re.UNICODE)
_NAME = re.compile(r"(?<=[^\s.!?¿¡«\"'(:*-] )[^\W\d_a-zà-ÿ]\w{2,}", re.UNICODE)
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_ZEROS = re.compile(r"[.,]0+$")
# How much more a number or a code, and a name, says about where a statement comes from than another word.
_NUMBER_WEIGHT = 2.2
_NAME_WEIGHT = 1.5
# Two words that begin alike, such as «devuelve» and «devolución» do not.
_ALIKE_CHARACTERS = 4
_ALIKE_WEIGHT = 0.5
# What was asked says a little about where to look, too; of a «Sí» it says all.
_ASKED_WEIGHT = 0.35
_LENGTH_PENALTY = 0.012
# A further sentence must say so much of what the statement says, by itself.
_FURTHER = 0.34
_LEAST_CHARACTERS = 8
# Shorter words may stand as they are in a sentence that says something else.
_LEAST_VERBATIM = 20

_NUMBERS = {
    word: str(value)
    for value, words in {
        1: "un una uno one",
        2: "dos two",
        3: "tres three",
        4: "cuatro four",
        5: "cinco five",
        6: "seis six",
        7: "siete seven",
        8: "ocho eight",
        9: "nueve nine",
        10: "diez ten",
        11: "once eleven",
        12: "doce twelve",
        13: "trece thirteen",
        14: "catorce fourteen",
        15: "quince fifteen",
        16: "dieciseis sixteen",
        17: "diecisiete seventeen",
        18: "dieciocho eighteen",
        19: "diecinueve nineteen",
        20: "veinte twenty",
        23: "veintitres twenty-three",
        24: "veinticuatro twenty-four",
        25: "veinticinco twenty-five",
        27: "veintisiete twenty-seven",
        30: "treinta thirty",
        40: "cuarenta forty",
        48: "cuarenta-y-ocho forty-eight",
        50: "cincuenta fifty",
        60: "sesenta sixty",
        70: "setenta seventy",
        80: "ochenta eighty",
        90: "noventa ninety",
        100: "cien ciento hundred",
        200: "doscientos doscientas",
        300: "trescientos trescientas",
        500: "quinientos quinientas",
        1000: "mil thousand",
    }.items()
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class _Features:
    """What a text says: its words without endings, and of those the numbers and the names."""

    words: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]


def supporting(answer: str, n: int, passage: str, *, question: str = "") -> list[Span]:
    """The sentences that the statements before each `[n]` rest on, in the order of these; none where none fits."""
    sentences = list(sentence_spans(passage))
    held = [_features(passage[start:end]) for start, end in sentences]
    weights = _weights(held)
    asked = _features(question)
    found = (
        i
        for said in _said_before(answer, n)
        for i in _verbatim(said, passage, sentences) or _best(_features(_last_sentence(said)), asked, held, weights)
    )
    return [sentences[i] for i in dict.fromkeys(found)]


def narrowed(passage: str, spans: Sequence[Span]) -> Span:
    """From the first to the last of these sentences of the passage; the whole of it where there are none."""
    if not spans:
        return 0, len(passage)
    return min(start for start, _ in spans), max(end for _, end in spans)


def statements(answer: str, n: int) -> list[str]:
    """The sentence before each `[n]`, since the marker before it."""
    return list(dict.fromkeys(map(_last_sentence, _said_before(answer, n))))


def _said_before(answer: str, n: int) -> list[str]:
    """All that is said before each `[n]`, since the marker before it."""
    found: list[str] = []
    said, after = "", 0
    for marker in _MARKER.finditer(answer):
        between = answer[after : marker.start()]
        if any(map(str.isalnum, between)):
            said = between
        after = marker.end()
        if int(marker[1]) == n and said:
            found.append(said)
    return list(dict.fromkeys(found))


def _verbatim(said: str, passage: str, sentences: Sequence[Span]) -> list[int]:
    """The sentences of the passage in which these words stand as they are."""
    plain = said.replace(JOINER, "").strip()
    start = passage.find(plain) if len(plain) >= _LEAST_VERBATIM else -1
    if start < 0:
        return []
    end = start + len(plain)
    return [i for i, (begins, ends) in enumerate(sentences) if begins < end and start < ends]


def sentence_spans(text: str) -> Iterator[Span]:
    """Where each sentence of the text stands."""
    place = 0
    for sentence in split_sentences(text):
        start = text.index(sentence, place)
        place = start + len(sentence)
        if len(sentence) >= _LEAST_CHARACTERS:
            yield start, place


def _last_sentence(said: str) -> str:
    parts = [part for part in split_sentences(said) if any(map(str.isalnum, part))]
    # «Sí.» alone says nothing about where it comes from.
    last = parts.pop() if parts else said
    while parts and len(stems(last)) < 2:
        last = f"{parts.pop()} {last}"
    return last


def _features(text: str) -> _Features:
    plain = folded(text)
    numbers = frozenset(_numbers(plain))
    names = frozenset().union(*(stems(name) for name in _NAME.findall(text)))
    return _Features(stems(text) | numbers, numbers, names)


def _numbers(plain: str) -> Iterator[str]:
    """As figures, however they are written; of an hour after noon also as the clock's face shows it."""
    for hour, minutes in _TIME.findall(plain):
        yield from {str(int(hour)), str(int(hour) % 12 or 12)}
        yield f"{hour}:{minutes}"
    for digits in _DIGITS.findall(_TIME.sub(" ", plain)):
        yield _ZEROS.sub("", digits).replace(".", "").replace(",", ".")
    for word in _WORD.findall(plain):
        if word in _NUMBERS:
            yield _NUMBERS[word]


def _weights(held: Sequence[_Features]) -> Mapping[str, float]:
    """By how few of the passage's sentences hold a word."""
    seen = Counter(word for features in held for word in features.words)
    return {word: math.log(1 + len(held) / count) for word, count in seen.items()}


def _best(said: _Features, asked: _Features, held: Sequence[_Features], weights: Mapping[str, float]) -> list[int]:
    if not held:
        return []
    fits = [_fit(said, asked, features, weights) for features in held]
    best = max(range(len(held)), key=lambda i: fits[i])
    if fits[best] <= 0:
        return []
    left = _Features(said.words - held[best].words, said.numbers - held[best].numbers, said.names)
    nobody = _Features(frozenset(), frozenset(), frozenset())
    further = [_fit(left, nobody, features, weights) if i != best else 0.0 for i, features in enumerate(held)]
    second = max(range(len(held)), key=lambda i: further[i])
    return (
        [best, second]
        if further[second] >= _FURTHER * fits[best] and len(left.words & held[second].words) > 1
        else [best]
    )


def _fit(said: _Features, asked: _Features, held: _Features, weights: Mapping[str, float]) -> float:
    shared = sum(_weight(word, said, held, weights) for word in said.words & held.words)
    left, there = said.words - held.words, held.words - said.words
    alike = sum(
        _ALIKE_WEIGHT * weights[other]
        for word in left
        for other in there
        if len(word) >= _ALIKE_CHARACTERS and word[:_ALIKE_CHARACTERS] == other[:_ALIKE_CHARACTERS]
    )
    hinted = sum(
        _ASKED_WEIGHT * _weight(word, asked, held, weights) for word in (asked.words - said.words) & held.words
    )
    return (shared + alike + hinted) / (1 + _LENGTH_PENALTY * len(held.words))


def _weight(word: str, said: _Features, held: _Features, weights: Mapping[str, float]) -> float:
    kind = _NUMBER_WEIGHT if word in said.numbers else _NAME_WEIGHT if word in said.names | held.names else 1.0
    return kind * weights.get(word, 0.0)
