"""LiteLLM's proxy beside a Bytchat bot without documents: the same client, the same vendor, in turns."""

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.bench.chat_load import client, stub
from tests.bench.chat_load.client import BYTCHAT, OPENAI, Dialect, Load
from tests.bench.chat_load.cpu import Meter, memory_mb
from tests.bench.chat_load.figures import Budget, Section, table
from tests.bench.chat_load.scene import TOKENS, Scene
from tests.platform import ROOT, Running, free_port, started
from tests.services import wait_until

_ROUNDS = 3
_KEY = "sk-bench-master"
_AT_LEAST = 3
# (pace in ms, at once, chats a round)
_CELLS = ((0, 1, 48), (0, 16, 96), (5, 16, 96))
_MODELS = {pace_ms: stub.model_id(TOKENS, pace_ms=pace_ms) for pace_ms, _, _ in _CELLS}
_TITLE = "Beside LiteLLM's proxy"


@dataclass(frozen=True, slots=True)
class Side:
    """Somebody who streams the vendor's answer: its port, its processes, and a chat as a request by pace."""

    port: int
    pids: tuple[int, ...]
    chats: Mapping[int, bytes]
    dialect: Dialect = OPENAI


@dataclass(frozen=True, slots=True)
class Reading:
    """A chat's cost and its first token, in milliseconds."""

    cpu: float
    first_token: float


def measure(scene: Scene) -> Section:
    program = find_program()
    if program is None:
        return Section(
            _TITLE,
            "Not measured: LiteLLM is not installed. `make bench-chat LITELLM=1` installs it in an environment of"
            " its own, `.venv-litellm`; `LITELLM_PYTHON` names another one's Python.",
        )
    with _running_proxy(program, scene) as proxy:
        sides = {"vendor": _vendor(scene), "Bytchat": _bytchat(scene), "LiteLLM": _litellm(proxy)}
        readings = _read(scene, sides)
        memory = {name: memory_mb(sides[name].pids) for name in ("Bytchat", "LiteLLM")}
    return _section(readings, memory, _version(program))


def find_program() -> Path | None:
    """LiteLLM's command, beside the Python that is named or in its usual environment."""
    named = os.environ.get("LITELLM_PYTHON")
    folder = Path(named).parent if named else ROOT / ".venv-litellm" / "bin"
    found = shutil.which("litellm", path=str(folder))
    return Path(found) if found else None


def _read(scene: Scene, sides: Mapping[str, Side]) -> dict[tuple[int, int], dict[str, Reading]]:
    """By pace and how many at once: the median round of each side, all sides in turns."""
    found: dict[tuple[int, int], dict[str, list[Reading]]] = {}
    for turn in range(_ROUNDS + 1):
        for pace_ms, at_once, chats in _CELLS:
            for name, side in sides.items():
                # A short round at first, to warm up.
                reading = _chat(scene, side, pace_ms, at_once, chats if turn else 32)
                if turn:
                    found.setdefault((pace_ms, at_once), {}).setdefault(name, []).append(reading)
    return {cell: {name: _median(rounds) for name, rounds in by.items()} for cell, by in found.items()}


def _chat(scene: Scene, side: Side, pace_ms: int, at_once: int, chats: int) -> Reading:
    meter = Meter({"side": side.pids})
    heard = scene.client.ask(Load(side.port, [side.chats[pace_ms]] * chats, at_once))
    cpu = meter.spent_ms()["side"] / chats
    return Reading(cpu, statistics.median(side.dialect.first_token_ms(heard)))


def _median(rounds: list[Reading]) -> Reading:
    return Reading(
        statistics.median(one.cpu for one in rounds), statistics.median(one.first_token for one in rounds)
    )


def _bytchat(scene: Scene) -> Side:
    """The API with its database and its broker: LiteLLM has neither."""
    chats = {pace: scene.chat(scene.plain_bot(model), _QUESTION) for pace, model in _MODELS.items()}
    pids = (pid for name in ("API", "PostgreSQL", "broker") for pid in scene.groups[name])
    return Side(scene.port, tuple(pids), chats, BYTCHAT)


