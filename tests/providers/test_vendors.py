"""OpenAI and Google alike: an answer arrives whole, a failure tells its status and no secret."""

import logging
import os
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import ProviderError
from app.providers.base import Finished, Usage
from app.providers.google import GoogleProvider
from app.providers.http import Timeouts
from app.providers.openai import OpenAIProvider
from tests.platform import free_port
from tests.vendors.calls import KEY, QUESTION, heard, make_provider
from tests.vendors.server import Kind, Vendor
from tests.vendors.wire import PROMPT_TOKENS

pytestmark = pytest.mark.anyio

Provider = OpenAIProvider | GoogleProvider
SAID = "Hola, ¿qué tal? Añoro el 🌊."
# The scripts of failures that come after two words.
HALF_WAY = ["cut_after=2", "garbage_after=2", "error_after=2", "end_after=2"]


async def test_an_answer_arrives_word_by_word(provider: Provider) -> None:
    answer = await heard(provider, "a-model")

    assert answer.text == SAID
    assert len(answer.texts) == 6
    assert answer.finished == Finished("stop", Usage(PROMPT_TOKENS, 6))


@pytest.mark.parametrize("newline", ["lf", "crlf", "cr"])
async def test_any_end_of_a_line_will_do(provider: Provider, newline: str) -> None:
    assert (await heard(provider, f"newline={newline}")).text == SAID


async def test_a_server_that_counts_no_tokens_is_heard(provider: Provider) -> None:
    assert (await heard(provider, "usage=no")).finished == Finished("stop", Usage(None, None))


async def test_a_server_that_compresses_unasked_is_understood(provider: Provider) -> None:
    assert (await heard(provider, "encoding=gzip")).text == SAID


async def test_thoughts_are_not_shown(provider: Provider) -> None:
    assert (await heard(provider, "think=a ver;say=Sí")).text == "Sí"


@given(edges=st.lists(st.integers(min_value=0, max_value=2_000), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_an_answer_cut_anywhere_on_the_way_is_the_same(
    provider: Provider, vendor: Vendor, edges: list[int]
) -> None:
    vendor.split_at = edges

    assert (await heard(provider, "a-model")).text == SAID


async def test_an_answer_one_byte_at_a_time_is_the_same(provider: Provider, vendor: Vendor) -> None:
    vendor.split_at = list(range(1_500))

    assert (await heard(provider, "say=año 🌊")).text == "año 🌊"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_a_failure_keeps_its_status(provider: Provider, status: int) -> None:
    answer = await heard(provider, f"fail={status}")

    assert answer.texts == []
    assert answer.error is not None
    assert answer.error.status == status
    assert answer.cause == f"HTTP {status}"


async def test_a_redirect_is_not_followed(provider: Provider, vendor: Vendor) -> None:
    answer = await heard(provider, "fail=307")

    assert answer.cause == "HTTP 307"
    assert len(vendor.requests) == 1


async def test_a_vendor_says_how_long_to_leave_it_alone(provider: Provider) -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)

    waits = [
        answer.error.retry_after_s
        for retry_after in ("7", "0.5", in_a_minute, "pronto", "nan", "-3")
        if (answer := await heard(provider, f"fail=429;retry_after={retry_after}")).error is not None
    ]

    assert waits[:2] == [7, 0.5]
    assert waits[2] == pytest.approx(60, abs=3)
    assert waits[3:] == [None, None, None]


@pytest.mark.parametrize("mishap", HALF_WAY)
async def test_what_was_said_before_a_failure_is_heard(provider: Provider, mishap: str) -> None:
    answer = await heard(provider, f"tokens=5;{mishap}")

    assert answer.texts == ["palabra0", " palabra1"]
    assert answer.finished is None
    assert answer.error is not None
    assert answer.error.is_retryable


@pytest.mark.parametrize("mishap", ["cut_after=0", "garbage_after=0", "error_after=0", "end_after=0"])
async def test_a_failure_before_the_first_word_is_one(provider: Provider, mishap: str) -> None:
    answer = await heard(provider, mishap)

    assert answer.texts == []
    assert answer.error is not None


async def test_an_end_without_a_last_word_is_a_failure(provider: Provider) -> None:
    assert (await heard(provider, "tokens=3;end_after=3")).cause == "it ended without a last word"


async def test_an_error_inside_the_stream_keeps_its_status(provider: Provider) -> None:
    answer = await heard(provider, "tokens=3;error_after=1;error_code=503")

    assert answer.error is not None
    assert answer.error.status == 503


@pytest.mark.parametrize(
    "script", ["fail=401", "fail=400", "fail=500", "hang=headers", "error_after=0", "garbage_after=0"]
)
async def test_neither_key_nor_question_gets_into_an_error_or_a_log(
    kind: Kind, vendor: Vendor, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider = make_provider(kind, vendor.url, timeouts=Timeouts(silence_s=0.2, total_s=0.2))

    error = (await heard(provider, script)).error

    assert error is not None
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.fields) + caplog.text
    assert KEY not in told
    assert QUESTION not in told
    await provider.aclose()


@pytest.mark.parametrize("key", ["", "  ", "clave\nX-Admin: yes", "contraseña", "a\x00b"])
async def test_what_no_header_can_carry_is_a_refused_key(kind: Kind, vendor: Vendor, key: str) -> None:
    provider = make_provider(kind, vendor.url, key=key)

    answer = await heard(provider, "a-model")

    assert answer.error is not None
    assert answer.error.refuses_key
    assert vendor.requests == []


async def test_a_good_key_passes_the_check(provider: Provider, vendor: Vendor) -> None:
    await provider.check()

    [request] = vendor.requests
    assert (request.method, request.path.rpartition("/")[2]) == ("GET", "models")


async def test_a_bad_key_fails_the_check_with_401(kind: Kind, vendor: Vendor) -> None:
    provider = make_provider(kind, vendor.url, key="bad-key")

    with pytest.raises(ProviderError) as caught:
        await provider.check()

    assert caught.value.status == 401
    await provider.aclose()


async def test_the_environment_changes_neither_address_nor_key(
    kind: Kind, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    elsewhere = f"http://127.0.0.1:{free_port()}"
    for name in ("OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_VERTEX_BASE_URL"):
        monkeypatch.setenv(name, elsewhere)
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, "de-otro")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer de-otro")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v7")
    monkeypatch.setenv("GOOGLE_GENAI_CLIENT_MODE", "replay")
    monkeypatch.setenv("GOOGLE_GENAI_REPLAYS_DIRECTORY", str(tmp_path))
    provider = make_provider(kind, vendor.url)

    answer = await heard(provider, "a-model")

    assert answer.text == SAID
    assert "de-otro" not in repr(vendor.requests)
    await provider.aclose()
