"""Every operation of the OpenAPI document, tried at its corners and at random, keeps to the document."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.embedded.services import Services
from tests.fuzz.attempt import Attempts
from tests.fuzz.cases import Operation, at_random, corners, operations
from tests.fuzz.estate import NO_QUOTAS, Estate
from tests.fuzz.known import REFUSED, SHADOWED
from tests.platform import api_process
from tests.routes import ROUTES, Route, name_of
from tests.rows import Database
from tests.services import migrated_services

_AT_RANDOM = 10


@pytest.fixture(scope="module")
def apart() -> Iterator[Services]:
    """Services of its own: what is made here would wait in the queues of other tests."""
    with migrated_services() as services:
        yield services


@pytest.fixture(scope="module")
def attempts(apart: Services, logs: Path) -> Iterator[Attempts]:
    with (
        api_process(apart, logs, **NO_QUOTAS) as (api, _),
        closing(Database(apart)) as db,
        closing(Estate(api, db)) as estate,
        closing(Attempts(api, estate)) as attempts,
    ):
        yield attempts


@pytest.fixture(scope="module")
def found(attempts: Attempts) -> dict[Route, Operation]:
    return operations(attempts.api)


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_answer_of_an_operation_is_the_documents(
    route: Route, found: dict[Route, Operation], attempts: Attempts
) -> None:
    """INP-5. No 5xx, nothing undeclared, no token ignored, what is unsound refused and what is sound accepted."""
    sent = attempts.sent

    for case in corners(found[route]):
        attempts.send(case)
    at_random(found[route], _AT_RANDOM, attempts.send, start=" ".join(route))

    assert attempts.sent > sent
    assert route not in attempts.never_well()
    assert [str(finding) for finding in attempts.findings if finding.route == route] == []


def test_the_reviewed_exceptions_are_of_routes_that_there_are(found: dict[Route, Operation]) -> None:
    """INP-5."""
    paths = {path for _, path in found}

    assert set(REFUSED) <= set(found)
    assert {path for _, path in SHADOWED} <= paths
