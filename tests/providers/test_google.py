"""What only Google's protocol has: its request, its safety, its thoughts, its way to tell a bad key."""

import json
from typing import Any

import pytest

from app.providers.base import Finished, Usage
from app.providers.google import GoogleProvider
from tests.vendors.calls import KEY, QUESTION, heard, make_provider, request_for
from tests.vendors.server import Kind, Vendor
from tests.vendors.wire import PROMPT_TOKENS, THOUGHT_TOKENS

pytestmark = pytest.mark.anyio


@pytest.fixture
def kind() -> Kind:
    return "google"


async def test_the_request_is_the_chat_as_google_writes_it(provider: GoogleProvider, vendor: Vendor) -> None:
    """Made with private parts of the SDK: this is what would notice that they changed."""
    await heard(provider, "gemini-flash")

    [request] = vendor.requests
    assert (request.method, request.target) == (
        "POST",
        "/v1beta/models/gemini-flash:streamGenerateContent?alt=sse",
    )
    assert request.json == {
        "contents": [
            {"role": "user", "parts": [{"text": "Hola"}]},
            {"role": "model", "parts": [{"text": "Dime"}]},
            {"role": "user", "parts": [{"text": QUESTION}]},
        ],
        "generationConfig": {"maxOutputTokens": 99},
        "systemInstruction": {"parts": [{"text": "Responde en español."}]},
    }
    assert request.headers["x-goog-api-key"] == KEY
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["content-type"] == "application/json"


async def test_no_system_prompt_is_no_instruction(provider: GoogleProvider, vendor: Vendor) -> None:
    await heard(provider, request_for("a-model", system=""))

    assert "systemInstruction" not in vendor.requests[0].json


@pytest.mark.parametrize(
    ("model_id", "path"),
    [
        ("models/gemini-flash", "/v1beta/models/gemini-flash"),
        ("tunedModels/mine-1", "/v1beta/tunedModels/mine-1"),
        ("../files/other?key=x#y", "/v1beta/models/..%2Ffiles%2Fother%3Fkey=x%23y"),
        ("models/../../v1/files", "/v1beta/models/..%2F..%2Fv1%2Ffiles"),
        ("..", "/v1beta/models/.."),
        ("año %2e", "/v1beta/models/a%C3%B1o%20%252e"),
    ],
)
async def test_a_models_name_never_leads_to_another_address(
    provider: GoogleProvider, vendor: Vendor, model_id: str, path: str
) -> None:
    await heard(provider, model_id)

    assert vendor.requests[0].target == f"{path}:streamGenerateContent?alt=sse"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "blocked"),
        ("RECITATION", "blocked"),
        ("BLOCKLIST", "blocked"),
        ("PROHIBITED_CONTENT", "blocked"),
        ("SPII", "blocked"),
        ("IMAGE_SAFETY", "blocked"),
        ("OTHER", "stop"),
        ("A_NEW_ONE", "stop"),
    ],
)
async def test_how_an_answer_ended(provider: GoogleProvider, theirs: str, ours: str) -> None:
    assert (await heard(provider, f"finish={theirs}")).finished == Finished(ours, Usage(PROMPT_TOKENS, 6))


async def test_a_refused_prompt_is_blocked_without_a_word(provider: GoogleProvider) -> None:
    answer = await heard(provider, "block=PROHIBITED_CONTENT")

    assert answer.texts == []
    assert answer.finished == Finished("blocked", Usage(PROMPT_TOKENS, 0))


async def test_a_blocked_answer_without_text_is_blocked(provider: GoogleProvider) -> None:
    assert (await heard(provider, "say=;finish=SAFETY")).finished == Finished("blocked", Usage(PROMPT_TOKENS, 0))


async def test_an_odd_end_without_a_word_is_a_failure_that_another_model_may_mend(provider: GoogleProvider) -> None:
    error = (await heard(provider, "say=;finish=MALFORMED_FUNCTION_CALL")).error

    assert error is not None
    assert error.is_retryable


async def test_thinking_counts_as_output(provider: GoogleProvider) -> None:
    answer = await heard(provider, "think=veamos;say=Sí, claro")

    assert answer.finished == Finished("stop", Usage(PROMPT_TOKENS, 2 + THOUGHT_TOKENS))


async def test_a_key_that_google_does_not_know_is_401(provider: GoogleProvider) -> None:
    """Google itself says 400."""
    error = (await heard(provider, "fail=401")).error

    assert error is not None
    assert error.refuses_key


async def test_google_tells_how_long_to_wait_in_the_body(provider: GoogleProvider) -> None:
    error = (await heard(provider, "fail=429;retry_delay=34.5s")).error

    assert error is not None
    assert error.retry_after_s == 34.5


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 503, "status": "UNAVAILABLE", "message": KEY}, 503),
        ({"code": 400, "details": [{"reason": "API_KEY_INVALID"}]}, 401),
        ({"message": KEY}, 500),
        ("no", 500),
    ],
)
async def test_an_error_inside_the_stream_keeps_its_status(
    provider: GoogleProvider, vendor: Vendor, error: Any, status: int
) -> None:
    vendor.event = json.dumps({"error": error}).encode()

    answer = await heard(provider, "event_after=1")

    assert answer.error is not None
    assert answer.error.status == status
    assert KEY not in str(answer.error)


@pytest.mark.parametrize(
    "event",
    [
        b"{}",
        b'{"candidates": []}',
        b'{"candidates": [{"index": 0}]}',
        b'{"candidates": [{"content": {"role": "model"}}]}',
        b'{"candidates": [{"content": {"parts": []}}]}',
        b'{"candidates": [{"content": {"parts": [{"text": ""}, {"functionCall": {"name": "f"}}]}}]}',
        b'{"promptFeedback": {"safetyRatings": []}, "usageMetadata": {"promptTokenCount": 3}}',
    ],
)
async def test_events_without_text_are_passed_over(provider: GoogleProvider, vendor: Vendor, event: bytes) -> None:
    vendor.event = event

    answer = await heard(provider, "tokens=2;event_after=1")

    assert answer.texts == ["palabra0", " palabra1"]
    assert answer.error is None


async def test_several_parts_are_one_text(provider: GoogleProvider, vendor: Vendor) -> None:
    parts = [{"text": "a"}, {"text": "no", "thought": True}, {"text": "b"}]
    vendor.event = json.dumps({"candidates": [{"content": {"parts": parts}}]}).encode()

    assert (await heard(provider, "tokens=1;event_after=1")).texts == ["palabra0", "ab"]


@pytest.mark.parametrize("body", ["html", "list", "broken"])
async def test_a_failure_whose_body_is_no_error_is_one(provider: GoogleProvider, body: str) -> None:
    error = (await heard(provider, f"fail=502;body={body}")).error

    assert error is not None
    assert error.is_retryable


async def test_the_check_asks_for_one_model(vendor: Vendor) -> None:
    provider = make_provider("google", vendor.url)

    await provider.check()

    assert vendor.requests[0].target == "/v1beta/models?pageSize=1"
    await provider.aclose()
