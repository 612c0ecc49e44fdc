"""Google's Gemini: the SDK makes the call, we read the answer's bytes."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import quote
from urllib.request import getproxies

import aiohttp
import msgspec
from google import genai
from google.genai import errors, types
from google.genai.client import DebugConfig

from app.core.errors import ProviderError
from app.providers.base import ChatRequest, Finished, Role, TextDelta, Usage
from app.providers.google_errors import told
from app.providers.http import (
    BODY_ERRORS,
    TRANSPORT_ERRORS,
    Connector,
    Lent,
    Timeouts,
    as_status,
    counted,
    decoded,
    drained,
    failure,
    sendable,
    spoken,
)

# The SDK's logs may hold what was sent.
logging.getLogger("google_genai").setLevel(logging.WARNING)

# ValueError: the body of an error that calls itself JSON and is none.
_ERRORS = (errors.APIError, ValueError, *TRANSPORT_ERRORS)
_FINISHES = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "blocked",
    "RECITATION": "blocked",
    "LANGUAGE": "blocked",
    "BLOCKLIST": "blocked",
    "PROHIBITED_CONTENT": "blocked",
    "SPII": "blocked",
    "IMAGE_SAFETY": "blocked",
    "IMAGE_PROHIBITED_CONTENT": "blocked",
    "IMAGE_RECITATION": "blocked",
}
_ROLES = {Role.USER: "user", Role.ASSISTANT: "model"}
_FOLDERS = ("models/", "tunedModels/")


class GoogleProvider:
    """One key's client. Raises `ProviderError` with words of ours."""

    def __init__(self, key: str, *, base_url: str, timeouts: Timeouts, tls: ssl.SSLContext) -> None:
        self._key = key
        self._base_url = base_url
        self._timeouts = timeouts
        self._tls = tls
        self._client = Lent(self._make_client, close=_close)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
        answer = _Answer()
        path = f"{_path(request.model_id)}:streamGenerateContent?alt=sse"
        async with self._client.lend() as client:
            response = await self._call(client, "post", path, _to_wire(request))
            body = response.content.iter_any()
            try:
                async with aclosing(spoken(body, answer)) as pieces:
                    async for piece in pieces:
                        yield piece
            except BODY_ERRORS as error:
                raise failure(error=error) from None
            finally:
                if answer.is_over:
                    await drained(body)
                response.close()

    async def check(self) -> None:
        """One cheap call that costs nothing. Raises `ProviderError`."""
        async with self._client.lend() as client:
            try:
                async with asyncio.timeout(self._timeouts.check_s):
                    response = await self._call(client, "get", "models?pageSize=1", {})
            except TimeoutError as error:
                raise failure(error=error) from None
            response.close()

    async def retire(self) -> None:
        """Close when the last stream is done."""
        await self._client.retire()

    async def aclose(self) -> None:
        await self._client.close()

    def _make_client(self) -> tuple[genai.Client, aiohttp.ClientSession]:
        key = sendable(self._key)
        session = aiohttp.ClientSession(
            connector=Connector(self._timeouts.connect_s, tls=self._tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            # aiohttp would look for proxies, and for a file of passwords, before each request.
            trust_env=bool(getproxies()),
        )
        options = types.HttpOptions(
            base_url=self._base_url,
            api_version="v1beta",
            timeout=int(self._timeouts.total_s * 1000),
            # Without any it waits up to 10 s and tries again by itself.
            retry_options=types.HttpRetryOptions(attempts=1),
            headers={"Accept-Encoding": "identity"},
            aiohttp_client=session,
            client_args={"verify": self._tls},
            # A redirect would carry the key to another host.
            async_client_args={"verify": self._tls, "ssl": self._tls, "allow_redirects": False},
        )
        # What is not said here would be read from the environment.
        client = genai.Client(
            vertexai=False,
            api_key=key,
            http_options=options,
            debug_config=DebugConfig(client_mode=None, replays_directory=None, replay_id=None),
        )
        return client, session

    async def _call(
        self, client: tuple[genai.Client, aiohttp.ClientSession], method: str, path: str, body: dict[str, object]
    ) -> aiohttp.ClientResponse:
        """The answer's head; its body is yet to be read. Raises `ProviderError`."""
        try:
            return await _open(client[0], method, path, body)
        except _ERRORS as error:
            raise _translate(error) from None


async def _open(client: genai.Client, method: str, path: str, body: dict[str, object]) -> aiohttp.ClientResponse:
    """The SDK builds the address and headers, sends them and raises its errors.

    Its public call makes six objects of each token: 14.7 ms of CPU an answer of 64 tokens, where reading the bytes
    costs 2. The names are private; the lock file pins them.
    """
    api = client._api_client
    answered = await api._async_request(api._build_request(method, path, body), stream=True)
    response = answered.response_stream
    if not isinstance(response, aiohttp.ClientResponse):
        raise ProviderError(cause="the SDK does not call through aiohttp")
    return response


async def _close(client: tuple[genai.Client, aiohttp.ClientSession]) -> None:
    await client[0].aio.aclose()
    await client[1].close()


def _path(model_id: str) -> str:
    """The model's place in the address. What its name holds can never lead elsewhere."""
    folder = next((folder for folder in _FOLDERS if model_id.startswith(folder)), "")
    return (folder or "models/") + quote(model_id.removeprefix(folder), safe="")


def _to_wire(request: ChatRequest) -> dict[str, object]:
    wire: dict[str, object] = {
        "contents": [
            {"role": _ROLES[message.role], "parts": [{"text": message.text}]} for message in request.messages
        ],
        "generationConfig": {"maxOutputTokens": request.max_output_tokens},
    }
    if request.system:
        wire["systemInstruction"] = {"parts": [{"text": request.system}]}
    return wire


def _translate(error: BaseException) -> ProviderError:
    if not isinstance(error, errors.APIError):
        return failure(error=error)
    headers = error.response.headers if error.response is not None else {}
    return told(error.details, status=error.code, retry_after=headers.get("retry-after"))


class _Part(msgspec.Struct):
    text: str | None = None
    thought: bool | None = None


class _Content(msgspec.Struct):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None


class _Feedback(msgspec.Struct, rename="camel"):
    block_reason: str | None = None


class _Chunk(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: Any = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Chunk)


class _Answer:
    """What the events of one stream amount to; see `http.Answer`."""

    def __init__(self) -> None:
        # Nothing marks the end but the body's own.
        self.is_over = False
        self._has_spoken = False
        self._finish_reason: str | None = None
        self._is_refused = False
        self._usage = Usage()

    def hear(self, data: bytes) -> str:
        if not data.strip():
            return ""
        chunk = decoded(_decoder, data, _Chunk)
        if chunk.error is not None:
            code = chunk.error.get("code") if isinstance(chunk.error, dict) else None
            raise told({"error": chunk.error}, status=as_status(code) or 500)
        if chunk.usage_metadata is not None:
            self._usage = _usage(chunk.usage_metadata)
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason:
            self._is_refused = True
        return self._text(chunk.candidates[0]) if chunk.candidates else ""

    def last_word(self) -> Finished:
        if self._is_refused:
            return Finished("blocked", self._usage)
        if self._finish_reason is None:
            raise ProviderError(cause="it ended without a last word")
        finish = _FINISHES.get(self._finish_reason)
        if finish is None and not self._has_spoken:
            # A tool call that it made up, or no reason at all: another model may do better.
            raise ProviderError(cause="it stopped without an answer")
        return Finished(finish or "stop", self._usage)

    def _text(self, candidate: _Candidate) -> str:
        self._finish_reason = candidate.finish_reason or self._finish_reason
        parts = candidate.content.parts if candidate.content is not None else None
        text = "".join(part.text for part in parts or () if part.text and not part.thought)
        self._has_spoken = self._has_spoken or bool(text)
        return text


def _usage(tokens: Any) -> Usage:
    """Thinking is paid as output. What is not named is 0."""
    there = {"candidatesTokenCount": 0, **tokens} if isinstance(tokens, dict) else None
    return Usage(counted(there, "promptTokenCount"), counted(there, "candidatesTokenCount", "thoughtsTokenCount"))
