"""Pages of other origins that may call the API from a browser: those of `CORS_ORIGINS`, and no others."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_REQUEST_HEADERS = ("Authorization", "Content-Type", "Accept", "Accept-Language")
_ANSWER_HEADERS = (
    "X-Request-Id",
    "X-Conversation-Id",
    "X-Message-Id",
    "X-Model",
    "Link",
    "Retry-After",
    "Content-Disposition",
)
_PREFLIGHT_LASTS_S = 600


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """To be added after every other middleware: outside them all, it marks their errors too."""
    if origins:
        # The token travels in a header: no cookies, hence no credentials.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_ANSWER_HEADERS,
            max_age=_PREFLIGHT_LASTS_S,
        )
