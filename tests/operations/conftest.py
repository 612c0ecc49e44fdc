"""A platform as people leave it, with its backup, and databases to restore that to."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from app.core.config import Settings
from app.embedded.services import Services
from app.operations import migrate
from app.operations.backup import backup
from tests.knowledge.library import many_chunks
from tests.platform import ROOT, Owner, api_process, environment, register, text_of, worker_process
from tests.rows import Database
from tests.services import fresh_database, fresh_services

QUESTION = "¿A qué hora abre la tienda?"
ABOUT = "La tienda abre a las nueve y cierra a las dos.\n\nEl taller repara bicicletas los lunes.\n"

Rows = dict[str, list[tuple[str]]]
Answer = tuple[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Filled:
    """A database as people leave it, its backup, and what must be there again."""

    services: Services
    file: Path
    rows: Rows
    owner: Owner
    bot_id: str
    waiting_id: str
    answer: Answer
    key: str


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    folder = tmp_path_factory.mktemp("filled")
    with fresh_services() as services:
        migrate.upgrade(services.database_url)
        with api_process(services, folder) as (url, _):
            with ExitStack() as stack:
                for lane in ("words", "vectors"):
                    stack.enter_context(worker_process(services, folder, lane))
                owner, bot_id = person(url)
                answer = ask(owner, bot_id)
            waiting_id = owner.upload(bot_id, "Nadie ha leído esto todavía.", "espera.txt").json()["id"]
            key = f"sk-{uuid.uuid4().hex}"
            owner.http.put("/providers/openai/key", json={"key": key}, params={"unchecked": "true"})
        file = folder / "bytchat.dump"
        backup(settings_of(services), str(file))
        yield Filled(services, file, rows_of(services), owner, bot_id, waiting_id, answer, key)


@pytest.fixture
def empty(filled: Filled) -> Iterator[Services]:
    """A database with nothing in it."""
    with fresh_database(filled.services) as fresh:
        yield fresh


@pytest.fixture
def lived_in(empty: Services) -> Services:
    """A database with somebody else's account."""
    migrate.upgrade(empty.database_url)
    database = Database(empty)
    database.insert(
        "users", id=uuid.uuid4(), email="a@b.es", email_key="a@b.es", password_hash="x", created_at="2026-01-01"
    )
    database.close()
    return empty


def person(url: str) -> tuple[Owner, str]:
    """Somebody with a trained bot that has answered."""
    owner = register(url)
    config = {"task_type": "general", "provider": "local", "model_id": "extractive"}
    bot_id = owner.new_bot(initial_configs=[config])["id"]
    for text in (ABOUT, many_chunks(40, word="ruido")):
        owner.train(bot_id, text)
    return owner, bot_id


def ask(owner: Owner, bot_id: str) -> Answer:
    """What it says and whence it has it."""
    events = owner.ask(bot_id, QUESTION)
    [sources] = [data["passages"] for name, data in events if name == "sources"]
    assert sources
    return text_of(events), sources


def settings_of(services: Services, **others: Any) -> Settings:
    known = {"database_url": services.database_url, "encryption_key": services.encryption_key}
    return Settings(_env_file=None, **{name: SecretStr(value) for name, value in known.items()} | others)


def rows_of(services: Services) -> Rows:
    """Every column of every row of every table."""
    with psycopg.connect(services.database_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: connection.execute(
                SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(Identifier(name))
            ).fetchall()
            for (name,) in tables
        }


def bytchat(
    services: Services, *arguments: str, given: bytes = b"", previous: str = ""
) -> subprocess.CompletedProcess[bytes]:
    env = environment(services, LC_ALL="en_GB.UTF-8", ENCRYPTION_KEY_PREVIOUS=previous)
    line = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(line, cwd=ROOT, env=env, input=given, capture_output=True, timeout=120, check=False)


@contextmanager
def bytchat_started(services: Services, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command while it runs, its input left open."""
    line, pipe = [sys.executable, "-m", "app.cli", *arguments], subprocess.PIPE
    process = subprocess.Popen(line, cwd=ROOT, env=environment(services), stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def terminate(pid: int, services: Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [pid])
