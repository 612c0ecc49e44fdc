"""OpenAI, and every server that speaks its chat protocol: the SDK makes the call, we read the answer's bytes."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx2
import msgspec
from openai import APIStatusError, AsyncOpenAI, AsyncStream, DefaultAioHttpClient, OpenAIError

from app.core.errors import ProviderError
from app.providers.base import ChatRequest, Finished, TextDelta, Usage
from app.providers.http import (
    BODY_ERRORS,
    KEEP_ALIVE_S,
    TRANSPORT_ERRORS,
    Lent,
    Timeouts,
    as_status,
    closed,
    counted,
    decoded,
    drained,
    failure,
    seconds_to_wait,
    sendable,
    spoken,
)

# Its debug log holds whole prompts.
logging.getLogger("openai").setLevel(logging.WARNING)

_ERRORS = (OpenAIError, *TRANSPORT_ERRORS)
_FINISHES = {"length": "length", "content_filter": "blocked"}
# What an error inside a stream calls itself, where its code is no number.
_STATUS_OF = {
    "insufficient_quota": 429,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "invalid_request_error": 400,
    "server_error": 500,
    "overloaded_error": 503,
}
# A key that may chat but not list models is a good key.
_MAY_NOT_LIST = "missing_scope"


class OpenAIProvider:
    """One key's client. Raises `ProviderError` with words of ours: OpenAI's 401 repeats the key.

    `is_own_server`: one of the operator's, not OpenAI's. It knows `max_tokens`, where OpenAI's newer models take
    only `max_completion_tokens`; and each answer has its own connection, for llama.cpp closes them unannounced.
    """

    def __init__(
        self,
        key: str,
        *,
        base_url: str,
        timeouts: Timeouts,
        tls: ssl.SSLContext,
        is_own_server: bool = False,
    ) -> None:
        self._key = key
        self._base_url = base_url
        self._timeouts = timeouts
        self._tls = tls
        self._is_own_server = is_own_server
        self._client = Lent(self._make_client, close=AsyncOpenAI.close)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
        answer = _Answer()
        async with self._client.lend() as client:
            response = await self._ask(client, request)
            body = _bytes(response)
            try:
                async with aclosing(spoken(body, answer)) as pieces:
                    async for piece in pieces:
                        yield piece
            except BODY_ERRORS as error:
                raise failure(error=error) from None
            finally:
                if answer.is_over:
                    await drained(body)
                await closed(response.aclose())

    async def check(self) -> None:
        """One cheap call that costs nothing. Raises `ProviderError`."""
        async with self._client.lend() as client:
            try:
                async with asyncio.timeout(self._timeouts.check_s):
                    await client.models.with_raw_response.list()
            except _ERRORS as error:
                if not (isinstance(error, APIStatusError) and error.code == _MAY_NOT_LIST):
                    raise _translate(error) from None

    async def retire(self) -> None:
        """Close when the last stream is done."""
        await self._client.retire()

    async def aclose(self) -> None:
        await self._client.close()

    def _make_client(self) -> AsyncOpenAI:
        limits = self._timeouts
        headers = {"Authorization": f"Bearer {sendable(self._key)}", "Accept-Encoding": "identity"}
        if self._is_own_server:
            headers["Connection"] = "close"
        client = AsyncOpenAI(
            api_key=self._key,
            base_url=self._base_url,
            max_retries=0,
            default_headers=headers,
            http_client=DefaultAioHttpClient(
                verify=self._tls,
                # 0 is without limit: 100 would be aiohttp's own.
                limits=httpx2.Limits(max_connections=0, keepalive_expiry=KEEP_ALIVE_S),
                timeout=httpx2.Timeout(limits.silence_s, connect=limits.connect_s, pool=limits.connect_s),
                follow_redirects=False,
            ),
        )
        # What the environment says of these belongs to another key.
        client.organization = client.project = None
        return client

    async def _ask(self, client: AsyncOpenAI, request: ChatRequest) -> httpx2.Response:
        """The answer's head; its body is yet to be read. Raises `ProviderError`."""
        limit_name = "max_tokens" if self._is_own_server else "max_completion_tokens"
        # The same as `chat.completions.create`, which spends 1 ms of CPU on comparing each message with its types.
        try:
            answered: object = await client.post(
                "/chat/completions",
                cast_to=httpx2.Response,
                body={**_to_wire(request), limit_name: request.max_output_tokens},
                stream=True,
                stream_cls=AsyncStream[object],
            )
        except _ERRORS as error:
            raise _translate(error) from None
        assert isinstance(answered, httpx2.Response)
        return answered


def _to_wire(request: ChatRequest) -> dict[str, object]:
    messages = [{"role": "system", "content": request.system}] if request.system else []
    messages += [{"role": message.role.value, "content": message.text} for message in request.messages]
    return {
        "model": request.model_id,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def _bytes(response: httpx2.Response) -> AsyncIterator[bytes]:
    """The body as it came, unless a server compresses it although it was asked not to."""
    is_plain = response.headers.get("content-encoding", "identity") == "identity"
    return response.aiter_raw() if is_plain else response.aiter_bytes()


def _translate(error: BaseException) -> ProviderError:
    if not isinstance(error, APIStatusError):
        return failure(error=error)
    wait_s = seconds_to_wait(error.response.headers.get("retry-after"))
    return failure(status=error.status_code, retry_after_s=wait_s)


class _Delta(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None
    # Some servers send the error itself, without a name around it.
    object: str | None = None
    code: Any = None


_decoder = msgspec.json.Decoder(_Chunk)


class _Answer:
    """What the events of one stream amount to; see `http.Answer`."""

    def __init__(self) -> None:
        self.is_over = False
        self._finish_reason: str | None = None
        self._refused = False
        self._usage = Usage()

    def hear(self, data: bytes) -> str:
        if data == b"[DONE]":
            self.is_over = True
        if self.is_over or not data.strip():
            return ""
        chunk = decoded(_decoder, data, _Chunk)
        if chunk.error is not None or chunk.object == "error":
            raise _told(chunk)
        if chunk.usage is not None:
            self._usage = Usage(counted(chunk.usage, "prompt_tokens"), counted(chunk.usage, "completion_tokens"))
        return self._text(chunk.choices[0]) if chunk.choices else ""

    def last_word(self) -> Finished:
        if not self.is_over and self._finish_reason is None:
            raise ProviderError(cause="it ended without a last word")
        finish = "blocked" if self._refused else _FINISHES.get(self._finish_reason or "stop", "stop")
        return Finished(finish, self._usage)

    def _text(self, choice: _Choice) -> str:
        self._finish_reason = choice.finish_reason or self._finish_reason
        if choice.delta is None:
            return ""
        if choice.delta.refusal:
            self._refused = True
            return (choice.delta.content or "") + choice.delta.refusal
        return choice.delta.content or ""


def _told(chunk: _Chunk) -> ProviderError:
    """The failure that a server reports after it had already answered 200."""
    error = chunk.error if isinstance(chunk.error, dict) else {"code": chunk.code}
    names = [name for name in (error.get("code"), error.get("type")) if isinstance(name, str)]
    known = (_STATUS_OF[name] for name in names if name in _STATUS_OF)
    status = as_status(error.get("code")) or next(known, None)
    return failure(status=status) if status else ProviderError(cause="it reported an error")
