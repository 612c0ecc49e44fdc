"""Backup, wipe, restore: the same rows, login and answers; or nothing is touched (OPS-3)."""

import json
import os
import resource
import secrets
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from alembic import command
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from app.core.config import Settings
from app.core.errors import (
    BackupFailed,
    BackupFileExists,
    BackupTooNew,
    BackupUnreadable,
    DatabaseInUse,
    DatabaseNotEmpty,
)
from app.embedded.home import temporary_home
from app.embedded.services import Services, running
from app.operations import migrate
from app.operations.backup import backup
from app.operations.programs import find_for_restore
from app.operations.restore import restore
from tests.knowledge.library import many_chunks
from tests.platform import ROOT, Owner, api_process, environment, log_in, register, text_of, worker_process
from tests.rows import Database
from tests.services import fresh_database, fresh_services, wait_until

QUESTION = "¿A qué hora abre la tienda?"
ABOUT = "La tienda abre a las nueve y cierra a las dos.\n\nEl taller repara bicicletas los lunes.\n"
HURRIED = {"JOB_LOST_AFTER_S": "1", "SWEEP_EVERY_S": "1"}

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


def test_a_wiped_platform_is_the_same_again_ops_3(filled: Filled, tmp_path: Path) -> None:
    with fresh_services() as services:
        bare = replace(filled.services, database_url=services.database_url, redis_url=services.redis_url)
        restore(settings_of(bare), str(filled.file), replace=False)
        rows = rows_of(bare)
        with api_process(bare, tmp_path, **HURRIED) as (url, _), ExitStack() as stack:
            for lane in ("words", "vectors", "beat"):
                stack.enter_context(worker_process(bare, tmp_path, lane, **HURRIED))
            with httpx2.Client(base_url=url, timeout=30, trust_env=False) as http:
                http.headers["Authorization"] = f"Bearer {filled.owner.token}"
                same = replace(filled.owner, http=http)
                answer = ask(same, filled.bot_id)
                [openai] = [one for one in http.get("/providers/").json() if one["provider"] == "openai"]
                wait_until(
                    lambda: same.document(filled.bot_id, filled.waiting_id)["status"] == "ready", within_s=60
                )
                log_in(http, filled.owner.email)

    assert rows == filled.rows
    assert answer == filled.answer
    assert (openai["configured"], openai["key_problem"]) == (True, None)


def test_the_rows_that_are_compared_are_of_every_table_ops_3(filled: Filled) -> None:
    used = {table for table, rows in filled.rows.items() if rows}

    assert used >= {"users", "sessions", "bots", "model_configs", "documents", "chunks", "conversations"}
    assert used >= {"messages", "citations", "provider_keys", "ledger", "usage_days", "alembic_version"}


def test_a_restored_database_differs_in_nothing_from_the_models_ops_3(filled: Filled, empty: Services) -> None:
    restore(settings_of(empty), str(filled.file), replace=False)

    migrate.check(empty.database_url)
    assert shape_of(empty) == shape_of(filled.services)


def shape_of(services: Services) -> list[Any]:
    """Extensions, indexes, constraints and functions."""
    statements = (
        "SELECT extname, extversion FROM pg_extension ORDER BY 1",
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
        "SELECT pg_get_functiondef('public.bytchat_lexemes'::regproc)",
    )
    with psycopg.connect(services.database_url) as connection:
        return [connection.execute(statement.encode()).fetchall() for statement in statements]


def test_a_backup_streams_out_and_in_ops_3(filled: Filled, empty: Services) -> None:
    made = bytchat(filled.services, "backup", "-")
    put = bytchat(empty, "restore", "-", given=made.stdout)

    assert (made.returncode, put.returncode) == (0, 0), made.stderr + put.stderr
    assert put.stdout == b""
    assert b"made and checked" in made.stderr
    assert rows_of(empty) == filled.rows


def test_pg_restore_alone_reads_a_backup_too_ops_3(filled: Filled, empty: Services) -> None:
    line = [find_for_restore().pg_restore, "--exit-on-error", "--no-owner", f"--dbname={empty.database_url}"]

    subprocess.run([*line, str(filled.file)], check=True)

    assert rows_of(empty) == filled.rows


def test_a_backup_is_its_owners_alone_and_holds_no_secret_ops_3(filled: Filled) -> None:
    script = subprocess.check_output([find_for_restore().pg_restore, "--file=-", str(filled.file)], text=True)

    assert stat.S_IMODE(filled.file.stat().st_mode) == 0o600
    assert QUESTION in script
    for secret in (filled.key, filled.services.encryption_key, filled.services.secret_key):
        assert secret not in script


