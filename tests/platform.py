"""The platform as tests meet it: real processes, real people, and the few questions that they ask of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from app.embedded.services import Services
from tests.services import wait_until

PASSWORD = "una-clave-segura"
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Running:
    """A process of ours, and where it writes."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """As a crash does it."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who is logged in. `http` carries the token."""

    id: uuid.UUID
    email: str
    token: str
    http: httpx2.Client

    def new_bot(self, **fields: Any) -> dict[str, Any]:
        answer = self.http.post("/bots/", json={"name": "Bot", **fields})
        assert answer.status_code == 200, answer.text
        bot: dict[str, Any] = answer.json()
        return bot

    def scripted_bot(self, script: str = "say=Hola", **fields: Any) -> dict[str, Any]:
        """A bot whose one model follows a script; see `app.providers.scripted`."""
        config = {"task_type": "general", "provider": "openai", "model_id": script}
        return self.new_bot(initial_configs=[config], **fields)

    def upload(self, bot_id: str, text: str | bytes, filename: str = "notas.txt") -> httpx2.Response:
        data = text.encode() if isinstance(text, str) else text
        return self.http.post(f"/bots/{bot_id}/train", files={"file": (filename, data, "text/plain")})

    def document(self, bot_id: str, document_id: str) -> dict[str, Any]:
        body: dict[str, Any] = self.http.get(f"/bots/{bot_id}/documents/{document_id}").json()
        return body

    def train(self, bot_id: str, text: str | bytes, *, within_s: float = 60) -> dict[str, Any]:
        """Upload and wait until it is ready. Needs the workers."""
        answer = self.upload(bot_id, text)
        assert answer.status_code == 202, answer.text
        document_id = answer.json()["id"]
        wait_until(lambda: self.document(bot_id, document_id)["status"] in ("ready", "failed"), within_s=within_s)
        document = self.document(bot_id, document_id)
        assert document["status"] == "ready", document
        return document

    def ask(self, bot_id: str, query: str, **fields: Any) -> list[tuple[str, dict[str, Any]]]:
        """The events of an answer, as (name, data)."""
        with self.http.stream(
            "POST",
            f"/chat/{bot_id}",
            json={"query": query, **fields},
            headers={"Accept": "text/event-stream"},
        ) as answer:
            answer.read()
            assert answer.status_code == 200, answer.text
            return parse_events(answer.text)


def parse_events(stream: str) -> list[tuple[str, dict[str, Any]]]:
    """The (event, data) pairs of a whole server-sent event stream; comments are passed over."""
    events = []
    for block in stream.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


def text_of(events: list[tuple[str, dict[str, Any]]]) -> str:
    return "".join(data["text"] for name, data in events if name == "delta")


def register(base_url: str) -> Owner:
    """A new person with a new account, logged in."""
    http = httpx2.Client(base_url=base_url, timeout=30, trust_env=False)
    email = f"{uuid.uuid4().hex}@ejemplo.com"
    user = http.post("/users/", json={"email": email, "password": PASSWORD})
    assert user.status_code == 200, user.text
    token = log_in(http, email)
    http.headers["Authorization"] = f"Bearer {token}"
    return Owner(uuid.UUID(user.json()["id"]), email, token, http)


def log_in(http: httpx2.Client, email: str, password: str = PASSWORD) -> str:
    answer = http.post("/token", data={"username": email, "password": password})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def environment(services: Services, **settings: str) -> dict[str, str]:
    """What a process of the platform is started with; tests wait for nothing longer than they must."""
    return {
        **os.environ,
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "SECRET_KEY": services.secret_key,
        "ENCRYPTION_KEY": services.encryption_key,
        # What the person who runs the tests has set up is not what is tested.
        **dict.fromkeys(("OPENAI_API_KEY", "GOOGLE_API_KEY", "LOCAL_BASE_URL"), ""),
        "REGISTRATION": "open",
        "CHATS_PER_MINUTE": "0",
        "REGISTRATIONS_PER_HOUR": "0",
        "LIVE_STREAMS_PER_OWNER": "0",
        "ENVIRONMENT": "test",
        "SCRIPTED_MODELS": "true",
        "OMP_NUM_THREADS": "1",
        "EMBED_THREADS": "1",
        "EMBED_SLICE_S": "1",
        "PYTHONWARNINGS": "ignore",
        **settings,
    }


@contextmanager
def started(command: list[str], env: dict[str, str], log: Path) -> Iterator[Running]:
    """A process of the platform, ended (killed if need be) when the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield Running(process, log)
    finally:
        # A frozen process hears nothing until it goes on.
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def api_process(services: Services, folder: Path, **settings: str) -> Iterator[tuple[str, Running]]:
    """The API on a free port: its address and its process."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "app.main:make_app", "--factory", "--port", str(port)]
    command += ["--no-proxy-headers", "--no-access-log", "--timeout-graceful-shutdown", "10"]
    log = folder / f"api-{port}.log"
    with started(command, environment(services, **settings), log) as running:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(url) or running.process.poll() is not None, within_s=60)
        assert running.process.poll() is None, running.said()
        yield url, running


@contextmanager
def worker_process(
    services: Services, folder: Path, lane: str, *, name: str = "", **settings: str
) -> Iterator[Running]:
    """One lane of the worker; `beat` is the process that starts the sweep."""
    command = [sys.executable, "-m", "celery", "-A", "worker.celery_app"]
    if lane == "beat":
        command += ["beat", "--schedule", str(folder / f"beat-{time.monotonic_ns()}"), "--loglevel", "WARNING"]
    else:
        command += ["worker", "-Q", lane, "-n", name or f"{lane}-{time.monotonic_ns()}@%h", "--pool", "threads"]
        command += ["--concurrency", "1", "--include", "worker.tasks", "--loglevel", "WARNING"]
        command += ["--without-gossip", "--without-mingle"]
    log = folder / f"{lane}-{time.monotonic_ns()}.log"
    with started(command, environment(services, **settings), log) as running:
        yield running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready", timeout=2, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False
