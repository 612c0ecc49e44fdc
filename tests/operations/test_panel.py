"""The panel beside the API: when it is served, by which program, and what is said where it is not."""

import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from app.core.config import Settings
from app.embedded.home import PROJECT, free_port, temporary_home
from app.operations.doctor import Finding, State, examine
from app.operations.panel import (
    PanelState,
    can_run_vite,
    local_url,
    panel_program,
    panel_state,
    trusted_proxies,
    why_missing,
)
from tests.operations.test_up import family, started, wait_until_ready
from tests.services import wait_until

needs_the_panel = pytest.mark.skipif(
    panel_state() is not PanelState.READY, reason="the panel is not built here: `make panel`"
)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a Node of some version on the path, alone."""

    def put(version: str) -> None:
        program = tmp_path / "bin" / "node"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent))

    return put


def built(folder: Path, *, without: str = "") -> Path:
    for path in ("node_modules/vite/bin/vite.js", "dist/index.html"):
        if not path.startswith(without or "/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).touch()
    return folder


def test_without_node_there_is_no_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert panel_state(built(tmp_path)) is PanelState.NO_NODE


def test_a_node_that_is_too_old_is_told_from_one_that_is_missing(
    tmp_path: Path, node: Callable[[str], None]
) -> None:
    node("v18.20.4")

    assert panel_state(built(tmp_path)) is PanelState.OLD_NODE


@pytest.mark.parametrize("without", ["node_modules", "dist"])
def test_a_panel_that_is_not_built_is_not_served(without: str, tmp_path: Path, node: Callable[[str], None]) -> None:
    node("v20.19.0")

    assert panel_state(built(tmp_path, without=without)) is PanelState.NOT_BUILT


def test_a_built_panel_is_served(tmp_path: Path, node: Callable[[str], None]) -> None:
    node("v20.19.0")

    assert panel_state(built(tmp_path)) is PanelState.READY


@pytest.mark.parametrize(
    ("version", "can"),
    [
        ("v20.19.0\n", True),
        ("v20.20.2\n", True),
        ("v22.12.0\n", True),
        ("v23.0.0\n", True),
        ("v24.11.1\n", True),
        ("v20.18.3\n", False),
        ("v21.7.3\n", False),
        ("v22.11.0\n", False),
        ("v18.20.4\n", False),
        ("", False),
        ("node", False),
    ],
)
def test_the_versions_of_node_are_those_that_vite_takes(version: str, can: bool) -> None:
    assert can_run_vite(version) is can


def test_the_engines_of_the_package_and_the_makefile_ask_for_the_same_node() -> None:
    package = json.loads((PROJECT / "bytchat-panel" / "package.json").read_text())

    assert package["engines"]["node"] == ">=20.19"
    assert "(a===20&&b>=19)||(a===22&&b>=12)||a>22" in (PROJECT / "Makefile").read_text()


@pytest.mark.parametrize("state", [state for state in PanelState if state is not PanelState.READY])
def test_why_it_is_missing_is_a_sentence_in_both_languages(state: PanelState) -> None:
    es, en = why_missing(state)

    assert es != en
    assert es.endswith(".")
    assert en.endswith(".")


def test_the_panel_listens_where_the_api_does_on_its_own_port() -> None:
    settings = Settings(_env_file=None, api_host="0.0.0.0", panel_port=5999)  # noqa: S104

    program = panel_program(settings, api_url="http://127.0.0.1:8000")

    assert program.argv[-4:] == ("--host", "0.0.0.0", "--port", "5999")  # noqa: S104
    assert "--strictPort" in program.argv
    assert program.env["API_TARGET"] == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:5173"),
        ("localhost", "http://localhost:5173"),
        ("0.0.0.0", "http://127.0.0.1:5173"),  # noqa: S104
        ("::", "http://[::1]:5173"),
        ("::1", "http://[::1]:5173"),
    ],
)
def test_a_host_is_called_by_an_address_of_this_machine(host: str, url: str) -> None:
    assert local_url(host, 5173) == url


@pytest.mark.parametrize(
    ("host", "has_panel", "operators", "trusted"),
    [
        ("127.0.0.1", True, "", ""),
        ("127.0.0.1", True, "10.0.0.1", "10.0.0.1"),
        ("0.0.0.0", False, "", ""),  # noqa: S104
        ("0.0.0.0", True, "", "127.0.0.1,::1"),  # noqa: S104
        ("0.0.0.0", True, "10.0.0.1", "10.0.0.1,127.0.0.1,::1"),  # noqa: S104
    ],
)
def test_only_a_panel_that_others_can_call_is_trusted_to_say_who_calls(
    host: str, has_panel: bool, operators: str, trusted: str
) -> None:
    settings = Settings(_env_file=None, api_host=host, trusted_proxies=operators)

    assert trusted_proxies(settings, has_panel=has_panel) == trusted


def test_the_doctor_says_what_the_panel_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    found = _panel_of(tmp_path, free_port())

    assert found.state is State.WARNING
    assert "Node.js" in found.sentence
    assert "make up" in found.sentence


@needs_the_panel
def test_the_doctor_says_whether_the_panel_is_served(tmp_path: Path) -> None:
    with socket.socket() as panel:
        panel.bind(("127.0.0.1", 0))
        panel.listen()
        port = panel.getsockname()[1]
        served = _panel_of(tmp_path, port)
    silent = _panel_of(tmp_path, port)

    assert (served.state, served.sentence) == (State.OK, f"http://127.0.0.1:{port}")
    assert silent.state is State.WARNING
    assert "make up" in silent.sentence


def _panel_of(home: Path, port: int) -> Finding:
    nowhere = "postgresql://127.0.0.1:1/x", "redis://127.0.0.1:1/0"
    settings = Settings(
        _env_file=None,
        database_url=nowhere[0],
        redis_url=nowhere[1],
        bytchat_home=home,
        panel_port=port,
    )
    return list(examine(settings))[-1]


@needs_the_panel
def test_a_taken_panel_port_is_named_with_its_variable_and_nothing_starts() -> None:
    with temporary_home() as home, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with started(home, port=free_port(), PANEL_PORT=str(port)) as process:
            code = process.wait(30)

        said = (home / "up.log").read_text()
        assert code == 1
        assert "PANEL_PORT" in said
        assert str(port) in said
        assert [path.name for path in home.iterdir()] == ["up.log"]


def test_where_there_is_no_node_all_else_starts_and_it_is_said_in_both_languages(tmp_path: Path) -> None:
    with _running(PATH=str(tmp_path)) as (said, panel_port):
        wait_until(lambda: "Panel" in said(), within_s=20)

        assert "hace falta Node.js" in said()
        assert "it needs Node.js" in said()
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"http://127.0.0.1:{panel_port}/", trust_env=False)


@needs_the_panel
def test_up_serves_the_panel_with_its_headers_and_passes_calls_on_to_the_api() -> None:
    with _running() as (said, panel_port):
        panel = f"http://127.0.0.1:{panel_port}"
        wait_until(lambda: f"Panel  {panel}" in said(), within_s=40)

        page, deep, api = (httpx2.get(f"{panel}{path}", trust_env=False) for path in ("/", "/bots/x", "/api/"))

        assert page.status_code == deep.status_code == 200
        assert deep.text == page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert api.json()["version"]


@contextmanager
def _running(**variables: str) -> Iterator[tuple[Callable[[], str], int]]:
    """`bytchat up`, what it has said so far, and its panel's port; ended as by Ctrl-C."""
    port, panel_port = free_port(), free_port()
    with temporary_home() as home, started(home, port=port, PANEL_PORT=str(panel_port), **variables) as process:
        log = home / "up.log"
        wait_until_ready(process, port, home)
        yield log.read_text, panel_port
        children = family(process)
        process.send_signal(signal.SIGINT)

        assert process.wait(40) == 0, log.read_text()
        assert not [child for child in children if child.is_running()]
