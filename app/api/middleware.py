"""Pure ASGI middleware: request ids and one log line a request, an answer to every failure, a bound on bodies."""

import re
import time
import uuid
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import UnknownRoute, problem
from app.api.metrics import RequestMetrics
from app.core.errors import BytchatError, TooLarge
from app.core.logging import begin_log_fields

log = structlog.get_logger()

_MEGABYTE = 1024 * 1024
_BODY_LIMIT_MB = 1
# The end of the paths that take files.
_UPLOADS = "/train"
# What multipart adds around the file.
MULTIPART_ROOM_BYTES = 64 * 1024
# What nginx calls a request: nothing else that a stranger may type comes into the log.
_REQUEST_ID = re.compile(rb"[0-9a-f]{32}")
_CLIENT_CLOSED_REQUEST = 499
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


# By machines, every few seconds: lines of which nobody reads one.
_ASKED_ALL_DAY = {"/health/ready", "/metrics"}


class RequestLog:
    """Gives each request an id, answered as `X-Request-Id`; counts it and logs how it went, no body.

    A proxy before us may have given the id already: one is told from there to the worker.

    It stands outside all that may fail, so that also what nobody foresaw is answered and logged with its id.
    """

    def __init__(self, app: ASGIApp, *, metrics: RequestMetrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began = _request_id(scope), time.perf_counter()
        status, answered_at = 0, 0.0
        begin_log_fields(request_id=request_id)

        async def tagged(message: Message) -> None:
            nonlocal status, answered_at
            if message["type"] == "http.response.start":
                status, answered_at = message["status"], time.perf_counter()
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                # An owner's things stay in no browser; what carries an ETag is a file of the documentation.
                if "ETag" not in headers:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, tagged)
        except Exception as error:
            log.error("request.failed", exc_info=error)
            if status:
                raise  # The answer has begun: the server cuts the connection.
            await problem(Request(scope), BytchatError())(scope, receive, tagged)
        finally:
            # The template, not the path: ids and what a stranger types stay out of the log.
            route, ended_at = getattr(scope.get("route"), "path", "-"), time.perf_counter()
            status, answered_at = status or _CLIENT_CLOSED_REQUEST, answered_at or ended_at
            self._metrics.answered(scope["method"], route, status, seconds=answered_at - began)
            is_routine = status == HTTPStatus.OK and route in _ASKED_ALL_DAY
            (log.debug if is_routine else log.info)(
                "http.answered",
                method=scope["method"],
                route=route,
                status=status,
                ms=round((ended_at - began) * 1000, 1),
            )


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class WholePaths:
    """No route where a path ends with a new line: the router's patterns would take it for the path before it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("\n"):
            await problem(Request(scope), UnknownRoute())(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a body over the limit while it streams: 1 MB, and for uploads what the operator set."""

    def __init__(self, app: ASGIApp, *, upload_limit_mb: int) -> None:
        self._app = app
        self._upload_limit_mb = upload_limit_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"].endswith(_UPLOADS)
        limit_mb = self._upload_limit_mb if is_upload else _BODY_LIMIT_MB
        limit = limit_mb * _MEGABYTE + (MULTIPART_ROOM_BYTES if is_upload else 0)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            await problem(Request(scope), TooLarge(limit_mb=limit_mb))(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge(limit_mb=limit_mb)
            return message

        await self._app(scope, counted, send)
