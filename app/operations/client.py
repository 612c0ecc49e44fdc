"""A small client of the HTTP API, used as anybody's program would use it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from app.core.errors import BytchatError

_READ_TIMEOUT_S = 60


class RequestRefused(BytchatError):
    """The API answered with an error."""

    code = "request_refused"
    es = "{method} {path} ha respondido {status}: {detail}"
    en = "{method} {path} answered {status}: {detail}"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    name: str
    data: dict[str, Any]


class ApiClient:
    """One user's requests."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def sign_up(self, *, email: str, password: str) -> None:
        """Register and log in; what follows is done as this user."""
        await self._json("POST", "/users/", json={"email": email, "password": password})
        token = await self._json("POST", "/token", data={"username": email, "password": password})
        self._http.headers["Authorization"] = f"Bearer {token['access_token']}"

    async def make_bot(self, *, name: str) -> str:
        bot = await self._json("POST", "/bots/", json={"name": name})
        return str(bot["id"])

    async def upload(self, bot_id: str, filename: str, content: bytes) -> dict[str, Any]:
        files = {"file": (filename, content, "text/plain")}
        return await self._json("POST", f"/bots/{bot_id}/train", files=files)

    async def text(self, bot_id: str, document_id: str, *, start: int, end: int) -> str:
        response = await self._http.get(
            f"/bots/{bot_id}/documents/{document_id}/text", params={"start": start, "end": end}
        )
        _require_good(response)
        return response.text

    async def training_events(self, bot_id: str) -> AsyncIterator[ServerEvent]:
        async with self._http.stream("GET", f"/bots/{bot_id}/documents/events") as response:
            async for event in _events(response):
                yield event

    async def ask(
        self, bot_id: str, query: str, *, conversation_id: str | None = None
    ) -> AsyncIterator[ServerEvent]:
        body = {"query": query, **({"conversation_id": conversation_id} if conversation_id else {})}
        accept = {"Accept": "text/event-stream"}
        async with self._http.stream("POST", f"/chat/{bot_id}", json=body, headers=accept) as response:
            async for event in _events(response):
                yield event

    async def _json(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        response = await self._http.request(method, path, **content)
        _require_good(response)
        body: dict[str, Any] = response.json()
        return body


@asynccontextmanager
async def connected(api_url: str) -> AsyncIterator[ApiClient]:
    # The environment's proxies are for the outside; this server is ours.
    async with httpx2.AsyncClient(base_url=api_url, timeout=_READ_TIMEOUT_S, trust_env=False) as http:
        yield ApiClient(http)


async def is_bytchat(api_url: str) -> bool:
    """Whether a Bytchat that is ready answers there."""
    try:
        async with httpx2.AsyncClient(base_url=api_url, timeout=3, trust_env=False) as http:
            ready, root = await http.get("/health/ready"), await http.get("/")
            message = root.json().get("message", "") if root.is_success else ""
            return ready.is_success and "Bytchat" in message
    except (httpx2.HTTPError, ValueError, AttributeError):
        return False


async def _events(response: httpx2.Response) -> AsyncIterator[ServerEvent]:
    if not response.is_success:
        await response.aread()
    _require_good(response)
    pending = ""
    async for piece in response.aiter_text():
        *frames, pending = (pending + piece).split("\n\n")
        for frame in frames:
            if event := read_frame(frame):
                yield event


def read_frame(frame: str) -> ServerEvent | None:
    """One server-sent event; nothing for a comment."""
    # Only \n ends a line here: splitlines() would also cut at U+2028 inside the JSON.
    fields = dict(line.split(": ", 1) for line in frame.split("\n") if ": " in line and line[0] != ":")
    return ServerEvent(fields.get("event", "message"), json.loads(fields["data"])) if "data" in fields else None


def _require_good(response: httpx2.Response) -> None:
    if response.is_success:
        return
    raise RequestRefused(
        method=response.request.method,
        path=response.request.url.path,
        status=response.status_code,
        detail=_detail(response),
    )


def _detail(response: httpx2.Response) -> str:
    try:
        problem: Mapping[str, Any] = response.json()
        return str(problem.get("detail", problem))
    except (ValueError, AttributeError):
        return response.text[:200]
