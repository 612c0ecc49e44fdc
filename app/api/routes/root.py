"""`/`, health and the documentation pages with assets of our own."""

import asyncio
import base64
import hashlib
import re
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import HTMLResponse

from app import __version__
from app.api.dependencies import ServicesDep
from app.api.errors import language_of
from app.schemas import Health, Welcome

router = APIRouter(tags=["Root"])

_ASSETS = "/docs-assets"
_OAUTH2_REDIRECT = "/docs/oauth2-redirect"
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*src=)[^>]*>(.*?)</script>", re.DOTALL)
_STRICT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; connect-src 'self'; "


@router.get("/", summary="Bienvenida", response_model=Welcome)
async def welcome(request: Request) -> Welcome:
    """Comprueba que la API está en línea y qué versión es."""
    greeting = (
        "Welcome to Bytchat. The documentation is at /docs."
        if language_of(request) == "en"
        else "Bienvenido a Bytchat. La documentación está en /docs."
    )
    return Welcome(message=greeting, version=__version__)


@router.get("/health/live", summary="El proceso vive", response_model=Health)
async def live() -> Health:
    """Siempre 200 mientras el proceso responda, con o sin base de datos."""
    return Health(status="ok")


@router.get(
    "/health/ready",
    summary="Listo para trabajar",
    response_model=Health,
    responses={503: {"model": Health, "description": "Qué parte falta."}},
)
async def ready(services: ServicesDep, response: Response) -> Health:
    """200 cuando la base de datos responde y está migrada; si no, 503 con la parte que falla.

    El broker solo se cuenta: sin él las subidas se guardan igual y se procesan cuando vuelve.
    """
    database, broker = await asyncio.gather(services.probes.database.state(), services.probes.queues.state())
    response.status_code = 200 if database == "ok" else 503
    return Health(
        status="ok" if database == "ok" else "unavailable", parts={"database": database, "broker": broker}
    )


@router.get("/metrics", include_in_schema=False)
async def metrics(services: ServicesDep) -> Response:
    return Response(await services.metrics.exposition(services.probes), media_type=CONTENT_TYPE_LATEST)


def add_documentation(app: FastAPI) -> None:
    """`/docs` and `/redoc`, under a policy that loads nothing from anywhere else."""
    static = Path(fastapi_offline.__file__).parent / "static"
    app.mount(_ASSETS, StaticFiles(directory=static), name="docs-assets")
    favicon = f"{_ASSETS}/favicon.png"
    swagger = get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Bytchat · API",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js".lstrip("/"),
        swagger_css_url=f"{_ASSETS}/swagger-ui.css".lstrip("/"),
        swagger_favicon_url=favicon.lstrip("/"),
        oauth2_redirect_url=_OAUTH2_REDIRECT,
    )
    redoc = get_redoc_html(
        openapi_url="openapi.json",
        title="Bytchat · API",
        redoc_js_url=f"{_ASSETS}/redoc.standalone.js".lstrip("/"),
        redoc_favicon_url=favicon.lstrip("/"),
        with_google_fonts=False,
    )
    # ReDoc styles itself and searches in a worker made from a blob.
    redoc_policy = (
        _STRICT
        + "script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "worker-src blob:; font-src 'self'"
    )
    _add_page(app, "/docs", swagger, policy=_policy_of(swagger))
    _add_page(app, "/redoc", redoc, policy=redoc_policy)
    redirect = get_swagger_ui_oauth2_redirect_html()
    _add_page(app, _OAUTH2_REDIRECT, redirect, policy=_policy_of(redirect))


def _add_page(app: FastAPI, path: str, page: HTMLResponse, *, policy: str) -> None:
    body = bytes(page.body)

    @app.get(path, include_in_schema=False)
    async def _page() -> HTMLResponse:
        return HTMLResponse(body, headers={"Content-Security-Policy": policy})


def _policy_of(page: HTMLResponse) -> str:
    """Our own files, and of inline scripts only those that the page really holds, by hash."""
    scripts = _INLINE_SCRIPT.findall(bytes(page.body).decode())
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return _STRICT + f"script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
