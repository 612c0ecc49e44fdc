"""How often the task router tells `general` from `complex`, and how long it takes.

Run: `make bench-router` or `.venv/bin/python -m tests.bench.router`.

Reports the test half of tests/data/router_questions.jsonl and writes docs/benchmarks/router.md. Exits non-zero
when, with or without the question's embedding, less than 0.90 is right or less than 0.10 more than by length alone.
"""

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from app.chat.task_router import ToolboxModel, choose
from app.models import Provider
from tests.bench.router_training import ROOT, Labelled, embed, half, special_questions, training

_REPORT = ROOT / "docs" / "benchmarks" / "router.md"
_LEAST_ACCURACY = 0.90
_LEAST_ABOVE_LENGTH = 0.10
_LONG_CHARACTERS = 16_000
_LENGTH = "prompt length alone"
_ROUNDS = 5
_TWO = (
    ToolboxModel("general", Provider.GOOGLE, "quick", usable=True),
    ToolboxModel("complex", Provider.OPENAI, "strong", usable=True),
)
KNOWN_TYPES = ("code", "translation", "creative", "math", "summary", "legal", "support")
DESCRIBED_TYPES = {
    "vinos": "Vinos, bodegas y maridajes",
    "rrhh": "Nóminas, vacaciones y bajas del personal",
    "gardening": "Plants, pests and pruning",
}
_MANY = (
    *_TWO,
    *(ToolboxModel(name, Provider.OPENAI, "strong", usable=True) for name in KNOWN_TYPES),
    *(
        ToolboxModel(name, Provider.OPENAI, "strong", usable=True, description=d)
        for name, d in DESCRIBED_TYPES.items()
    ),
)
_HEADER = """# The task router: `general` or `complex`

Program: `make bench-router` (`tests/bench/router.py`). Questions: the test half of
`tests/data/router_questions.jsonl`, whose rubric is in `router_questions.md`; two writers, before the router
existed. The weights (`app/chat/router_weights.json`) were learned by `tests/bench/router_training.py` from
{learned} others: those of a third writer, short everyday messages and the tuning half, without any that shares half
its words with a question of the test half. The thresholds come from cross-validation over the same. Every figure
but the times is the same on every run. Machine of the times: 2 cores, x86-64, shared.
"""

_SPECIAL_HEADER = """
Other task types, in a toolbox of twelve (`tests/data/task_type_questions.jsonl`; the questions were written before
the signs, but by the same person: this is no blind test).
"""

Vector = Sequence[float]


def main() -> int:
    tested = half("test")
    made = embed(tested)
    vectors: list[Vector | None] = [None] * len(tested) if made is None else list(made.tolist())
    answers = {"words alone": [_is_complex(one) for one in tested], _LENGTH: _by_length(half("tuning"), tested)}
    if made is not None:
        with_vector = [_is_complex(one, vector) for one, vector in zip(tested, vectors, strict=True)]
        answers = {"words and embedding": with_vector, **answers}
    report = "".join(
        [
            _HEADER.format(learned=len(training())),
            _accuracy_table(tested, answers),
            _kind_table(tested, answers),
            _confusion_table(tested, answers),
            _special_table(),
            _time_table(tested, vectors),
        ]
    )
    _REPORT.write_text(report, encoding="utf-8")
    print(report)
    return int(not _is_enough(tested, answers))


def _is_complex(one: Labelled, vector: Vector | None = None) -> bool:
    route = choose(_TWO, question=one.question, vector=vector, task_type=None, has_documents=True)
    return route.task_type == "complex"


def _by_length(tuning: Sequence[Labelled], tested: Sequence[Labelled]) -> list[bool]:
    """Longer, or shorter, than the length that parts the tuning half best."""
    lengths = sorted({len(one.question) for one in tuning})

    def right(cut: tuple[int, bool]) -> int:
        length, longer = cut
        return sum(((len(one.question) >= length) == longer) == one.is_complex for one in tuning)

    length, longer = max(((length, longer) for length in lengths for longer in (True, False)), key=right)
    return [(len(one.question) >= length) == longer for one in tested]


def _accuracy(tested: Sequence[Labelled], said: Sequence[bool]) -> float:
    return statistics.mean(one.is_complex == answer for one, answer in zip(tested, said, strict=True))


