"""What only OpenAI's protocol has: its request, its last words, its refusals, its errors inside a stream."""

import json

import pytest

from app.providers.base import Finished, Usage
from app.providers.openai import OpenAIProvider
from tests.vendors.calls import KEY, QUESTION, heard, make_provider, request_for
from tests.vendors.server import Kind, Vendor
from tests.vendors.wire import PROMPT_TOKENS

pytestmark = pytest.mark.anyio


@pytest.fixture
def kind() -> Kind:
    return "openai"


async def test_the_request_is_the_chat_as_openai_writes_it(provider: OpenAIProvider, vendor: Vendor) -> None:
    await heard(provider, "gpt-5/mini preview")

    [request] = vendor.requests
    assert (request.method, request.target) == ("POST", "/v1/chat/completions")
    assert request.json == {
        "model": "gpt-5/mini preview",
        "messages": [
            {"role": "system", "content": "Responde en español."},
            {"role": "user", "content": "Hola"},
            {"role": "assistant", "content": "Dime"},
            {"role": "user", "content": QUESTION},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 99,
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "identity"
    assert not {"openai-organization", "openai-project"} & set(request.headers)


async def test_no_system_prompt_is_no_message(provider: OpenAIProvider, vendor: Vendor) -> None:
    await heard(provider, request_for("a-model", system=""))

    assert [message["role"] for message in vendor.requests[0].json["messages"]] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "blocked"),
        ("tool_calls", "stop"),
        ("function_call", "stop"),
        # `[DONE]` alone says that it was the end.
        ("none", "stop"),
    ],
)
async def test_how_an_answer_ended(provider: OpenAIProvider, theirs: str, ours: str) -> None:
    assert (await heard(provider, f"finish={theirs}")).finished == Finished(ours, Usage(PROMPT_TOKENS, 6))


async def test_a_reason_to_finish_is_a_last_word_without_done(provider: OpenAIProvider) -> None:
    assert (await heard(provider, "done=no")).finished == Finished("stop", Usage(PROMPT_TOKENS, 6))


async def test_a_refusal_is_said_and_blocks(provider: OpenAIProvider) -> None:
    answer = await heard(provider, "say=;refuse=No puedo ayudar con eso.")

    assert answer.text == "No puedo ayudar con eso."
    assert answer.finished is not None
    assert answer.finished.finish == "blocked"


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ({"error": {"message": KEY, "type": "server_error", "code": None}}, 500),
        ({"error": {"message": KEY, "type": "tokens", "code": "rate_limit_exceeded"}}, 429),
        ({"error": {"message": KEY, "type": "requests", "code": "429"}}, 429),
        ({"error": {"message": KEY, "type": "invalid_request_error", "code": "invalid_api_key"}}, 401),
        ({"error": {"message": KEY, "code": 7}}, None),
        ({"error": KEY}, None),
        ({"object": "error", "message": KEY, "code": 503}, 503),
    ],
)
async def test_an_error_inside_the_stream_keeps_its_status_and_loses_its_words(
    provider: OpenAIProvider, vendor: Vendor, event: dict[str, object], status: int | None
) -> None:
    vendor.event = json.dumps(event).encode()

    answer = await heard(provider, "event_after=1")

    assert answer.error is not None
    assert answer.error.status == status
    assert KEY not in str(answer.error)


@pytest.mark.parametrize(
    "event",
    [
        b'{"choices": []}',
        b'{"choices": null}',
        b"{}",
        b'{"choices": [{"delta": null}]}',
        b'{"choices": [{"delta": {"content": null}}]}',
        b'{"choices": [{"delta": {"content": "", "tool_calls": []}, "finish_reason": ""}]}',
        b'{"choices": [{"delta": {"reasoning_content": "hm", "reasoning": "hm"}}], "usage": null}',
        b"   ",
    ],
)
async def test_events_without_text_are_passed_over(provider: OpenAIProvider, vendor: Vendor, event: bytes) -> None:
    vendor.event = event

    answer = await heard(provider, "tokens=2;event_after=1")

    assert answer.texts == ["palabra0", " palabra1"]
    assert answer.error is None


async def test_half_a_surrogate_pair_does_not_end_the_answer(provider: OpenAIProvider, vendor: Vendor) -> None:
    vendor.event = rb'{"choices": [{"delta": {"content": "\ud83c"}}]}'

    assert (await heard(provider, "tokens=1;event_after=1")).texts == ["palabra0", "\ud83c"]


@pytest.mark.parametrize(
    "event",
    [
        b"[]",
        b"null",
        b'{"choices": 3}',
        b'{"choices": [{"delta": {"content": 3}}]}',
        b'{"choices": [{"delta": {"content": "\xff"}}]}',
    ],
)
async def test_what_is_not_the_protocol_is_a_failure(
    provider: OpenAIProvider, vendor: Vendor, event: bytes
) -> None:
    vendor.event = event

    assert (await heard(provider, "tokens=2;event_after=1")).cause == "it sent something unreadable"


async def test_a_key_that_may_chat_but_not_list_passes_the_check(vendor: Vendor) -> None:
    provider = make_provider("openai", vendor.url, key="chat-only-key")

    await provider.check()

    assert len(vendor.requests) == 1
    await provider.aclose()
