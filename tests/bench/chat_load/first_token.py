"""Time to the first token of a bot with documents, over distinct questions, beside the bare embedder's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tests.bench.chat_load.corpus import questions
from tests.bench.chat_load.embedder import THREADS, Texts
from tests.bench.chat_load.figures import Budget, Section, Spread, table
from tests.bench.chat_load.scene import Scene

_QUESTIONS = 1_000
# Questions in a block: few, so that both sides find the machine alike; enough to reach the concurrency.
_BLOCKS = {1: 1, 16: 125, 64: 250}
_REPEATED = 250
_WARM_UP = 40
_ALLOWED_P50_MS, _ALLOWED_P99_MS = 12, 25


@dataclass(frozen=True, slots=True)
class FirstToken:
    """Milliseconds at one concurrency."""

    concurrency: int
    bare: Spread
    asked: Spread
    repeated: Spread

    @property
    def beyond_p50(self) -> float:
        return self.asked.p50 - self.bare.p50

    @property
    def beyond_p99(self) -> float:
        return self.asked.p99 - self.bare.p99


def measure(scene: Scene) -> Section:
    unasked = questions()
    scene.first_tokens_ms(scene.trained_bot, list(islice(unasked, _WARM_UP)), concurrency=16)
    scene.embedder.ask(Texts(list(islice(unasked, _WARM_UP)), concurrency=1))
    return _section(scene, [_measure(scene, concurrency, unasked) for concurrency in _BLOCKS])


def _measure(scene: Scene, concurrency: int, unasked: Iterator[str]) -> FirstToken:
    """Blocks of the bare embedder and of chats over the same questions, in turns."""
    bare: list[float] = []
    asked: list[float] = []
    repeated: list[float] = []
    size = _BLOCKS[concurrency]
    for block in range(_QUESTIONS // size):
        batch = list(islice(unasked, size))
        sides = [
            lambda batch=batch: bare.extend(scene.embedder.ask(Texts(batch, concurrency))),
            lambda batch=batch: asked.extend(_first_tokens(scene, batch, concurrency)),
        ]
        for side in sides if block % 2 else reversed(sides):
            side()
        if len(repeated) < _REPEATED:
            repeated += _first_tokens(scene, batch, concurrency)
    return FirstToken(concurrency, Spread.of(bare), Spread.of(asked), Spread.of(repeated))


def _first_tokens(scene: Scene, batch: list[str], concurrency: int) -> list[float]:
    return scene.first_tokens_ms(scene.trained_bot, batch, concurrency=concurrency)


def _section(scene: Scene, measured: Sequence[FirstToken]) -> Section:
    text = f"""
A bot with {scene.chunks} chunks and three task types, {_QUESTIONS:,} distinct questions at each concurrency, each
in a new conversation; from sending the request to the first `delta` event, in milliseconds. The vendor's first
token comes at once. The bare embedder embeds the same questions in a process of its own while no chat runs, with as
many threads as the API has ({THREADS}): question by question in turns with the chats where one is asked at a time,
else in blocks. «Beyond» is the difference of the two p50 and of the two p99.

{_table(measured)}

The same questions asked once more need no embedding, since the API remembers the last 1,024:

{_repeated_table(measured)}
"""
    single = measured[0]
    return Section(
        "Time to the first token",
        text,
        (
            Budget(
                "first token beyond the bare embedder, p50, one at a time", single.beyond_p50, _ALLOWED_P50_MS, "ms"
            ),
            Budget(
                "first token beyond the bare embedder, p99, one at a time", single.beyond_p99, _ALLOWED_P99_MS, "ms"
            ),
        ),
    )


def _table(measured: Sequence[FirstToken]) -> str:
    head = ("at once", "embedder p50", "p99", "first token p50", "p99", "beyond p50", "p99")
    return table(
        head,
        [
            (
                str(one.concurrency),
                *(one.bare.p50, one.bare.p99),
                *(one.asked.p50, one.asked.p99),
                *(one.beyond_p50, one.beyond_p99),
            )
            for one in measured
        ],
    )


def _repeated_table(measured: Sequence[FirstToken]) -> str:
    rows = [(str(one.concurrency), one.repeated.p50, one.repeated.p99) for one in measured]
    return table(("at once", "first token p50", "p99"), rows)
