"""What the OpenAPI document says besides the routes: tags as in the documentation, and one problem schema."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.errors import responses
from app.schemas import FieldProblem, Problem

TAGS: list[dict[str, Any]] = [
    {"name": "Authentication", "description": "Iniciar y cerrar sesión."},
    {"name": "Users", "description": "Cuentas."},
    {"name": "Bots", "description": "Los bots, su caja de herramientas y sus documentos."},
    {"name": "Chat", "description": "Preguntar a un bot, y sus conversaciones."},
    {"name": "Root", "description": "Estado del servicio."},
]
_REF = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Replace FastAPI's own validation error by the problem that we answer."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def event_stream(*names: str) -> dict[str, Any]:
    """The media type of a stream of events of these names, whose data are JSON."""
    event = {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"enum": list(names)},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
    }
    # `itemSchema` is of OpenAPI 3.2: who reads 3.1 passes it over.
    return {"text/event-stream": {"itemSchema": event}}


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="Bytchat",
        version=app.version,
        description="Crea asistentes de IA, entrénalos con tus documentos y chatea con ellos.",
        routes=app.routes,
        tags=TAGS,
    )
    for operations in document["paths"].values():
        for operation in operations.values():
            _add_common_responses(operation)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in (Problem, FieldProblem):
        schema = model.model_json_schema(ref_template=_REF)
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    return document


def _add_common_responses(operation: dict[str, Any]) -> None:
    """A body may be too large, whoever takes one or not, and what stands on the database fails with it."""
    common = [413]
    if operation["tags"] != ["Root"]:
        common.append(503)
    for status, description in responses(*common).items():
        operation["responses"].setdefault(str(status), description)
