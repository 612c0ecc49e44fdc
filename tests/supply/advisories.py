"""Asks the lists of known flaws about what the locks hold, by pip-audit and npm audit.

Either tool says "nothing found" also where a server on the way answers for a list that it is not, and fails with
the code that means "found" where it reaches nobody. So each list is first asked about a version whose flaws
everybody knows: what does not name them is no list, and its silence about ours says nothing.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.supply.locks import PANEL_LOCK, PYTHON_LOCKS

OSV = "https://api.osv.dev/v1/query"
# Flaws of these are in every list.
KNOWN_PYTHON = ("jinja2", "2.10")
KNOWN_PANEL = ("minimist", "1.2.0")
_ANSWER_WITHIN_S = 10
_ALL_WITHIN_S = 240


@dataclass(frozen=True, slots=True)
class Flaw:
    """A known one; `fixed_in` is empty where nobody has mended it."""

    package: str
    version: str
    name: str
    fixed_in: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a list said about this many packages."""

    asked: int
    flaws: tuple[Flaw, ...]


class NotAsked(Exception):
    """No list was reached; in words for people."""


def ask_python(locks: Sequence[Path] = PYTHON_LOCKS, *, osv_url: str = OSV) -> Answer:
    """Of the packages that the locks hold for this Python and this system. Raises `NotAsked`."""
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder, "known.txt")
        known.write_text("{}=={}\n".format(*KNOWN_PYTHON), encoding="utf-8")
        # Without hashes this one file needs another word for not looking any further.
        _expect(_pip_audit([known], "--no-deps", osv_url=osv_url, cache=folder), KNOWN_PYTHON[0])
        return _pip_audit(locks, "--require-hashes", osv_url=osv_url, cache=folder)


def ask_panel(lock: Path = PANEL_LOCK, *, registry: str = "") -> Answer:
    """Of all that the panel is built from, its tools included. Raises `NotAsked`."""
    if shutil.which("npm") is None:
        raise NotAsked("aquí no hay npm · there is no npm here")
    _expect(_npm_audit(_lock_of(*KNOWN_PANEL), registry=registry), KNOWN_PANEL[0])
    return _npm_audit(json.loads(lock.read_text(encoding="utf-8")), registry=registry)


def python_answer(report: Mapping[str, Any]) -> Answer:
    """Out of pip-audit's JSON. Raises `NotAsked` where it left a package out."""
    asked = report["dependencies"]
    if skipped := [package["name"] for package in asked if "vulns" not in package]:
        raise NotAsked(f"no se ha preguntado por · not asked about: {', '.join(skipped)}")
    flaws = (
        Flaw(package["name"], package["version"], flaw["id"], ", ".join(flaw["fix_versions"]))
        for package in asked
        for flaw in package["vulns"]
    )
    return Answer(len(asked), tuple(flaws))


def panel_answer(report: Mapping[str, Any]) -> Answer:
    """Out of npm audit's JSON, where what only depends on a package with a flaw names that package and no flaw."""
    flaws = (
        Flaw(name, flaw["range"], f"{flaw['url'].rpartition('/')[2]} ({flaw['severity']}: {flaw['title']})")
        for name, entry in report["vulnerabilities"].items()
        for flaw in entry["via"]
        if isinstance(flaw, dict)
    )
    return Answer(report["metadata"]["dependencies"]["total"], tuple(flaws))


def _expect(answer: Answer, known: str) -> None:
    if known not in {flaw.package for flaw in answer.flaws}:
        raise NotAsked(
            f"quien responde no conoce los fallos de {known}: no es una lista · "
            f"what answers does not know the flaws of {known}: it is no list"
        )


def _pip_audit(files: Sequence[Path], *options: str, osv_url: str, cache: str) -> Answer:
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--osv-url", osv_url]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--cache-dir", cache]
    command += ["--timeout", str(_ANSWER_WITHIN_S), *options]
    for file in files:
        command += ["--requirement", str(file)]
    said = _run(command)
    report = _json_of(said.stdout)
    if "dependencies" not in report:
        raise NotAsked(_last_line(said.stderr))
    return python_answer(report)


def _npm_audit(lock: Mapping[str, Any], *, registry: str) -> Answer:
    command = ["npm", "audit", "--json", "--package-lock-only", "--fetch-retries=0"]
    command += [f"--fetch-timeout={_ANSWER_WITHIN_S * 1000}", *([f"--registry={registry}"] if registry else [])]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "package.json").write_text(json.dumps(lock["packages"][""]), encoding="utf-8")
        Path(folder, "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
        said = _run([*command, f"--cache={folder}/cache"], folder=folder)
    report = _json_of(said.stdout)
    if "auditReportVersion" not in report:
        raise NotAsked(str(report.get("message") or _last_line(said.stderr)))
    return panel_answer(report)


def _lock_of(name: str, version: str) -> dict[str, Any]:
    root = {"name": "known", "version": "0.0.0", "dependencies": {name: version}}
    packages = {"": root, f"node_modules/{name}": {"version": version}}
    return {"name": "known", "version": "0.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}


def _run(command: Sequence[str], folder: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Whatever its exit code: it is the same for a flaw and for a list that was not reached."""
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_ALL_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        raise NotAsked(f"sin respuesta en {_ALL_WITHIN_S} s · no answer within {_ALL_WITHIN_S} s") from None


def _json_of(said: str) -> dict[str, Any]:
    try:
        report = json.loads(said)
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no dijo por qué · it did not say why"
