"""What tests ask of an API whose vendors are on loopback; the fixtures are in `tests.api.market`."""

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.platform import Owner, register
from tests.vendors.script import parse
from tests.vendors.server import Kind, Vendor
from tests.vendors.wire import Received

KINDS: tuple[Kind, ...] = ("openai", "google")
OTHER = {"openai": "google", "google": "openai"}
SSE = {"Accept": "text/event-stream"}
SERVER_KEYS = {"openai": "sk-servidor-openai", "google": "AIza-servidor-google"}
FIRST_TOKEN_S = 2.0
# The documentation's own example.
DOCUMENTED = [
    {"task_type": "general", "provider": "google", "model_id": "gemini-1.5-flash-latest"},
    {"task_type": "complex", "provider": "openai", "model_id": "gpt-4o"},
]


@dataclass(frozen=True, slots=True)
class Market:
    """The vendors, and the address of a local server that nobody runs."""

    openai: Vendor
    google: Vendor
    nowhere: str

    def vendor(self, kind: str) -> Vendor:
        return self.google if kind == "google" else self.openai

    def tell(self, script: str) -> None:
        """What all models without a script in their name do from now on."""
        self.openai.script = self.google.script = parse(script)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "SCRIPTED_MODELS": "false",
            "OPENAI_BASE_URL": self.openai.url,
            "GOOGLE_BASE_URL": self.google.url,
            "OPENAI_API_KEY": SERVER_KEYS["openai"],
            "GOOGLE_API_KEY": SERVER_KEYS["google"],
            "LOCAL_BASE_URL": self.nowhere,
            "CONNECT_TIMEOUT_S": str(FIRST_TOKEN_S),
            "FIRST_TOKEN_TIMEOUT_S": str(FIRST_TOKEN_S),
            "TOKEN_GAP_TIMEOUT_S": "2",
            "ANSWER_TIMEOUT_S": "60",
        }


@contextmanager
def person_at(url: str) -> Iterator[Owner]:
    person = register(url)
    yield person
    person.http.close()


def give_keys(person: Owner) -> dict[str, str]:
    keys = {kind: f"sk-{kind}-{uuid.uuid4().hex}" for kind in ("openai", "google")}
    for kind, key in keys.items():
        answer = person.http.put(f"/providers/{kind}/key", json={"key": key})
        assert answer.status_code == 200, answer.text
    return keys


def config(model_id: str, provider: str = "openai", *, task_type: str = "general") -> dict[str, str]:
    return {"task_type": task_type, "provider": provider, "model_id": model_id}


def bot_of(person: Owner, *configs: dict[str, str], **fields: Any) -> str:
    return str(person.new_bot(initial_configs=list(configs), **fields)["id"])


def post(person: Owner, bot_id: str, query: str = "Hola", **fields: Any) -> httpx2.Response:
    return person.http.post(f"/chat/{bot_id}", json={"query": query, **fields})


def chats(vendor: Vendor) -> list[Received]:
    """The questions that the vendor was asked; a look at a key is none."""
    return [request for request in vendor.requests if request.method == "POST"]


def key_of(request: Received) -> str:
    return request.headers.get("x-goog-api-key") or request.headers["authorization"].removeprefix("Bearer ")


def sent(request: Received) -> list[tuple[str, str]]:
    """The talk as either vendor was given it: role and text, without the system's."""
    if "contents" in request.json:
        turns = [(turn["role"], turn["parts"][0]["text"]) for turn in request.json["contents"]]
        return [("assistant" if role == "model" else role, text) for role, text in turns]
    return [(turn["role"], turn["content"]) for turn in request.json["messages"] if turn["role"] != "system"]


def system_of(request: Received) -> str:
    if "contents" in request.json:
        return str(request.json["systemInstruction"]["parts"][0]["text"])
    return "".join(turn["content"] for turn in request.json["messages"] if turn["role"] == "system")


def messages(person: Owner, conversation_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.http.get(f"/conversations/{conversation_id}").json()["messages"]
    return found


def conversations(person: Owner, bot_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.http.get(f"/bots/{bot_id}/conversations/").json()
    return found


@contextmanager
def asking(person: Owner, bot_id: str, query: str = "Hola") -> Iterator[socket.socket]:
    """A client that has asked for events and may leave at any moment: the block's end closes its connection."""
    body = json.dumps({"query": query}).encode()
    address = urlsplit(str(person.http.base_url))
    head = (
        f"POST /chat/{bot_id} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {person.token}\r\n"
        f"Accept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), address.port or 80), timeout=15) as client:
        client.sendall(head.encode() + body)
        yield client


def read_until(client: socket.socket, words: bytes) -> bytes:
    said = b""
    while words not in said:
        piece = client.recv(65_536)
        assert piece, said
        said += piece
    return said


def read_all(client: socket.socket) -> bytes:
    """All that is still to come, until the other side closes."""
    return b"".join(iter(lambda: client.recv(65_536), b""))
