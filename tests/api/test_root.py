"""The root, health and the documentation pages, which load nothing from anywhere else."""

import base64
import hashlib
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

from app import __version__

PAGES = ["/docs", "/redoc", "/docs/oauth2-redirect"]


@pytest.fixture
def anyone(api: str) -> Iterator[httpx2.Client]:
    """Without a token."""
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        yield http


class Page(HTMLParser):
    """What a page loads, and what it runs itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.assets: list[str] = []
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self._inline = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "link", "img", "iframe"):
            self.assets += [value for name in ("src", "href") if (value := given.get(name))]
        self.handlers += [name for name in given if name.startswith("on")]
        self._inline = tag == "script" and "src" not in given

    def handle_data(self, data: str) -> None:
        if self._inline:
            self.scripts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inline = False


@pytest.mark.parametrize(
    ("accepted", "message"),
    [
        ("es", "Bienvenido a Bytchat. La documentación está en /docs."),
        ("en", "Welcome to Bytchat. The documentation is at /docs."),
    ],
)
def test_the_root_welcomes_and_tells_the_version(accepted: str, message: str, anyone: httpx2.Client) -> None:
    answer = anyone.get("/", headers={"Accept-Language": accepted})

    assert answer.status_code == 200
    assert answer.json() == {"message": message, "version": __version__}


def test_the_version_is_the_documentations() -> None:
    assert __version__ == "1.4.0"


def test_health_tells_the_parts(anyone: httpx2.Client) -> None:
    live, ready = anyone.get("/health/live"), anyone.get("/health/ready")

    assert (live.status_code, live.json()) == (200, {"status": "ok", "parts": {}})
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "parts": {"database": "ok", "broker": "ok"}})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_our_own_assets_alone(path: str, anyone: httpx2.Client) -> None:
    page = Page(anyone.get(path).text)

    for asset in page.assets:
        assert urlsplit(asset).netloc == "", asset
        answer = anyone.get(urljoin(path, asset))
        assert (answer.status_code, len(answer.content) > 100) == (200, True), asset
    assert bool(page.assets) is (path != "/docs/oauth2-redirect")


@pytest.mark.parametrize(
    ("asset", "kind"),
    [
        ("swagger-ui-bundle.js", "javascript"),
        ("redoc.standalone.js", "javascript"),
        ("swagger-ui.css", "text/css"),
        ("favicon.png", "image/png"),
    ],
)
def test_assets_have_the_type_that_nosniff_asks_for(asset: str, kind: str, anyone: httpx2.Client) -> None:
    assert kind in anyone.get(f"/docs-assets/{asset}").headers["Content-Type"]


def test_only_the_documentations_files_are_kept_by_a_browser(anyone: httpx2.Client) -> None:
    asset, missing, page = (anyone.get(path) for path in ("/docs-assets/favicon.png", "/docs-assets/no", "/docs"))
    again = anyone.get("/docs-assets/favicon.png", headers={"If-None-Match": asset.headers["ETag"]})

    assert again.status_code == 304
    assert not [answer for answer in (asset, again) if "Cache-Control" in answer.headers]
    assert missing.headers["Cache-Control"] == page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_only_the_inline_scripts_that_its_policy_names(path: str, anyone: httpx2.Client) -> None:
    answer = anyone.get(path)
    page, policy = Page(answer.text), _policy(answer)

    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in page.scripts
    }
    assert {source for source in policy["script-src"] if source.startswith("'sha256-")} == hashes
    assert bool(hashes) is (path != "/redoc")
    assert page.handlers == []


@pytest.mark.parametrize("path", PAGES)
def test_a_pages_policy_is_strict(path: str, anyone: httpx2.Client) -> None:
    policy = _policy(anyone.get(path))

    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["connect-src"] == ["'self'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'"} & set(policy["script-src"])
    sources = {source for values in policy.values() for source in values}
    elsewhere = {source for source in sources if not source.startswith("'")} - {"data:", "blob:"}
    assert elsewhere == set()


def test_the_pages_read_the_document_that_we_serve(anyone: httpx2.Client) -> None:
    assert "url: 'openapi.json'" in anyone.get("/docs").text
    assert 'spec-url="openapi.json"' in anyone.get("/redoc").text
    assert anyone.get("/openapi.json").headers["Content-Type"] == "application/json"


def _policy(answer: httpx2.Response) -> dict[str, list[str]]:
    directives = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}
