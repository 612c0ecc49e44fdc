"""One stack for the whole suite, built from this tree; only who names this folder means it.

It takes minutes and an engine. `COMPOSE_TEST_ENV=FILE` runs the suite on a stack that is up already with this
`.env` (`stack.write_env_file` says with what), and leaves it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.compose.stack import Stack, read_settings, running_stack
from tests.platform import Owner, register

_HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    named = [Path(config.invocation_params.dir, argument.split("::")[0]) for argument in config.args]
    return None if any(path.resolve().is_relative_to(_HERE) for path in named) else True


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if running := os.environ.get("COMPOSE_TEST_ENV"):
        yield Stack(Path(running), read_settings(Path(running)))
        return
    with running_stack(tmp_path_factory.mktemp("compose")) as stack:
        yield stack


@pytest.fixture
def owner(stack: Stack) -> Iterator[Owner]:
    """Somebody with a key for the vendor that follows scripts."""
    owner = register(stack.api)
    key = owner.http.put("/providers/openai/key", json={"key": "sk-clave-de-la-vendedora"})
    assert key.status_code == 200, key.text
    yield owner
    owner.http.close()


@pytest.fixture(params=["api", "panel"])
def door(request: pytest.FixtureRequest, stack: Stack, owner: Owner) -> Iterator[httpx2.Client]:
    """Either way in, with the owner's token."""
    url = stack.api if request.param == "api" else f"{stack.panel}/api"
    with httpx2.Client(base_url=url, headers=owner.http.headers, timeout=30, trust_env=False) as http:
        yield http
