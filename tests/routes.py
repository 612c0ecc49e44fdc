"""Every route of the API, whose it is, and a sound request for each.

Reviewed by hand: a route that is not in the table fails the tests until somebody says what it is.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import httpx2

from app.core.database import new_id
from tests.platform import PASSWORD, Owner
from tests.rows import Database


class Kind(StrEnum):
    PUBLIC = "public"  # Answers without a token.
    OWNED = "owned"  # The path names something that one owner has.
    MINE = "mine"  # Speaks of the caller alone.


Route = tuple[str, str]

ROUTES: Mapping[Route, Kind] = {
    ("GET", "/"): Kind.PUBLIC,
    ("GET", "/health/live"): Kind.PUBLIC,
    ("GET", "/health/ready"): Kind.PUBLIC,
    ("POST", "/users/"): Kind.PUBLIC,
    ("GET", "/users/registration"): Kind.PUBLIC,
    ("POST", "/token"): Kind.PUBLIC,
    ("POST", "/token/revoke"): Kind.MINE,
    ("GET", "/users/me"): Kind.MINE,
    ("PATCH", "/users/me"): Kind.MINE,
    ("DELETE", "/users/me"): Kind.MINE,
    ("GET", "/users/me/sessions"): Kind.MINE,
    ("DELETE", "/users/me/sessions/{session_id}"): Kind.OWNED,
    ("GET", "/users/me/export"): Kind.MINE,
    ("GET", "/users/me/quotas"): Kind.MINE,
    ("POST", "/bots/"): Kind.MINE,
    ("GET", "/bots/"): Kind.MINE,
    ("GET", "/bots/{bot_id}"): Kind.OWNED,
    ("PUT", "/bots/{bot_id}"): Kind.OWNED,
    ("DELETE", "/bots/{bot_id}"): Kind.OWNED,
    ("POST", "/bots/{bot_id}/models/"): Kind.OWNED,
    ("GET", "/bots/{bot_id}/models/"): Kind.OWNED,
    ("PUT", "/bots/{bot_id}/models/{config_id}"): Kind.OWNED,
    ("DELETE", "/bots/{bot_id}/models/{config_id}"): Kind.OWNED,
    ("GET", "/providers/"): Kind.MINE,
    ("PUT", "/providers/{provider}/key"): Kind.MINE,
    ("DELETE", "/providers/{provider}/key"): Kind.MINE,
    ("GET", "/usage/"): Kind.MINE,
    ("POST", "/bots/{bot_id}/train"): Kind.OWNED,
    ("POST", "/bots/{bot_id}/search"): Kind.OWNED,
    ("GET", "/bots/{bot_id}/documents/"): Kind.OWNED,
    ("GET", "/bots/{bot_id}/documents/events"): Kind.OWNED,
    ("GET", "/bots/{bot_id}/documents/{document_id}"): Kind.OWNED,
    ("GET", "/bots/{bot_id}/documents/{document_id}/text"): Kind.OWNED,
    ("POST", "/bots/{bot_id}/documents/{document_id}/retry"): Kind.OWNED,
    ("DELETE", "/bots/{bot_id}/documents/{document_id}"): Kind.OWNED,
    ("GET", "/documents/"): Kind.MINE,
    ("POST", "/chat/{bot_id}"): Kind.OWNED,
    ("POST", "/messages/{message_id}/retry"): Kind.OWNED,
    ("GET", "/bots/{bot_id}/conversations/"): Kind.OWNED,
    ("GET", "/conversations/{conversation_id}"): Kind.OWNED,
    ("DELETE", "/conversations/{conversation_id}"): Kind.OWNED,
}
# Outside the OpenAPI document, and public.
PAGES = ("/docs", "/docs-assets", "/docs/oauth2-redirect", "/metrics", "/openapi.json", "/redoc")

OWNED = [route for route, kind in ROUTES.items() if kind is Kind.OWNED]
MINE = [route for route, kind in ROUTES.items() if kind is Kind.MINE]
PROTECTED = [*MINE, *OWNED]


def name_of(route: object) -> str:
    """For the names of parametrized tests."""
    return " ".join(route) if isinstance(route, tuple) else str(route)


@dataclass(frozen=True, slots=True)
class Ids:
    """What the paths name."""

    bot_id: uuid.UUID | str
    config_id: uuid.UUID | str
    document_id: uuid.UUID | str
    conversation_id: uuid.UUID | str
    message_id: uuid.UUID | str
    session_id: uuid.UUID | str = field(default_factory=new_id)

    @property
    def all(self) -> tuple[uuid.UUID | str, ...]:
        return tuple(asdict(self).values())


def belongings(owner: Owner, db: Database) -> Ids:
    """One of each thing that can be owned, all of this owner."""
    bot = owner.scripted_bot()
    bot_id = uuid.UUID(bot["id"])
    document_id = db.add_document(owner.id, bot_id)
    conversation_id = db.add_conversation(owner.id, bot_id)
    question_id = db.add_question(owner.id, conversation_id)
    db.add_citation(owner.id, db.add_message(owner.id, conversation_id, question_id), document_id)
    session_id = db.add_session(owner.id)
    return Ids(bot_id, bot["configs"][0]["id"], document_id, conversation_id, question_id, session_id)


def ids_of_nothing() -> Ids:
    return Ids(new_id(), new_id(), new_id(), new_id(), new_id())


def call(http: httpx2.Client, route: Route, ids: Ids, *, email: str = "") -> httpx2.Response:
    """Send a sound request. Its headers are the client's own."""
    return http.request(route[0], url_of(route[1], ids), **content_of(route, email=email))


def url_of(path: str, ids: Ids) -> str:
    return path.format(provider="openai", **asdict(ids))


def content_of(route: Route, *, email: str = "") -> dict[str, Any]:
    """The body of a sound request, as the client's `request` takes it."""
    contents: dict[Route, dict[str, Any]] = {
        ("POST", "/users/"): {"json": {"email": f"{new_id().hex}@ejemplo.com", "password": PASSWORD}},
        ("POST", "/token"): {"data": {"username": email, "password": PASSWORD}},
        ("PATCH", "/users/me"): {"json": {"password": PASSWORD, "new_password": "otra-clave-segura"}},
        ("POST", "/bots/"): {"json": {"name": "Otro"}},
        ("PUT", "/bots/{bot_id}"): {"json": {"name": "Cambiado"}},
        ("POST", "/bots/{bot_id}/models/"): {
            "json": {"provider": "openai", "model_id": "gpt-4o", "task_type": "complex"}
        },
        ("PUT", "/bots/{bot_id}/models/{config_id}"): {"json": {"model_id": "gpt-4o"}},
        ("PUT", "/providers/{provider}/key"): {"json": {"key": "sk-una-clave-propia"}},
        ("POST", "/bots/{bot_id}/train"): {"files": {"file": ("otras.txt", b"Otras notas.", "text/plain")}},
        ("POST", "/bots/{bot_id}/search"): {"json": {"query": "¿A qué hora abre?"}},
        ("POST", "/chat/{bot_id}"): {"json": {"query": "¿A qué hora abre?"}},
    }
    return contents.get(route, {})
