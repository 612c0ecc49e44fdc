"""How failures look over HTTP: one shape, two languages, no echo, and a database that is down (OPS-2, OPS-4)."""

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError
from starlette.responses import StreamingResponse

from app import crud
from app.api.errors import what_is_gone
from app.core.config import Settings
from app.core.database import Sessions, new_id, now, statement, transaction
from app.core.errors import BotNotFound, NotAuthenticated
from app.embedded.services import Services
from app.main import build
from app.queries.answers import NewQuestion, Reservation
from tests.platform import PASSWORD, Owner, Running, api_process, register
from tests.proxy import Proxy, proxy_to
from tests.routes import PROTECTED, ROUTES, Ids, Kind, Route, call, name_of
from tests.services import wait_until

MEGABYTE = 1024 * 1024
CANARY = "canario-7f3a"


@pytest.fixture
def anyone(api: str) -> Iterator[httpx2.Client]:
    """Without a token."""
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        yield http


def assert_problem(answer: httpx2.Response, status: int, code: str) -> None:
    """RFC 9457, with our `code`."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:bytchat:problem:{code}")
    assert body["detail"].endswith(".")


@pytest.mark.parametrize(
    ("method", "path", "kwargs", "status", "code"),
    [
        ("GET", "/nada", {}, 404, "unknown_route"),
        ("GET", "/docs-assets/nada.js", {}, 404, "unknown_route"),
        ("GET", "/docs-assets/%2e%2e/__init__.py", {}, 404, "unknown_route"),
        ("PUT", "/users/", {}, 405, "method_not_allowed"),
        ("DELETE", "/", {}, 405, "method_not_allowed"),
        ("GET", "/users/me", {}, 401, "not_authenticated"),
        ("POST", "/users/", {"json": {}}, 422, "validation"),
        ("POST", "/users/", {"content": b"{"}, 422, "validation"),
        ("POST", "/users/", {"content": b'{"email": "\xff"}'}, 422, "unreadable_body"),
        ("POST", "/users/", {"content": b"[" * 100_000}, 422, "unreadable_body"),
        ("POST", "/users/", {"content": b""}, 422, "validation"),
        (
            "POST",
            "/token",
            {"headers": {"Content-Type": "multipart/form-data"}, "content": b"x"},
            422,
            "unreadable_body",
        ),
    ],
)
def test_every_failure_is_a_problem(
    method: str, path: str, kwargs: dict[str, Any], status: int, code: str, anyone: httpx2.Client
) -> None:
    if "content" in kwargs:
        kwargs = {"headers": {"Content-Type": "application/json"}, **kwargs}

    answer = anyone.request(method, path, **kwargs)

    assert_problem(answer, status, code)


def test_a_method_that_a_route_lacks_is_answered_with_those_that_it_has(anyone: httpx2.Client) -> None:
    assert anyone.put("/users/").headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("accepted", "detail"),
    [
        (None, "Esa ruta no existe. Las que hay están en /docs."),
        ("es-ES,es;q=0.9,en;q=0.8", "Esa ruta no existe. Las que hay están en /docs."),
        ("fr-FR", "Esa ruta no existe. Las que hay están en /docs."),
        ("*", "Esa ruta no existe. Las que hay están en /docs."),
        ("sl-SI, xen", "Esa ruta no existe. Las que hay están en /docs."),
        ("en;q=0.2, es;q=0.7", "Esa ruta no existe. Las que hay están en /docs."),
        ("en;q=0", "Esa ruta no existe. Las que hay están en /docs."),
        ("en;q=x", "Esa ruta no existe. Las que hay están en /docs."),
        ("en", "That route does not exist. Those that do are at /docs."),
        ("en-US,en;q=0.9,es;q=0.8", "That route does not exist. Those that do are at /docs."),
        ("EN-gb", "That route does not exist. Those that do are at /docs."),
        ("es ; q=0.5, en", "That route does not exist. Those that do are at /docs."),
        ("fr, en;q=0.5", "That route does not exist. Those that do are at /docs."),
        ("en, es", "That route does not exist. Those that do are at /docs."),
    ],
)
def test_the_detail_is_in_the_language_that_the_client_prefers(
    accepted: str | None, detail: str, anyone: httpx2.Client
) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}

    assert anyone.get("/nada", headers=headers).json()["detail"] == detail


def test_every_answer_has_an_id_of_its_own_and_the_security_headers(anyone: httpx2.Client, owner: Owner) -> None:
    answers = [
        anyone.get("/"),
        anyone.get("/nada"),
        anyone.get("/users/me"),
        anyone.post("/users/", content=b"x" * (MEGABYTE + 1)),
        owner.http.get("/bots/"),
        anyone.get("/docs-assets/swagger-ui.css"),
    ]

    assert len({answer.headers["X-Request-Id"] for answer in answers}) == len(answers)
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_client_cannot_choose_the_request_id(anyone: httpx2.Client) -> None:
    """OPS-6: what a stranger types stays out of the log."""
    assert anyone.get("/", headers={"X-Request-Id": CANARY}).headers["X-Request-Id"] != CANARY


@pytest.mark.parametrize(
    ("route", "body"),
    [
        (("POST", "/users/"), {"email": f"{CANARY}@ejemplo", "password": CANARY[:7]}),
        (("POST", "/users/"), {"email": f"{CANARY} @ejemplo.com", "password": PASSWORD}),
        (("POST", "/users/"), {"email": CANARY, "password": PASSWORD, "role": CANARY}),
        (("PATCH", "/users/me"), {"password": [CANARY], "new_password": {"x": CANARY}}),
        (("POST", "/bots/"), {"name": [CANARY], "description": {"x": CANARY}, "initial_configs": CANARY}),
        (("POST", "/bots/"), {"name": "x", "initial_configs": [{"provider": CANARY, "task_type": CANARY.upper()}]}),
        (("PUT", "/bots/{bot_id}"), {"system_prompt": CANARY * 2000}),
        (("POST", "/chat/{bot_id}"), {"query": "x", "conversation_id": CANARY}),
        (("POST", "/chat/{bot_id}"), {"query": CANARY + "\x00"}),
    ],
)
def test_a_validation_problem_says_where_and_never_echoes_the_value(
    route: Route, body: dict[str, Any], owner: Owner
) -> None:
    bot_id = owner.new_bot()["id"]

    answer = owner.http.request(route[0], route[1].format(bot_id=bot_id), json=body)

    assert_problem(answer, 422, "validation")
    assert CANARY[:7] not in answer.text.lower()
    for one in answer.json()["errors"]:
        assert set(one) == {"location", "message", "type"}
        assert one["location"][0] == "body"
    assert ".".join(map(str, answer.json()["errors"][0]["location"])) in answer.json()["detail"]


@pytest.mark.parametrize("path", [f"/bots/{CANARY}", f"/bots/?limit={CANARY}", f"/bots/?cursor={CANARY}"])
def test_a_path_or_query_that_does_not_fit_is_not_echoed_either(path: str, owner: Owner) -> None:
    answer = owner.http.get(path)

    assert answer.status_code == 422
    assert CANARY not in answer.text


@pytest.mark.parametrize("path", ["/users/", "/token", "/bots/", f"/chat/{uuid.UUID(int=1)}"])
@pytest.mark.parametrize("declared", [True, False], ids=["with Content-Length", "chunked"])
def test_a_body_over_1_mb_is_413(path: str, declared: bool, owner: Owner) -> None:
    body = json.dumps({"name": "x" * MEGABYTE}).encode()
    chunks = (body[at : at + 65536] for at in range(0, len(body), 65536))
    kind = "application/x-www-form-urlencoded" if path == "/token" else "application/json"

    answer = owner.http.post(path, content=body if declared else chunks, headers={"Content-Type": kind})

    assert_problem(answer, 413, "too_large")
    assert "1 MB" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/users/", "/token"])
def test_calling_a_body_multipart_does_not_raise_its_limit(path: str, anyone: httpx2.Client) -> None:
    answer = anyone.post(path, files={"username": ("a.txt", b"x" * (MEGABYTE + 1))})

    assert_problem(answer, 413, "too_large")


def test_a_body_just_under_1_mb_is_read(owner: Owner) -> None:
    answer = owner.http.post("/bots/", json={"name": "Bot", "system_prompt": "x" * (MEGABYTE - 100)})

    assert_problem(answer, 422, "validation")


@pytest.fixture
def broken_app(services: Services) -> Any:
    """The application with two routes of which nobody foresaw the failure."""
    app = build(
        Settings(
            _env_file=None,
            database_url=SecretStr(services.database_url),
            redis_url=SecretStr(services.redis_url),
            secret_key=SecretStr(services.secret_key),
        )
    )

    async def pieces() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError(CANARY)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError(CANARY)

    @app.get("/half")
    async def half() -> StreamingResponse:
        return StreamingResponse(pieces())

    return app


@pytest.mark.anyio
async def test_what_nobody_foresaw_is_a_500_with_its_id_and_without_its_words(broken_app: Any) -> None:
    transport = httpx2.ASGITransport(broken_app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as http:
        answer = await http.get("/broken")

    assert_problem(answer, 500, "internal_error")
    assert answer.headers["X-Request-Id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert CANARY not in answer.text


@pytest.mark.anyio
async def test_a_failure_after_the_answer_has_begun_cuts_it(broken_app: Any) -> None:
    transport = httpx2.ASGITransport(broken_app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as http:
        with pytest.raises(RuntimeError, match=CANARY):
            await http.get("/half")


@pytest.fixture(scope="module")
def cut_off(services: Services, logs: Path) -> Iterator[tuple[str, Running, Proxy]]:
    """An API, and the network between it and its database."""
    url = make_url(services.database_url)
    assert url.host
    assert url.port
    with proxy_to(url.host, url.port) as proxy:
        through = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        with api_process(services, logs, DATABASE_URL=through) as (address, running):
            yield address, running, proxy


@pytest.fixture
def without_database(cut_off: tuple[str, Running, Proxy]) -> Iterator[tuple[Owner, Ids]]:
    """Somebody who was logged in when the database went down."""
    address, _, proxy = cut_off
    owner = register(address)
    ids = Ids(owner.new_bot()["id"], *(uuid.uuid4() for _ in range(4)))
    proxy.close()
    yield owner, ids
    owner.http.close()
    proxy.open()
    wait_until(lambda: httpx2.get(f"{address}/health/ready", trust_env=False).status_code == 200)


ON_THE_DATABASE = [*PROTECTED, ("POST", "/users/"), ("POST", "/token")]


def test_with_the_database_down_every_route_is_503_and_none_401(without_database: tuple[Owner, Ids]) -> None:
    """OPS-4."""
    owner, ids = without_database

    for route in ON_THE_DATABASE:
        answer = call(owner.http, route, ids, email=owner.email)

        assert_problem(answer, 503, "database_unavailable")
        assert answer.headers["Retry-After"] == "5", name_of(route)


def test_with_the_database_down_the_process_lives_and_is_not_ready(
    without_database: tuple[Owner, Ids],
) -> None:
    """OPS-2."""
    owner, _ = without_database

    live, ready, root = (owner.http.get(path) for path in ("/health/live", "/health/ready", "/"))

    assert (live.status_code, ready.status_code, root.status_code) == (200, 503, 200)
    assert ready.json()["status"] == "unavailable"
    assert ready.json()["parts"]["database"] != "ok"


def test_when_the_database_is_back_the_same_token_works(cut_off: tuple[str, Running, Proxy]) -> None:
    """OPS-2, OPS-4."""
    address, running, proxy = cut_off
    owner = register(address)
    proxy.close()
    assert owner.http.get("/bots/").status_code == 503

    proxy.open()

    assert owner.http.get("/bots/").status_code == 200
    assert owner.http.get("/health/ready").status_code == 200
    assert "Traceback" not in running.said()


def test_a_database_that_falls_silent_turns_readiness_off_and_on_again(
    cut_off: tuple[str, Running, Proxy],
) -> None:
    """OPS-2."""
    address, _, proxy = cut_off
    proxy.stall()
    try:
        with httpx2.Client(base_url=address, timeout=10, trust_env=False) as http:
            silent = http.get("/health/ready")
            live = http.get("/health/live")
    finally:
        proxy.flow()

    assert (silent.status_code, live.status_code) == (503, 200)
    wait_until(lambda: httpx2.get(f"{address}/health/ready", trust_env=False).status_code == 200)


def test_the_routes_that_stand_on_the_database_are_all_but_a_few_public_ones() -> None:
    """The table above is complete."""
    without = {("GET", "/"), ("GET", "/health/live"), ("GET", "/health/ready"), ("GET", "/users/registration")}

    assert set(ON_THE_DATABASE) == set(ROUTES) - without
    assert all(ROUTES[route] is Kind.PUBLIC for route in without)


NOTHING_HELD = Reservation(new_id(), day=now().date(), micro_usd=0, cap_micro_usd=0, until=0)


async def ask_a_bot_that_is_gone(sessions: Sessions, owner_id: uuid.UUID) -> None:
    question = NewQuestion(new_id(), bot_id=new_id(), conversation_id=new_id(), title="", text="¿Hola?")
    async with statement(sessions) as session:
        await crud.add_question(session, question, NOTHING_HELD, owner_id=owner_id)


@pytest.mark.anyio
async def test_a_parent_that_is_deleted_meanwhile_is_gone_and_no_fault_of_ours(sessions: Sessions) -> None:
    nobody = new_id()

    with pytest.raises(IntegrityError) as of_a_user:
        async with transaction(sessions) as session:
            await crud.add_bot(session, owner_id=nobody, name="", description="", system_prompt="", configs=[])
    with pytest.raises(IntegrityError) as of_a_bot:
        await ask_a_bot_that_is_gone(sessions, nobody)

    assert type(what_is_gone(of_a_user.value)) is NotAuthenticated
    assert type(what_is_gone(of_a_bot.value)) is BotNotFound
    assert what_is_gone(ValueError()) is None


@pytest.mark.parametrize("path", ["/bots/%0a", "/users/me%0a", "/health/live%0A", "/%0a"])
def test_a_path_that_ends_with_a_new_line_is_no_route(path: str, owner: Owner) -> None:
    """INP-5."""
    answer = owner.http.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_route")
