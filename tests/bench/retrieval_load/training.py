"""How fast a text becomes searchable, by stage, what memory that takes, and what its vectors take."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.embedded.services import Services
from tests.bench.chat_load.embedder import THREADS
from tests.bench.chat_load.figures import Budget, Section, table
from tests.bench.retrieval_load import corpus, fresh
from tests.bench.retrieval_load.fresh import CPU, Figures
from tests.bench.retrieval_load.scores import Share, decimals
from tests.platform import ROOT, environment
from tests.services import migrated_services

_WORDS_BYTES = 10_000_000
_ALLOWED_S = 6
_ALLOWED_MB = 400
_ROUNDS = 3
# Embedding goes first by the text that the budget is for; where that would take too long, by a part of it.
_VECTORS_BYTES, _PART_BYTES = 1_000_000, 100_000
_LONGEST_S = 120
_ALLOWED_BEYOND = 1.15

_ABOUT = """
{megabytes:.1f} MB of Spanish text (XQuAD's sentences, shuffled, one word in twenty made up), {chunks:,} chunks.
A fresh process that has loaded what the worker loads goes from the bytes of the upload to a committed document that
is found by its words; another one takes the same steps one by one. Medians of {rounds} each.
*Of the processor*: of this process and of PostgreSQL's that serves it, however busy the machine is.
"""
_OF_VECTORS = """
The vectors of {kilobytes:,} KB more ({chunks:,} chunks) in one process with {threads} threads for the embedder: all
texts in two calls of the bare embedder, shortest first, and between them the training of the same text, which
embeds by batches and commits each.{scaled}
"""
_SCALED = " The whole megabyte would take ten times as long."


def measure() -> Section:
    with tempfile.TemporaryDirectory() as folder, migrated_services() as services:
        process = _Process(services, Path(folder))
        whole = [process.train(fresh.WHOLE, _WORDS_BYTES) for _ in range(_ROUNDS)]
        staged = [process.train(fresh.STAGES, _WORDS_BYTES) for _ in range(_ROUNDS)]
        vectors = process.train(fresh.VECTORS, _PART_BYTES)
        size = _PART_BYTES
        if _VECTORS_BYTES / _PART_BYTES * (vectors["bare"] + vectors["trained"]) <= _LONGEST_S:
            vectors = process.train(fresh.VECTORS, _VECTORS_BYTES)
            size = _VECTORS_BYTES
    about = _ABOUT.format(megabytes=_WORDS_BYTES / 1e6, chunks=round(staged[0]["chunks"]), rounds=_ROUNDS)
    of_vectors = _OF_VECTORS.format(
        kilobytes=size // 1000,
        chunks=round(vectors["chunks"]),
        threads=THREADS,
        scaled="" if size == _VECTORS_BYTES else _SCALED,
    )
    parts = (about, _stages(whole, staged), _memory(whole, vectors), of_vectors, _vectors(vectors))
    return Section("Training", "\n\n".join(part.strip() for part in parts), tuple(_budgets(whole, vectors)))


class _Process:
    """Starts a fresh process for each text, none of which was there before."""

    def __init__(self, services: Services, folder: Path) -> None:
        self._environment = environment(services, EMBED_THREADS=str(THREADS))
        self._folder = folder
        self._texts = 0

    def train(self, mode: str, size_bytes: int) -> Figures:
        self._texts += 1
        file = self._folder / f"{self._texts}.txt"
        file.write_bytes(corpus.bytes_of(size_bytes, seed=self._texts))
        command = [sys.executable, "-m", "tests.bench.retrieval_load.fresh", mode, str(file)]
        said = subprocess.run(
            command, env=self._environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        print(f"  {mode}: {said.strip()}", flush=True)
        figures: Figures = json.loads(said)
        return figures


def _median(rounds: Sequence[Figures], name: str) -> float:
    return statistics.median(one[name] for one in rounds)


def _stages(whole: Sequence[Figures], staged: Sequence[Figures]) -> str:
    names = [name for name in staged[0] if name != "chunks" and not name.startswith(CPU)]
    rows = [_row(name, staged, [name]) for name in names]
    rows.append(_row("all steps together", staged, names))
    rows.append(_row("**searchable**, as the worker does it", whole, ["searchable"]))
    return table(("", "seconds", "of the processor", "MB a second"), rows)


def _row(title: str, rounds: Sequence[Figures], names: Sequence[str]) -> tuple[str, str, str, str]:
    seconds = statistics.median(sum(one[name] for name in names) for one in rounds)
    worked = statistics.median(sum(one[CPU + name] for name in names) for one in rounds)
    return title, f"{seconds:.2f}", f"{worked:.2f}", f"{_WORDS_BYTES / 1e6 / seconds:,.1f}"


def _memory(whole: Sequence[Figures], vectors: Figures) -> str:
    before, peak = _median(whole, "before_mb"), _median(whole, "peak_mb")
    return (
        f"Peak memory of that process (VmHWM): {peak:.0f} MB, of which {before:.0f} MB were there before it began; "
        f"of the one below, with the embedder, {vectors['peak_mb']:.0f} MB."
    )


def _vectors(figures: Figures) -> str:
    rows = [
        (
            title,
            f"{figures[name]:.1f}",
            f"{figures[CPU + name]:.1f}",
            f"{figures['chunks'] / figures[name]:.1f}",
            decimals(figures[name] / figures["bare"]),
            decimals(figures[CPU + name] / figures[CPU + "bare"]),
        )
        for title, name in (
            ("the bare embedder", "bare"),
            ("**training**", "trained"),
            ("of that within the embedder", "embedding"),
        )
    ]
    return table(
        ("", "seconds", "of the processor", "chunks a second", "of the bare one's", "by the processor"), rows
    )


def _budgets(whole: Sequence[Figures], vectors: Figures) -> list[Budget]:
    beyond = vectors["trained"] / vectors["bare"]
    return [
        Budget("10 MB searchable by its words", _median(whole, "searchable"), _ALLOWED_S, "s"),
        Budget("peak memory of that", _median(whole, "peak_mb"), _ALLOWED_MB, "MB"),
        Share("vectors by training, of the bare embedder's time", beyond, _ALLOWED_BEYOND, ""),
    ]
