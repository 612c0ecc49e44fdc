"""What calling any vendor over HTTP has in common: limits of time, clients that close, failures without secrets."""

import asyncio
import json
import math
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, Protocol, TypeVar

import aiohttp
import httpx2
import msgspec

from app.core.config import Settings
from app.core.errors import ProviderError
from app.providers.base import Finished, TextDelta
from app.providers.sse import SseSplitter

# What a connection can fail with; vendors' own exceptions come on top.
TRANSPORT_ERRORS = (httpx2.HTTPError, httpx2.StreamError, aiohttp.ClientError, OSError, TimeoutError)
# aiohttp's word for a connection that we closed ourselves while a body was being read.
BODY_ERRORS = (*TRANSPORT_ERRORS, RuntimeError)
# Longer than the pause between two questions of one person, shorter than what vendors keep a connection.
KEEP_ALIVE_S = 15.0
_CLEANUP_S = 0.25

Client = TypeVar("Client")
Said = TypeVar("Said")

# More than any context window: what says so is not counting tokens.
_MOST_TOKENS = 10_000_000


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `app.chat.speak` bounds first token, gap and total; the connection's own limits only back it up."""

    connect_s: float = 5
    silence_s: float = 35
    total_s: float = 335
    check_s: float = 15

    @classmethod
    def of(cls, settings: Settings) -> "Timeouts":
        return cls(
            connect_s=settings.connect_timeout_s,
            silence_s=max(settings.first_token_timeout_s, settings.token_gap_timeout_s) + 5,
            total_s=settings.first_token_timeout_s + settings.answer_timeout_s + 5,
        )


class Connector(aiohttp.TCPConnector):
    """Without a limit of connections, and with one of the seconds that making one may take: the SDK gives none."""

    def __init__(self, connect_s: float, *, tls: ssl.SSLContext) -> None:
        super().__init__(limit=0, ssl=tls, keepalive_timeout=KEEP_ALIVE_S)
        self._connect_s = connect_s

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109
    ) -> Any:
        within = aiohttp.ClientTimeout(total=timeout.total, connect=self._connect_s, sock_connect=self._connect_s)
        return await super().connect(req, traces, within)


class Answer(Protocol):
    """What one vendor's events amount to."""

    is_over: bool

    def hear(self, data: bytes) -> str:
        """The text of one event, often none. Raises `ProviderError`."""
        ...

    def last_word(self) -> Finished:
        """Raises `ProviderError` when the vendor has not said that it was the end."""
        ...


async def spoken(body: AsyncIterator[bytes], answer: Answer) -> AsyncGenerator[TextDelta | Finished]:
    """A body of server-sent events as the answer says it."""
    splitter = SseSplitter()
    async for piece in body:
        for data in splitter.feed(piece):
            if text := answer.hear(data):
                yield TextDelta(text)
        if answer.is_over:
            break
    else:
        for data in splitter.finish():
            if text := answer.hear(data):
                yield TextDelta(text)
    yield answer.last_word()


async def drained(body: AsyncIterator[bytes]) -> None:
    """Read what follows the last word, for a moment: only a body read to its end gives its connection back."""
    with suppress(*BODY_ERRORS):
        async with asyncio.timeout(_CLEANUP_S):
            async for _ in body:
                pass


async def closed(closing: Awaitable[object]) -> None:
    """Close, and be done soon whatever the other side does."""
    with suppress(*TRANSPORT_ERRORS):
        async with asyncio.timeout(_CLEANUP_S):
            await closing


class Lent(Generic[Client]):
    """A client that is made when somebody needs it, and closed once it was retired and nobody uses it any more."""

    def __init__(self, make: Callable[[], Client], *, close: Callable[[Client], Awaitable[object]]) -> None:
        self._make = make
        self._close = close
        self._client: Client | None = None
        self._users = 0
        self._is_retired = False

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Client]:
        if self._client is None:
            self._client = self._make()
        self._users += 1
        try:
            yield self._client
        finally:
            self._users -= 1
            if self._is_retired:
                await self.retire()

    async def retire(self) -> None:
        """Close it now, or when its last user is done. Who borrows it later gets a new one, closed after use."""
        self._is_retired = True
        if not self._users:
            await self.close()

    async def close(self) -> None:
        """Close it under whoever still uses it."""
        client, self._client = self._client, None
        if client is not None:
            await closed(self._close(client))


def decoded(decoder: msgspec.json.Decoder[Said], data: bytes, kind: type[Said]) -> Said:
    """One event's JSON. Raises `ProviderError` when it is none, or not of this kind."""
    try:
        return decoder.decode(data)
    except ValueError:
        pass
    try:
        # The standard library's reader lets half a surrogate pair pass: who consumes the text mends it.
        return msgspec.convert(json.loads(data), kind)
    except ValueError:
        raise ProviderError(cause="it sent something unreadable") from None


def sendable(key: str) -> str:
    """The key, if a header can carry it. Raises `ProviderError` as the vendor would."""
    if key and key.isascii() and key.isprintable() and not key.isspace():
        return key
    raise ProviderError(cause="no key looks like that", status=401)


def failure(
    *, status: int | None = None, error: BaseException | None = None, retry_after_s: float | None = None
) -> ProviderError:
    """A vendor's failure in words of ours: its own may repeat the key or the prompt."""
    cause = f"HTTP {status}" if status is not None else _cause(error)
    return ProviderError(cause=cause, status=status, retry_after_s=retry_after_s)


def _cause(error: BaseException | None) -> str:
    """The deepest reason that we know. Libraries wrap each other's exceptions."""
    chain = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    for kinds, cause in _CAUSES:
        if any(isinstance(one, kinds) for one in chain):
            return cause
    return "the connection broke"


# In this order: what is more precise stands first.
_CAUSES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((aiohttp.ClientConnectorDNSError,), "its address was not found"),
    ((ssl.SSLCertVerificationError, aiohttp.ClientConnectorCertificateError), "its certificate is not trusted"),
    ((ConnectionRefusedError,), "connection refused"),
    ((aiohttp.ClientConnectorError,), "it cannot be reached"),
    ((aiohttp.ServerTimeoutError,), "it took too long"),
    ((aiohttp.ClientError, ConnectionError), "the connection broke"),
    ((httpx2.TimeoutException, TimeoutError), "it took too long"),
)


def seconds_to_wait(retry_after: str | None) -> float | None:
    """A `Retry-After` header: seconds, or a date. None where it says neither."""
    if not retry_after:
        return None
    try:
        wait_s = float(retry_after.removesuffix("s"))
    except ValueError:
        return _seconds_until(retry_after)
    return wait_s if math.isfinite(wait_s) and wait_s >= 0 else None


def _seconds_until(date: str) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def as_status(code: Any) -> int | None:
    """An error's code inside a stream, where it is an HTTP status."""
    try:
        status = int(code)
    except (TypeError, ValueError):
        return None
    return status if 400 <= status <= 599 else None


def counted(usage: Any, *names: str) -> int | None:
    """The sum of these counts of tokens; None where one of them is nonsense, so that we count ourselves."""
    values = [usage.get(name) for name in names] if isinstance(usage, dict) else []
    there: list[int] = [value for value in values if value is not None]
    if not there or not all(type(value) is int and 0 <= value <= _MOST_TOKENS for value in there):
        return None
    return sum(there)
