"""A whole platform of its own whose every part can be broken: killed, frozen, emptied, cut off."""

import random
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.embedded.broker import broker
from app.embedded.home import make_secrets, temporary_home
from app.embedded.postgresql import postgresql
from app.embedded.services import Services
from app.knowledge.chunk import chunk
from app.operations import migrate
from tests.chaos.stage import Service
from tests.knowledge.library import many_chunks
from tests.platform import Owner, Running, api_process, register, worker_process
from tests.proxy import Proxy, proxy_to
from tests.services import wait_until

# What is lost is found within three seconds.
HURRIED = {"JOB_LEASE_S": "2", "JOB_LOST_AFTER_S": "1", "SWEEP_EVERY_S": "1"}


class Lane:
    """One process of the worker, started again whenever it ends, as `bytchat up` does."""

    def __init__(self, services: Services, folder: Path, name: str) -> None:
        self._services, self._folder, self._name = services, folder, name
        self._over = threading.Event()
        self._running: Running | None = None
        self._thread = threading.Thread(target=self._keep)
        self._thread.start()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The one that runs now."""
        wait_until(lambda: self._running is not None)
        assert self._running is not None
        return self._running.process

    @property
    def said(self) -> str:
        assert self._running is not None
        return self._running.said()

    def kill(self) -> None:
        self.process.kill()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def let_go(self) -> None:
        self._over.set()

    def wait(self) -> None:
        self._thread.join()

    def _keep(self) -> None:
        while not self._over.is_set():
            with worker_process(self._services, self._folder, self._name, **HURRIED) as running:
                self._running = running
                while running.process.poll() is None and not self._over.wait(0.02):
                    pass


@dataclass(frozen=True, slots=True)
class Platform:
    """API, workers, and the services under them; the API and the workers reach the broker through the proxy."""

    services: Services
    postgresql: Service
    broker: Service
    to_broker: Proxy
    words: Lane
    vectors: Lane
    owner: Owner
    home: Path

    def upload(self, body: str) -> str:
        """The id of the document, in a bot of its own."""
        answer = self.owner.upload(self.bot_id, body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    @property
    def bot_id(self) -> str:
        return str(self.owner.http.get("/bots/").json()[0]["id"])

    def empty_broker(self) -> None:
        """Forget all that it held; it must be down."""
        shutil.rmtree(self.home / "broker")

    def status(self, document_id: str) -> str:
        return str(self._row("SELECT status FROM documents WHERE id = %s", document_id)[0])

    def is_ready(self, document_id: str) -> bool:
        return self.status(document_id) in ("ready", "failed")

    def is_searchable(self, document_id: str) -> bool:
        return bool(self._row("SELECT searchable_at IS NOT NULL FROM documents WHERE id = %s", document_id)[0])

    def embedded(self, document_id: str) -> int:
        return int(str(self._row("SELECT chunks_embedded FROM documents WHERE id = %s", document_id)[0]))

    def leases(self, lane: str) -> set[str]:
        """Those that the lane's workers hold, or died with."""
        with psycopg.connect(self.services.database_url) as connection:
            rows = connection.execute(
                "SELECT lease_token::text FROM documents "
                "WHERE lease_token IS NOT NULL AND (searchable_at IS NOT NULL) = (%s = 'vectors')",
                (lane,),
            )
            return {token for (token,) in rows}

    def versions(self, document_id: str) -> object:
        """Changes whenever anybody writes to the document or its chunks."""
        return self._row(
            "SELECT (SELECT xmin::text FROM documents WHERE id = %(id)s), "
            "ARRAY(SELECT position || ' ' || xmin FROM chunks WHERE document_id = %(id)s ORDER BY position), "
            "ARRAY(SELECT lexeme || ' ' || xmin FROM postings WHERE document_id = %(id)s ORDER BY lexeme), "
            "ARRAY(SELECT position || ' ' || xmin FROM vectors WHERE document_id = %(id)s ORDER BY position)",
            {"id": document_id},
        )

    def assert_whole(self, document_id: str, body: str, *, within_s: float = 60) -> None:
        """It ends ready, with exactly the chunks of its text, each with its vector."""
        wait_until(lambda: self.is_ready(document_id), within_s=within_s)
        with psycopg.connect(self.services.database_url) as connection:
            document = connection.execute(
                "SELECT status, error, chunks, chunks_embedded, text FROM documents WHERE id = %s", (document_id,)
            ).fetchone()
            rows = connection.execute(
                'SELECT chunks.position, start, "end", text, heading, vector_dims(vector) FROM chunks '
                "LEFT JOIN vectors USING (document_id, position) WHERE document_id = %s ORDER BY position",
                (document_id,),
            ).fetchall()
        expected = [(one.position, one.start, one.end, one.text, one.heading, 384) for one in chunk(body)]
        assert rows == expected
        assert document == ("ready", None, len(expected), len(expected), body)

    def _row(self, query: str, *parameters: object) -> tuple[object, ...]:
        given = parameters[0] if isinstance(parameters[0], dict) else parameters
        with psycopg.connect(self.services.database_url) as connection:
            row = connection.execute(query.encode(), given).fetchone()
        assert row is not None
        return row


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("platform")
    with temporary_home() as home, ExitStack() as stack:
        # Durable: what a killed PostgreSQL had committed must be there.
        database = stack.enter_context(_running(Service(lambda: postgresql(home), folder / "postgresql.log")))
        queue = stack.enter_context(_running(Service(lambda: broker(home), folder / "broker.log")))
        migrate.upgrade(database.server.url)
        real = make_url(queue.server.url)
        to_broker = stack.enter_context(proxy_to("127.0.0.1", int(str(real.port))))
        through = real.set(port=to_broker.port).render_as_string(hide_password=False)
        known = make_secrets(home)
        services = Services(database.server.url, through, known.secret_key, known.encryption_key)
        url, _ = stack.enter_context(api_process(services, folder, **HURRIED))
        words, vectors, _ = stack.enter_context(_kept(services, folder, "words", "vectors", "beat"))
        owner = register(url)
        owner.new_bot()
        yield Platform(services, database, queue, to_broker, words, vectors, owner, home)


@contextmanager
def _running(service: Service) -> Iterator[Service]:
    try:
        yield service
    finally:
        service.stop()


@contextmanager
def _kept(services: Services, folder: Path, *names: str) -> Iterator[list[Lane]]:
    lanes = [Lane(services, folder, name) for name in names]
    try:
        yield lanes
    finally:
        # All at once: each takes a second or two to end.
        for lane in lanes:
            lane.let_go()
        for lane in lanes:
            lane.wait()


@pytest.fixture(scope="module")
def second(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lane, Lane]]:
    """Another worker beside the platform's: its words and its vectors."""
    folder = tmp_path_factory.mktemp("second")
    with _kept(platform.services, folder, "words", "vectors") as (words, vectors):
        yield words, vectors


@pytest.fixture
def body() -> str:
    """A text that no other test has, of six hundred small chunks: ten batches."""
    return many_chunks(600, word=f"p{random.getrandbits(40)}x")
