"""`/users/me/export`: everything that is mine, as one file."""

from typing import Any

from fastapi import APIRouter, Response

from app.api.dependencies import BriefLoginDep, ServicesDep
from app.api.errors import responses
from app.api.exports import FORMAT, VERSION
from app.core.database import now

router = APIRouter(prefix="/users", tags=["Users"])

_LISTS = ("sessions", "provider_keys", "bots", "documents", "conversations", "usage", "usage_days")
_OBJECTS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["format", "version", "exported_at", "account", *_LISTS],
    "additionalProperties": False,
    "properties": {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "exported_at": {"type": "string", "format": "date-time"},
        "account": {"type": "object"},
        **dict.fromkeys(_LISTS, _OBJECTS),
    },
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Un archivo; su forma está en `docs/api.md`.",
        "content": {"application/json": {"schema": _SCHEMA}},
    }
}


@router.get(
    "/me/export",
    summary="Llévate todo lo tuyo",
    response_class=Response,
    responses={**_FILE, **responses(401, 429)},
)
async def export_account(login: BriefLoginDep, services: ServicesDep) -> Response:
    """La cuenta, sus sesiones, bots, documentos con su texto, conversaciones y consumo, tal como están ahora.

    De las claves de proveedor van solo los cuatro últimos caracteres. Una exportación a la vez por cuenta.
    """
    made = await services.exports.make(login.user.id, session_id=login.session_id)
    return services.exports.response(made, filename=f"bytchat-{now().date()}.json", session_id=login.session_id)
