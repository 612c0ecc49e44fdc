"""The only place that renders an error: RFC 9457 problems, in Spanish or English."""

import re
from functools import cache
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg.errors import ForeignKeyViolation
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import compile_path

from app.api.streaming import ClientLeft
from app.core import errors

log = structlog.get_logger()

_STATUS: tuple[tuple[type[errors.BytchatError], int], ...] = (
    (errors.NotFound, 404),
    (errors.NotAuthenticated, 401),
    (errors.Forbidden, 403),
    (errors.Conflict, 409),
    (errors.TooLarge, 413),
    (errors.InvalidInput, 422),
    (errors.TooManyRequests, 429),
    (errors.Unavailable, 503),
)
_TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_WAIT: dict[str, Any] = {
    "headers": {
        "Retry-After": {
            "description": "Segundos que conviene esperar.",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
        }
    }
}
_HEADERS_OF: dict[int, dict[str, Any]] = {
    401: {"headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string", "const": "Bearer"}}}},
    429: _WAIT,
    503: _WAIT,
}
_GONE: dict[str, type[errors.BytchatError]] = {
    "users": errors.NotAuthenticated,
    "bots": errors.BotNotFound,
    "documents": errors.DocumentNotFound,
    "conversations": errors.ConversationNotFound,
}
_RETRY_AFTER_S = 5
# A vendor may say a date in another century.
_LONGEST_RETRY_AFTER_S = 3600
_CLIENT_CLOSED_REQUEST = 499


class _InvalidRequest(errors.InvalidInput):
    code = "validation"
    es = "La petición no es válida: {where}."
    en = "The request is not valid: {where}."


class UnknownRoute(errors.NotFound):
    code = "unknown_route"
    es = "Esa ruta no existe. Las que hay están en /docs."
    en = "That route does not exist. Those that do are at /docs."


class _MethodNotAllowed(errors.BytchatError):
    code = "method_not_allowed"
    es = "Esa ruta no admite ese método."
    en = "That route does not take that method."


class _UnreadableBody(errors.InvalidInput):
    code = "unreadable_body"
    es = "El cuerpo de la petición no se puede leer."
    en = "The body of the request cannot be read."


def language_of(request: Request) -> str:
    """`en` where the client prefers English to Spanish, else `es`."""
    language, best = "es", 0.0
    for part in request.headers.get("accept-language", "").lower().replace(" ", "").split(","):
        tag, _, quality = part.partition(";q=")
        if tag.partition("-")[0] in ("es", "en") and _quality(quality) > best:
            language, best = tag[:2], _quality(quality)
    return language


def _quality(value: str) -> float:
    try:
        return float(value or 1)
    except ValueError:
        return 0


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(errors.BytchatError, _bytchat_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(ClientLeft, _client_left)
    app.add_exception_handler(ClientDisconnect, _client_left)
    for database_error in (OperationalError, InterfaceError, DBAPIError, PoolTimeoutError):
        app.add_exception_handler(database_error, _database_error)


def problem(request: Request, error: errors.BytchatError, *, status: int | None = None) -> Response:
    """The response that tells an error."""
    code = status or next((number for kind, number in _STATUS if isinstance(error, kind)), 500)
    body: dict[str, Any] = {
        "type": f"urn:bytchat:problem:{error.code}",
        "title": _TITLES.get(code, "Error"),
        "status": code,
        "detail": error.sentence(language_of(request)),
        "code": error.code,
        **error.members,
    }
    if "errors" in error.fields:
        body["errors"] = error.fields["errors"]
    return JSONResponse(
        body, status_code=code, headers=_headers(error, code), media_type="application/problem+json"
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the problems that a route can answer."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _TITLES[status], **_HEADERS_OF.get(status, {}), "content": content}
        for status in statuses
    }


def _headers(error: errors.BytchatError, status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if status == 429:
        return {"Retry-After": str(error.fields["retry_after_s"])}
    if status == 503:
        wait_s = error.fields.get("retry_after_s") or _RETRY_AFTER_S
        return {"Retry-After": str(min(wait_s, _LONGEST_RETRY_AFTER_S))}
    return {}


async def _bytchat_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.BytchatError)
    return problem(request, error)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [{"location": list(one["loc"]), "message": one["msg"], "type": one["type"]} for one in error.errors()]
    where = "; ".join(f"{'.'.join(map(str, one['location']))}: {one['message']}" for one in found[:3])
    return problem(request, _InvalidRequest(where=where, errors=found))


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, errors.BytchatError):
        # FastAPI wraps what reading the body raises.
        return problem(request, error.__cause__)
    if error.status_code == 400:
        # FastAPI's word for a body that is neither JSON nor a form; 422 is ours for all that does not fit.
        return problem(request, _UnreadableBody())
    kind = {404: UnknownRoute, 405: _MethodNotAllowed}.get(error.status_code, errors.BytchatError)
    answer = problem(request, kind(), status=error.status_code)
    answer.headers.update(error.headers or {})
    if error.status_code == 405 and (methods := _methods_of(request)):
        answer.headers["Allow"] = ", ".join(methods)
    return answer


def _methods_of(request: Request) -> list[str]:
    """All that the path takes, by the document: Starlette names those of one route alone."""
    for path, operations in request.app.openapi()["paths"].items():
        if _pattern(path).match(request.url.path):
            return sorted(method.upper() for method in operations)
    return []


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


async def _client_left(request: Request, error: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


async def _database_error(request: Request, error: Exception) -> Response:
    if gone := what_is_gone(error):
        return problem(request, gone)
    cause = type(getattr(error, "orig", None) or error).__name__
    if isinstance(error, DBAPIError) and not isinstance(error, OperationalError | InterfaceError):
        log.error("database.statement_failed", cause=cause, exc_info=error)
        return problem(request, errors.BytchatError())
    log.error("database.unavailable", cause=cause)
    return problem(request, errors.DatabaseUnavailable())


def what_is_gone(error: Exception) -> errors.BytchatError | None:
    """What was deleted while this request was about to add to it, by the foreign key that says so."""
    cause = getattr(error, "orig", None)
    if not isinstance(cause, ForeignKeyViolation):
        return None
    # By the naming convention of `app.models` a key's name ends with the table that it points to.
    parent = (cause.diag.constraint_name or "").rpartition("_")[2]
    return _GONE.get(parent, errors.NotFound)()
