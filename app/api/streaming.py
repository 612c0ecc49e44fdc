"""Event streams over HTTP, as text/plain or server-sent events, with every way in which one can end.

The first event is awaited before the 200, so that an early failure keeps its status. After that a failure is an
`error` event; plain text has none, so there the connection is cut and nobody takes half an answer for a whole.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Generic, TypeVar

import anyio
import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.session_watch import SessionWatch
from app.chat.events import ChatEvent, Delta
from app.core.errors import BytchatError, Interrupted, NotAuthenticated

log = structlog.get_logger()

PING_EVERY_S = 15.0
# Pieces that come faster than this are sent together: what they cost is mostly the sending.
_GATHER_S = 0.025
_PING = b": ping\n\n"

T = TypeVar("T")


class ClientLeft(Exception):
    """Nobody is there to answer any more."""


@dataclass(frozen=True, slots=True)
class _End:
    """What follows the last event: nothing, or why it broke off."""

    error: BaseException | None = None


class Production(Generic[T]):
    """One task that runs a generator from its first step to its cleanup, whoever reads or leaves.

    What it makes is queued without bound, since an answer is small: a reader that stalls holds no provider.
    """

    def __init__(self, events: AsyncGenerator[T], live: "LiveStreams") -> None:
        self._queue: asyncio.Queue[T | _End] = asyncio.Queue()
        self._told: BytchatError | None = None
        self._is_ending = False
        self._live = live
        self._task = asyncio.create_task(self._run(events))
        # A callback, because a task that is cancelled before its first step never runs a `finally`.
        self._task.add_done_callback(self._end)
        live.add(self)

    async def first(self, receive: Receive) -> T:
        """Raises what the generator raises before its first event, and `ClientLeft`."""
        item = asyncio.create_task(self._queue.get())
        leaving = asyncio.create_task(_client_leaves(receive))
        try:
            await asyncio.wait({item, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not item.done():
                raise ClientLeft
            return self._unless_ended(item.result())
        except BaseException:
            await self.stop()
            raise
        finally:
            item.cancel()
            leaving.cancel()

    async def next(self, timeout_s: float, *, not_before: float = 0.0) -> tuple[list[T], _End | None]:
        """The events that have come, one at least, or the end, or both; neither when none came in time.

        Once there is one, more are gathered until `not_before`, on the loop's clock.
        """
        try:
            async with asyncio.timeout(timeout_s):
                items = [await self._queue.get()]
        except TimeoutError:
            return [], None
        if (wait_s := not_before - asyncio.get_running_loop().time()) > 0:
            # The end is not kept waiting.
            await asyncio.wait({self._task}, timeout=wait_s)
        while not self._queue.empty():
            items.append(self._queue.get_nowait())
        events = [item for item in items if not isinstance(item, _End)]
        return events, next((item for item in items if isinstance(item, _End)), None)

    async def stop(self) -> None:
        """End the generator and wait for its cleanup, which stores the partial answer."""
        self._cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({self._task})

    def interrupt(self, why: BytchatError | None = None) -> None:
        """End the generator, and tell the reader why: if nothing else is said, that the server is stopping."""
        self._told = self._told or why or Interrupted()
        self._cancel()

    def end_with(self, session_id: uuid.UUID, watch: SessionWatch) -> None:
        """Interrupt it when the session ends."""
        stop_watching = watch.add(session_id, lambda: self.interrupt(NotAuthenticated()))
        self._task.add_done_callback(lambda _: stop_watching())

    def _cancel(self) -> None:
        # Once: a second cancellation would break into the cleanup that the first one began.
        if not self._is_ending:
            self._is_ending = True
            self._task.cancel()

    async def _run(self, events: AsyncGenerator[T]) -> None:
        async with aclosing(events):
            async for event in events:
                self._queue.put_nowait(event)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._live.remove(self)
        if task.cancelled():
            error: BaseException | None = self._told or ClientLeft()
        else:
            error = task.exception()
            # Where the account went with its session, the cleanup found nothing to store the answer in.
            if isinstance(error, BytchatError) and isinstance(self._told, NotAuthenticated):
                error = self._told
        self._queue.put_nowait(_End(error))

    def _unless_ended(self, item: T | _End) -> T:
        if isinstance(item, _End):
            raise item.error or RuntimeError("The stream ended before its first event.")
        return item


class LiveStreams:
    """The streams that are open, so that a stopping server can end each with its last event."""

    def __init__(self) -> None:
        self._productions: set[Production[Any]] = set()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._productions)

    def add(self, production: Production[Any]) -> None:
        self._productions.add(production)
        if self._stopping:
            production.interrupt()

    def remove(self, production: Production[Any]) -> None:
        self._productions.discard(production)

    def stop(self) -> None:
        """Interrupt every open stream, and every one still to come."""
        self._stopping = True
        for production in list(self._productions):
            production.interrupt()


class StreamResponse(Response, Generic[T]):
    """Sends a production.

    `render` turns events that came together into bytes, `render_error` an error into the last bytes, or None where
    the form has no word for an error: then the connection is cut.
    """

    def __init__(
        self,
        first: T,
        rest: Production[T],
        *,
        render: Callable[[Sequence[T]], bytes],
        render_error: Callable[[BytchatError], bytes] | None,
        media_type: str,
        headers: Mapping[str, str],
        ping_every_s: float = PING_EVERY_S,
    ) -> None:
        super().__init__(media_type=media_type, headers={**headers, "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._first, self._rest = first, rest
        self._render, self._render_error = render, render_error
        self._ping_every_s = ping_every_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._end_when_client_leaves, receive, tasks.cancel_scope)
                await self._send_all(send)
                tasks.cancel_scope.cancel()
        finally:
            await self._rest.stop()

    async def _end_when_client_leaves(self, receive: Receive, scope: anyio.CancelScope) -> None:
        await _client_leaves(receive)
        scope.cancel()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await self._send_piece(send, self._render([self._first]))
        end, loop, not_before = None, asyncio.get_running_loop(), 0.0
        while end is None:
            events, end = await self._rest.next(self._ping_every_s, not_before=not_before)
            if events:
                await self._send_piece(send, self._render(events))
                not_before = loop.time() + _GATHER_S
            elif end is None and self._render_error is not None:
                await self._send_piece(send, _PING)
        await self._send_end(send, end.error)

    async def _send_piece(self, send: Send, body: bytes) -> None:
        if body:
            await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _send_end(self, send: Send, error: BaseException | None) -> None:
        if error is None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        if not isinstance(error, BytchatError):
            log.error("stream.failed", exc_info=error)
            error = BytchatError()
        if self._render_error is None:
            return  # Without a last chunk the server cuts the connection.
        await send({"type": "http.response.body", "body": self._render_error(error), "more_body": False})


def sse(event: str, data: Mapping[str, Any]) -> bytes:
    """One server-sent event whose data is one line of JSON."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    return f"event: {event}\ndata: {body}\n\n".encode()


def sse_error(language: str) -> Callable[[BytchatError], bytes]:
    """Renders an error as the last event, in the reader's language."""
    return lambda error: sse("error", {"code": error.code, "detail": error.sentence(language)})


def chat_events_as_sse(events: Sequence[ChatEvent]) -> bytes:
    """Deltas that came together are sent as one."""
    return b"".join(
        sse("delta", {"text": _text_of(group)}) if kind is Delta else b"".join(map(_event_as_sse, group))
        for kind, group in groupby(events, type)
    )


def chat_events_as_text(events: Sequence[ChatEvent]) -> bytes:
    return _text_of(events).encode()


def _event_as_sse(event: ChatEvent) -> bytes:
    return sse(type(event).__name__.lower(), asdict(event))


def _text_of(events: Iterable[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


async def _client_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
