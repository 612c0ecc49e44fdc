"""The hints that tell what a question asks for, in kinds that a person can be told about (`cues.json`)."""

import json
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from importlib.resources import files

from app.chat.phrases import Phrases


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
    # Several asks or clauses; nothing is listed for it.
    STEPS = "steps"
    FACT = "fact"
    DEFINITION = "definition"
    WORDING = "wording"
    ONE_STEP = "one_step"
    SHORT_LIST = "short_list"
    COURTESY = "courtesy"
    ONLY = "only"


ASKS_FOR_MORE = frozenset(
    {
        Cue.CODE,
        Cue.CAUSE,
        Cue.WEIGHING,
        Cue.PLAN,
        Cue.DESIGN,
        Cue.PROOF,
        Cue.REASONING,
        Cue.CALCULATION,
        Cue.CONDITIONS,
        Cue.CONSEQUENCES,
        Cue.STEPS,
    }
)


def _listed() -> Phrases[Cue]:
    listed: dict[str, list[str]] = json.loads((files("app.chat") / "cues.json").read_text("utf-8"))
    return Phrases((phrase, Cue(cue)) for cue, phrases in listed.items() for phrase in phrases)


_PHRASES = _listed()


def find_cues(words: Sequence[str]) -> Counter[Cue]:
    """How often each kind of hint occurs among these folded words."""
    return _PHRASES.find(words)
