"""Long Spanish texts that nobody has written: XQuAD's sentences, shuffled, with new words as in real texts."""

import random
import re
from collections.abc import Iterator
from functools import cache

from app.knowledge.chunk import chunk
from tests.bench.retrieval_load.collections import xquad, xquad_questions

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_WORD = re.compile(r"\b[a-záéíóúñ]{5,}\b")
_SYLLABLES = (
    "ba be bi bo cu da de di do fa fe ga go la le li lo ma me mi mo na no pa pe ra re ri ro sa se ta te".split()
)
# One word in so many is made up: the number of different words then grows as in texts of that length.
_NEW_ONE_IN = 20
_SENTENCES = (3, 7)


def bytes_of(size: int, *, seed: int) -> bytes:
    """So many, in UTF-8; the last character may be cut off."""
    return _first(size, seed).encode()[:size].decode(errors="ignore").encode()


def text_of_chunks(count: int, *, seed: int) -> str:
    """What is cut into just so many chunks."""
    characters = 450 * count + 5_000
    body = _first(characters, seed)
    return body[: chunk(body)[count - 1].end]


def questions(count: int) -> list[str]:
    """Real questions, all different."""
    asked = dict.fromkeys(one.text for one in xquad_questions("", language="es", collection="es").questions)
    return random.Random(count).sample(list(asked), count)


def _first(characters: int, seed: int) -> str:
    made, length = [], 0
    for paragraph in _paragraphs(random.Random(seed)):
        made.append(paragraph)
        length += len(paragraph) + 2
        if length >= characters:
            break
    return "\n\n".join(made)


def _paragraphs(random_: random.Random) -> Iterator[str]:
    known = list(_sentences())
    while True:
        said = (_with_new_words(one, random_) for one in random_.sample(known, random_.randint(*_SENTENCES)))
        yield " ".join(said)


@cache
def _sentences() -> tuple[str, ...]:
    return tuple(sentence for body in xquad("es").documents for sentence in _SENTENCE.split(body))


def _with_new_words(sentence: str, random_: random.Random) -> str:
    def other(word: re.Match[str]) -> str:
        # Of five letters or more are about two fifths of all words.
        return _new_word(random_) if random_.random() < 2.5 / _NEW_ONE_IN else word[0]

    return _WORD.sub(other, sentence)


def _new_word(random_: random.Random) -> str:
    return "".join(random_.choices(_SYLLABLES, k=random_.randint(3, 5)))
