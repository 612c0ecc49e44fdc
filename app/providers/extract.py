"""Answering in a document's own sentences: which of them say most about the question. Pure.

A sentence's fit is its cosine to the question (multilingual-e5-small), a little more where it shares the
question's words and where search ranked its passage high. The figures were found on 150 questions over the sample
handbook, half of which it does not answer; what falls under `_ENOUGH` is no answer.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.providers.base import SourceText
from app.providers.codes import as_written, codes, unknown_codes

_SOURCES = 5
_MOST_SENTENCES = 5
_ENOUGH = 0.853
# Further sentences are said only if they fit nearly as well as the best one, and the more of the question's words
# that one holds, the less there is left for them to say.
_MARGIN = 0.025
_NARROWER = 0.7
_WORDS_WEIGHT = 0.06
# The best passage's rank is 1 whatever it holds: it must not outweigh what a sentence says.
_RANK_WEIGHT = 0.04
# Cosines hardly tell one code or price from the next.
_FIGURES_WEIGHT = 0.09
# By words alone, where no embedder is there: the part of the question's words that must be found.
_ENOUGH_WORDS = 0.5
_WORDS_MARGIN = 0.15

_LEAST_CHARACTERS = 20
# A sentence ends at its full stop, question or exclamation mark before white space, or with its line.
_END = re.compile(r"[.!?…]+[»\")\]]*(?=\s|$)")
# A name or a number follows these; the others may end a sentence, and do before a capital letter.
_TITLES = frozenset(
    "sr sra srta sres dr dra d dña dª prof avda av pza ctra tel tlf tfno núm ref pág art ee p ej mr mrs ms".split()
)
_SHORTENED = frozenset("aprox etc máx mín incl ud uds vd vds uu approx".split())
_BULLET = re.compile(r"^(?:[-*•·–]|\d+[.)])\s+")
_WORD = re.compile(r"\w+(?:[-/.,]\w+)*", re.UNICODE)
# An opening bracket that a number follows.
_OWN_MARKER = re.compile(r"[\[【［](?=[\s,;]*\d)")
# Plural and gender, where enough of the word is left.
_ENDING = re.compile(r"(?<=\w{3})(?:[aeo]?s|[aeo])$")
_STEM_CHARACTERS = 6
_STOP_WORDS = frozenset(
    """a al algo ante con como cual cuales cuando cuanta cuantas cuanto cuantos de del desde donde e el ella en es
    esa ese eso esta este esto fue ha hay he la las le les lo los mas me mi muy no nos o os para pero por porque
    pueda puede puedo que quien se ser si sin sobre son su sus tan te tengo tiene tu un una unas uno unos y ya yo
    an and are as at be by can do does for from have how i if in is it its me my of on or that the there this to
    was we what when where which who why will with you your hola buenas buenos dias gracias""".split()
)
_COURTESIES = frozenset(
    """hola buenas buenos dias tardes noches gracias muchas ok vale adios hello hi hey thanks thank you bye good
    morning""".split()
)
_ENGLISH = frozenset("the what how is are does do can of when where which who why you your have much many".split())

# Invisible, and of no width.
JOINER = "\u2060"

NOT_FOUND_ES = (
    "No encuentro la respuesta en los documentos de este bot. "
    "(Responde el modelo local «extractive», que cita sus frases; no es un modelo de lenguaje.)"
)
NOT_FOUND_EN = (
    "I cannot find the answer in this bot's documents. "
    "(The local model “extractive” answers, which quotes their sentences; it is not a language model.)"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the source `n`; `rank` is how high search put that source, 0 to 1.

    `goes_on`: it stands in one paragraph with the sentence before it.
    """

    n: int
    text: str
    rank: float
    goes_on: bool = False


def candidates(sources: Sequence[SourceText]) -> list[Sentence]:
    """The sentences of the best sources, in their order."""
    return [
        Sentence(source.n, sentence, source.fit, goes_on=place > 0)
        for source in sources[:_SOURCES]
        for paragraph in source.text.splitlines()
        for place, sentence in enumerate(split_sentences(paragraph))
        if len(sentence) >= _LEAST_CHARACTERS
    ]


def split_sentences(text: str) -> list[str]:
    """Each an exact piece of the text, without white space around it or a bullet before it."""
    pieces = (piece for line in text.split("\n") for piece in _cut(line))
    found = (_BULLET.sub("", piece.strip()) for piece in pieces)
    return [sentence for sentence in found if sentence]


