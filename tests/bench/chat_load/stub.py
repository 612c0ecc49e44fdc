"""A vendor that speaks OpenAI's chat protocol and costs next to nothing: what is measured is whoever calls it.

The model's id says what it answers: `stub-64@5ms` is 64 tokens, the first at once and one each 5 ms. Where there is
a pace each token is the time at which it was sent, in microseconds of the monotonic clock, which all processes of a
machine share; so the stub's own gaps are known to whoever reads them.
"""

import asyncio
import json
import re
import time
from functools import lru_cache
from multiprocessing.connection import Connection
from typing import Any, cast

import httptools
import uvloop

_MODEL = re.compile(rb'"model"\s*:\s*"stub-(\d+)@(\d+)ms"')
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_UNKNOWN = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_CHUNK: dict[str, Any] = {
    "id": "chatcmpl-stub",
    "object": "chat.completion.chunk",
    "created": 1_700_000_000,
    "model": "stub",
    "system_fingerprint": "fp_stub",
}
_PROMPT_TOKENS = 50


def model_id(tokens: int, *, pace_ms: int) -> str:
    return f"stub-{tokens}@{pace_ms}ms"


def serve(pipe: "Connection[int, None]") -> None:
    """Send the port, and answer until the process is ended."""
    uvloop.run(_serve(pipe))


async def _serve(pipe: "Connection[int, None]") -> None:
    server = await asyncio.get_running_loop().create_server(_Conversation, "127.0.0.1", 0, backlog=512)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


class _Conversation(asyncio.Protocol):
    """One connection of a client, which asks again and again."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []
        self._next: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._next:
            self._next.cancel()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        asked, self._body = _MODEL.search(b"".join(self._body)), []
        if asked is None:
            self._transport.write(_UNKNOWN)
            return
        tokens, pace_ms = int(asked[1]), int(asked[2])
        if pace_ms:
            self._transport.write(_HEAD)
            self._say(tokens, pace_s=pace_ms / 1000, due=self._loop.time())
        else:
            self._transport.write(_whole(tokens))

    def _say(self, left: int, *, pace_s: float, due: float) -> None:
        """One token, and the rest at their times: one that is late delays none that follow."""
        self._transport.write(_token(f" {time.monotonic_ns() // 1000}"))
        if left == 1:
            self._transport.write(_end(1))
            return
        due += pace_s
        self._next = self._loop.call_at(due, lambda: self._say(left - 1, pace_s=pace_s, due=due))


@lru_cache
def _whole(tokens: int) -> bytes:
    """Everything at once, in one piece."""
    return _HEAD + b"".join(_token(f" palabra{place}") for place in range(tokens)) + _end(tokens)


def _token(text: str) -> bytes:
    # A stamped token is plain ASCII without anything to escape.
    return _chunked(_BEFORE + text.encode() + _AFTER)


@lru_cache
def _end(tokens: int) -> bytes:
    usage = {"prompt_tokens": _PROMPT_TOKENS, "completion_tokens": tokens, "total_tokens": _PROMPT_TOKENS + tokens}
    stop = [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}]
    parts = (_event(choices=stop), _event(choices=[], usage=usage), b"data: [DONE]\n\n")
    return b"".join(map(_chunked, parts)) + b"0\r\n\r\n"


def _event(**fields: Any) -> bytes:
    return b"data: " + json.dumps({**_CHUNK, **fields}, separators=(",", ":")).encode() + b"\n\n"


def _chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


_BEFORE, _AFTER = _event(
    choices=[{"index": 0, "delta": {"content": "TOKEN"}, "logprobs": None, "finish_reason": None}]
).split(b"TOKEN")
