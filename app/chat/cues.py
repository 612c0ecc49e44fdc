"""The words that tell what a question asks for, in groups that a person can be told about.

They stand in `cues.json`, without case and accents, as many people write; `*` stands for any ending.
"""

import json
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from importlib.resources import files

_LONGEST_PHRASE = 4
_BEGINNING_LENGTHS = range(3, 15)


class Cue(StrEnum):
    """A kind of hint. Which way each weighs, and how much, is learned (`router_weights.json`)."""

    CODE = "code"
    CAUSE = "cause"
    WEIGHING = "weighing"
    PLAN = "plan"
    DESIGN = "design"
    PROOF = "proof"
    REASONING = "reasoning"
    CALCULATION = "calculation"
    CONDITIONS = "conditions"
    CONSEQUENCES = "consequences"
    STEPS = "steps"
    FACT = "fact"
    DEFINITION = "definition"
    WORDING = "wording"
    ONE_STEP = "one_step"
    SHORT_LIST = "short_list"
    COURTESY = "courtesy"
    ONLY = "only"


def _by_phrase() -> tuple[dict[str, Cue], dict[str, Cue]]:
    """The phrases as they stand, and the beginnings of words."""
    listed: dict[str, list[str]] = json.loads((files("app.chat") / "cues.json").read_text("utf-8"))
    phrases = {phrase: Cue(cue) for cue, phrases in listed.items() for phrase in phrases}
    beginnings = {phrase[:-1]: cue for phrase, cue in phrases.items() if phrase.endswith("*")}
    return {phrase: cue for phrase, cue in phrases.items() if not phrase.endswith("*")}, beginnings


_WHOLE, _BEGINNINGS = _by_phrase()


def find_cues(words: Sequence[str]) -> Counter[Cue]:
    """How often each kind of hint occurs among these folded words."""
    found: Counter[Cue] = Counter()
    for place, word in enumerate(words):
        phrase = word
        for end in range(place + 2, place + _LONGEST_PHRASE + 2):
            if phrase in _WHOLE:
                found[_WHOLE[phrase]] += 1
            if end > len(words):
                break
            phrase = f"{phrase} {words[end - 1]}"
        for length in _BEGINNING_LENGTHS:
            if length <= len(word) and word[:length] in _BEGINNINGS:
                found[_BEGINNINGS[word[:length]]] += 1
                break
    return found
