"""A whole platform to break: two APIs, two workers, beat, PostgreSQL, the broker, a stub provider, and the network.

Its processes are those that a server runs, from any copy of the source. Whatever dies is started again.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psycopg
import redis
from sqlalchemy import make_url

from app.embedded.broker import broker
from app.embedded.home import free_port, make_secrets, temporary_home
from app.embedded.postgresql import postgresql
from app.embedded.process import Program, Server
from app.embedded.services import Services
from tests.faults.parts import Part, Supervisor, supervisor
from tests.faults.provider import Provider, provider
from tests.faults.proxy import Link, Network, network
from tests.platform import ROOT, environment, register
from tests.services import wait_until

APIS = ("api-1", "api-2")
WORKERS = ("worker-1", "worker-2")
LEASE_S = 4.0
# The connections of tests themselves begin so; terminations pass them over.
OURS = "faults"

_SETTINGS = {
    # What is lost is found within seconds.
    "JOB_LEASE_S": str(LEASE_S),
    "JOB_LOST_AFTER_S": "2",
    "SWEEP_EVERY_S": "1",
    "EMBED_SLICE_S": "1",
    # The crowd is one of few people who do much.
    **dict.fromkeys(("CHATS_PER_MINUTE", "LIVE_STREAMS_PER_OWNER", "REGISTRATIONS_PER_HOUR"), "0"),
    **dict.fromkeys(("BOTS_PER_OWNER", "DOCUMENTS_PER_OWNER", "STORAGE_MB_PER_OWNER"), "0"),
    "SERVER_KEYS_USD_PER_OWNER_DAY": "100000",
    "REGISTRATION": "open",
    "SCRIPTED_MODELS": "false",
    "OPENAI_API_KEY": "sk-stub",
    "CONNECT_TIMEOUT_S": "2",
    "FIRST_TOKEN_TIMEOUT_S": "3",
    "TOKEN_GAP_TIMEOUT_S": "3",
    "ANSWER_TIMEOUT_S": "15",
    "PYTHONUNBUFFERED": "1",
}
_READY_WITHIN_S = 2


@dataclass(slots=True)
class Stage:
    """What runs, by name. `services` are reached directly, past all links."""

    services: Services
    apis: list[str]
    provider: Provider
    links: dict[str, Link]
    parts: dict[str, Part]
    folder: Path
    home: Path
    # Somebody who is logged in, for the question whether the APIs answer real requests.
    token: str = ""

    def heal(self) -> None:
        """End every fault, and wait until what died is there again."""
        self.provider.behave()
        for link in self.links.values():
            link.flow()
        for part in self.parts.values():
            part.is_held.clear()
            part.wake()
        wait_until(self.database_answers, within_s=60)
        wait_until(self.broker_answers, within_s=60)
        self.empty_broker_of_filling()
        self.unlock_tables()
        wait_until(lambda: all(part.lives for part in self.parts.values()), within_s=60)

    def wait_until_ready(self, within_s: float = 60) -> float:
        """The seconds until both APIs said that they are ready."""
        began = time.monotonic()
        wait_until(lambda: all(map(self.is_ready, self.apis)), within_s=within_s)
        return time.monotonic() - began

    def wait_until_served(self, within_s: float = 60) -> float:
        """The seconds until both were ready and answered a real request."""
        began = time.monotonic()
        self.wait_until_ready(within_s)
        wait_until(lambda: all(map(self.serves, self.apis)), within_s=within_s)
        return time.monotonic() - began

    def is_ready(self, api: str) -> bool:
        return _status(f"{api}/health/ready") == 200

    def serves(self, api: str) -> bool:
        return _status(f"{api}/bots/", token=self.token) == 200

    def connect(self, name: str = "") -> psycopg.Connection:
        """To PostgreSQL directly, as one whom no fault touches."""
        return psycopg.connect(
            self.services.database_url,
            autocommit=True,
            connect_timeout=5,
            application_name=f"{OURS}{name and '-'}{name}",
        )

    def connect_broker(self) -> redis.Redis:
        return redis.Redis.from_url(self.services.redis_url, socket_timeout=2, socket_connect_timeout=2, retry=None)

    def database_answers(self) -> bool:
        with suppress(psycopg.Error), self.connect() as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
        return False

    def broker_answers(self) -> bool:
        with suppress(redis.RedisError), self.connect_broker() as client:
            return bool(client.ping())
        return False

    def fill_broker(self) -> None:
        """From now on it takes nothing more."""
        with self.connect_broker() as client:
            client.set(_FILLING, b"x" * 1024 * 1024)
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "1mb")

    def empty_broker_of_filling(self) -> None:
        with suppress(redis.RedisError), self.connect_broker() as client:
            client.config_set("maxmemory", "256mb")
            client.delete(_FILLING)

    def forget_broker(self) -> None:
        """Lose all that it held; it must be down."""
        shutil.rmtree(self.home / "broker", ignore_errors=True)

    def unlock_tables(self) -> None:
        """End the sessions that hold locks for a fault."""
        with suppress(psycopg.Error), self.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
                [f"{OURS}-lock"],
            )


_FILLING = "faults-filling"


@contextmanager
def stage(folder: Path, *, source: Path = ROOT, seed: int, **settings: str) -> Iterator[Stage]:
    """All of it for the length of a block, from this copy of `app`, `worker` and `migrations`."""
    with temporary_home() as home, ExitStack() as stack:
        net = stack.enter_context(network())
        stub = stack.enter_context(provider(seed=seed))
        # Entered last, so that it leaves first: its processes end while the network still flows.
        watch = stack.enter_context(supervisor())
        services = _start_services(watch, home, folder)
        _migrate(services, source)
        links = _make_links(net, services, stub)
        apis = _start_platform(watch, services, links, source=source, folder=folder, settings=settings)
        made = Stage(services, apis, stub, links, watch.parts, folder, home)
        made.wait_until_ready(within_s=90)
        made.token = register(apis[0]).token
        try:
            yield made
        finally:
            for link in links.values():
                link.flow()


def _start_services(watch: Supervisor, home: Path, folder: Path) -> Services:
    # Durable: what a killed PostgreSQL had committed must be there.
    database, queue = _server(watch, postgresql, home, folder), _server(watch, broker, home, folder)
    known = make_secrets(home)
    return Services(database.url, queue.url, known.secret_key, known.encryption_key)


def _server(watch: Supervisor, make: Callable[[Path], Server], home: Path, folder: Path) -> Server:
    made = make(home)
    watch.add(Part(made.program.name, lambda: make(home).program, folder / f"{made.program.name}.log"))
    wait_until(made.is_ready, within_s=60)
    return made


def _migrate(services: Services, source: Path) -> None:
    code = "from app.operations import migrate; import os; migrate.upgrade(os.environ['DATABASE_URL'])"
    subprocess.run([sys.executable, "-c", code], env=_environment(services, source), cwd=source, check=True)


def _make_links(net: Network, services: Services, stub: Provider) -> dict[str, Link]:
    targets = {
        "postgresql": _address(services.database_url),
        "redis": _address(services.redis_url),
        "provider": _address(stub.url),
    }
    for who in ("api", "worker"):
        for whom, target in targets.items():
            net.link(f"{who}-{whom}", target)
    return net.links


def _start_platform(
    watch: Supervisor,
    services: Services,
    links: Mapping[str, Link],
    *,
    source: Path,
    folder: Path,
    settings: Mapping[str, str],
) -> list[str]:
    """The addresses of the APIs."""

    def start(name: str, command: tuple[str, ...], who: str, **own: str) -> None:
        home = folder / f"{name}-home"
        home.mkdir(exist_ok=True)
        reached = _through(services, links, who)
        env = _environment(reached, source, **{**_SETTINGS, **_providers(links, who), **settings, **own})
        program = Program(name, (sys.executable, *command), {**env, "BYTCHAT_HOME": str(home)}, folder=source)
        watch.add(Part(name, lambda: program, folder / f"{name}.log"))

    ports = {name: free_port() for name in APIS}
    for name, port in ports.items():
        start(name, ("-m", "app.serve"), "api", API_PORT=str(port))
    for name in WORKERS:
        start(name, ("-m", "worker.lanes"), "worker")
    beat = ("beat", "--schedule", str(folder / "beat"), "--loglevel", "WARNING")
    start("beat", ("-m", "celery", "--quiet", "-A", "worker.celery_app", *beat), "worker")
    return [f"http://127.0.0.1:{port}" for port in ports.values()]


def _environment(services: Services, source: Path, **settings: str) -> dict[str, str]:
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join((str(source), *([inherited] if inherited else [])))
    return {**environment(services, **settings), "PYTHONPATH": path}


def _through(services: Services, links: Mapping[str, Link], who: str) -> Services:
    return Services(
        _with_port(services.database_url, links[f"{who}-postgresql"].port),
        _with_port(services.redis_url, links[f"{who}-redis"].port),
        services.secret_key,
        services.encryption_key,
    )


def _providers(links: Mapping[str, Link], who: str) -> dict[str, str]:
    url = f"http://{links[f'{who}-provider'].address}/v1"
    return {"OPENAI_BASE_URL": url, "LOCAL_BASE_URL": url}


def _with_port(url: str, port: int) -> str:
    return make_url(url).set(port=port).render_as_string(hide_password=False)


def _address(url: str) -> tuple[str, int]:
    parts = make_url(url)
    assert parts.host
    assert parts.port
    return parts.host, parts.port


def _status(url: str, *, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return httpx2.get(url, headers=headers, timeout=_READY_WITHIN_S, trust_env=False).status_code
    except httpx2.HTTPError:
        return 0
