"""A request whose connection to PostgreSQL ended before it had done anything is done again, unnoticed."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.database import Attempt, attempt

_READS = ("GET", "HEAD")
_REPEATS = 2
# A body is kept to be read again only up to here: uploads are longer, and are not repeated.
_MOST_BYTES = 64 * 1024


class Again:
    """Repeats what was cut off: a read always, anything else where nothing of it can have been committed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive)
        repeats = _REPEATS
        while not await self._is_answered(scope, body, send, is_last=repeats == 0):
            body.rewind()
            repeats -= 1

    async def _is_answered(self, scope: Scope, body: "_Body", send: Send, *, is_last: bool) -> bool:
        """False where nothing was sent, and the request may be done again."""
        tried, is_given_up = Attempt(), False

        async def unless_given_up(message: Message) -> None:
            nonlocal is_given_up
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.SERVICE_UNAVAILABLE:
                is_safe = scope["method"] in _READS or not tried.may_have_acted
                is_given_up = tried.was_cut_off and is_safe and body.is_kept and not is_last
            if not is_given_up:
                await send(message)

        reset_to = attempt.set(tried)
        try:
            await self._app(scope, body.receive, unless_given_up)
        finally:
            attempt.reset(reset_to)
        return not is_given_up


class _Body:
    """What was read of a request, which can be read again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read: list[Message] = []
        self._bytes = 0
        # How many of those that were read are given out before anything new is.
        self._next = 0

    @property
    def is_kept(self) -> bool:
        return self._bytes <= _MOST_BYTES

    def rewind(self) -> None:
        self._next = 0

    async def receive(self) -> Message:
        if self._next == len(self._read):
            message = await self._receive()
            self._bytes += len(message.get("body", b""))
            if not self.is_kept:
                self._read, self._next = [], 0
                return message
            self._read.append(message)
        self._next += 1
        return self._read[self._next - 1]
