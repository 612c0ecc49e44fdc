"""The platform behind PgBouncer's transaction mode, set up as docs/scaling.md says."""

import asyncio
import configparser
import os
import pwd
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text

from app.core.config import Settings
from app.core.database import make_engine, make_sessions, statement, transaction
from app.embedded.home import temporary_home, write_private
from app.embedded.process import Program, spawn, stop
from app.embedded.services import Services
from app.operations import migrate
from app.operations.doctor import State, examine
from tests.platform import ROOT, Owner, api_process, free_port, register, text_of, worker_process
from tests.services import fresh_services, wait_until

_PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_PAGE = (ROOT / "docs" / "scaling.md").read_text()
_POOLED = {"DATABASE_POOLER": "transaction"}

pytestmark = pytest.mark.skipif(_PGBOUNCER is None, reason="pgbouncer is not installed here")


@pytest.fixture(scope="module")
def direct() -> Iterator[Services]:
    """PostgreSQL itself, whose role has no limits yet."""
    with fresh_services() as found:
        yield found


@pytest.fixture(scope="module")
def services(direct: Services) -> Iterator[Services]:
    """The same through the pooler, the role's limits set."""
    with psycopg.connect(direct.database_url, autocommit=True) as connection:
        for line in block("sql", holds="statement_timeout").strip().splitlines():
            connection.execute(line.encode())
    with pgbouncer(direct.database_url) as url:
        migrate.upgrade(url)
        yield replace(direct, database_url=url)


@pytest.fixture(scope="module")
def owner(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    """Somebody on a platform that knows PostgreSQL through the pooler alone."""
    folder = tmp_path_factory.mktemp("pooled")
    with ExitStack() as stack:
        url, _ = stack.enter_context(api_process(services, folder, **_POOLED))
        for lane in ("words", "vectors"):
            stack.enter_context(worker_process(services, folder, lane, **_POOLED))
        yield register(url)


def block(language: str, *, holds: str) -> str:
    """A code block of the page."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)
    return next(one for one in found if holds in one)


@contextmanager
def pgbouncer(database_url: str) -> Iterator[str]:
    """With the page's settings, in a folder of its own; the address through it."""
    real, port = make_url(database_url), free_port()
    user = "postgres" if os.geteuid() == 0 else None
    with temporary_home() as home:
        settings = configparser.ConfigParser(interpolation=None)
        settings.read_string(block("ini", holds="pool_mode"))
        settings["databases"]["bytchat"] = f"host={real.host} port={real.port}"
        passwords = home / "userlist.txt"
        settings["pgbouncer"].update(
            listen_addr="127.0.0.1",
            listen_port=str(port),
            unix_socket_dir="",
            auth_file=str(passwords),
            # Fewer than the platform's own pools hold, so that connections do change hands.
            default_pool_size="3",
        )
        number = pwd.getpwnam(user).pw_uid if user else None
        write_private(passwords, f'"{real.username}" "{real.password}"\n', owner=number)
        with (home / "pgbouncer.ini").open("w") as file:
            settings.write(file)
        through = real.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        program = Program("pgbouncer", (str(_PGBOUNCER), str(home / "pgbouncer.ini")), user=user, folder=home)
        with (home / "log").open("wb") as log:
            process = spawn(program, output=log)
        try:
            wait_until(lambda: answers(through))
            yield through
        finally:
            stop(process, program)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def database_finding(services: Services, home: Path) -> State:
    settings = Settings(
        database_url=SecretStr(services.database_url),
        redis_url=SecretStr(services.redis_url),
        database_pooler="transaction",
        bytchat_home=home,
    )
    return next(examine(settings)).state


def test_of_several_migrations_at_once_none_fails_and_no_lock_stays_behind(services: Services) -> None:
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(migrate.upgrade, [services.database_url] * 3))

    with psycopg.connect(services.database_url) as connection:
        held = connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert held == (0,)


@pytest.mark.anyio
async def test_statements_that_change_connections_all_the_time_all_succeed(services: Services) -> None:
    engine = make_engine(services.database_url, pool_size=10, pooled=True)
    sessions = make_sessions(engine)

    async def add(number: int) -> int:
        async with (transaction if number % 2 else statement)(sessions) as session:
            return int(await session.scalar(text("SELECT CAST(:number AS int) + 1"), {"number": number}) or 0)

    sums = await asyncio.gather(*(add(number) for number in range(500)))
    await engine.dispose()

    assert sums == list(range(1, 501))


def test_a_document_is_trained_and_answered_from(owner: Owner) -> None:
    bot_id = owner.scripted_bot("say=Jueves")["id"]

    document = owner.train(bot_id, "El faro de Salmera se visita los jueves.")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: owner.ask(bot_id, "¿Cuándo se visita el faro?"), range(40)))

    assert document["chunks_embedded"] == document["chunks"]
    assert {events[-1][0] for events in answers} == {"finished"}
    assert {text_of(events) for events in answers} == {"Jueves"}


def test_the_role_limits_statements_where_the_connection_cannot(services: Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        found = connection.execute(
            "SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),"
            " current_setting('timezone')"
        ).fetchone()

    assert found == ("1min", "30s", "UTC")


def test_doctor_warns_while_nothing_limits_statements(services: Services, tmp_path: Path) -> None:
    with fresh_services() as bare:
        without = database_finding(bare, tmp_path)

    assert without is State.WARNING
    assert database_finding(services, tmp_path) is State.OK
