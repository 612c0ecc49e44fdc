"""Whether a question asks for one step or for reasoning, and what in it says so. Pure; 0.1 to 0.5 ms.

A logistic regression over the features of `chat.features`, and over the question's embedding where there is one.
Its weights are trained by `tests/bench/router_training.py` and measured by `make bench-router`.
"""

import json
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from app.chat.cues import ASKS_FOR_MORE, Cue
from app.chat.features import Reading, values, word_stems

# A group of features is told as the reason where it moves the odds at least so much.
_WORTH_TELLING = 0.25
_MOST_TOLD = 2
_OUTWEIGHS = 2.0
# Logits short of complex in which a question counts as a doubt.
_DOUBT = 0.3
# The least of the tuning half is 0.5.
_LEAST_KNOWN = 0.4
_CUE_OF_FEATURE = {"asks": Cue.STEPS, "commas": Cue.STEPS, "has_code": Cue.CODE}


@dataclass(frozen=True, slots=True)
class Weights:
    """By words alone (first of each pair) and with the question's vector (second). Logits throughout."""

    features: Mapping[str, tuple[float, float]]
    bias: tuple[float, float]
    # From here on a question counts as complex; above 0, so that doubts are general.
    threshold: tuple[float, float]
    vector: tuple[float, ...]
    # What an average question's vector scores.
    vector_offset: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`cues` say most for the verdict, strongest first; none where it was read from the words or the vector as
    a whole."""

    is_complex: bool
    cues: tuple[Cue, ...]
    # The vector said more than twice what the strongest hint did.
    is_by_vector: bool
    # It could have been complex, but not clearly.
    is_doubtful: bool


@cache
def load_weights() -> Weights:
    """The trained weights that ship with the package."""
    raw: dict[str, Any] = json.loads((files("app.chat") / "router_weights.json").read_text("utf-8"))
    return Weights(
        features={name: (pair[0], pair[1]) for name, pair in raw["features"].items()},
        bias=tuple(raw["bias"]),
        threshold=tuple(raw["threshold"]),
        vector=tuple(raw["vector"]),
        vector_offset=raw["vector_offset"],
    )


def judge(reading: Reading, *, vector: Sequence[float] | None) -> Verdict:
    """Whether the question needs the strong model. `vector` is its embedding; one of another length is ignored."""
    known = load_weights()
    has_vector = vector is not None and len(vector) == len(known.vector)
    head = int(has_vector)
    parts = {
        name: known.features[name][head] * value
        for name, value in values(reading).items()
        if name in known.features
    }
    meant = 0.0
    if vector is not None and has_vector:
        meant = sum(map(operator.mul, known.vector, vector)) - known.vector_offset
    logit = known.bias[head] + sum(parts.values()) + meant
    above = logit - known.threshold[head]
    if not _is_understood(reading, known, has_vector=has_vector):
        above = min(above, -_DOUBT)
    told = _told(_by_cue(parts), is_complex=above >= 0)
    strongest = told[0][1] if told else 0.0
    return Verdict(
        is_complex=above >= 0,
        cues=tuple(cue for cue, _ in told),
        is_by_vector=(meant > 0) == (above >= 0) and abs(meant) > _OUTWEIGHS * strongest,
        is_doubtful=-_DOUBT <= above < 0,
    )


def _is_understood(reading: Reading, known: Weights, *, has_vector: bool) -> bool:
    """Whether enough of the words are known to go by: another language, or «asdf», is not."""
    if has_vector or not reading.words:
        return bool(reading.words)
    stems = word_stems(reading.words)
    return sum(f"w:{stem}" in known.features for stem in stems) >= _LEAST_KNOWN * len(stems)


def _by_cue(parts: Mapping[str, float]) -> dict[Cue, float]:
    sums: dict[Cue, float] = {}
    for name, part in parts.items():
        prefix, _, rest = name.partition(":")
        cue = Cue(rest) if prefix in {"cue", "asked"} and rest != "length" else _CUE_OF_FEATURE.get(name)
        if cue:
            sums[cue] = sums.get(cue, 0.0) + part
    return sums


def _told(sums: Mapping[Cue, float], *, is_complex: bool) -> list[tuple[Cue, float]]:
    """The hints that speak for the verdict and moved it, strongest first."""
    found = [
        (cue, abs(moved))
        for cue, moved in sums.items()
        if (cue in ASKS_FOR_MORE) == is_complex and (moved > 0) == is_complex
    ]
    worth = [one for one in found if one[1] >= _WORTH_TELLING]
    return sorted(worth, key=operator.itemgetter(1), reverse=True)[:_MOST_TOLD]
