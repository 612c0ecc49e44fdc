"""The OpenAPI document: the documentation's tags and examples, the login flow, bounds, and what routes answer."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest

from tests.platform import PASSWORD, Owner
from tests.routes import PROTECTED, ROUTES, Kind, Route, name_of

Schema = dict[str, Any]

NOBODYS = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def document(api: str) -> Schema:
    body: Schema = httpx2.get(f"{api}/openapi.json", trust_env=False).json()
    return body


def operation(document: Schema, route: Route) -> Schema:
    found: Schema = document["paths"][route[1]][route[0].lower()]
    return found


def resolved(document: Schema, schema: Schema) -> Schema:
    """The schema itself where this one only names it."""
    while "$ref" in schema:
        _, _, *path = schema["$ref"].split("/")
        schema = {"components": document["components"]}["components"][path[0]][path[1]]
    return schema


def body_of(document: Schema, route: Route) -> Schema:
    [content] = operation(document, route)["requestBody"]["content"].values()
    return resolved(document, content["schema"])


WITH_JSON = [
    ("POST", "/users/"),
    ("PATCH", "/users/me"),
    ("POST", "/bots/"),
    ("PUT", "/bots/{bot_id}"),
    ("POST", "/bots/{bot_id}/models/"),
    ("PUT", "/bots/{bot_id}/models/{config_id}"),
    ("PUT", "/providers/{provider}/key"),
    ("POST", "/bots/{bot_id}/search"),
    ("POST", "/chat/{bot_id}"),
]


def test_the_tags_are_the_documentations_in_its_order(document: Schema) -> None:
    assert [tag["name"] for tag in document["tags"]] == ["Authentication", "Users", "Bots", "Chat", "Root"]


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_route_stands_under_its_tag_with_a_summary(route: Route, document: Schema) -> None:
    first = route[1].strip("/").split("/")[0]
    tags = {
        "token": "Authentication",
        "users": "Users",
        "providers": "Users",
        "usage": "Users",
        "bots": "Bots",
        "documents": "Bots",
        "chat": "Chat",
        "conversations": "Chat",
        "messages": "Chat",
    }
    tag = "Chat" if route[1].endswith("/conversations/") else tags.get(first, "Root")

    described = operation(document, route)

    assert described["tags"] == [tag]
    assert described["summary"]
    assert described["description"].endswith(".")


def test_operation_ids_are_unique(document: Schema) -> None:
    ids = [operation(document, route)["operationId"] for route in ROUTES]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("route", "example"),
    [
        (("POST", "/users/"), {"email": "nuevo.usuario@ejemplo.com", "password": "una-clave-segura"}),
        (
            ("POST", "/bots/"),
            {
                "name": "Mi Nuevo Asistente",
                "description": "Un bot para pruebas.",
                "initial_configs": [
                    {"task_type": "general", "provider": "google", "model_id": "gemini-1.5-flash-latest"}
                ],
            },
        ),
        (("PUT", "/bots/{bot_id}"), {"system_prompt": "Ahora eres un robot pirata que habla como tal."}),
        (
            ("POST", "/bots/{bot_id}/models/"),
            {"provider": "openai", "model_id": "gpt-4o", "task_type": "complex"},
        ),
        (("POST", "/chat/{bot_id}"), {"query": "¿Cuál es tu propósito?"}),
    ],
    ids=name_of,
)
def test_the_documentations_examples_are_in_it(route: Route, example: Schema, document: Schema) -> None:
    assert body_of(document, route)["examples"] == [example]


def test_a_login_is_a_form_and_training_takes_a_file(document: Schema) -> None:
    login, training = (
        list(operation(document, route)["requestBody"]["content"])
        for route in (("POST", "/token"), ("POST", "/bots/{bot_id}/train"))
    )

    assert (login, training) == (["application/x-www-form-urlencoded"], ["multipart/form-data"])


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_padlock_stands_on_every_route_but_the_public_ones(route: Route, document: Schema) -> None:
    security = operation(document, route).get("security", [])

    assert security == ([] if ROUTES[route] is Kind.PUBLIC else [{"OAuth2PasswordBearer": []}])


def test_the_authorize_button_logs_in(document: Schema, api: str, owner: Owner) -> None:
    flow = document["components"]["securitySchemes"]["OAuth2PasswordBearer"]["flows"]["password"]
    address = urljoin(f"{api}/openapi.json", flow["tokenUrl"])

    # As Swagger UI sends it: the client in a Basic header, the rest as a form.
    form = {"grant_type": "password", "username": owner.email, "password": PASSWORD, "scope": ""}
    answer = httpx2.post(address, data=form, auth=("", ""), trust_env=False)
    me = httpx2.get(
        f"{api}/users/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}, trust_env=False
    )

    assert flow["tokenUrl"] == "token"
    assert me.json()["email"] == owner.email


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_problem_that_a_route_can_answer_is_declared(route: Route, document: Schema) -> None:
    described = operation(document, route)
    expected = {"413"}
    if route in PROTECTED or route == ("POST", "/token"):
        expected.add("401")
    if "_id}" in route[1]:
        expected.add("404")
    if "{" in route[1] or "requestBody" in described or described.get("parameters"):
        expected.add("422")
    if described["tags"] != ["Root"]:
        expected.add("503")

    assert expected <= set(described["responses"])


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_declared_problem_is_one(route: Route, document: Schema) -> None:
    for status, response in operation(document, route)["responses"].items():
        if status >= "400" and ROUTES[route] is not Kind.PUBLIC:
            assert list(response["content"]) == ["application/problem+json"]
            assert set(
                resolved(document, response["content"]["application/problem+json"]["schema"])["required"]
            ) == {
                "type",
                "title",
                "status",
                "detail",
                "code",
            }


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_problem_that_comes_with_a_header_says_so(route: Route, document: Schema) -> None:
    expected = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}

    for status, response in operation(document, route)["responses"].items():
        if status in expected and route != ("GET", "/health/ready"):
            assert [name for name, header in response["headers"].items() if header["required"]] == [
                expected[status]
            ]


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_list_in_pages_declares_the_link_to_the_next(route: Route, document: Schema) -> None:
    described = operation(document, route)

    is_paged = any(one["name"] == "cursor" for one in described.get("parameters", []))
    assert ("Link" in described["responses"].get("200", {}).get("headers", {})) is is_paged


@pytest.mark.parametrize(
    "route", [("POST", "/chat/{bot_id}"), ("POST", "/messages/{message_id}/retry")], ids=name_of
)
def test_an_answer_declares_both_its_forms_its_events_and_its_headers(route: Route, document: Schema) -> None:
    answer = operation(document, route)["responses"]["200"]

    assert set(answer["content"]) == {"text/plain", "text/event-stream"}
    assert answer["content"]["text/event-stream"]["itemSchema"]["properties"]["event"]["enum"] == [
        "started",
        "sources",
        "delta",
        "finished",
        "error",
    ]
    assert set(answer["headers"]) == {"X-Conversation-Id", "X-Message-Id", "X-Model"}


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", "GET"),
        ("/bots/", "GET, POST"),
        ("/users/me", "DELETE, GET, PATCH"),
        (f"/bots/{NOBODYS}", "DELETE, GET, PUT"),
        (f"/bots/{NOBODYS}/documents/events", "GET"),
        ("/docs", "GET"),
    ],
)
def test_a_method_that_a_path_lacks_is_answered_with_all_that_it_has(path: str, methods: str, api: str) -> None:
    answer = httpx2.options(f"{api}{path}", trust_env=False)

    assert (answer.status_code, answer.headers["Allow"]) == (405, methods)


@pytest.mark.parametrize("value", [True, "0.5", "1"])
def test_a_number_is_neither_a_word_nor_a_truth(value: object, owner: Owner) -> None:
    bot_id = owner.new_bot()["id"]

    refused = [
        owner.http.put(f"/bots/{bot_id}", json={"min_score": value}),
        owner.http.post(f"/bots/{bot_id}/search", json={"query": "¿Abre hoy?", "limit": value}),
    ]

    assert [answer.status_code for answer in refused] == [422, 422]


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_success_says_what_it_gives(route: Route, document: Schema) -> None:
    responses = operation(document, route)["responses"]

    successes = {status: response for status, response in responses.items() if status < "300"}
    assert successes
    for status, response in successes.items():
        assert bool(response.get("content")) is (status != "204")


def test_every_reference_leads_somewhere(document: Schema) -> None:
    schemas = document["components"]["schemas"]

    named = {ref.removeprefix("#/components/schemas/") for ref in _values(document, "$ref")}

    assert named <= set(schemas)
    assert set(schemas) - named == set()


def test_every_json_body_is_in_the_reviewed_list(document: Schema) -> None:
    found = {
        route
        for route in ROUTES
        if "application/json" in operation(document, route).get("requestBody", {}).get("content", {})
    }

    assert found == set(WITH_JSON)


@pytest.mark.parametrize("route", [*WITH_JSON, ("POST", "/token")], ids=name_of)
def test_every_body_forbids_other_fields_and_bounds_all_its_values(route: Route, document: Schema) -> None:
    """INP-1. A login takes other fields, as OAuth2 says."""
    schema = body_of(document, route)

    unbounded = list(_unbounded(document, schema, name=schema["title"]))

    assert unbounded == (["LoginForm"] if route == ("POST", "/token") else [])


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_parameter_is_bounded(route: Route, document: Schema) -> None:
    """INP-1."""
    parameters = operation(document, route).get("parameters", [])

    assert [where for one in parameters for where in _unbounded(document, one["schema"], name=one["name"])] == []


def _unbounded(document: Schema, schema: Schema, *, name: str) -> Iterator[str]:
    """Where the schema takes a string, list, number or object without limit."""
    schema = resolved(document, schema)
    if "enum" in schema or "const" in schema:
        return
    for one in schema.get("anyOf", []):
        yield from _unbounded(document, one, name=name)
    kind = schema.get("type")
    if kind == "object":
        if schema.get("additionalProperties") is not False:
            yield name
        for field, inner in schema["properties"].items():
            yield from _unbounded(document, inner, name=f"{name}.{field}")
    elif kind == "array":
        if "maxItems" not in schema:
            yield name
        yield from _unbounded(document, schema["items"], name=f"{name}[]")
    elif (kind == "string" and "maxLength" not in schema and schema.get("format") != "uuid") or (
        kind in ("integer", "number") and not {"minimum", "maximum"} <= set(schema)
    ):
        yield name


def _values(part: object, key: str) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == key)
        for value in part.values():
            yield from _values(value, key)
    elif isinstance(part, list):
        for value in part:
            yield from _values(value, key)
