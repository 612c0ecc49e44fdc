"""The panel as nginx serves it: its headers on every answer (OUT-2), its files, and the API under /api."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx2
import pytest

from tests.compose.security import panel_headers
from tests.compose.stack import Stack
from tests.platform import Owner

ANSWERS = {
    "the index": ("GET", "/", 200),
    "a deep link": ("GET", "/bots/019c0000-0000-7000-8000-000000000000/chat", 200),
    "a page that is not there": ("GET", "/no/hay/nada", 200),
    "a script": ("GET", "/theme.js", 200),
    "an asset that is not there": ("GET", "/assets/index-0000.js", 404),
    "a folder of assets": ("GET", "/assets/", 404),
    "a path that climbs": ("GET", "/%2e%2e/%2e%2e/etc/passwd", 400),
    "a method that it has not": ("POST", "/", 403),
    "another one": ("DELETE", "/theme.js", 403),
    "an answer of the API": ("GET", "/api/", 200),
    "a refusal of the API": ("GET", "/api/bots/", 401),
    "a path that the API has not": ("GET", "/api/nada", 404),
    "a method that the API has not": ("DELETE", "/api/", 405),
    "a body that the API cannot read": ("POST", "/api/users/", 422),
    "what is not for the outside": ("GET", "/api/metrics", 404),
}
# Of the API's own, where it is stricter or has a page to show.
_OWN = {"content-security-policy"}


@pytest.fixture
def panel(stack: Stack) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=stack.panel, timeout=30, trust_env=False) as http:
        yield http


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_says_what_a_browser_may_do_out_2(
    panel: httpx2.Client, method: str, path: str, status: int
) -> None:
    answer = panel.request(method, path)

    wanted = panel_headers()
    assert answer.status_code == status
    assert {name: answer.headers.get_list(name) for name in wanted} == {
        name: [said] for name, said in wanted.items()
    }
    assert answer.headers.get("server") == "nginx"


def test_the_policy_is_read_whole() -> None:
    headers = panel_headers()

    assert len(headers) == 5
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert headers["content-security-policy"].endswith("; frame-ancestors 'none'")


def test_assets_are_kept_for_ever_and_packed(panel: httpx2.Client) -> None:
    (script,) = re.findall(r'src="(/assets/[^"]+\.js)"', panel.get("/").text)

    packed = panel.get(script, headers={"Accept-Encoding": "gzip"})
    plain = panel.get(script, headers={"Accept-Encoding": "identity"})

    for answer in (packed, plain):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "javascript" in answer.headers["content-type"]
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.content == plain.content


@pytest.mark.parametrize("path", ["/", "/index.html", "/login", "/theme.js"])
def test_what_has_one_name_for_ever_is_asked_for_again(panel: httpx2.Client, path: str) -> None:
    assert panel.get(path).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/login", "/bots/x/chat", "/no/hay/nada.html", "/metrics", "/apis", "/ñ"])
def test_whatever_is_no_file_is_the_index(panel: httpx2.Client, path: str) -> None:
    answer = panel.get(path)

    assert (answer.status_code, answer.content) == (200, panel.get("/").content)


PATHS = (
    "/bots/a%2Fb",
    "/bots/%2e%2e",
    "/bots/a%20b",
    "/bots/ñ",
    "/bots/%C3%B1/models/",
    "/bots//",
    "/bots",
    "/usage/?from=2026-01-31&to=2026-01-01",
    "/usage/?from=a%2Bb%26c",
    "/documents/?status=ready&status=queued&limit=2",
    "/documents/?status=%C3%B1",
    "/bots/?limit=1&cursor=%2F%3F",
    "/nada?x=1#y",
    "/?a=b",
)


@pytest.mark.parametrize("path", PATHS)
def test_what_stands_behind_api_comes_through_as_it_was_sent(stack: Stack, owner: Owner, path: str) -> None:
    under = f"{stack.panel}/api"
    with httpx2.Client(base_url=under, headers=owner.http.headers, trust_env=False) as behind:
        through_panel, direct = behind.get(path), owner.http.get(path)

    assert _told(through_panel, under=under) == _told(direct, under=stack.api)


def _told(answer: httpx2.Response, *, under: str) -> tuple[int, str, bytes]:
    """A redirect stays where it was asked."""
    location = answer.headers.get("location", under)
    assert location.startswith(under)
    return answer.status_code, location.removeprefix(under), answer.content


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
@pytest.mark.parametrize("door", ["api", "panel"])
def test_the_documentation_has_all_that_it_needs(stack: Stack, door: str, path: str) -> None:
    page = (stack.api if door == "api" else f"{stack.panel}/api") + path
    shown = httpx2.get(page, trust_env=False)

    needed = [
        urljoin(page, link) for link in re.findall(r'(?:src|href|url|spec-url)[=:] ?["\']([^"\']+)', shown.text)
    ]

    assert shown.status_code == 200
    assert {link: httpx2.get(link, trust_env=False).status_code for link in needed} == dict.fromkeys(needed, 200)
    assert any(link.endswith("openapi.json") for link in needed)
    assert all(link.startswith(stack.api if door == "api" else f"{stack.panel}/api") for link in needed)
