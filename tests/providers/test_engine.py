"""A real model in a real server answers through the providers: nothing here is written by us but the question."""

from collections.abc import Iterator

import pytest

from app.core.config import Settings
from app.providers.registry import Providers
from tests.vendors.calls import first_words, heard, make_provider, request_for
from tests.vendors.engine import MODEL_ID, engine_server, needs_engine

pytestmark = [pytest.mark.anyio, needs_engine]

HELLO = request_for(MODEL_ID, system="You answer in one short sentence.", max_output_tokens=24)


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    with engine_server() as url:
        yield url


async def test_a_real_model_answers_through_the_local_provider(engine: str) -> None:
    providers = Providers(Settings.model_validate({"local_base_url": engine, "environment": "test"}), None)

    answer = await heard(providers.get("local", key=None), HELLO)

    assert answer.error is None
    assert len(answer.texts) > 3
    assert answer.finished is not None
    assert answer.finished.usage.input_tokens is not None
    assert answer.finished.usage.input_tokens > 10
    assert 3 < (answer.finished.usage.output_tokens or 0) <= 24
    await providers.aclose()


async def test_a_real_server_knows_both_names_of_the_limit(engine: str) -> None:
    provider = make_provider("openai", engine)

    answer = await heard(provider, request_for(MODEL_ID, max_output_tokens=4))

    assert answer.finished is not None
    assert (answer.finished.finish, answer.finished.usage.output_tokens) == ("length", 4)
    await provider.aclose()


async def test_a_real_server_is_free_again_after_who_left(engine: str) -> None:
    providers = Providers(Settings.model_validate({"local_base_url": engine, "environment": "test"}), None)
    local = providers.get("local", key=None)

    await first_words(local, MODEL_ID)
    answers = [await heard(local, request_for(MODEL_ID, max_output_tokens=2)) for _ in range(5)]

    assert [answer.error for answer in answers] == [None] * 5
    await providers.aclose()


async def test_the_check_of_a_real_server_passes(engine: str) -> None:
    provider = make_provider("openai", engine)

    await provider.check()

    await provider.aclose()
