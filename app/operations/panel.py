"""The panel beside the API: whether this machine can serve it, and the program that does."""

import re
import shutil
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from app.core.config import Settings
from app.embedded.home import PROJECT
from app.embedded.process import Program, run

PANEL = "panel"
FOLDER = PROJECT / "bytchat-panel"
_VITE = Path("node_modules", "vite", "bin", "vite.js")
_PAGE = Path("dist", "index.html")
_OF_THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}


class PanelState(StrEnum):
    """What stands between this machine and the panel, if anything."""

    READY = "ready"
    NO_NODE = "no_node"
    OLD_NODE = "old_node"
    NOT_BUILT = "not_built"
    SILENT = "silent"


_GET_NODE_ES = "Instálalo de https://nodejs.org (macOS: `brew install node`) y repite `make up`"
_GET_NODE_EN = "Install it from https://nodejs.org (macOS: `brew install node`) and run `make up` again"
_REASONS: Mapping[PanelState, tuple[str, str]] = {
    PanelState.NO_NODE: (
        f"hace falta Node.js ≥ 20.19. {_GET_NODE_ES}.",
        f"it needs Node.js ≥ 20.19. {_GET_NODE_EN}.",
    ),
    PanelState.OLD_NODE: (
        f"este Node.js no sirve: hace falta 20.19, 22.12 o posterior. {_GET_NODE_ES}.",
        f"this Node.js will not do: it needs 20.19, 22.12 or newer. {_GET_NODE_EN}.",
    ),
    PanelState.NOT_BUILT: (
        "aún no está construido: lo hace `make panel`, que también dice qué le falta.",
        "it is not built yet: `make panel` does it, and says what it lacks.",
    ),
    PanelState.SILENT: (
        "no responde todavía; sus líneas dicen por qué.",
        "it does not answer yet; its lines say why.",
    ),
}


def panel_state(folder: Path = FOLDER) -> PanelState:
    """What `make up` will do about the panel."""
    node = shutil.which("node")
    if node is None:
        return PanelState.NO_NODE
    if not can_run_vite(run([node, "--version"]).stdout):
        return PanelState.OLD_NODE
    is_built = (folder / _VITE).is_file() and (folder / _PAGE).is_file()
    return PanelState.READY if is_built else PanelState.NOT_BUILT


def can_run_vite(version: str) -> bool:
    """Whether this Node (`v20.19.0`) is one that the panel is built and served with."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    major, minor = (int(found[1]), int(found[2])) if found else (0, 0)
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def why_missing(state: PanelState) -> tuple[str, str]:
    """The sentence, in Spanish and in English, of a state that is not `READY`."""
    return _REASONS[state]


def panel_program(settings: Settings, *, api_url: str, folder: Path = FOLDER) -> Program:
    """Serves what was built, and passes `/api` on to the API."""
    return Program(
        PANEL,
        (
            *(shutil.which("node") or "node", str(folder / _VITE), "preview", "--strictPort", "--logLevel", "warn"),
            *("--host", settings.api_host, "--port", str(settings.panel_port)),
        ),
        {"API_TARGET": api_url},
        folder=folder,
        stop_timeout_s=5,
    )


def local_url(host: str, port: int) -> str:
    """Where a client of this machine reaches what listens on this host."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def trusted_proxies(settings: Settings, *, has_panel: bool) -> str:
    """The addresses whose `X-Forwarded-For` counts, separated by commas.

    What comes through a panel that other machines can call comes from this one; without the address that it
    passes on, all its visitors would share one person's limits.
    """
    is_shared = has_panel and settings.api_host not in _OF_THIS_MACHINE
    own = "127.0.0.1,::1" if is_shared else ""
    return ",".join(part for part in (settings.trusted_proxies, own) if part)
