"""What the lock files hold: every package that is installed, its version and its hashes."""

import base64
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.platform import ROOT

PYTHON_LOCKS = sorted(ROOT.glob("*.lock"))
PANEL_LOCK = ROOT / "bytchat-panel/package-lock.json"

_REQUIREMENT = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>(?:.*\\\n)*.*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAME = re.compile(r"^[\w.-]+")
# npm's names of hashes, and those of CycloneDX.
_ALGORITHMS = {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256", "sha1": "SHA-1"}


@dataclass(frozen=True, slots=True)
class Package:
    """A locked package. `hashes` are (algorithm, hexadecimal); `licence` is what the lock says, often nothing."""

    ecosystem: str
    name: str
    version: str
    hashes: tuple[tuple[str, str], ...]
    licence: str = ""

    @property
    def purl(self) -> str:
        """Its package URL, which names it everywhere alike."""
        return f"pkg:{self.ecosystem}/{self.name.replace('@', '%40')}@{self.version}"


def python_packages(lock: str) -> list[Package]:
    """Those of the text of a requirements file."""
    return [
        Package(
            "pypi",
            _canonical(found["name"]),
            found["version"],
            tuple(("SHA-256", digest) for digest in _HASH.findall(found["rest"])),
        )
        for found in _REQUIREMENT.finditer(lock)
    ]


def panel_packages(lock: Mapping[str, Any]) -> list[Package]:
    """Those that the panel is built from and that its pages bring along: what only its makers use is left out."""
    found = {
        _panel_package(path, entry)
        for path, entry in lock["packages"].items()
        if path and not (entry.get("dev") or entry.get("devOptional"))
    }
    return sorted(found, key=lambda package: (package.name, package.version))


def runtime_packages() -> list[Package]:
    """All that a server or the panel's pages run with: docker compose's and those of `make up`."""
    server = python_packages((ROOT / "requirements-server.lock").read_text(encoding="utf-8"))
    everything = python_packages((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    embedded = [package for package in everything if package.name in _embedded() - {one.name for one in server}]
    panel = panel_packages(json.loads(PANEL_LOCK.read_text(encoding="utf-8")))
    return [*sorted([*server, *embedded], key=lambda package: (package.name, package.version)), *panel]


def _embedded() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["optional-dependencies"]["embedded"]
    return {_canonical(found.group()) for one in asked if (found := _NAME.match(one))}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _panel_package(path: str, entry: Mapping[str, Any]) -> Package:
    name = entry.get("name") or path.rpartition("node_modules/")[2]
    return Package("npm", name, entry["version"], _hashes(entry.get("integrity", "")), entry.get("license", ""))


def _hashes(integrity: str) -> tuple[tuple[str, str], ...]:
    pairs = (one.split("-", 1) for one in integrity.split())
    return tuple((_ALGORITHMS[name], base64.b64decode(digest).hex()) for name, digest in pairs)
