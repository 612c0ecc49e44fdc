"""A restore brings back all of a whole backup, or nothing is touched (OPS-3)."""

import secrets
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command

from app.core.operator_errors import BackupTooNew, BackupUnreadable, DatabaseInUse, DatabaseNotEmpty
from app.embedded.services import Services
from app.operations import migrate
from app.operations.backup import backup
from app.operations.restore import restore
from tests.operations.conftest import ABOUT, Filled, bytchat, bytchat_started, rows_of, settings_of, terminate
from tests.services import fresh_database, wait_until


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
