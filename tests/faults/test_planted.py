"""The planted faults of `make chaos-selftest` fit the source: else it would find nothing, for no good reason."""

from pathlib import Path

import pytest

from tests.faults.selftest import PATCHES, PLANTED, Planted, copied


@pytest.mark.parametrize("planted", PLANTED, ids=[one.name for one in PLANTED])
def test_a_planted_fault_fits_the_source(planted: Planted, tmp_path: Path) -> None:
    source = copied(tmp_path, planted.patch)

    changed = [line.removeprefix("+++ b/") for line in planted.patch.read_text().splitlines() if line[:4] == "+++ "]
    for name in changed:
        compile((source / name).read_text(), name, "exec")
    assert changed


def test_every_patch_is_planted() -> None:
    assert {one.patch for one in PLANTED} == set(PATCHES.glob("*.patch"))
