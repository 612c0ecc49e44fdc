"""What can be counted in a question, in Spanish and English: its asks, its hints, its words. Pure."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.chat.cues import ASKS_FOR_MORE, Cue, find_cues

# What a long message asks for stands at its beginning or at its end.
_HEAD_CHARACTERS = 300
_TAIL_CHARACTERS = 300
_STEM_CHARACTERS = 5
_MOST_COUNTED = 3
# A short message is all request; a long one opens with it or ends with it.
_ALL_REQUEST_CHARACTERS = 200
_REQUEST_HEAD_CHARACTERS = 60
_SHORTEST_ASK_WORDS = 3
_MOST_WORDS_BARE = 6

# What is quoted is the matter, not the request. An apostrophe is no quotation mark.
_QUOTED = re.compile(r"«[^»]{2,}»|“[^”]{2,}”|\"[^\"\n]{2,}\"|(?<!\w)'[^'\n]{2,}'(?!\w)")
_CODE_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_CODE_LINE = re.compile(
    r"^(?:.*[;{}][ \t]*"
    r"|[ \t]*(?:def|class|async def|elif|else|try|fn|func|function|public|private|static)\b.*[:{][ \t]*"
    r"|[ \t]*(?:if|for|while|with)\b.*[()\[\]=<>_].*:[ \t]*"
    r"|[ \t]+\S.*[=(].*|[ \t]+return\b.*"
    r"|\w[\w.\[\]]* [-+*/|&]?= ?\S.*)$",
    re.MULTILINE,
)
_CODE_MARK = re.compile(
    r"`[^`\n]+`|[=!]==?|=>|\w\(\)|\(\);|\b(?:self|this)\.\w|#include|\bSELECT\b.+\bFROM\b|</?\w+>|[a-z]\w*\[\w+\]"
    r"|\b(?:print|printf|println|console\.log|len|range|malloc)\("
)
_SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+|\n+|(?=¿)")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUESTION_WORD = re.compile(
    r"\b(?:que|cual|cuales|como|cuando|cuanto|cuantos|cuanta|cuantas|donde|quien|quienes|what|which|how|why|when"
    r"|where|who)\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A question's countable sides. `asked` is its last request alone; both are folded words.

    `request` is folded text: how the question begins, and its last request; quotations and code are left out.
    """

    words: tuple[str, ...]
    asked: tuple[str, ...]
    request: str
    cues: Counter[Cue]
    asked_cues: Counter[Cue]
    numbers: int
    asks: int
    commas: int
    has_code: bool
    has_quote: bool
    is_question: bool


def read(question: str) -> Reading:
    """What stands in the question, a long one cut to its beginning and end."""
    text = _cut(question)
    bare = _CODE_LINE.sub(" codeblock ", _CODE_FENCE.sub(" codeblock ", text))
    unquoted = fold(_QUOTED.sub(" quoted ", bare))
    sentences = [sentence for sentence in _SENTENCE_END.split(unquoted) if sentence.strip()]
    ask = _last_request(sentences)
    words, asked = tuple(_WORD.findall(unquoted)), tuple(_WORD.findall(ask))
    return Reading(
        words=words,
        asked=asked,
        request=_request(unquoted, ask),
        cues=find_cues(words),
        asked_cues=find_cues(asked),
        numbers=len(_NUMBER.findall(unquoted)),
        asks=len(_QUESTION_WORD.findall(ask)),
        commas=ask.count(",") + ask.count(";"),
        has_code="codeblock" in unquoted or bool(_CODE_MARK.search(text)),
        has_quote="quoted" in unquoted,
        is_question="?" in ask,
    )


def fold(text: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _cut(question: str) -> str:
    if len(question) <= _HEAD_CHARACTERS + _TAIL_CHARACTERS:
        return question
    return f"{question[:_HEAD_CHARACTERS]}\n{question[-_TAIL_CHARACTERS:]}"


def _last_request(sentences: Sequence[str]) -> str:
    """The last sentence that asks, or the last that says enough to be a request."""
    for sentence in reversed(sentences):
        if "?" in sentence and len(_WORD.findall(sentence)) >= _SHORTEST_ASK_WORDS:
            return sentence
    for sentence in reversed(sentences):
        if len(_WORD.findall(sentence)) > _SHORTEST_ASK_WORDS and "codeblock" not in sentence:
            return sentence
    return sentences[-1] if sentences else ""


def _request(text: str, ask: str) -> str:
    return (
        text
        if len(text) <= _ALL_REQUEST_CHARACTERS
        else f"{text[:_REQUEST_HEAD_CHARACTERS]}\n{ask[-_ALL_REQUEST_CHARACTERS:]}"
    )


def values(reading: Reading) -> dict[str, float]:
    """The named features, each between 0 and about 1."""
    found: dict[str, float] = {
        "length": math.log1p(len(reading.words)) / 5,
        "asked:length": math.log1p(len(reading.asked)) / 5,
        "before": math.log1p(len(reading.words) - len(reading.asked)) / 5,
        "numbers": min(reading.numbers, 6) / 6,
        "asks": min(max(reading.asks - 1, 0), 3) / 3,
        "commas": min(max(reading.commas - 1, 0), 3) / 3,
        "has_code": float(reading.has_code),
        "has_quote": float(reading.has_quote),
        "is_question": float(reading.is_question),
        "is_bare": float(_is_bare(reading)),
    }
    for prefix, cues in (("cue:", reading.cues), ("asked:", reading.asked_cues)):
        for cue, count in cues.items():
            found[f"{prefix}{cue}"] = min(count, _MOST_COUNTED) / _MOST_COUNTED
    stems, asked_stems = word_stems(reading.words), word_stems(reading.asked)
    marked = ["^", *asked_stems, "$"]
    pairs = (f"{first} {second}" for first, second in pairwise(marked))
    for prefix, grams in (("w:", {*stems}), ("a:", {*asked_stems, *pairs})):
        norm = 1 / math.sqrt(len(grams) or 1)
        found.update((prefix + gram, norm) for gram in grams)
    return found


def _is_bare(reading: Reading) -> bool:
    """A few words that ask nothing and carry no hint of more: «ok», «me llamo Ana», «horarios»."""
    is_short = len(reading.words) <= _MOST_WORDS_BARE and not reading.is_question
    return is_short and not reading.has_code and ASKS_FOR_MORE.isdisjoint(reading.cues)


def word_stems(words: Sequence[str]) -> list[str]:
    """The words' beginnings, and one sign for all numbers."""
    return ["0" if word.isdigit() else word[:_STEM_CHARACTERS] for word in words]
