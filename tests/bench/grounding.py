"""How well confidence tells what a bot's documents answer from what they do not.

Run: `.venv/bin/python -m tests.bench.grounding [fit]`.

`fit` fits `app/knowledge/confidence_weights.json` anew: to the handbook's questions, those of
`tests/data/answerability_questions.json`, the even ones of `tests/data/grounding_questions.json` and XQuAD with and
without the question's article or paragraph. Writes
docs/benchmarks/grounding.md, with the odd questions apart: nothing was chosen by them. Exits non-zero when the odd
questions that are answered are refused more often than one in ten.
"""

import asyncio
import json
import os
import platform
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.database import make_engine, make_sessions
from app.knowledge.confidence import Head, closer_features, features, score
from app.providers.base import Embedder, Purpose
from app.providers.local import find_embedder
from tests.knowledge.library import Shelf, new_shelf, second_shelf
from tests.services import migrated_services

Floats = npt.NDArray[np.float64]

_ROOT = Path(__file__).resolve().parents[2]
_WEIGHTS = _ROOT / "app" / "knowledge" / "confidence_weights.json"
_REPORT = _ROOT / "docs" / "benchmarks" / "grounding.md"
_DATA = _ROOT / "tests" / "data"
_PASSAGES = 8
_EVERY_XQUAD = 6
# XQuAD's are many and easy; what counts are the samples' questions, written as people write.
_XQUAD_WEIGHT = 0.1
_RIDGE = 2.0
_FOLDS = 10
_REFUSED_ANSWERABLE = 0.05
_HEADS = ("sentences", "vectors", "words")
_MARKS = (0.01, 0.05, 0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, whether its bot's documents answer it, and what was found by both arms and by words alone."""

    part: str
    is_answered: bool
    group: str
    found: Mapping[str, Mapping[str, float]]


async def main(must_fit: bool) -> int:
    rows = [row async for row in _all()]
    tuned = [row for row in rows if row.part not in ("odd", "blind")]
    if must_fit:
        heads = {head: _fitted(tuned, head) for head in _HEADS}
        text = json.dumps({name: _as_json(head) for name, head in heads.items()}, indent=1)
        _WEIGHTS.write_text(text + "\n", encoding="utf-8")
    heads = {name: Head(one["bias"], one["features"]) for name, one in json.loads(_WEIGHTS.read_text()).items()}
    report = _report(rows, heads)
    _REPORT.write_text(report, encoding="utf-8")
    print(report)
    odd = [
        score(row.found["sentences"], heads["sentences"]) < 0
        for row in rows
        if row.part == "odd" and row.is_answered
    ]
    return int(sum(odd) > 0.1 * len(odd))


async def _all() -> AsyncIterator[Asked]:
    with migrated_services() as services:
        engine = make_engine(services.database_url, pool_size=2)
        embedder = find_embedder(threads=os.cpu_count() or 1)
        assert embedder is not None
        first = await new_shelf(make_sessions(engine))
        library = _Library(first, embedder)
        async for row in library.samples():
            yield row
        for language in ("es", "en"):
            async for row in library.xquad(language):
                yield row
        await engine.dispose()


class _Library:
    """The samples and XQuAD, each in bots of its own."""

    def __init__(self, first: Shelf, embedder: Embedder) -> None:
        self._first = first
        # Any: a shelf's own embedder is a double of the tests.
        self._embedder: Any = embedder

    async def samples(self) -> AsyncIterator[Asked]:
        shelves = {}
        for name in ("tienda.es.txt", "shop.en.txt"):
            shelves[name] = await self._shelf([(_ROOT / "samples" / name).read_text(encoding="utf-8")])
        for kind, questions in _read("handbook_questions.json").items():
            for one in questions:
                yield await self._asked(shelves["tienda.es.txt"], one["q"], kind, bool(one.get("quote")))
        for kind, questions in _read("answerability_questions.json").items():
            for one in questions:
                yield await self._asked(shelves[one["file"]], one["q"], "written", kind == "answerable")
        for kind, questions in _read("grounding_questions.json").items():
            for place, one in enumerate(questions):
                part = "odd" if place % 2 else "even"
                yield await self._asked(
                    shelves[one["file"]], one["q"], part, kind == "answerable", one.get("group", "")
                )

    async def xquad(self, language: str) -> AsyncIterator[Asked]:
        """Questions asked of the bot that holds their paragraph, and of one without it.

        Far: that one holds other articles. Near: it holds every second paragraph of the same ones.
        """
        articles = _read(f"xquad/{language}.json")["data"]
        whole = [[part["context"] for part in article["paragraphs"]] for article in articles]
        halves = [await self._shelf(["\n\n".join(parts) for parts in whole[half::2]]) for half in (0, 1)]
        thinned = await self._shelf(["\n\n".join(parts[::2]) for parts in whole])
        for number, (article, part, question) in enumerate(_questions(articles)):
            if number % _EVERY_XQUAD == 0:
                for half in (0, 1):
                    yield await self._asked(halves[half], question, f"xquad-{language}", half == article % 2)
                yield await self._asked(thinned, question, f"xquad-{language}-near", part % 2 == 0)

    async def _shelf(self, texts: Sequence[str]) -> Shelf:
        shelf = await second_shelf(self._first.sessions, self._first.owner_id)
        for text in texts:
            await shelf.train(text, self._embedder)
        return shelf

    async def _asked(self, shelf: Shelf, question: str, part: str, is_answered: bool, group: str = "") -> Asked:
        [vector] = await self._embedder.embed([question], purpose=Purpose.QUERY)
        both = await shelf.search(question, vector=vector, limit=_PASSAGES)
        words = await shelf.search(question, limit=_PASSAGES)
        found = {
            head: features(question, passages)
            for head, passages in (("vectors", both), ("words", words))
            if passages
        }
        if both:
            found["sentences"] = await closer_features(question, both, self._embedder)
        return Asked(part, is_answered, group, found)


def _questions(articles: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int, str]]:
    """Each with the numbers of its article and paragraph."""
    for number, article in enumerate(articles):
        for place, part in enumerate(article["paragraphs"]):
            yield from ((number, place, one["question"]) for one in part["qas"])


