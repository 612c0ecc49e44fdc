"""Which pages of other origins a browser lets call the API."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from app.core.config import Settings
from app.embedded.services import Services
from app.main import build
from tests.platform import Owner, api_process, register

PANEL, ANOTHER = "https://panel.ejemplo.com", "https://otra.ejemplo.com"
ALLOWED = "Access-Control-Allow-Origin"
EXPOSED = {
    "X-Request-Id",
    "X-Conversation-Id",
    "X-Message-Id",
    "X-Model",
    "Link",
    "Retry-After",
    "Content-Disposition",
}


@pytest.fixture(scope="module")
def open_api(services: Services, logs: Path) -> Iterator[str]:
    """An API whose panel is served elsewhere."""
    with api_process(services, logs, CORS_ORIGINS=f"http://localhost:5173, {PANEL}") as (url, _):
        yield url


@pytest.fixture
def visitor(open_api: str) -> Iterator[Owner]:
    """Somebody whose browser shows the panel."""
    visitor = register(open_api)
    visitor.http.headers["Origin"] = PANEL
    yield visitor
    visitor.http.close()


def ask_first(url: str, origin: str, method: str = "POST", headers: str = "authorization") -> httpx2.Response:
    """What a browser asks before a call that a form could not make."""
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return httpx2.options(f"{url}/bots/", headers={"Origin": origin, **asked}, trust_env=False)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_preflight_of_the_panel_is_allowed_for_ten_minutes(method: str, open_api: str) -> None:
    answer = ask_first(open_api, PANEL, method, "authorization,content-type,accept,accept-language")

    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == PANEL
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        (ANOTHER, "POST", "authorization"),
        (f"{PANEL}.atacante.com", "POST", "authorization"),
        ("http://panel.ejemplo.com", "POST", "authorization"),
        ("null", "POST", "authorization"),
        (PANEL, "TRACE", "authorization"),
        (PANEL, "POST", "x-otra"),
    ],
)
def test_any_other_preflight_is_refused(origin: str, method: str, headers: str, open_api: str) -> None:
    answer = ask_first(open_api, origin, method, headers)

    assert answer.status_code == 400
    assert answer.headers.get(ALLOWED) in (None, PANEL)
    assert (ALLOWED in answer.headers) is (origin == PANEL)


def test_the_panels_answers_and_problems_are_its_own_to_read(visitor: Owner) -> None:
    nobody = {"Authorization": ""}
    answers = [
        visitor.http.get("/bots/"),
        visitor.http.get("/bots/", headers=nobody),
        visitor.http.get("/nada"),
        visitor.http.post("/bots/", json={}),
        visitor.http.post("/bots/", content=b"x" * (2 << 20)),
    ]

    assert [answer.status_code for answer in answers] == [200, 401, 404, 422, 413]
    assert {answer.headers[ALLOWED] for answer in answers} == {PANEL}
    for answer in answers:
        assert set(answer.headers["Access-Control-Expose-Headers"].split(", ")) == EXPOSED
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_stream_is_the_panels_to_read(visitor: Owner) -> None:
    bot = visitor.scripted_bot("say=Hola")

    answer = visitor.http.post(
        f"/chat/{bot['id']}", json={"query": "Hola"}, headers={"Accept": "text/event-stream"}
    )

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers[ALLOWED] == PANEL
    assert "event: finished" in answer.text


def test_another_origin_reads_nothing(visitor: Owner) -> None:
    visitor.http.headers["Origin"] = ANOTHER

    answers = [visitor.http.get("/bots/"), visitor.http.get("/nada"), visitor.http.get("/health/live")]

    assert not [answer for answer in answers if ALLOWED in answer.headers]


@pytest.mark.anyio
async def test_what_nobody_foresaw_is_the_panels_to_read_too(services: Services) -> None:
    app = build(
        Settings(
            _env_file=None,
            database_url=SecretStr(services.database_url),
            redis_url=SecretStr(services.redis_url),
            secret_key=SecretStr(services.secret_key),
            cors_origins=PANEL,
        )
    )

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError

    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as http:
        answer = await http.get("/broken", headers={"Origin": PANEL})

    assert (answer.status_code, answer.headers[ALLOWED]) == (500, PANEL)
    assert answer.headers["X-Request-Id"]


def test_without_origins_no_page_elsewhere_is_let_in(api: str) -> None:
    assert ask_first(api, PANEL).status_code == 405
    assert ALLOWED not in httpx2.get(f"{api}/", headers={"Origin": PANEL}, trust_env=False).headers
