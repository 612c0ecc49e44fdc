"""What a chat costs and how soon it speaks, with a vendor that costs nothing; beside LiteLLM's proxy where it is.

    make bench-chat

Starts services of its own, writes `docs/benchmarks/chat.md`, and exits 1 when a budget is missed.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.chat_load import first_token, flights, gateway, held, stages
from tests.bench.chat_load.figures import Section, table
from tests.bench.chat_load.scene import Scene, running_scene
from tests.platform import ROOT

REPORT = ROOT / "docs" / "benchmarks" / "chat.md"
_PARTS: dict[str, Callable[[Scene], Section]] = {
    "first token": first_token.measure,
    "processor": stages.measure,
    "held streams": held.measure,
    "round trips": flights.measure,
    "LiteLLM": gateway.measure,
}


def main(chosen: Sequence[str]) -> int:
    """Measure the parts that are named; all of them, which alone writes the report, where none is."""
    began = time.monotonic()
    _say(began, "starting, and training the bot")
    with tempfile.TemporaryDirectory() as logs, running_scene(Path(logs)) as scene:
        _say(began, f"trained: {scene.chunks} chunks")
        sections = []
        for name in chosen or _PARTS:
            _say(began, name)
            sections.append(_PARTS[name](scene))
            print(f"\n{sections[-1]}", flush=True)
    report = render(sections)
    if not chosen:
        REPORT.write_text(report, encoding="utf-8")
    _say(began, "done")
    print(_verdict(sections))
    return int(not all(budget.is_kept for section in sections for budget in section.budgets))


def render(sections: Sequence[Section]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine().replace('_', '-')}, {platform.system()}"
    parts = "\n".join(map(str, sections))
    return f"""# Chats under load

`make bench-chat` on {machine}, Python {platform.python_version()}: one run. All of it shares the machine: API,
PostgreSQL, broker, vendor, clients. The vendor is a stub that speaks OpenAI's protocol in a process of its own.

{_verdict(sections)}

{parts}"""


def _verdict(sections: Sequence[Section]) -> str:
    return table(("", "budget", "measured", ""), [one.row for section in sections for one in section.budgets])


def _say(began: float, what: str) -> None:
    print(f"[{time.monotonic() - began:5.0f} s] {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