def _read(name: str) -> dict[str, Any]:
    return json.loads((_DATA / name).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Table:
    """What is fitted to: the features in deviations from their mean over the samples' questions."""

    names: Sequence[str]
    mean: Floats
    deviation: Floats
    scaled: Floats
    answered: Floats
    is_sample: npt.NDArray[np.bool_]

    @property
    def importance(self) -> Floats:
        return np.where(self.is_sample, 1.0, _XQUAD_WEIGHT)


def _table(rows: Sequence[Asked], head: str) -> _Table:
    rows = [row for row in rows if head in row.found]
    names = list(rows[0].found[head])
    found = np.array([[row.found[head][name] for name in names] for row in rows])
    samples = np.array([not row.part.startswith("xquad") for row in rows])
    mean, deviation = found[samples].mean(0), found[samples].std(0) + 1e-6
    scaled = np.clip((found - mean) / deviation, -4, 4)
    return _Table(names, mean, deviation, scaled, np.array([row.is_answered for row in rows], float), samples)


def _fitted(rows: Sequence[Asked], head: str) -> Head:
    """Logistic regression by Newton's method; 0 is where one in twenty of what is answered is refused."""
    table = _table(rows, head)
    logits = _left_out_logits(table.scaled, table.answered, table.importance)
    bias = float(np.quantile(logits[table.is_sample & (table.answered == 1)], _REFUSED_ANSWERABLE))
    weights, constant = _newton(table.scaled, table.answered, table.importance)
    values = {
        name: (float(table.mean[i]), float(table.deviation[i]), float(weights[i]))
        for i, name in enumerate(table.names)
    }
    return Head(constant - bias, values)


def _left_out_logits(scaled: Floats, answered: Floats, importance: Floats) -> Floats:
    """Each by a fit to the other nine tenths: the border must not be chosen by what the weights were chosen by."""
    fold = np.random.default_rng(0).integers(0, _FOLDS, len(answered))
    logits = np.zeros(len(answered))
    for k in range(_FOLDS):
        weights, constant = _newton(scaled[fold != k], answered[fold != k], importance[fold != k])
        logits[fold == k] = scaled[fold == k] @ weights + constant
    return logits


def _newton(scaled: Floats, answered: Floats, importance: Floats) -> tuple[Floats, float]:
    share = importance.copy()
    share[answered == 1] *= share[answered == 0].sum() / share[answered == 1].sum()
    share /= share.sum()
    table = np.hstack([scaled, np.ones((len(scaled), 1))])
    ridge = np.diag([_RIDGE / 200] * scaled.shape[1] + [0.0])
    weights = np.zeros(table.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-table @ weights))
        gradient = table.T @ (share * (likely - answered)) + ridge @ weights
        curve = (table * (share * likely * (1 - likely))[:, None]).T @ table + ridge
        weights -= np.linalg.solve(curve, gradient)
    return weights[:-1], float(weights[-1])


