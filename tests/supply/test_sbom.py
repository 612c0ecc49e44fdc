"""What Bytchat is made of, as a document that others' tools can read."""

import json
import re
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.platform import ROOT
from tests.supply.locks import runtime_packages
from tests.supply.sbom import document, main

PACKAGES = runtime_packages()
SBOM = document(PACKAGES)


def test_it_is_valid_cyclonedx_1_6() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(SBOM)) is None


def test_each_package_is_in_it_with_version_purl_hash_and_licence() -> None:
    components = SBOM["components"]

    assert [one["purl"] for one in components] == [package.purl for package in PACKAGES]
    assert [one["purl"] for one in components if not (one["version"] and one["hashes"] and one["licenses"])] == []
    assert {"pkg:npm/%40tanstack/react-query", "pkg:pypi/fastapi"} <= {
        one["purl"].rpartition("@")[0] for one in components
    }


def test_it_holds_no_address_and_no_path_of_this_machine() -> None:
    text = json.dumps(SBOM)

    assert re.findall(r"https?://[^/\"]+", text) == ["http://cyclonedx.org"]
    assert str(ROOT) not in text


def test_the_same_locks_give_the_same_document(tmp_path: Path) -> None:
    target = tmp_path / "build/sbom.cdx.json"

    main(target)

    assert json.loads(target.read_text(encoding="utf-8")) == document(runtime_packages()) == SBOM
    assert document(PACKAGES[1:])["serialNumber"] != SBOM["serialNumber"]
