"""Cursors of lists: opaque to clients, and a `Link` header that leads to the next page."""

import base64
import binascii
import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.core.errors import InvalidCursor

Limit = Annotated[int | None, Query(ge=1, le=200, description="Filas por página; sin él, todas.")]
Cursor = Annotated[str | None, Query(max_length=200, description="De la cabecera `Link` de la página anterior.")]

PAGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"Link": {"description": 'Con `rel="next"`, donde hay más.', "schema": {"type": "string"}}}}
}


def link_next(request: Request, response: Response, *, limit: int, cursor: str) -> None:
    """Add `Link: <…>; rel="next"`."""
    url = request.url.include_query_params(limit=limit, cursor=cursor)
    response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


def encode_cursor(*parts: str) -> str:
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def decode_id(cursor: str | None) -> uuid.UUID | None:
    """Raises `InvalidCursor`."""
    return None if cursor is None else _uuid(_parts(cursor, 1)[0])


def decode_time_and_id(cursor: str | None) -> tuple[datetime, uuid.UUID] | None:
    """Raises `InvalidCursor`."""
    if cursor is None:
        return None
    moment, identity = _parts(cursor, 2)
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError as error:
        raise InvalidCursor from error
    if parsed.tzinfo is None:
        raise InvalidCursor
    return parsed, _uuid(identity)


def _parts(cursor: str, count: int) -> list[str]:
    try:
        parts = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor from error
    if len(parts) != count:
        raise InvalidCursor
    return parts


def _uuid(value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError as error:
        raise InvalidCursor from error
