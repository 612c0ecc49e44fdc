"""Trains what the task router knows: `app/chat/router_weights.json`.

Run: `.venv/bin/python -m tests.bench.router_training`.

Learns from `tests/data/router_training.jsonl` (a third writer, and short everyday messages) and the tuning half of
`tests/data/router_questions.jsonl`; never from the test half, nor from a question that shares half its words with
one of it. A logistic regression with a quadratic penalty, solved by Newton's method, so the result is the same on
every run.
"""

import asyncio
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.chat.features import fold, read, values
from app.providers.base import Purpose
from app.providers.local import find_embedder

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ROOT / "tests" / "data" / "router_questions.jsonl"
TRAINING = ROOT / "tests" / "data" / "router_training.jsonl"
SPECIAL_QUESTIONS = ROOT / "tests" / "data" / "task_type_questions.jsonl"
WEIGHTS = ROOT / "app" / "chat" / "router_weights.json"

# As much of a question as search embeds.
EMBEDDED_CHARACTERS = 600
_MOST_SHARED_WORDS = 0.5
_LEAST_TIMES_SEEN = 2
_NGRAM_SCALE = 2.0
_VECTOR_SCALE = 5.0
_BIAS_SCALE = 3.0
_WORTH = {"words": 5.0, "vector": 3.0}
# Short everyday messages (writer d) fill a gap; they must not outweigh the questions, nor flatter the figures.
_FILLING = "d"
_FILLING_SHARE = 0.3
_FOLDS = 8
_NEWTON_STEPS = 25
_LEAST_WEIGHT = 0.03

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and what a person said that it needs."""

    question: str
    language: str
    is_complex: bool
    kind: str = ""
    writer: str = "c"


def half(name: str) -> list[Labelled]:
    """The `tuning` or the `test` half of the measured questions."""
    rows = map(json.loads, QUESTIONS.read_text("utf-8").splitlines())
    return [_labelled(row) for row in rows if row["half"] == name]


def training() -> list[Labelled]:
    """All that may be learned from: nothing of it shares half its words with a question of the test half."""
    rows = map(json.loads, TRAINING.read_text("utf-8").splitlines())
    tested = [_words(one.question) for one in half("test")]
    known = [_labelled(row) for row in rows] + half("tuning")
    return [one for one in known if not any(_shares(_words(one.question), test) for test in tested)]


def special_questions() -> list[tuple[str, str | None]]:
    """Questions with the task type, besides `general` and `complex`, that each clearly belongs to, or None."""
    rows = map(json.loads, SPECIAL_QUESTIONS.read_text("utf-8").splitlines())
    return [(row["question"], row["task_type"]) for row in rows]


def embed(questions: Sequence[Labelled]) -> Matrix | None:
    """Their vectors as search makes them, or None without the embedder's wheel."""
    embedder = find_embedder()
    if embedder is None:
        return None
    texts = [one.question[:EMBEDDED_CHARACTERS] for one in questions]
    return np.array(asyncio.run(embedder.embed(texts, purpose=Purpose.QUERY)), dtype=np.float64)


def main() -> int:
    questions = training()
    vectors = embed(questions)
    if vectors is None:
        print("The local embedder is missing: install the extra `local`.")
        return 1
    labels = np.array([one.is_complex for one in questions], dtype=np.float64)
    shares = np.array([_FILLING_SHARE if one.writer == _FILLING else 1.0 for one in questions])
    counted = [_scaled(one.question) for one in questions]
    names = sorted(_names(counted))
    matrix = _matrix(counted, names)
    mean = vectors.mean(axis=0)
    with_vectors = np.hstack([matrix, (vectors - mean) * _VECTOR_SCALE])
    words, words_bias = fit(matrix, labels, worth=_WORTH["words"] * shares)
    joint, joint_bias = fit(with_vectors, labels, worth=_WORTH["vector"] * shares)
    vector = joint[len(names) :] * _VECTOR_SCALE
    thresholds = [
        _threshold("words alone", counted, None, labels, shares),
        _threshold("with the vector", counted, vectors, labels, shares),
    ]
    pairs = _pairs(names, words, joint)
    weights = {
        "bias": [round(words_bias, 4), round(joint_bias, 4)],
        "threshold": thresholds,
        "vector_offset": round(float(vector @ mean), 4),
        "vector": [round(float(value), 3) for value in vector],
        "features": pairs,
    }
    WEIGHTS.write_text(_dumped(weights), encoding="utf-8")
    print(f"{len(questions)} questions, {len(pairs)} features, {WEIGHTS.stat().st_size:,} bytes")
    return 0