def _as_json(head: Head) -> dict[str, object]:
    rounded = {name: [round(value, 5) for value in values] for name, values in head.features.items()}
    return {"bias": round(head.bias, 5), "features": rounded}


def _report(rows: Sequence[Asked], heads: Mapping[str, Head]) -> str:
    parts = {
        "odd": "grounding, odd: reported",
        "even": "grounding, even: tuned on",
        "tuned_on": "handbook: tuned on",
        "blind": "handbook, blind",
        "written": "written for it: tuned on",
        "xquad-es": "XQuAD es, other articles: tuned on",
        "xquad-en": "XQuAD en, other articles: tuned on",
        "xquad-es-near": "XQuAD es, other paragraphs: tuned on",
        "xquad-en-near": "XQuAD en, other paragraphs: tuned on",
    }
    lines = [_HEADER.format(machine=f"{platform.machine()}, {os.cpu_count()} cores")]
    for head in _HEADS:
        lines.append(f"\n## {_TITLES[head]}\n\n{_COLUMNS}")
        for part, title in parts.items():
            lines.append(_line(title, [row for row in rows if row.part == part], heads[head], head))
        for group in ("near", "domain", "off"):
            chosen = [row for row in rows if row.part == "odd" and (row.is_answered or row.group == group)]
            lines.append(_line(f"odd, unanswerable of the group «{group}»", chosen, heads[head], head))
        lines.append(_left_out_line(rows, head))
    return "".join(lines)


def _line(title: str, rows: Sequence[Asked], head: Head, name: str) -> str:
    logits = np.array([score(row.found[name], head) if name in row.found else -9.0 for row in rows])
    return _cells(title, logits, np.array([row.is_answered for row in rows]))


def _left_out_line(rows: Sequence[Asked], name: str) -> str:
    table = _table([row for row in rows if row.part not in ("odd", "blind")], name)
    logits = _left_out_logits(table.scaled, table.answered, table.importance)[table.is_sample]
    answered = table.answered[table.is_sample] == 1
    return _cells(
        "the tuned samples, each tenth by a fit to the others",
        logits - float(np.quantile(logits[answered], _REFUSED_ANSWERABLE)),
        answered,
    )


def _cells(title: str, logits: Floats, answered: npt.NDArray[np.bool_]) -> str:
    yes, no = logits[answered], logits[~answered]
    cells = [_share(no < 0), _share(yes < 0)]
    if len(yes) and len(no):
        cells.append(f"{float((yes[:, None] > no[None]).mean() + (yes[:, None] == no[None]).mean() / 2):.3f}")
        cells += [f"{float((no < np.quantile(yes, mark)).mean()):.0%}" for mark in _MARKS]
    else:
        cells += ["–"] * (1 + len(_MARKS))
    return f"| {title} | " + " | ".join(cells) + " |\n"


def _share(refused: npt.NDArray[np.bool_]) -> str:
    return f"{int(refused.sum())}/{len(refused)} ({float(refused.mean()):.0%})" if len(refused) else "–"


