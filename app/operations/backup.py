"""`bytchat backup`: the whole database at one moment in one file, written whole and checked, or not at all."""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import psycopg
from psycopg import IsolationLevel

from app.core.config import Settings
from app.core.errors import DatabaseUnavailable
from app.core.operator_errors import BackupFailed, BackupFileExists, NothingRuns
from app.embedded.home import home_folder
from app.embedded.services import running
from app.operations.archive import Rows, blocks_of, parts_of, seal, unpacked
from app.operations.language import say
from app.operations.locate import locate_database
from app.operations.migrate import plain_url
from app.operations.programs import Programs, connection_of, find_for_backup, last_line
from app.operations.progress import megabytes, shown
from app.operations.stored_keys import StoredKeys, count_stored, what_to_keep

STREAM = "-"
VERSIONS = "public.alembic_version"
# No others: a hosted database has some that nobody may make elsewhere.
_EXTENSIONS = ("vector", "unaccent")
_TABLES = """
SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND relpersistence <> 't' AND nspname !~ '^pg_' AND nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_depend
                WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the database holds at the moment of the backup; `id` lets pg_dump see that same moment."""

    id: str
    rows: dict[str, int]
    keys: StoredKeys
    server_version: int


def backup(settings: Settings, file: str) -> list[str]:
    """Write it, or stream it where the file is `-`. Gives what to tell. Raises where no sound backup was made."""
    if file == STREAM and sys.stdout.isatty():
        raise BackupFailed(reason=say("la salida es una terminal", "the output is a terminal"))
    try:
        with database(settings) as url, _snapshot(url, settings) as snapshot, _written(file) as output:
            size_bytes = _write(snapshot, output, url=url)
    except OSError as error:
        raise BackupFailed(reason=error.strerror) from error
    except psycopg.Error as error:
        raise BackupFailed(reason=str(error).splitlines()[0]) from error
    count = sum(snapshot.rows.values())
    done = say(
        f"Copia hecha y comprobada: {megabytes(size_bytes)}, {count} filas.",
        f"Backup made and checked: {megabytes(size_bytes)}, {count} rows.",
    )
    return [done, *what_to_keep(snapshot.keys)]


@contextmanager
def database(settings: Settings, *, may_be_new: bool = False) -> Iterator[str]:
    """The URL of the database to act on. That of a home in which nothing runs is started for the block."""
    home = home_folder(settings)
    try:
        url = locate_database(settings)
    except NothingRuns:
        if not may_be_new and not (home / "postgresql").exists():
            raise
        with running(home) as services:
            yield services.database_url
    else:
        yield url


@contextmanager
def _snapshot(url: str, settings: Settings) -> Iterator[Snapshot]:
    """It can be dumped while the block lasts."""
    try:
        connection = psycopg.connect(plain_url(url), connect_timeout=5)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable from error
    with connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        [[name]] = connection.execute("SELECT pg_export_snapshot()")
        tables = [table for (table,) in connection.execute(_TABLES)]
        if VERSIONS not in tables:
            raise BackupFailed(reason=say("no hay tablas de Bytchat", "there are no tables of Bytchat"))
        version = connection.info.server_version // 10_000
        yield Snapshot(name, _count(connection, tables), count_stored(connection, settings), version)


def _count(connection: psycopg.Connection, tables: Iterable[str]) -> dict[str, int]:
    return {
        table: count
        for table in tables
        for (count,) in connection.execute(f"SELECT count(*) FROM {table}".encode())  # noqa: S608
    }


@contextmanager
def _written(file: str) -> Iterator[IO[bytes]]:
    """A file that only its owner reads, and that has its name when it is whole; or the standard output."""
    if file == STREAM:
        with open(sys.stdout.fileno(), "wb", closefd=False) as output:
            yield output
        return
    path = Path(file)
    partial = path.with_name(path.name + ".partial")
    _require_absent(path)
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            yield output
            output.flush()
            os.fsync(output.fileno())
        _require_absent(path)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


def _require_absent(path: Path) -> None:
    if path.exists():
        raise BackupFileExists(file=path)


def _write(snapshot: Snapshot, output: IO[bytes], *, url: str) -> int:
    """Dump, and read what was dumped, as it is written; sealed only when its rows are those of the snapshot."""
    programs = find_for_backup(server_version=snapshot.server_version)
    digest, size_bytes = hashlib.sha256(), 0

    def written() -> Iterator[bytes]:
        nonlocal size_bytes
        for block in shown(_dumped(programs, snapshot, url=url)):
            output.write(block)
            digest.update(block)
            size_bytes += len(block)
            yield block

    with unpacked(written(), pg_restore=programs.pg_restore) as script:
        found = {part.table: sum(1 for _ in part.lines) for part in parts_of(script) if isinstance(part, Rows)}
    if found != snapshot.rows or next(iter(found)) != VERSIONS:
        raise BackupFailed(reason=say("lo escrito no es lo que hay", "what was written is not what there is"))
    output.write(seal(digest.digest()))
    return size_bytes


def _dumped(programs: Programs, snapshot: Snapshot, *, url: str) -> Iterator[bytes]:
    """What pg_dump writes. Raises `BackupFailed` when it fails."""
    where, environment = connection_of(url)
    command = (
        *(programs.pg_dump, "--format=custom", "--no-owner", "--no-privileges", "--no-comments", "--no-password"),
        *(f"--extension={name}" for name in _EXTENSIONS),
        *(f"--snapshot={snapshot.id}", f"--dbname={where}"),
    )
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said) as process,  # noqa: S603
    ):
        yield from blocks_of(cast("IO[bytes]", process.stdout))
        if process.wait() != 0:
            raise BackupFailed(reason=last_line(said))
