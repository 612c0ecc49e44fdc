"""README.md and README.es.md say the same; they and the other documents name nothing that is not there."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path

import pytest
import typer

from app.cli import cli
from app.core.config import Settings
from tests.platform import ROOT

ENGLISH, SPANISH = ROOT / "README.md", ROOT / "README.es.md"
DOCUMENTS = [ENGLISH, SPANISH, ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
LANGUAGES = pytest.mark.parametrize("path", [ENGLISH, SPANISH], ids=lambda path: path.name)
EVERYWHERE = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
SETTINGS = {field.upper() for field in Settings.model_fields}
# Read by the panel's own commands, not by the server.
THE_PANELS = {"API_TARGET", "VITE_API_URL"}

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)
_LABEL = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_MAKE = re.compile(r"(?:^|&& |=\S+ )make ([a-z][a-z0-9-]*)", re.MULTILINE)
_BYTCHAT = re.compile(r"(?:^|[ /])bytchat ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", re.MULTILINE)
_VARIABLE = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language and its lines without what is for the reader alone."""

    language: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Of a table."""

    cells: tuple[str, ...]

    def codes(self, column: int) -> tuple[str, ...]:
        return tuple(_CODE.findall(self.cells[column])) if column < len(self.cells) else ()


def prose(path: Path) -> str:
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


@cache
def headings(path: Path) -> list[tuple[int, str]]:
    """The level and the title of each."""
    return [(len(marks), title) for marks, title in _HEADING.findall(prose(path))]


def blocks(path: Path) -> list[Block]:
    return [Block(*_bare(*found)) for found in _FENCE.findall(path.read_text(encoding="utf-8"))]


def _bare(language: str, text: str) -> tuple[str, tuple[str, ...]]:
    """Comments aside, and in a drawing the words."""
    shown = _LABEL.sub("", text) if language == "mermaid" else _COMMENT.sub("", text)
    return language, tuple(line.rstrip() for line in shown.splitlines() if line.strip())


def tables(path: Path) -> list[list[Row]]:
    found = re.findall(r"(?:^\|.*\|$\n?)+", prose(path), re.MULTILINE)
    return [[_row(line) for line in table.splitlines() if not set(line) <= set("|-: ")] for table in found]


def _row(line: str) -> Row:
    return Row(tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]))


def settings_rows(path: Path) -> Iterator[Row]:
    """What the tables of variables say."""
    for header, *rows in tables(path):
        if header.cells[0] == "Variable":
            yield from rows


def links(path: Path) -> list[str]:
    """Targets in order of the alphabet; one within the page as the place of its heading."""
    return sorted(_place(path, target) for target in _LINK.findall(prose(path)))


def _place(path: Path, target: str) -> str:
    anchors = [_anchor(title) for _, title in headings(path)]
    if not target.startswith("#"):
        return target
    assert target[1:] in anchors, f"{path.name}: {target} leads to no heading"
    return f"#{anchors.index(target[1:])}"


def _anchor(title: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def differences(english: list[object], spanish: list[object]) -> list[str]:
    """Side by side, what is not the same."""
    pairs = zip_longest(english, spanish, fillvalue="-")
    return [f"{one} | {other}" for one, other in pairs if one != other]


def listed(names: Iterable[str]) -> str:
    """In one line, which no failure shortens."""
    return ", ".join(sorted(names))


def test_both_have_the_same_sections() -> None:
    levels = [[level for level, _ in headings(path)] for path in (ENGLISH, SPANISH)]

    titles = "\n".join(f"{one} | {other}" for one, other in zip_longest(headings(ENGLISH), headings(SPANISH)))
    assert levels[0] == levels[1], f"README.md | README.es.md\n{titles}"


def test_both_have_the_same_commands() -> None:
    english, spanish = blocks(ENGLISH), blocks(SPANISH)

    assert [one.language for one in english] == [one.language for one in spanish]
    for one, other in zip(english, spanish, strict=True):
        assert differences([*one.lines], [*other.lines]) == []


def test_both_have_the_same_tables() -> None:
    english, spanish = tables(ENGLISH), tables(SPANISH)

    assert [_shape(table) for table in english] == [_shape(table) for table in spanish]
    for one, other in zip(english, spanish, strict=True):
        assert differences(_first_codes(one), _first_codes(other)) == []


def _shape(table: list[Row]) -> tuple[int, set[int]]:
    return len(table), {len(row.cells) for row in table}


def _first_codes(table: list[Row]) -> list[object]:
    """The code of the first two columns: a variable and its default."""
    return [(*row.codes(0), *row.codes(1)) for row in table]


def test_both_lead_to_the_same_places_and_to_each_other() -> None:
    english, spanish = links(ENGLISH), links(SPANISH)

    assert (SPANISH.name in english, ENGLISH.name in spanish) == (True, True)
    english.remove(SPANISH.name)
    spanish.remove(ENGLISH.name)
    assert differences([*english], [*spanish]) == []


@EVERYWHERE
def test_what_it_leads_to_is_there(path: Path) -> None:
    files = {target.partition("#")[0] for target in links(path) if not target.startswith(("#", "http"))}

    assert listed(file for file in files if not (path.parent / file).exists()) == ""


@EVERYWHERE
def test_every_make_that_it_names_is_in_the_makefile(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert listed(set(_MAKE.findall(code(path))) - targets) == ""


@EVERYWHERE
def test_every_bytchat_that_it_names_is_a_command(path: Path) -> None:
    named = _BYTCHAT.findall(code(path))

    assert listed(f"bytchat {name} {below}" for name, below in named if not is_command(name, below)) == ""


def code(path: Path) -> str:
    """All that stands as code, a line each."""
    fenced = [text for _, text in _FENCE.findall(path.read_text(encoding="utf-8"))]
    return "\n".join([*fenced, *_CODE.findall(prose(path))])


def is_command(name: str, below: str) -> bool:
    """Whether `bytchat NAME` is one; where others hang below it, whether `bytchat NAME BELOW` is."""
    command = vars(typer.main.get_command(cli))["commands"].get(name)
    inner = vars(command).get("commands") if command else None
    return command is not None and (not inner or below in inner)


@LANGUAGES
def test_every_variable_that_it_explains_is_read(path: Path) -> None:
    assert listed(explained(path) - SETTINGS - THE_PANELS) == ""


def test_every_setting_is_explained_there_or_in_the_example() -> None:
    example = ROOT / ".env.example"
    assert listed(SETTINGS - explained(ENGLISH) - set(_VARIABLE.findall(example.read_text(encoding="utf-8")))) == ""


def explained(path: Path) -> set[str]:
    return {variable for row in settings_rows(path) for variable in row.codes(0)}


@LANGUAGES
def test_the_defaults_that_it_tells_are_those_of_the_settings(path: Path) -> None:
    told = {
        variable: default
        for row in settings_rows(path)
        if len(row.codes(0)) == len(row.codes(1))
        for variable, default in zip(row.codes(0), row.codes(1), strict=True)
        if variable.lower() in Settings.model_fields
    }
    real = {variable: _default(variable) for variable in told}

    # Without one of its own, what it comes to is told in words.
    assert {variable: told[variable] for variable in told if real[variable] not in ("", told[variable])} == {}


def _default(variable: str) -> str:
    value = Settings.model_fields[variable.lower()].default
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value or "")
