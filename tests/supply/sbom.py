"""Writes what Bytchat is made of as a CycloneDX 1.6 document: `python -m tests.supply.sbom FILE`."""

import json
import sys
import tomllib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.platform import ROOT
from tests.supply.licences import licence_of
from tests.supply.locks import Package, runtime_packages

_NAMESPACE = uuid.UUID("5f1f3c1e-6a0f-5d0b-9b7e-2f6f4f7d1c55")
_PARTS = {"pypi": "server", "npm": "panel"}


def document(packages: Sequence[Package]) -> dict[str, Any]:
    """The same for the same locks: its serial number follows from what it holds."""
    components = [_component(package) for package in packages]
    serial = uuid.uuid5(_NAMESPACE, json.dumps(components, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": _ourselves()},
        "components": components,
    }


def _ourselves() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "type": "application",
        "bom-ref": "bytchat",
        "name": project["name"],
        "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }


def _component(package: Package) -> dict[str, Any]:
    """A Python package has a hash for each file that may be installed of it."""
    group, _, name = package.name.rpartition("/")
    return {
        "type": "library",
        "bom-ref": package.purl,
        **({"group": group} if group else {}),
        "name": name,
        "version": package.version,
        "scope": "required",
        "hashes": [{"alg": algorithm, "content": digest} for algorithm, digest in package.hashes],
        "licenses": [_licence(licence_of(package))],
        "purl": package.purl,
        "properties": [{"name": "bytchat:part", "value": _PARTS[package.ecosystem]}],
    }


def _licence(expression: str) -> dict[str, Any]:
    return {"expression": expression} if " " in expression else {"license": {"id": expression}}


def main(target: Path) -> None:
    packages = runtime_packages()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document(packages), indent=1) + "\n", encoding="utf-8")
    print(f"{target}: {len(packages)} componentes · components, CycloneDX 1.6")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