def _vendor(scene: Scene) -> Side:
    return Side(scene.stub_port, tuple(scene.groups["stub"]), _completions())


def _litellm(proxy: tuple[int, Running]) -> Side:
    port, running = proxy
    return Side(port, (running.process.pid,), _completions())


_QUESTION = "¿Qué dice el manual?"


def _completions() -> dict[int, bytes]:
    messages = [{"role": "user", "content": _QUESTION}]
    return {
        pace: client.request(
            "POST",
            "/v1/chat/completions",
            {"model": model, "messages": messages, "stream": True},
            Authorization=f"Bearer {_KEY}",
        )
        for pace, model in _MODELS.items()
    }


@contextmanager
def _running_proxy(program: Path, scene: Scene) -> Iterator[tuple[int, Running]]:
    """One worker, no database, the stub as its one vendor."""
    port = free_port()
    settings = scene.logs / "litellm.yaml"
    # JSON is YAML too.
    settings.write_text(json.dumps(_settings(scene.stub_port)), encoding="utf-8")
    command = [str(program), "--config", str(settings), "--host", "127.0.0.1", "--port", str(port)]
    env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION", "NO_PROXY": "*"}
    with started([*command, "--num_workers", "1"], env, scene.logs / "litellm.log") as running:
        wait_until(lambda: _is_alive(port) or running.process.poll() is not None, within_s=90)
        assert running.process.poll() is None, running.said()[-2000:]
        yield port, running


def _settings(stub_port: int) -> dict[str, object]:
    call = {"api_base": f"http://127.0.0.1:{stub_port}/v1", "api_key": "sk-bench"}
    models = [{"model_name": one, "litellm_params": {"model": f"openai/{one}", **call}} for one in _MODELS.values()]
    return {
        "model_list": models,
        "general_settings": {"master_key": _KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }


def _is_alive(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/liveliness", timeout=2, trust_env=False).is_success
    except httpx2.HTTPError:
        return False


def _version(program: Path) -> str:
    asked = "import importlib.metadata; print(importlib.metadata.version('litellm'))"
    python = program.with_name("python")
    return subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()


def _section(
    readings: Mapping[tuple[int, int], Mapping[str, Reading]], memory: Mapping[str, float], version: str
) -> Section:
    ratios = {cell: by["LiteLLM"].cpu / by["Bytchat"].cpu for cell, by in readings.items()}
    head = ("tokens", "at once", "Bytchat CPU ms", "LiteLLM CPU ms", "ratio", "Bytchat first token", "LiteLLM's")
    rows: list[tuple[str | float, ...]] = [
        (
            "in one piece" if cell[0] == 0 else f"{cell[0]} ms apart",
            str(cell[1]),
            *(by["Bytchat"].cpu, by["LiteLLM"].cpu, f"{ratios[cell]:.1f} ×"),
            *(f"+{by[side].first_token - by['vendor'].first_token:.1f} ms" for side in ("Bytchat", "LiteLLM")),
        )
        for cell, by in readings.items()
    ]
    text = f"""
LiteLLM {version}: one worker, a master key, one model a pace, no database, no log of what passes. Bytchat: a bot
without documents; its figures include PostgreSQL and the broker, and each chat is authenticated, stored and entered
in the ledger. Chats of {TOKENS} tokens; processor milliseconds a chat, and what the median first token took beyond
the vendor asked directly; the median of {_ROUNDS} rounds in turns.

{table(head, rows)}

Memory afterwards: Bytchat {memory["Bytchat"]:.0f} MB (API with the embedder loaded, PostgreSQL, broker), LiteLLM
{memory["LiteLLM"]:.0f} MB.
"""
    return Section(
        _TITLE,
        text,
        (Budget("LiteLLM's CPU a chat over Bytchat's", min(ratios.values()), _AT_LEAST, "×", at_least=True),),
    )
