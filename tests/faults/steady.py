"""Connections to PostgreSQL end all the time, and nobody may notice: 5 a second under 20 requests a second.

    python -m tests.faults.steady [--seconds 60] [--seed N]

Passes when fewer than 0.5 % are answered 503, none 401, and nothing else fails.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from pathlib import Path

import httpx2

from tests.faults.faults import repeating, terminate
from tests.faults.provider import answer_to
from tests.faults.stage import Stage, stage
from tests.platform import Owner, parse_events, register, text_of

SECONDS = 60
TERMINATIONS_A_SECOND = 5
REQUESTS_A_SECOND = 20
MOST_UNAVAILABLE = 0.005
_WELL, _UNAVAILABLE = "200", "503"
_AT_ONCE = 24


def steady(made: Stage, *, seconds: float = SECONDS) -> Counter[str]:
    """How many requests ended how: by their status, or by what was wrong with them."""
    ended = 0

    def end_one() -> None:
        nonlocal ended
        ended += terminate(made, 1)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        kinds = list(_requests(made))
        with repeating(1 / TERMINATIONS_A_SECOND, end_one):
            asked = [threads.submit(_counted, kind) for kind in _paced(cycle(kinds), seconds)]
        counts = Counter(one.result() for one in asked)
    counts["terminations"] = ended
    return counts


def problems(counts: Counter[str]) -> list[str]:
    """What of it must not be."""
    answers = Counter({kind: times for kind, times in counts.items() if kind != "terminations"})
    found = [f"{times} × {kind}" for kind, times in answers.items() if kind not in (_WELL, _UNAVAILABLE)]
    share = answers[_UNAVAILABLE] / max(answers.total(), 1)
    if share >= MOST_UNAVAILABLE:
        found.append(f"{share:.2%} × {_UNAVAILABLE}, and {MOST_UNAVAILABLE:.1%} is too many")
    return found


def report(counts: Counter[str]) -> str:
    asked = counts.total() - counts["terminations"]
    told = ", ".join(f"{kind}: {times}" for kind, times in sorted(counts.items()) if kind != "terminations")
    return f"steady: {counts['terminations']} connections ended under {asked} requests · {told}"


def _paced(kinds: Iterator[Callable[[], str]], seconds: float) -> Iterator[Callable[[], str]]:
    began = time.monotonic()
    for number in range(round(seconds * REQUESTS_A_SECOND)):
        time.sleep(max(0.0, began + number / REQUESTS_A_SECOND - time.monotonic()))
        yield next(kinds)


def _counted(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except httpx2.HTTPError as error:
        return type(error).__name__


def _requests(made: Stage) -> Iterator[Callable[[], str]]:
    """One of each kind an API."""
    for api in made.apis:
        owner = register(api)
        model = {"task_type": "general", "provider": "openai", "model_id": "stub"}
        bot = owner.new_bot(initial_configs=[model])["id"]
        yield partial(_get, owner, "/bots/")
        yield partial(_get, owner, "/users/me")
        yield partial(_add_bot, owner)
        yield partial(_chat, owner, bot)


def _get(owner: Owner, path: str) -> str:
    return str(owner.http.get(path).status_code)


def _add_bot(owner: Owner) -> str:
    return str(owner.http.post("/bots/", json={"name": "Otro"}).status_code)


def _chat(owner: Owner, bot: str) -> str:
    question = f"Hola «q:{uuid.uuid4()}»"
    answer = owner.http.post(f"/chat/{bot}", json={"query": question}, headers={"Accept": "text/event-stream"})
    if answer.status_code != 200:
        return str(answer.status_code)
    events = parse_events(answer.text)
    name, data = events[-1]
    if name != "finished":
        return f"stream ended in {name} {data.get('code')}"
    return _WELL if text_of(events) == answer_to(question, cites=False) else "answer is not whole"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it on a stage of its own, say the figures and what is wrong with them."""
    # As Ctrl-C: what was started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.faults.steady")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder), seed=asked.seed) as made:
        counts = steady(made, seconds=asked.seconds)
    print(report(counts))
    wrong = problems(counts)
    for one in wrong:
        print(f"steady: {one}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
