"""Every place where a request can hold an id, as the OpenAPI document knows them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.routes import OWNED, Route

# What is called an id and names nothing that anybody owns.
NO_IDS = {"model_id", "client_id"}
_CALLED_AN_ID = re.compile(r"(^|_)(ids?|cursor|token|after|before)$")


class Place(NamedTuple):
    """A parameter, or a field of a body. A cursor is made of ids."""

    method: str
    path: str
    where: str
    name: str

    @property
    def route(self) -> Route:
        return self.method, self.path

    def __str__(self) -> str:
        return " ".join(self)


def _names_in(path: str) -> list[str]:
    return [name for name in re.findall(r"{(\w+)}", path) if name.endswith("_id")]


# Reviewed by hand, as the routes are; the ids in paths are those of the table of routes.
IN_PATHS = [Place(*route, "path", name) for route in OWNED for name in _names_in(route[1])]
BESIDE_PATHS = [
    Place("POST", "/chat/{bot_id}", "body", "conversation_id"),
    Place("GET", "/usage/", "query", "bot_id"),
]
CURSORS = [
    Place("GET", "/bots/", "query", "cursor"),
    Place("GET", "/documents/", "query", "cursor"),
    Place("GET", "/bots/{bot_id}/conversations/", "query", "cursor"),
]


def places_in(document: Mapping[str, Any]) -> Iterator[Place]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for where, name, schema in _inputs(operation, document):
                if name not in NO_IDS and (_CALLED_AN_ID.search(name) or _is_uuid(schema, document)):
                    yield Place(method.upper(), path, where, name)


def _inputs(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for parameter in operation.get("parameters", []):
        yield parameter["in"], parameter["name"], parameter["schema"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name, schema in _fields(content["schema"], document):
            yield "body", name, schema


def _fields(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a body and of all that is in it."""
    for part in _parts(schema, document):
        for name, field in part.get("properties", {}).items():
            yield name, field
            yield from _fields(field, document)


def _is_uuid(schema: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    return any(part.get("format") == "uuid" for part in _parts(schema, document))


def _parts(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema itself and whatever it is made of, objects' fields apart."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    yield schema
    items = [schema["items"]] if "items" in schema else []
    for part in [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", []), *items]:
        yield from _parts(part, document)
