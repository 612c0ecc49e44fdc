"""What `local · extractive` answers over the sample handbook.

Run: `.venv/bin/python -m tests.bench.extractive_quality`.

Asks every question over HTTP and writes docs/benchmarks/extractive.md. Exits non-zero when fewer than four
of five blind questions are answered with the right passage.
"""

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from app.operations import migrate
from tests.platform import Owner, api_process, register, worker_process
from tests.questions import HANDBOOK, Outcome, ask, questions
from tests.services import fresh_services

_REPORT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "extractive.md"
_KINDS = ("blind", "tuned_on")
_HEADER = """# The extractive model over the sample handbook

Questions: `tests/data/handbook_questions.json`, written from the handbook alone and without sight of the code;
program: `tests/bench/extractive_quality.py`. «Right» is an answer that says the expected facts and cites the
passage that holds them. The figures of `app/providers/extract.py` were chosen on `tuned_on`; `blind` was written
afterwards.
Half of the unanswerable questions are near the subject (an article that is not sold, a city without a shop): the
model has no way yet to tell most of these apart, and answers with what comes nearest.

| questions | right | right passage cited | unanswerable refused | median time of an answer |
|---|---|---|---|---|
"""


def main() -> int:
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        services = stack.enter_context(fresh_services())
        migrate.upgrade(services.database_url)
        url, _ = stack.enter_context(api_process(services, Path(folder)))
        for lane in ("words", "vectors"):
            stack.enter_context(worker_process(services, Path(folder), lane))
        owner = register(url)
        bot_id = owner.new_bot()["id"]
        owner.train(bot_id, HANDBOOK.read_bytes(), within_s=300)
        rows = {kind: _measure(owner, bot_id, kind) for kind in _KINDS}
    report = _HEADER + "".join(line for line, _ in rows.values())
    _REPORT.write_text(report, encoding="utf-8")
    print(report)
    return int(rows["blind"][1] < 0.8 * len(questions("blind")))


def _measure(owner: Owner, bot_id: str, kind: str) -> tuple[str, int]:
    outcomes: list[Outcome] = []
    times: list[float] = []
    for question in questions(kind):
        began = time.perf_counter()
        outcomes.append(ask(owner, bot_id, question))
        times.append(time.perf_counter() - began)
    answerable = [one for one in outcomes if one.question.quote]
    unanswerable = [one for one in outcomes if not one.question.quote]
    right = sum(one.cites_right and one.says_facts for one in answerable)
    cited = sum(one.cites_right for one in answerable)
    refused = f"{sum(not one.cites for one in unanswerable)}/{len(unanswerable)}" if unanswerable else "–"
    milliseconds = statistics.median(times) * 1000
    line = (
        f"| {kind} | {right}/{len(answerable)} | {cited}/{len(answerable)} | {refused} | {milliseconds:.0f} ms |\n"
    )
    return line, right


if __name__ == "__main__":
    sys.exit(main())