def _is_enough(tested: Sequence[Labelled], answers: dict[str, list[bool]]) -> bool:
    length = _accuracy(tested, answers[_LENGTH])
    routed = [_accuracy(tested, said) for name, said in answers.items() if name != _LENGTH]
    return min(routed) >= max(_LEAST_ACCURACY, length + _LEAST_ABOVE_LENGTH)


def _accuracy_table(tested: Sequence[Labelled], answers: dict[str, list[bool]]) -> str:
    rows = []
    for name, said in answers.items():
        spanish = _part(tested, said, lambda one: one.language == "es")
        english = _part(tested, said, lambda one: one.language == "en")
        dear = 1 - _part(tested, said, lambda one: not one.is_complex)
        accuracy = f"**{_accuracy(tested, said):.3f}**"
        rows.append([name, accuracy, f"{spanish:.3f}", f"{english:.3f}", f"{dear:.3f}"])
    return _table(
        [f"{len(tested)} questions", "right", "Spanish", "English", "general sent to the dear model"], rows
    )


def _kind_table(tested: Sequence[Labelled], answers: dict[str, list[bool]]) -> str:
    rows = []
    for kind, times in sorted(Counter(map(_kind, tested)).items()):
        shares = [_part(tested, said, partial(_is_of, kind)) for said in answers.values()]
        rows.append([kind, str(times), *(f"{share:.3f}" for share in shares)])
    return _table(["label and kind", "questions", *answers], rows)


def _confusion_table(tested: Sequence[Labelled], answers: dict[str, list[bool]]) -> str:
    pairs = [(label, answer) for label in (False, True) for answer in (False, True)]
    rows = []
    for name, said in answers.items():
        counts = Counter(zip((one.is_complex for one in tested), said, strict=True))
        rows.append([name, *(str(counts[pair]) for pair in pairs)])
    return _table(["label → said", *(f"{_label(label)} → {_label(answer)}" for label, answer in pairs)], rows)


def _special_table() -> str:
    questions = special_questions()
    right: Counter[bool] = Counter()
    for question, task_type in questions:
        route = choose(_MANY, question=question, task_type=None, has_documents=True)
        chosen = None if route.task_type in {"general", "complex"} else route.task_type
        right[task_type is not None] += chosen == task_type
    special = sum(task_type is not None for _, task_type in questions)
    table = _table(
        ["asked for", "right"],
        [
            ["one of ten other task types", f"{right[True]}/{special}"],
            ["none of them", f"{right[False]}/{len(questions) - special}"],
        ],
    )
    return f"{_SPECIAL_HEADER}{table}"


def _time_table(tested: Sequence[Labelled], vectors: Sequence[Vector | None]) -> str:
    long = " ".join(one.question for one in tested)[:_LONG_CHARACTERS]
    rows = []
    for title, toolbox in (("two task types", _TWO), ("twelve task types", _MANY)):
        times = [_microseconds(toolbox, one.question, vector) for one, vector in zip(tested, vectors, strict=True)]
        slow = _microseconds(toolbox, long, vectors[0])
        figures = (statistics.median(times), statistics.quantiles(times, n=100)[-1], slow)
        rows.append([title, *(f"{figure:.0f}" for figure in figures)])
    head = "`choose`, microseconds of CPU beyond the embedding"
    return _table([head, "median", "p99", f"{_LONG_CHARACTERS:,} characters"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _microseconds(toolbox: Sequence[ToolboxModel], question: str, vector: Vector | None) -> float:
    """The median of a few calls."""
    times = []
    for _ in range(_ROUNDS):
        began = time.process_time_ns()
        choose(toolbox, question=question, vector=vector, task_type=None, has_documents=True)
        times.append((time.process_time_ns() - began) / 1000)
    return statistics.median(times)


def _part(tested: Iterable[Labelled], said: Iterable[bool], holds: Callable[[Labelled], bool]) -> float:
    return statistics.mean(one.is_complex == answer for one, answer in zip(tested, said, strict=True) if holds(one))


def _kind(one: Labelled) -> str:
    return f"{_label(one.is_complex)}: {one.kind}"


def _is_of(kind: str, one: Labelled) -> bool:
    return _kind(one) == kind


def _label(is_complex: bool) -> str:
    return "complex" if is_complex else "general"


if __name__ == "__main__":
    sys.exit(main())