def fit(matrix: Matrix, labels: Matrix, *, worth: Matrix) -> tuple[Matrix, float]:
    """Weights and bias of the penalised logistic regression: ½|w|² + worth · Σ log-loss.

    Newton's method on the dual: there are fewer questions than features.
    """
    kernel = matrix @ matrix.T + _BIAS_SCALE**2
    dual = np.zeros(len(labels))
    for _ in range(_NEWTON_STEPS):
        logits = kernel @ dual
        chance = 1 / (1 + np.exp(-logits))
        spread = np.maximum(chance * (1 - chance), 1e-9)
        target = logits + (labels - chance) / spread
        dual[:] = np.linalg.solve(kernel + np.diag(1 / (worth * spread)), target)
    return matrix.T @ dual, float(dual.sum() * _BIAS_SCALE**2)


def _threshold(
    title: str, counted: Sequence[dict[str, float]], vectors: Matrix | None, labels: Matrix, shares: Matrix
) -> float:
    """The logit that parts best in cross-validation; of equals the highest, so that doubts stay general."""
    real = shares == 1
    logits = cross_validated(counted, vectors, labels, shares)[real]
    labels = labels[real]
    grid = [step / 20 for step in range(31)]
    accuracy = {cut: float(np.mean((logits >= cut) == labels)) for cut in grid}
    best = max(grid, key=lambda cut: (accuracy[cut], cut))
    dear = float(np.mean(logits[labels == 0] >= best))
    print(f"{title}: accuracy {accuracy[best]:.3f} (cross-validated) from logit {best}, {dear:.3f} of general dear")
    return best


def cross_validated(
    counted: Sequence[dict[str, float]], vectors: Matrix | None, labels: Matrix, shares: Matrix
) -> Matrix:
    """The logit of each question by a model that has not seen it."""
    order = list(range(len(labels)))
    random.Random(0).shuffle(order)
    logits: Matrix = np.zeros(len(labels))
    for fold_number in range(_FOLDS):
        held = order[fold_number::_FOLDS]
        seen = sorted(set(order) - set(held))
        logits[held] = predict(counted, vectors, labels, shares, seen=seen, held=held)
    return logits


def predict(
    counted: Sequence[dict[str, float]],
    vectors: Matrix | None,
    labels: Matrix,
    shares: Matrix,
    *,
    seen: list[int],
    held: list[int],
) -> Matrix:
    """The logits of the questions `held`, learned from those `seen`."""
    names = sorted(_names([counted[i] for i in seen]))
    matrix = _matrix(counted, names)
    worth = _WORTH["words"]
    if vectors is not None:
        worth = _WORTH["vector"]
        matrix = np.hstack([matrix, (vectors - vectors[seen].mean(axis=0)) * _VECTOR_SCALE])
    weights, bias = fit(matrix[seen], labels[seen], worth=worth * shares[seen])
    return matrix[held] @ weights + bias


def _scaled(question: str) -> dict[str, float]:
    return {name: value * _scale(name) for name, value in values(read(question)).items()}


def _scale(name: str) -> float:
    return _NGRAM_SCALE if _is_ngram(name) else 1.0


def _is_ngram(name: str) -> bool:
    return name.startswith(("w:", "a:"))


def _names(counted: Sequence[dict[str, float]]) -> set[str]:
    seen = Counter(name for one in counted for name in one)
    return {name for name, times in seen.items() if times >= _LEAST_TIMES_SEEN or not _is_ngram(name)}


def _matrix(counted: Sequence[dict[str, float]], names: Sequence[str]) -> Matrix:
    place = {name: column for column, name in enumerate(names)}
    matrix = np.zeros((len(counted), len(names)))
    for row, one in enumerate(counted):
        for name, value in one.items():
            if name in place:
                matrix[row, place[name]] = value
    return matrix


def _pairs(names: Sequence[str], words: Matrix, joint: Matrix) -> dict[str, list[float]]:
    pairs = {
        name: [round(float(words[i]) * _scale(name), 2), round(float(joint[i]) * _scale(name), 2)]
        for i, name in enumerate(names)
    }
    return {name: pair for name, pair in pairs.items() if max(map(abs, pair)) >= _LEAST_WEIGHT}


def _dumped(weights: dict[str, Any]) -> str:
    """One feature a line, so that a change can be read."""
    head = json.dumps({**weights, "features": None}, ensure_ascii=False).removesuffix("null}")
    pairs = weights["features"].items()
    body = ",\n".join(f"{json.dumps(name, ensure_ascii=False)}:[{a:g},{b:g}]" for name, (a, b) in pairs)
    return f"{head}{{\n{body}\n}}}}\n"


def _labelled(row: dict[str, str]) -> Labelled:
    return Labelled(
        row["question"], row["language"], row["label"] == "complex", row.get("kind", ""), row.get("writer", "c")
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", fold(text)))


def _shares(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _MOST_SHARED_WORDS * len(one | other)


if __name__ == "__main__":
    sys.exit(main())
