"""Backup, wipe, restore: the same rows, login and answers; and no backup is left that is not whole (OPS-3)."""

import json
import os
import resource
import stat
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from pydantic import SecretStr

from app.core.operator_errors import BackupFailed, BackupFileExists
from app.embedded.home import temporary_home
from app.embedded.services import Services, running
from app.operations import migrate
from app.operations.backup import backup
from app.operations.programs import find_for_restore
from app.operations.restore import restore
from tests.operations.conftest import (
    QUESTION,
    Filled,
    ask,
    bytchat,
    bytchat_started,
    rows_of,
    settings_of,
    terminate,
)
from tests.platform import ROOT, api_process, environment, log_in, worker_process
from tests.services import fresh_database, fresh_services, wait_until

HURRIED = {"JOB_LOST_AFTER_S": "1", "SWEEP_EVERY_S": "1"}


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


def test_a_database_without_our_tables_is_not_backed_up_ops_3(empty: Services, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed):
        backup(settings_of(empty), str(tmp_path / "copy"))

    assert list(tmp_path.iterdir()) == []


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
