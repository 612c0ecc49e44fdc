"""Requests made from the OpenAPI document: each of its corners once, and as many at random as are wanted."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeAlias

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.overrides import Override

from tests.routes import Route

Case: TypeAlias = schemathesis.Case[Any]
Operation: TypeAlias = schemathesis.APIOperation[Any, Any, Any, Any]
_MODES = list(GenerationMode)


def operations(api: str) -> dict[Route, Operation]:
    """Every operation of the running API's document, in its order."""
    config = SchemathesisConfig()
    # The token is ours to send or to leave out; no `Authorization` is drawn.
    config.projects.default.generation.with_security_parameters = False
    # A request that the document does not speak of proves nothing about it.
    config.projects.default.generation.allow_extra_parameters = False
    schema = schemathesis.openapi.from_url(f"{api}/openapi.json", config=config)
    found: list[Operation] = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {(one.method.upper(), one.path): one for one in found}


def corners(operation: Operation) -> Iterator[Case]:
    """The least, the greatest and just beyond them, each field left out or of another type, each other method."""
    config = operation.schema.config.generation_for(operation=operation, phase="coverage")
    yield from CoverageGenerator(
        operation=operation,
        generation_modes=_MODES,
        generation_config=config,
        auth_storage=None,
        override=Override(),
        feedback=NO_FEEDBACK,
    )


def at_random(operation: Operation, count: int, send: Callable[[Case], None], *, start: str) -> None:
    """Sends up to `count` sound and unsound cases; the same `start` draws the same ones."""
    for mode in _MODES:
        _draw(operation.as_strategy(generation_mode=mode), -(-count // len(_MODES)), send, start=f"{start} {mode}")


def _draw(strategy: st.SearchStrategy[Case], count: int, send: Callable[[Case], None], *, start: str) -> None:
    @seed(start)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(case: Case) -> None:
        send(case)

    # Where nothing can be unsound there is nothing to send.
    with suppress(Unsatisfiable):
        run()
