"""What is measured and with what: a real Bytchat whose vendor is the stub, clients, the bare embedder."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.embedded.services import Services
from app.operations import migrate
from tests.bench.chat_load import client, corpus, embedder, stub
from tests.bench.chat_load.aside import Aside, aside
from tests.bench.chat_load.client import BYTCHAT, Heard, Load
from tests.bench.chat_load.cpu import child_named
from tests.bench.chat_load.embedder import Texts
from tests.platform import Owner, api_process, register, worker_process
from tests.services import fresh_services

TOKENS = 64
PACE_MS = 5
# The trained bot's answers: short, and not all there with their first token, as no vendor's are.
SHORT_TOKENS = 4
_MORE_PARAGRAPHS = 340
_TASK_TYPES = ("general", "simple", "complex")
# The limits count as they do for everybody, and are too wide to be met.
_SETTINGS = {
    "OPENAI_API_KEY": "sk-bench",
    "SCRIPTED_MODELS": "false",
    "EMBED_THREADS": str(embedder.THREADS),
    "CHATS_PER_MINUTE": "1000000",
    "LIVE_STREAMS_PER_OWNER": "100000",
    "SERVER_KEYS_USD_PER_OWNER_DAY": "100000",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """`probe` is a second client, for requests beside those of the first."""

    services: Services
    logs: Path
    settings: dict[str, str]
    port: int
    stub_port: int
    groups: dict[str, list[int]]
    owner: Owner
    trained_bot: str
    chunks: int
    client: Aside[Load, list[Heard]]
    probe: Aside[Load, list[Heard]]
    embedder: Aside[Texts, list[float]]

    def plain_bot(self, model_id: str) -> str:
        """A bot without documents."""
        return _new_bot(self.owner, model_id, ("general",))

    def chat(self, bot_id: str, query: str, **fields: str) -> bytes:
        """A question as an HTTP request."""
        return self._request("POST", f"/chat/{bot_id}", {"query": query, **fields}, Accept="text/event-stream")

    def get(self, path: str) -> bytes:
        return self._request("GET", path)

    def first_tokens_ms(self, bot_id: str, queries: Sequence[str], *, concurrency: int = 1) -> list[float]:
        requests = [self.chat(bot_id, query) for query in queries]
        return BYTCHAT.first_token_ms(self.client.ask(Load(self.port, requests, concurrency)))

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> bytes:
        return client.request(method, path, body, Authorization=f"Bearer {self.owner.token}", **headers)


@contextmanager
def running_scene(logs: Path) -> Iterator[Scene]:
    """All of it for the length of a block; the workers have trained the bot and are gone."""
    with ExitStack() as stack:
        services = stack.enter_context(fresh_services())
        migrate.upgrade(services.database_url)
        vendor: Aside[None, int] = stack.enter_context(aside(stub.serve))
        stub_port = vendor.answer()
        settings = {**_SETTINGS, "OPENAI_BASE_URL": f"http://127.0.0.1:{stub_port}/v1"}
        url, api = stack.enter_context(api_process(services, logs, **settings))
        owner = register(url)
        bot_id, chunks = _trained_bot(owner, services, logs)
        yield Scene(
            services=services,
            logs=logs,
            settings=settings,
            port=port_of(url),
            stub_port=stub_port,
            groups={
                "API": [api.process.pid],
                "PostgreSQL": [child_named("postgres")],
                "broker": [child_named("valkey")],
                "stub": [vendor.pid],
            },
            owner=owner,
            trained_bot=bot_id,
            chunks=chunks,
            client=stack.enter_context(aside(client.serve)),
            probe=stack.enter_context(aside(client.serve)),
            embedder=stack.enter_context(aside(embedder.serve)),
        )


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def _trained_bot(owner: Owner, services: Services, logs: Path) -> tuple[str, int]:
    """A bot with several models and about 500 chunks, all with vectors."""
    bot_id = _new_bot(owner, stub.model_id(SHORT_TOKENS, pace_ms=PACE_MS), _TASK_TYPES)
    with ExitStack() as stack:
        for lane in ("words", "vectors"):
            threads = str(embedder.THREADS)
            stack.enter_context(worker_process(services, logs, lane, EMBED_THREADS=threads))
        texts = (corpus.handbook(), corpus.more_shops(_MORE_PARAGRAPHS))
        documents = [owner.train(bot_id, text, within_s=240) for text in texts]
    return bot_id, sum(document["chunks"] for document in documents)


def _new_bot(owner: Owner, model_id: str, task_types: Sequence[str]) -> str:
    configs = [{"task_type": one, "provider": "openai", "model_id": model_id} for one in task_types]
    return str(owner.new_bot(initial_configs=configs)["id"])
