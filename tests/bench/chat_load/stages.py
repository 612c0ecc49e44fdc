"""What a chat costs the processor, stage by stage: differences between real requests that each do more."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from tests.bench.chat_load import corpus, stub
from tests.bench.chat_load.client import BYTCHAT, Load, whole
from tests.bench.chat_load.cpu import Meter
from tests.bench.chat_load.figures import Section, table
from tests.bench.chat_load.scene import PACE_MS, SHORT_TOKENS, TOKENS, Scene

_ROUNDS = 3
_REQUESTS = 120
_AT_ONCE = 8
_SERVERS = ("API", "PostgreSQL", "broker")

Cost = Mapping[str, float]
# The requests of the next round.
Maker = Callable[[], list[bytes]]


def measure(scene: Scene) -> Section:
    """The median of each group's cost over rounds in which all kinds take turns."""
    makers = _makers(scene)
    rounds = [{name: _cost(scene, make()) for name, make in makers.items()} for _ in range(_ROUNDS + 1)]
    # The first round warms up.
    return _section({name: _median([one[name] for one in rounds[1:]]) for name in makers})


def _makers(scene: Scene) -> dict[str, Maker]:
    one, at_once, short, long = (
        scene.plain_bot(stub.model_id(tokens, pace_ms=pace_ms))
        for tokens, pace_ms in ((1, 0), (TOKENS, 0), (SHORT_TOKENS, PACE_MS), (TOKENS, PACE_MS))
    )
    # From the far end: those at the beginning are asked elsewhere.
    unasked = iter(list(corpus.questions())[::-1])

    def ask(bot_id: str, *, again: bool) -> Maker:
        known = list(islice(unasked, _REQUESTS))
        return lambda: [scene.chat(bot_id, text) for text in (known if again else islice(unasked, _REQUESTS))]

    return {
        "GET /health/live": lambda: [scene.get("/health/live")] * _REQUESTS,
        "GET /bots/": lambda: [scene.get("/bots/")] * _REQUESTS,
        "no documents, 1 token": ask(one, again=False),
        f"no documents, {TOKENS} tokens in one piece": ask(at_once, again=False),
        f"no documents, {SHORT_TOKENS} tokens, {PACE_MS} ms apart": ask(short, again=False),
        f"no documents, {TOKENS} tokens, {PACE_MS} ms apart": ask(long, again=False),
        f"documents, question known, {SHORT_TOKENS} tokens, {PACE_MS} ms apart": ask(scene.trained_bot, again=True),
        f"documents, question new, {SHORT_TOKENS} tokens, {PACE_MS} ms apart": ask(scene.trained_bot, again=False),
    }


def _cost(scene: Scene, requests: Sequence[bytes]) -> Cost:
    """Milliseconds a request of each group of processes."""
    meter = Meter(scene.groups)
    heard = scene.client.ask(Load(scene.port, requests, _AT_ONCE))
    spent = meter.spent_ms()
    whole(heard, BYTCHAT.last if b"/chat/" in requests[0] else b"")
    return {group: ms / len(requests) for group, ms in spent.items()}


def _median(rounds: Sequence[Cost]) -> Cost:
    return {group: statistics.median(one[group] for one in rounds) for group in rounds[0]}


def _section(costs: Mapping[str, Cost]) -> Section:
    health, _, one, at_once, short, long, known, new = (cost["API"] for cost in costs.values())
    stages = (
        ("HTTP, routing, request id, log line", health),
        ("who asks, bot, quotas, question saved, vendor called, answer filed", one - health),
        (f"{TOKENS} tokens that come in one piece", at_once - one),
        (f"each token that comes alone, {PACE_MS} ms after the last", (long - short) / (TOKENS - SHORT_TOKENS)),
        ("retrieval, prompt with passages, routing, citations", known - short),
        ("embedding the question", new - known),
    )
    text = f"""
Processor milliseconds a request, {_AT_ONCE} at once, median of {_ROUNDS} rounds of {_REQUESTS} requests in which
all kinds take turns. Nothing is instrumented: the stages are differences between whole requests.

{table(("request", *_SERVERS, "stub"), [_row(name, cost) for name, cost in costs.items()])}

| stage, in the API's process | ms |
|---|---|
{_stage_rows(stages)}
"""
    return Section("Processor time of a chat", text)


def _row(name: str, cost: Cost) -> tuple[str | float, ...]:
    return (name, *(cost[group] for group in (*_SERVERS, "stub")))


def _stage_rows(stages: Sequence[tuple[str, float]]) -> str:
    return "\n".join(f"| {name} | {ms:.2f} |" for name, ms in stages)
