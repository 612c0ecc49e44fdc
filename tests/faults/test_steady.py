"""What the steady run takes for a failure."""

from collections import Counter

from tests.faults.steady import problems


def test_few_that_are_told_to_come_again_are_no_problem() -> None:
    assert problems(Counter({"200": 997, "503": 3, "terminations": 300})) == []


def test_too_many_of_them_are_one() -> None:
    assert problems(Counter({"200": 990, "503": 10})) == ["1.00% × 503, and 0.5% is too many"]


def test_anything_else_is_one() -> None:
    counts = Counter({"200": 2000, "401": 1, "ReadError": 2})

    assert problems(counts) == ["1 × 401", "2 × ReadError"]