_TITLES = {
    "sentences": "With the local embedder's reading of sentences (`confidence_of`)",
    "vectors": "By the search's cosines and words (`confidence`)",
    "words": "By words alone (`confidence` without vectors, or with a vendor's)",
}
_COLUMNS = (
    "| questions | unanswerable refused | answerable refused | AUC | "
    + " | ".join(f"at {mark:.0%}" for mark in _MARKS)
    + " |\n|---|---|---|---|"
    + "---|" * len(_MARKS)
    + "\n"
)
_HEADER = """# What a strict bot refuses

Program: `tests/bench/grounding.py` ({machine}). A question is refused where the confidence is under 0.5, the
default of `min_score`. The weights were fitted to the sets marked so; the odd questions of
`tests/data/grounding_questions.json` were looked at for these tables alone. AUC: how often an answerable question
has more confidence than an unanswerable one. «At 5%»: the part of the unanswerable that is refused where 5 % of
the answerable are (the ROC curve).

**What was aimed at is not reached**: 85 % of the unanswerable refused at 5 % of the answerable. The default keeps
to the second figure, since the model of a strict bot that does answer is told to take the passages and nothing
else. Questions on another matter are told apart well, those *near* the subject are not.

What a decision reads, beside what search found: the eight sentences of the best three passages that share most
words with the question, embedded; the question, embedded, and again without each of its words. A word that a
sentence answers brings the question nearer to it, one that it does not answer keeps it away. The least of these
alone is worth an AUC of 0.77, all of search's features together 0.80, both 0.86 (cross-validated on the tuned
samples). It takes 38 ms of processor time at the median and 53 ms at the 95th percentile (native engine,
questions never seen before).

The written questions (`tests/data/answerability_questions.json`) were made from the samples for the fit, by who
made the features. The number of a question's words is among these; who writes questions words what is answered a
little longer, so it may flatter these tables: without it the tuned samples stand at 47 % at 5 %, not 53 %. A code
that no passage holds (`ERR-9999`) is refused by rule.

## Why it stays out of reach

The features are the limit, not the form of the model: on them a support vector machine (AUC 0.85) and boosted
trees (0.84) do no better than the logistic regression (0.86), and even the weights that have seen the answers
(the lines «tuned on») refuse 40 to 74 % at 5 %. Nor do more features of the same embedder help. Each was tried on
the tuned samples:

| tried | AUC alone | change of the whole |
|---|---|---|
| each word left out, the nearest sentence's cosine (kept) | 0.77 | + 0.06, with the next and the number of words |
| cosine of the best sentence (kept) | 0.73 | + 0.02 |
| whether the nearest sentence has the kind of thing asked for (kept) | 0.65 | + 0.01 |
| late interaction of tokens (MaxSim, layers 0, 4, 8, 12, centred; mean, by rarity, least) | 0.50–0.68 | 0 |
| cosines of single words to sentences | 0.59–0.67 | – 0.01 |
| the nearest sentence with each word added to it | 0.72 | 0 |
| what is left of the question against clauses of the sentence | 0.71 | 0 |
| distance to everyday questions (weather, recipes, jokes …) | 0.67 | 0 |
| sentences with their heading, or embedded as questions | 0.75 | – 0.01 |
| margin of the best sentence over the others, in deviations | 0.59–0.64 | 0 |
| weights fitted to XQuAD alone | 0.74 | |

Unanswerable, but surest: «cuánto cuesta la hora de aparcamiento en la Alhóndiga?» (the car park is named, and
that an hour of it is paid back), «Quería saber cuánto cuesta alquilar una tienda de campaña Aprisco por una
noche» (it is sold, and bicycles are let), «¿Cuántos kilos pesa la bicicleta de carga Acarreo sin nadie encima?»
(what it carries is told), «quien imparte el curso de orientacion» (all of the course but this). Answerable, but
least sure: «when was the shop founded» («was born in 1987»), «¿cuántas veces gana el jefe la nómina del último
mono?», «¿Qué me incluye la revisión barata?», «Would my twins fit in the front of the cargo bike?». The former
share names and kinds of values with a sentence, the latter share little but the meaning; vectors made of each
text by itself cannot tell that one half is missing from the other. What reads question and passage together is
missing.
"""


if __name__ == "__main__":
    sys.exit(asyncio.run(main("fit" in sys.argv[1:])))
