"""Answering in a document's own sentences: which of them say most about the question. Pure."""

import re
from dataclasses import dataclass

# A sentence ends at its full stop, question or exclamation mark before white space, or with its line.
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?…]+[»\")\]]*(?=\s|$)|(?=\n|$))")
_WORD = re.compile(r"\w+(?:[.,]\d+)*", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the source `n`, with how much it says about the question (0 to 1)."""

    n: int
    text: str
    fit: float


def split_sentences(text: str) -> list[str]:
    return [found.group().strip() for found in _SENTENCE.finditer(text) if found.group().strip()]
