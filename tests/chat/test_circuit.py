"""Circuits: whoever keeps failing is left alone for a while, and one attempt at a time finds out how it is."""

import pytest

from app.chat.circuit import Circuits, Line
from app.core.errors import ProviderError, ProviderTimedOut

LINE: Line = ("openai", "a1b2")
OTHER_KEY: Line = ("openai", "c3d4")
FAILED = ProviderError(cause="HTTP 500", status=500)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class Watched:
    """Circuits over a clock of the test's own."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.circuits = Circuits(self.clock)

    def fails(self, *errors: ProviderError, line: Line = LINE) -> None:
        for error in errors:
            self.circuits.failed(line, error)

    def rests_for_s(self, line: Line = LINE) -> float:
        """As whoever asks next does it: look, and try where it may be tried."""
        rest_s = self.circuits.looks_at_s(line)
        if not rest_s:
            self.circuits.takes_attempt(line)
        return rest_s

    def passes(self, seconds: float) -> None:
        self.clock.now_s += seconds


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_line_that_nobody_has_tried_may_be_tried(watched: Watched) -> None:
    assert watched.rests_for_s() == 0


@pytest.mark.parametrize(("failures", "rest_s"), [(1, 0), (2, 0), (3, 30)])
def test_the_third_failure_opens_the_circuit_for_half_a_minute(
    failures: int, rest_s: float, watched: Watched
) -> None:
    watched.fails(*[FAILED] * failures)

    assert watched.rests_for_s() == rest_s


@pytest.mark.parametrize(("timeouts", "rest_s"), [(1, 0), (2, 30)])
def test_the_second_timeout_opens_it(timeouts: int, rest_s: float, watched: Watched) -> None:
    watched.fails(*[ProviderTimedOut()] * timeouts)

    assert watched.rests_for_s() == rest_s


def test_the_rest_grows_shorter_as_time_passes(watched: Watched) -> None:
    watched.fails(FAILED, FAILED, FAILED)

    watched.passes(10)

    assert watched.rests_for_s() == 20


def test_another_key_of_the_same_vendor_is_unaffected(watched: Watched) -> None:
    watched.fails(FAILED, FAILED, FAILED)

    assert watched.rests_for_s(OTHER_KEY) == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refused_key_or_a_wrong_request_never_opens_it(status: int, watched: Watched) -> None:
    watched.fails(*[ProviderError(cause=f"HTTP {status}", status=status)] * 10)

    assert watched.rests_for_s() == 0


@pytest.mark.parametrize("status", [None, 408, 409, 425, 429, 500, 503, 599])
def test_what_may_pass_counts(status: int | None, watched: Watched) -> None:
    watched.fails(*[ProviderError(cause="?", status=status)] * 3)

    assert watched.rests_for_s() == 30


def test_a_success_between_failures_starts_the_count_again(watched: Watched) -> None:
    watched.fails(FAILED, FAILED)
    watched.circuits.succeeded(LINE)
    watched.fails(FAILED, FAILED)

    assert watched.rests_for_s() == 0


def test_failures_far_apart_are_not_the_same_trouble(watched: Watched) -> None:
    for _ in range(5):
        watched.fails(FAILED)
        watched.passes(121)

    assert watched.rests_for_s() == 0


def test_after_its_rest_one_attempt_is_let_through_and_the_others_wait_for_it(watched: Watched) -> None:
    watched.fails(FAILED, FAILED, FAILED)
    watched.passes(30)

    assert [watched.rests_for_s() for _ in range(3)] == [0, 30, 30]


def test_an_attempt_that_succeeds_closes_it(watched: Watched) -> None:
    watched.fails(FAILED, FAILED, FAILED)
    watched.passes(30)
    watched.rests_for_s()

    watched.circuits.succeeded(LINE)

    assert [watched.rests_for_s() for _ in range(3)] == [0, 0, 0]
    watched.fails(FAILED, FAILED)
    assert watched.rests_for_s() == 0


def test_an_attempt_whose_end_nobody_tells_is_followed_by_another(watched: Watched) -> None:
    """Its client left, or its process was asked to stop."""
    watched.fails(FAILED, FAILED, FAILED)
    watched.passes(30)
    watched.rests_for_s()

    watched.passes(30)

    assert watched.rests_for_s() == 0


def test_each_time_that_it_opens_again_it_rests_twice_as_long_up_to_five_minutes(watched: Watched) -> None:
    watched.fails(FAILED, FAILED, FAILED)
    rests = []
    for _ in range(6):
        rests.append(watched.rests_for_s())
        watched.passes(rests[-1])
        assert watched.rests_for_s() == 0
        watched.fails(FAILED)

    assert rests == [30, 60, 120, 240, 300, 300]


@pytest.mark.parametrize("together", [4, 10, 50])
def test_failures_that_were_under_way_when_it_opened_do_not_make_its_rest_longer(
    together: int, watched: Watched
) -> None:
    """Questions that were asked at once fail at once: it is one outage."""
    watched.fails(*[FAILED] * together)

    assert watched.rests_for_s() == 30


@pytest.mark.parametrize(("asked_s", "rest_s"), [(5, 30), (90, 90), (86_400, 300)])
def test_it_rests_at_least_as_long_as_the_vendor_asked_within_reason(
    asked_s: float, rest_s: float, watched: Watched
) -> None:
    watched.fails(FAILED, FAILED, ProviderError(cause="HTTP 429", status=429, retry_after_s=asked_s))

    assert watched.rests_for_s() == rest_s


def test_it_forgets_those_that_failed_longest_ago_rather_than_grow_without_end(watched: Watched) -> None:
    watched.fails(FAILED, FAILED, FAILED)

    for n in range(10_000):
        watched.fails(FAILED, FAILED, FAILED, line=("openai", str(n)))

    assert watched.rests_for_s() == 0
    assert watched.rests_for_s(("openai", "9999")) == 30
