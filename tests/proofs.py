"""Whether each fact of `docs/reliability.md` has its passing proof, by what the runs of the tests have reported.

    python -m tests.proofs build/reports [--without panel]

`FOLDER` holds JUnit files: pytest's and that of the panel's trial in a browser. Ends with 1 where an id has a proof
that failed or did not run, or none that passed. What needs a Docker engine may be missing, and so may the panel
where that is said; a benchmark counts by its document.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree

from tests.platform import ROOT

LIST = ROOT / "docs" / "reliability.md"
IDS = {
    **{f"ISO-{n}": "P1" if n in (6, 7) else "P0" for n in range(1, 8)},
    **{f"AUT-{n}": "P0" for n in range(1, 9)},
    "SEC-1": "P0",
    **{f"OUT-{n}": "P0" for n in range(1, 4)},
    **{f"INP-{n}": "P0" for n in range(1, 6)},
    **{f"JOB-{n}": "P1" if n in (6, 7) else "P0" for n in range(1, 8)},
    **{f"STR-{n}": "P1" if n == 7 else "P0" for n in range(1, 8)},
    **{f"OPS-{n}": "P1" if n == 6 else "P0" for n in range(1, 7)},
}
_ROW = re.compile(r"\| ([A-Z]{3}-\d+) \| (P[01]) \| (.+) \| (.+) \|")
_NAME = re.compile(r"`([^`]+)`")


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    MISSING = "did not run"
    UNTRIED = "not tried here"


@dataclass(frozen=True, slots=True)
class Proof:
    """A test of a file (of the panel's: what its title holds), a whole file of tests, or a benchmark's document."""

    path: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.path}{self.name and '::' + self.name}"

    @property
    def is_benchmark(self) -> bool:
        return self.path.endswith(".md")

    @property
    def needs_docker(self) -> bool:
        return self.path.startswith("tests/compose/")

    @property
    def is_of_the_panel(self) -> bool:
        return self.path.startswith("bytchat-panel/")


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the list."""

    id: str
    priority: str
    says: str
    proofs: tuple[Proof, ...]


# By file and test, whether it passed, in all of its cases.
Results = Mapping[tuple[str, str], bool]


def read_facts(text: str) -> list[Fact]:
    """The rows of the list, in its order."""
    rows = filter(None, map(_ROW.fullmatch, text.splitlines()))
    return [Fact(row[1], row[2], row[3], tuple(_proofs(row[4]))) for row in rows]


def _proofs(cell: str) -> Iterator[Proof]:
    """A path stands before the names of its tests; one without names is meant whole."""
    path, named = "", True
    for word in _NAME.findall(cell):
        if "/" in word:
            if not named:
                yield Proof(path)
            path, named = word, False
        else:
            named = True
            yield Proof(path, word)
    if not named:
        yield Proof(path)


def names_in(path: Path) -> set[str]:
    """The names of the tests that stand in a Python file."""
    tree = ast.parse(path.read_text())
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return {name for name in functions if name.startswith("test_")} | classes


def read_results(files: Iterable[Path]) -> dict[tuple[str, str], bool]:
    """What JUnit files report; parametrized tests are one, which passed when all of them did: none was skipped."""
    results: dict[tuple[str, str], bool] = {}
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):  # noqa: S314
            key = (_path_of(case.get("classname", "")), case.get("name", "").partition("[")[0])
            is_good = all(case.find(problem) is None for problem in ("failure", "error", "skipped"))
            results[key] = results.get(key, True) and is_good
    return results


def _path_of(classname: str) -> str:
    """Of pytest's dotted module, or of the panel's file in its folder."""
    if classname.endswith(".test.ts"):
        return f"bytchat-panel/e2e/{classname}"
    parts = classname.split(".")
    # A class of tests stands behind its module.
    module = [part for part in parts if not part[:1].isupper()]
    return "/".join(module) + ".py"


def outcome(proof: Proof, results: Results, *, without_panel: bool) -> Outcome:
    """Of one proof."""
    if proof.is_benchmark:
        return _of_benchmark(ROOT / proof.path)
    ran = [good for (path, name), good in results.items() if path == proof.path and _is_of(name, proof)]
    if ran:
        return Outcome.PASSED if all(ran) else Outcome.FAILED
    may_be_missing = proof.needs_docker or (proof.is_of_the_panel and without_panel)
    return Outcome.UNTRIED if may_be_missing else Outcome.MISSING


def _is_of(name: str, proof: Proof) -> bool:
    # A title of the panel's may be made of a template.
    return not proof.name or (proof.name in name if proof.is_of_the_panel else proof.name == name)


def _of_benchmark(document: Path) -> Outcome:
    """Each benchmark writes into its document whether its budgets are kept."""
    if not document.is_file() or "kept" not in (said := document.read_text()).lower():
        return Outcome.MISSING
    return Outcome.FAILED if "MISSED" in said else Outcome.PASSED


def unproven(facts: Iterable[Fact], results: Results, *, without_panel: bool = False) -> dict[str, list[str]]:
    """By the id of each fact that is not proven, what is wrong with it."""
    wrong: dict[str, list[str]] = {}
    for fact in facts:
        outcomes = {proof: outcome(proof, results, without_panel=without_panel) for proof in fact.proofs}
        bad = [f"{one}: {it}" for one, it in outcomes.items() if it in (Outcome.FAILED, Outcome.MISSING)]
        is_untried = Outcome.UNTRIED in outcomes.values() and without_panel
        if not bad and Outcome.PASSED not in outcomes.values() and not is_untried:
            bad = ["none of its proofs ran"]
        if bad:
            wrong[fact.id] = bad
    return wrong


def main() -> int:
    """Tell each id, and what is not proven."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", choices=["panel"])
    asked = parser.parse_args()
    facts = read_facts(LIST.read_text())
    reports = sorted(asked.folder.glob("*.xml"))
    if not reports:
        print(f"No hay informes en {asked.folder}: ejecuta antes «make test» y «make panel-e2e».")
        print(f"There are no reports in {asked.folder}: run `make test` and `make panel-e2e` first.")
        return 1
    results = read_results(reports)
    wrong = unproven(facts, results, without_panel=asked.without == "panel")
    if {fact.id: fact.priority for fact in facts} != IDS or len(facts) != len(IDS):
        print(f"{LIST.name} no tiene cada fila una vez · does not have every row once")
        return 1
    for fact in facts:
        print(f"{fact.id:6} {fact.priority} {'NOT PROVEN' if fact.id in wrong else 'proven':10} {fact.says[:90]}")
        print("".join(f"       {it}\n" for it in wrong.get(fact.id, [])), end="")
    print(f"{len(facts) - len(wrong)} of {len(facts)} are proven, by {len(results)} tests that ran")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
