"""Everything that runs with Bytchat has a licence that somebody has accepted, and is listed."""

import re
import site
from pathlib import Path

import pytest

from tests.supply.licences import PAGE, licence_of, page, refused
from tests.supply.locks import Package, runtime_packages
from tests.supply.reviewed import ACCEPTED, ACCEPTED_INSIDE, BUNDLED, READ, is_accepted

PACKAGES = runtime_packages()
NAMES = {package.name for package in PACKAGES}


def test_the_page_is_what_the_locks_say() -> None:
    """`make licences` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page(PACKAGES)


def test_no_licence_of_what_runs_is_without_review() -> None:
    assert refused(PACKAGES) == []
    inside = {licence for things in BUNDLED.values() for licence in things.values()}
    assert inside <= ACCEPTED.keys() | ACCEPTED_INSIDE.keys()


def test_the_review_names_nothing_that_is_not_there() -> None:
    assert READ.keys() - NAMES == set()
    assert BUNDLED.keys() - NAMES == set()


@pytest.mark.parametrize(
    ("licence", "accepted"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("BSD-3-Clause AND Apache-2.0 OR AGPL-3.0-only", True),
        ("AGPL-3.0-only", False),
        ("", False),
        ("SSPL-1.0", False),
    ],
)
def test_a_licence_is_accepted_only_where_each_part_leaves_a_choice(licence: str, accepted: bool) -> None:
    assert is_accepted(licence) is accepted


def test_a_package_under_an_unknown_licence_is_refused() -> None:
    assert refused([Package("npm", "sorpresa", "1.0", (), "BUSL-1.1")]) == ["sorpresa BUSL-1.1"]


def test_a_package_that_names_no_licence_is_told() -> None:
    with pytest.raises(LookupError, match="sorpresa"):
        licence_of(Package("pypi", "sorpresa", "1.0", ()))


def test_every_library_that_a_wheel_brings_is_listed_with_it() -> None:
    listed = " ".join(what for things in BUNDLED.values() for what in things)
    folders = [folder for root in site.getsitepackages() for folder in Path(root).glob("*.libs")]
    owned = [folder for folder in folders if folder.stem.replace("_", "-") in NAMES]

    brought = {re.split(r"-|\.so", path.name)[0] for folder in owned for path in folder.iterdir()}

    assert brought - set(re.findall(r"\w+", listed)) == set()
