"""An audit tells what lists know, and never takes a list that was not asked for one that knows nothing."""

import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.platform import free_port
from tests.supply.advisories import (
    KNOWN_PANEL,
    KNOWN_PYTHON,
    Answer,
    Flaw,
    NotAsked,
    ask_panel,
    ask_python,
    python_answer,
)
from tests.supply.audit import FOUND, NOT_ASKED, NOTHING_FOUND, main, verdict

CLEAN, FLAWED = Answer(3, ()), Answer(3, (Flaw("a", "1.0", "CVE-1"),))
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")


@dataclass
class List:
    """A list of flaws on loopback that speaks OSV's and npm's protocols: it knows those of `flawed`."""

    url: str = ""
    flawed: set[str] = field(default_factory=lambda: {KNOWN_PYTHON[0], KNOWN_PANEL[0]})
    status: int = 200
    asked: list[str] = field(default_factory=list)

    @property
    def osv_url(self) -> str:
        return f"{self.url}/v1/query"

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/query"):
            name = body["package"]["name"]
            self.asked.append(name)
            return {"vulns": [_osv(name)]} if name in self.flawed else {}
        self.asked += body
        return {name: [_npm(name)] for name in body if name in self.flawed}


def _osv(name: str) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}]
    affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": ranges}]
    return {"id": "GHSA-aaaa", "aliases": ["CVE-2026-1"], "summary": "It opens doors.", "affected": affected}


def _npm(name: str) -> dict[str, Any]:
    fixed = {"severity": "high", "vulnerable_versions": "<99.0.0", "cwe": [], "cvss": {"score": 0}}
    return {"id": 7, "url": "https://ejemplo.test/GHSA-bbbb", "title": f"{name} opens doors", **fixed}


@pytest.fixture
def flaws() -> Iterator[List]:
    known = List()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            said = json.dumps(known.answer(self.path, json.loads(body))).encode()
            self.send_response(known.status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        known.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield known
        server.shutdown()


@pytest.fixture
def nowhere() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def python_lock(tmp_path: Path) -> Path:
    lock = tmp_path / "requirements.lock"
    hashes = " \\\n    --hash=sha256:".join(["", "0" * 64, "f" * 64])
    elsewhere = "elsewhere==3.0 ; sys_platform == 'win32'"
    lock.write_text("".join(f"{one}{hashes}\n" for one in ("sound==1.0", "cracked==2.0", elsewhere)))
    return lock


@pytest.fixture
def panel_lock(tmp_path: Path) -> Path:
    lock = tmp_path / "package-lock.json"
    root = {"name": "panel", "version": "1.0.0", "dependencies": {"sound": "1.0.0", "cracked": "2.0.0"}}
    packages = {"": root, "node_modules/sound": {"version": "1.0.0"}, "node_modules/cracked": {"version": "2.0.0"}}
    lock.write_text(json.dumps({"name": "panel", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}))
    return lock


def test_a_python_package_with_a_flaw_is_named_with_what_mends_it(flaws: List, python_lock: Path) -> None:
    flaws.flawed.add("cracked")

    answer = ask_python([python_lock], osv_url=flaws.osv_url)

    assert answer == Answer(2, (Flaw("cracked", "2.0", "CVE-2026-1", "99.1"),))


def test_a_list_that_knows_no_flaw_of_ours_says_so(flaws: List, python_lock: Path) -> None:
    assert ask_python([python_lock], osv_url=flaws.osv_url) == Answer(2, ())
    assert sorted(flaws.asked) == ["cracked", KNOWN_PYTHON[0], "sound"]


@needs_npm
def test_a_package_of_the_panel_with_a_flaw_is_named(flaws: List, panel_lock: Path) -> None:
    flaws.flawed.add("cracked")

    answer = ask_panel(panel_lock, registry=flaws.url)

    assert answer == Answer(2, (Flaw("cracked", "<99.0.0", "GHSA-bbbb (high: cracked opens doors)"),))


@needs_npm
def test_a_panel_without_a_known_flaw_is_told(flaws: List, panel_lock: Path) -> None:
    assert ask_panel(panel_lock, registry=flaws.url) == Answer(2, ())


def test_what_answers_without_knowing_a_famous_flaw_is_no_list(flaws: List, python_lock: Path) -> None:
    """Such as a mirror that says yes to everything: pip-audit calls that `No known vulnerabilities found`."""
    flaws.flawed.clear()

    with pytest.raises(NotAsked, match="no es una lista"):
        ask_python([python_lock], osv_url=flaws.osv_url)


@needs_npm
def test_nor_is_one_for_the_panel(flaws: List, panel_lock: Path) -> None:
    flaws.flawed.clear()

    with pytest.raises(NotAsked, match="no es una lista"):
        ask_panel(panel_lock, registry=flaws.url)


@pytest.mark.parametrize("status", [405, 500])
def test_a_list_that_refuses_was_not_asked(status: int, flaws: List, python_lock: Path) -> None:
    flaws.status = status

    with pytest.raises(NotAsked):
        ask_python([python_lock], osv_url=flaws.osv_url)


@needs_npm
def test_a_panels_list_that_refuses_was_not_asked(flaws: List, panel_lock: Path) -> None:
    flaws.status = 405

    with pytest.raises(NotAsked, match="405"):
        ask_panel(panel_lock, registry=flaws.url)


def test_where_no_list_is_reached_it_says_so_and_ends_with_two(
    nowhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--osv-url", nowhere, "--registry", nowhere])

    said = capsys.readouterr().out
    assert code == NOT_ASKED == 2
    assert said.count("NO SE HA PODIDO PREGUNTAR") == said.count("NO LIST COULD BE ASKED") == 2
    assert "Esto no dice que no haya fallos" in said
    assert "Ningún fallo" not in said


@needs_npm
def test_all_that_the_locks_hold_is_asked_about(flaws: List, capsys: pytest.CaptureFixture[str]) -> None:
    flaws.flawed.add("react")

    code = main(["--osv-url", flaws.osv_url, "--registry", flaws.url])

    assert code == FOUND == 1
    assert {"fastapi", "psycopg", "pytest", "react", "vite"} <= set(flaws.asked)
    said = capsys.readouterr().out
    assert "  react <99.0.0: GHSA-bbbb" in said
    assert "Hay fallos conocidos" in said


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([CLEAN, CLEAN], NOTHING_FOUND),
        ([CLEAN, FLAWED], FOUND),
        ([None, FLAWED], FOUND),
        ([CLEAN, None], NOT_ASKED),
        ([None, None], NOT_ASKED),
    ],
)
def test_silence_is_no_good_news(answers: list[Answer | None], code: int) -> None:
    assert verdict(answers) == code


def test_what_an_audit_left_out_was_not_asked_about() -> None:
    report = {"dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "unknown"}]}

    with pytest.raises(NotAsked, match="b"):
        python_answer(report)
