"""The list of what must hold is whole, and every proof that it names is there.

That they pass too, `make proofs` tells from what the runs have reported.
"""

import pytest

from tests.platform import ROOT
from tests.proofs import IDS, LIST, Fact, Proof, names_in, read_facts, read_results, unproven

FACTS = read_facts(LIST.read_text())


def name_of(value: object) -> str:
    return value.id if isinstance(value, Fact) else str(value)


def test_the_list_has_every_id_once_with_its_priority() -> None:
    assert [fact.id for fact in FACTS] == list(IDS)
    assert {fact.id: fact.priority for fact in FACTS} == IDS


@pytest.mark.parametrize("fact", FACTS, ids=name_of)
def test_every_proof_is_there(fact: Fact) -> None:
    missing = [str(proof) for proof in fact.proofs if not is_there(proof)]

    assert missing == []


@pytest.mark.parametrize("fact", FACTS, ids=name_of)
def test_no_fact_rests_on_a_docker_engine_or_a_benchmark_alone(fact: Fact) -> None:
    assert [proof for proof in fact.proofs if not proof.needs_docker and not proof.is_benchmark]


@pytest.mark.parametrize(
    ("reports", "wrong"),
    [
        ({"one": "", "other": ""}, {}),
        ({"one": "<failure/>", "other": ""}, {"ISO-1": ["tests/test_a.py::test_one: failed"]}),
        ({"one": "<error/>", "other": ""}, {"ISO-1": ["tests/test_a.py::test_one: failed"]}),
        ({"one": "<skipped/>", "other": ""}, {"ISO-1": ["tests/test_a.py::test_one: failed"]}),
        ({"other": ""}, {"ISO-1": ["tests/test_a.py::test_one: did not run"]}),
        ({"one": ""}, {"ISO-2": ["tests/test_b.py: did not run"]}),
    ],
    ids=["all passed", "failed", "broken", "skipped", "gone", "a whole file gone"],
)
def test_a_fact_whose_proof_did_not_pass_is_told(
    reports: dict[str, str], wrong: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    facts = [
        Fact("ISO-1", "P0", "…", (Proof("tests/test_a.py", "test_one"), Proof("tests/compose/test_c.py"))),
        Fact("ISO-2", "P0", "…", (Proof("tests/test_b.py"),)),
    ]
    cases = {
        "one": '<testcase classname="tests.test_a" name="test_one[{}]">{}</testcase>',
        "other": '<testcase classname="tests.test_b" name="test_other">{}</testcase>',
    }
    body = "".join(
        cases[name].replace("[{}]", f"[{turn}]").format(said) for name, said in reports.items() for turn in range(2)
    )
    report = tmp_path_factory.mktemp("reports") / "tests.xml"
    report.write_text(f"<testsuites><testsuite>{body}</testsuite></testsuites>")

    assert unproven(facts, read_results([report])) == wrong


def test_a_browsers_proof_may_be_missing_only_where_that_is_said() -> None:
    facts = [Fact("OUT-1", "P0", "…", (Proof("bytchat-panel/e2e/xss.test.ts"),))]

    assert unproven(facts, {}, without_panel=True) == {}
    assert unproven(facts, {}) == {"OUT-1": ["bytchat-panel/e2e/xss.test.ts: did not run"]}
    assert unproven(facts, {("bytchat-panel/e2e/xss.test.ts", "OUT-1: a script"): False}, without_panel=True) == {
        "OUT-1": ["bytchat-panel/e2e/xss.test.ts: failed"]
    }


def is_there(proof: Proof) -> bool:
    path = ROOT / proof.path
    if not path.is_file() or not proof.name:
        return path.is_file()
    return proof.name in (path.read_text() if proof.is_of_the_panel else names_in(path))
