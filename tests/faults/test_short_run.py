"""A short run of `make chaos`, one fault of each family, all of it told as right by the oracle."""

import pytest

from tests.faults.history import Invariant
from tests.faults.oracle import told
from tests.faults.report import lines_of
from tests.faults.run import Result, run

SEED, SECONDS = 2026, 20
FAULTS = (
    *("lane-killed", "worker-frozen", "beat-killed"),
    *("redis-emptied", "redis-black-holed"),
    *("backends-terminated", "postmaster-killed", "table-locked", "commit-answer-lost-to-api"),
    *("api-killed", "api-terminated"),
    *("provider-fails", "provider-breaks-off"),
)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(tmp_path_factory.mktemp("chaos"), seed=SEED, seconds=SECONDS, faults=FAULTS, people=4)


def test_nothing_that_was_acknowledged_is_lost_doubled_or_anothers_while_everything_breaks_job_1_str_2(
    result: Result,
) -> None:
    """JOB-1, JOB-2, STR-1, STR-2, ISO-6, OPS-4."""
    assert result.is_clean, f"\n{told(result.violations)}\n{lines_of(result)}"
    assert result.counts == {}


def test_much_was_broken_and_much_acknowledged_all_the_same(result: Result) -> None:
    assert result.injected.total() >= 5, lines_of(result)
    assert result.acknowledged["upload"] >= 5, lines_of(result)
    assert result.acknowledged["ask"] >= 5, lines_of(result)
    assert result.documents >= 3, lines_of(result)


def test_the_last_lines_are_the_figures(result: Result) -> None:
    lines = lines_of(result)

    assert all(f"{invariant}: 0" in lines for invariant in Invariant)