def test_a_backup_is_never_written_over_another_ops_3(filled: Filled) -> None:
    before = filled.file.read_bytes()

    with pytest.raises(BackupFileExists):
        backup(settings_of(filled.services), str(filled.file))

    assert filled.file.read_bytes() == before


def test_what_a_killed_backup_left_is_in_nobodys_way_ops_3(filled: Filled, tmp_path: Path) -> None:
    (tmp_path / "copy.partial").write_text("half")

    backup(settings_of(filled.services), str(tmp_path / "copy"))

    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_a_full_disk_leaves_no_backup_ops_3(filled: Filled, tmp_path: Path) -> None:
    def little_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    line = [sys.executable, "-m", "app.cli", "backup", str(tmp_path / "copy")]
    said = subprocess.run(
        line, cwd=ROOT, env=environment(filled.services), capture_output=True, preexec_fn=little_disk, check=False
    )

    assert said.returncode == 1
    assert b"No backup was made" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_cannot_be_written_is_a_failure_ops_3(filled: Filled) -> None:
    with open("/dev/full", "wb") as full:
        line = [sys.executable, "-m", "app.cli", "backup", "-"]
        ended = subprocess.run(line, cwd=ROOT, env=environment(filled.services), stdout=full, check=False)

    assert ended.returncode == 1