def _cut(line: str) -> Iterator[str]:
    start = 0
    for mark in _END.finditer(line):
        if mark.group() != "." or _ends_there(line[start : mark.start()].strip(), line[mark.end() :].lstrip()):
            yield line[start : mark.end()]
            start = mark.end()
    yield line[start:]


def _ends_there(before: str, after: str) -> bool:
    """Whether a full stop between these ends a sentence: it may belong to «Sr.», «C.P.» or a list's number."""
    word = before.rpartition(" ")[2].lstrip("(«\"'¿¡").casefold()
    if before.isdecimal() or word in _TITLES:
        return False
    return after[:1].isupper() or not ("." in word or word in _SHORTENED)


def pick(question: str, sentences: Sequence[Sentence], similarities: Sequence[float] | None) -> list[Sentence]:
    """The sentences to say, best first; none when nothing fits. Similarities are cosines, one a sentence."""
    if not sentences or _is_courtesy(question) or _names_an_unknown_code(question, sentences):
        return []
    shared = shared_words(question, [sentence.text for sentence in sentences])
    if similarities is None:
        enough, margin, fits = _ENOUGH_WORDS, _WORDS_MARGIN, shared
    else:
        enough, margin = _ENOUGH, _MARGIN
        fits = [cosine + _WORDS_WEIGHT * words for cosine, words in zip(similarities, shared, strict=True)]
    figures = _held_figures(question, [sentence.text for sentence in sentences])
    if codes(as_written(question, [sentence.text for sentence in sentences])):
        fits = [fit + _FIGURES_WEIGHT * held for fit, held in zip(fits, figures, strict=True)]
    if max(fits) < enough:
        return []
    weights = [
        fit + _RANK_WEIGHT * sentence.rank + _FIGURES_WEIGHT * held
        for fit, sentence, held in zip(fits, sentences, figures, strict=True)
    ]
    order = sorted(range(len(sentences)), key=lambda i: -weights[i])
    best = order[0]
    margin *= 1 - _NARROWER * shared[best]
    good = [i for i in order if weights[i] >= weights[best] - margin]
    if best + 1 < len(sentences) and sentences[best + 1].goes_on:
        # What to do about it, or on what condition, stands in the next sentence.
        good = list(dict.fromkeys([best, best + 1, *good]))
    return [sentences[i] for i in good[:_MOST_SENTENCES]]


def shared_words(question: str, texts: Sequence[str]) -> list[float]:
    """For each text the part (0 to 1) of the question's words that it holds, rare words counting for more."""
    asked = stems(as_written(question, texts))
    held = [stems(text) & asked for text in texts]
    seen = Counter(stem for stems_held in held for stem in stems_held)
    weight = {stem: math.log(1 + (len(texts) + 1) / (seen[stem] + 0.5)) for stem in asked}
    whole = sum(weight.values()) or 1.0
    return [sum(weight[stem] for stem in stems_held) / whole for stems_held in held]


def stems(text: str) -> frozenset[str]:
    """The words that carry meaning, without case, accents and endings."""
    return frozenset(
        word if any(map(str.isdigit, word)) else _ENDING.sub("", word)[:_STEM_CHARACTERS]
        for word in _WORD.findall(folded(text))
        if word not in _STOP_WORDS
    )


def quoted(text: str) -> str:
    """The sentence with its own `[2]` made unreadable as a citation: an invisible joiner stands behind the bracket.

    What a document says about its own sources must never look like one of our passages.
    """
    return _OWN_MARKER.sub(f"\\g<0>{JOINER}", text)


def not_found(question: str) -> str:
    """The sentence for a question that nothing fits, in its language."""
    return NOT_FOUND_EN if is_english(question) else NOT_FOUND_ES


def is_english(question: str) -> bool:
    """Whether it holds one of the commonest English words; else it is taken for Spanish."""
    return not _ENGLISH.isdisjoint(_WORD.findall(folded(question)))


def _held_figures(question: str, texts: Sequence[str]) -> list[float]:
    """For each text the part (0 to 1) of the question's codes and numbers that it holds."""
    asked = {word for word in stems(as_written(question, texts)) if any(map(str.isdigit, word))}
    return [len(asked & stems(text)) / max(1, len(asked)) for text in texts]


def _is_courtesy(question: str) -> bool:
    return _COURTESIES.issuperset(_WORD.findall(folded(question)))


def _names_an_unknown_code(question: str, sentences: Sequence[Sentence]) -> bool:
    asked = codes(question)
    return bool(asked) and asked == unknown_codes(question, [sentence.text for sentence in sentences])


def folded(text: str) -> str:
    """In lower case and without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