def test_a_database_that_goes_away_leaves_no_backup_ops_3(tmp_path: Path) -> None:
    with fresh_services() as services, fresh_database(services) as fresh:
        migrate.upgrade(fresh.database_url)
        with psycopg.connect(fresh.database_url) as holding:
            # It has no rows of its own, so that pg_dump is the first to wait for it.
            holding.execute("CREATE TABLE parted (day date) PARTITION BY RANGE (day)")
            holding.commit()
            holding.execute("LOCK TABLE parted IN ACCESS EXCLUSIVE MODE")
            with bytchat_started(fresh, "backup", str(tmp_path / "copy")) as process:
                pid = backend_of("pg_dump", services)
                terminate(pid, services)
                _, said = process.communicate(timeout=60)

    assert process.returncode == 1, said
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_is_cut_anywhere_is_refused_ops_3(filled: Filled, lived_in: Services, tmp_path: Path) -> None:
    before, whole = rows_of(lived_in), filled.file.read_bytes()

    for size in (*range(0, len(whole), len(whole) // 30), len(whole) - 1):
        (tmp_path / "part").write_bytes(whole[:size])
        with pytest.raises(BackupUnreadable):
            restore(settings_of(lived_in), str(tmp_path / "part"), replace=True)

    assert rows_of(lived_in) == before


def test_a_backup_of_which_any_bit_has_changed_is_refused_ops_3(
    filled: Filled, lived_in: Services, tmp_path: Path
) -> None:
    before, whole = rows_of(lived_in), filled.file.read_bytes()

    for place in range(0, len(whole), len(whole) // 30):
        (tmp_path / "broken").write_bytes(changed(whole, place))
        with pytest.raises(BackupUnreadable):
            restore(settings_of(lived_in), str(tmp_path / "broken"), replace=True)

    assert rows_of(lived_in) == before


def changed(whole: bytes, place: int) -> bytes:
    """The same but for one bit."""
    broken = bytearray(whole)
    broken[place] ^= 1
    return bytes(broken)


HARM: dict[str, Callable[[bytes], bytes]] = {
    "nothing arrives": lambda whole: b"",
    "it is cut in the middle": lambda whole: whole[: len(whole) // 2],
    "the seal is missing": lambda whole: whole[: whole.rindex(b"\nbytchat backup")],
    "a table has another name": lambda whole: whole.replace(b"usage_days", b"usage_dayz"),
    "a row has changed": lambda whole: changed(whole, len(whole) * 9 // 10),
}


@pytest.mark.parametrize("harm", HARM)
def test_a_stream_that_does_not_arrive_whole_changes_nothing_ops_3(
    harm: str, filled: Filled, lived_in: Services
) -> None:
    before = rows_of(lived_in)

    said = bytchat(lived_in, "restore", "-", "--replace", given=HARM[harm](filled.file.read_bytes()))

    assert said.returncode == 1
    assert said.stderr.startswith((b"Eso no es", b"La copia no se ha restaurado")), said.stderr
    assert rows_of(lived_in) == before


def test_what_is_no_backup_is_refused_ops_3(filled: Filled, lived_in: Services, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(ABOUT * 1000)

    for name in ("notes.txt", "nothing"):
        with pytest.raises(BackupUnreadable):
            restore(settings_of(lived_in), str(tmp_path / name), replace=True)


def test_accounts_are_lost_only_where_that_is_said_ops_3(filled: Filled, lived_in: Services) -> None:
    before = rows_of(lived_in)

    with pytest.raises(DatabaseNotEmpty):
        restore(settings_of(lived_in), str(filled.file), replace=False)
    refused = rows_of(lived_in)
    restore(settings_of(lived_in), str(filled.file), replace=True)

    assert refused == before
    assert rows_of(lived_in) == filled.rows


def test_somebody_elses_tables_are_lost_only_where_that_is_said_ops_3(filled: Filled, empty: Services) -> None:
    with psycopg.connect(empty.database_url) as connection:
        connection.execute("CREATE TABLE invoices (id int)")

    with pytest.raises(DatabaseNotEmpty):
        restore(settings_of(empty), str(filled.file), replace=False)


def test_a_database_without_accounts_needs_no_permission_ops_3(filled: Filled, empty: Services) -> None:
    migrate.upgrade(empty.database_url)

    restore(settings_of(empty), str(filled.file), replace=False)

    assert rows_of(empty) == filled.rows


def test_nothing_that_a_newer_version_made_is_left_ops_3(filled: Filled, lived_in: Services) -> None:
    with psycopg.connect(lived_in.database_url) as connection:
        connection.execute("""
            CREATE TYPE mood AS ENUM ('good', 'bad');
            CREATE DOMAIN short AS varchar(10);
            CREATE TYPE pair AS (a int, b int);
            CREATE TABLE "of Tomorrow" (id serial PRIMARY KEY, mood mood, name short,
                                        owner_id uuid REFERENCES users (id));
            CREATE VIEW seen AS SELECT mood FROM "of Tomorrow";
            CREATE MATERIALIZED VIEW kept AS SELECT name FROM "of Tomorrow";
            CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql RETURN n * 2;
            CREATE SEQUENCE numbers;
            CREATE TEXT SEARCH CONFIGURATION castilian (COPY = spanish);""")

    restore(settings_of(lived_in), str(filled.file), replace=True)

    assert rows_of(lived_in) == filled.rows
    assert names_in(lived_in) == names_in(filled.services)


def names_in(services: Services) -> list[tuple[Any, ...]]:
    """Everything in the schema, whatever it is."""
    with psycopg.connect(services.database_url) as connection:
        return connection.execute(
            "SELECT type, identity FROM pg_depend CROSS JOIN pg_identify_object(classid, objid, 0)"
            " WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'public'::regnamespace ORDER BY 1, 2"
        ).fetchall()


def test_a_backup_of_an_older_version_is_upgraded_ops_3(filled: Filled, empty: Services, tmp_path: Path) -> None:
    with fresh_database(filled.services) as old:
        command.upgrade(migrate._config(old.database_url), "0001")
        with psycopg.connect(old.database_url) as connection:
            connection.execute(
                "INSERT INTO users (id, email, email_key, password_hash, created_at)"
                " VALUES (gen_random_uuid(), 'a@b.es', 'a@b.es', 'x', now())"
            )
        backup(settings_of(old), str(tmp_path / "old"))

    restore(settings_of(empty), str(tmp_path / "old"), replace=False)

    migrate.check(empty.database_url)
    assert len(rows_of(empty)["users"]) == 1


def test_a_backup_of_a_newer_version_is_refused_and_nothing_touched_ops_3(
    filled: Filled, lived_in: Services, tmp_path: Path
) -> None:
    with fresh_database(filled.services) as newer:
        migrate.upgrade(newer.database_url)
        with psycopg.connect(newer.database_url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        backup(settings_of(newer), str(tmp_path / "newer"))
    before = rows_of(lived_in)

    with pytest.raises(BackupTooNew, match="9999"):
        restore(settings_of(lived_in), str(tmp_path / "newer"), replace=True)

    assert rows_of(lived_in) == before


def test_a_database_that_is_in_use_is_left_alone_ops_3(filled: Filled, lived_in: Services) -> None:
    with psycopg.connect(lived_in.database_url), pytest.raises(DatabaseInUse, match=r"1 other .*127\.0\.0\.1"):
        restore(settings_of(lived_in), str(filled.file), replace=True)


def test_a_database_without_our_tables_is_not_backed_up_ops_3(empty: Services, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed):
        backup(settings_of(empty), str(tmp_path / "copy"))

    assert list(tmp_path.iterdir()) == []


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


def backend_of(application: str, services: Services) -> int:
    """The server's process that waits for a lock on behalf of this program."""
    found: list[tuple[int]] = []

    def is_there() -> bool:
        with psycopg.connect(services.database_url) as connection:
            found[:] = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'",
                [application],
            ).fetchall()
        return bool(found)

    wait_until(is_there, within_s=30)
    return found[0][0]


def terminate(pid: int, services: Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [pid])


def restoring(services: Services, on: Services) -> int:
    """The server's process that holds the tables of a database for itself, seen from another database."""
    name = services.database_url.rpartition("/")[2]
    found: list[tuple[int]] = []

    def is_there() -> bool:
        with psycopg.connect(on.database_url) as connection:
            found[:] = connection.execute(
                "SELECT DISTINCT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                " WHERE datname = %s AND locktype = 'relation' AND mode = 'AccessExclusiveLock' AND granted",
                [name],
            ).fetchall()
        return bool(found)

    wait_until(is_there, within_s=30)
    return found[0][0]


HALF_WAY: dict[str, Callable[[subprocess.Popen[bytes], int, Services], object]] = {
    "the command is killed": lambda process, pid, on: process.kill(),
    "the command is asked to end": lambda process, pid, on: process.send_signal(signal.SIGTERM),
    "the command is interrupted": lambda process, pid, on: process.send_signal(signal.SIGINT),
    "the connection is cut": lambda process, pid, on: terminate(pid, on),
}


@pytest.mark.parametrize("happens", HALF_WAY)
def test_a_restore_that_ends_half_way_leaves_the_old_state_ops_3(
    happens: str, filled: Filled, lived_in: Services
) -> None:
    before, whole = rows_of(lived_in), filled.file.read_bytes()

    with bytchat_started(lived_in, "restore", "-", "--replace") as process:
        assert process.stdin is not None
        process.stdin.write(whole[:-200])
        process.stdin.flush()
        pid = restoring(lived_in, filled.services)
        HALF_WAY[happens](process, pid, filled.services)
        process.communicate(timeout=60)

    assert process.returncode != 0
    assert rows_of(lived_in) == before


def test_the_encryption_key_is_named_and_not_in_the_backup_ops_3(filled: Filled, tmp_path: Path) -> None:
    made = bytchat(filled.services, "backup", str(tmp_path / "copy"))

    said = made.stderr.decode()
    assert "1 provider keys, sealed with the encryption key" in said
    assert "(ENCRYPTION_KEY)" in said
    assert "Keep it elsewhere" in said
    assert filled.services.encryption_key not in said


def test_a_home_says_where_its_encryption_key_stands_ops_3(filled: Filled, tmp_path: Path) -> None:
    kept = {"postgresql_password": "p", "broker_password": "b", "secret_key": "s"}
    (tmp_path / "secrets.json").write_text(json.dumps({**kept, "encryption_key": filled.services.encryption_key}))
    settings = settings_of(filled.services, encryption_key=SecretStr(""), bytchat_home=tmp_path)

    said = backup(settings, str(tmp_path / "copy"))

    assert any(str(tmp_path / "secrets.json") in sentence for sentence in said)


def test_stored_keys_that_open_no_more_are_counted_by_the_key_that_sealed_them_ops_3(
    filled: Filled, empty: Services
) -> None:
    other = replace(empty, encryption_key=secrets.token_hex(32))
    [(row,)] = filled.rows["provider_keys"]
    key_id = row.split(",")[2]

    lost = bytchat(other, "restore", str(filled.file))
    kept = bytchat(other, "restore", "--replace", str(filled.file), previous=filled.services.encryption_key)

    assert (lost.returncode, kept.returncode) == (0, 0)
    assert "0 provider keys open" in lost.stderr.decode()
    assert f"1 do not open: the key {key_id} sealed them" in lost.stderr.decode()
    assert "1 provider keys open" in kept.stderr.decode()
    assert "do not open" not in kept.stderr.decode()


def test_a_home_in_which_nothing_runs_is_backed_up_and_restored_ops_3(filled: Filled, tmp_path: Path) -> None:
    with temporary_home() as home:
        nothing = {"database_url": SecretStr(""), "redis_url": SecretStr(""), "bytchat_home": home / "new"}
        settings = settings_of(filled.services, **nothing)

        restore(settings, str(filled.file), replace=False)
        backup(settings, str(tmp_path / "copy"))
        with running(home / "new") as services:
            rows = rows_of(services)

    assert rows == filled.rows
    assert os.path.getsize(tmp_path / "copy") > 0
