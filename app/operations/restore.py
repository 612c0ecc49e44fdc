"""`bytchat restore`: puts a backup in the place of what the database holds, in one transaction."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO

import psycopg

from app.core.config import Settings
from app.core.errors import DatabaseUnavailable
from app.core.operator_errors import BackupTooNew, BackupUnreadable, DatabaseInUse, DatabaseNotEmpty, RestoreFailed
from app.operations import migrate
from app.operations.archive import Rows, blocks_of, parts_of, sealed_blocks, unpacked
from app.operations.backup import STREAM, VERSIONS, database
from app.operations.language import say
from app.operations.migrate import plain_url
from app.operations.programs import find_for_restore
from app.operations.progress import shown
from app.operations.stored_keys import count_stored, what_opens

_WITHIN = "10s"
# Everything in the schema that is no extension's, whatever it is called: also what a newer version made there.
_OBJECTS = """
SELECT (pg_identify_object(classid, objid, 0)).* FROM pg_depend AS inside
WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'public'::regnamespace AND deptype = 'n'
AND classid NOT IN ('pg_extension'::regclass, 'pg_default_acl'::regclass)
AND NOT EXISTS (SELECT FROM pg_depend AS member WHERE member.classid = inside.classid
                AND member.objid = inside.objid AND member.deptype = 'e')
"""
_OTHERS = """
SELECT coalesce(host(client_addr), 'local') FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND backend_type = 'client backend'
AND pid <> pg_backend_pid()
"""


def restore(settings: Settings, file: str, *, replace: bool) -> list[str]:
    """Read it, or the standard input where the file is `-`. Gives what to tell.

    The database is as the backup has it, brought to the newest revision, or as it was.
    """
    pg_restore = find_for_restore().pg_restore
    with _source(file) as source, database(settings, may_be_new=True) as url:
        if source.seekable():
            _require_sound(source)
        with _transaction(url) as connection:
            _require_free(connection, replace=replace)
            with unpacked(sealed_blocks(shown(blocks_of(source))), pg_restore=pg_restore) as script:
                revision = _run(script, connection)
        migrate.upgrade(url)
        with _transaction(url) as connection:
            connection.execute("ANALYZE")
            stored = count_stored(connection, settings)
    return [_done(revision), *what_opens(stored)]


def _done(revision: str) -> str:
    upgraded = f" → {migrate.head()}" if revision != migrate.head() else ""
    return say(
        f"Copia restaurada ({revision}{upgraded}). Las sesiones de entonces valen si SECRET_KEY es la misma.",
        f"Backup restored ({revision}{upgraded}). The logins of then are valid if SECRET_KEY is the same.",
    )


@contextmanager
def _source(file: str) -> Iterator[IO[bytes]]:
    if file == STREAM and sys.stdin.isatty():
        raise BackupUnreadable(reason_es="la entrada es una terminal", reason_en="the input is a terminal")
    try:
        source = _opened(file)
    except OSError as error:
        raise BackupUnreadable(reason_es=error.strerror, reason_en=error.strerror) from error
    with source:
        yield source


def _opened(file: str) -> IO[bytes]:
    # Unbuffered: a thread that waits in a buffer's lock would break the interpreter's end.
    return open(sys.stdin.fileno() if file == STREAM else file, "rb", buffering=0, closefd=file != STREAM)


def _require_sound(source: IO[bytes]) -> None:
    """Read it once to its end, before anything is touched."""
    start = source.tell()
    for _ in sealed_blocks(blocks_of(source)):
        pass
    source.seek(start)


@contextmanager
def _transaction(url: str) -> Iterator[psycopg.Connection]:
    """Committed when the block ends, rolled back when it raises. Holds the lock of migrations."""
    try:
        connection = psycopg.connect(plain_url(url), connect_timeout=5)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable from error
    try:
        with connection:
            connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.execute(f"SET LOCAL lock_timeout = '{_WITHIN}'".encode())
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (migrate.LOCK_KEY,))
            yield connection
    except psycopg.Error as error:
        raise RestoreFailed(reason=str(error).splitlines()[0].rstrip(".")) from error


def _require_free(connection: psycopg.Connection, *, replace: bool) -> None:
    others = [address for (address,) in connection.execute(_OTHERS)]
    if others:
        raise DatabaseInUse(count=len(others), who=", ".join(sorted(set(others))))
    if replace:
        return
    if accounts := _accounts(connection):
        raise DatabaseNotEmpty(what_es=f"{accounts} cuentas", what_en=f"{accounts} accounts")
    if not _is_there(connection, VERSIONS) and connection.execute(_OBJECTS).fetchone():
        raise DatabaseNotEmpty(what_es="lo que hay no es de Bytchat", what_en="what is there is not of Bytchat")


def _accounts(connection: psycopg.Connection) -> int:
    if not _is_there(connection, "public.users"):
        return 0
    [[count]] = connection.execute("SELECT count(*) FROM public.users")
    return int(count)


def _is_there(connection: psycopg.Connection, table: str) -> bool:
    [[is_there]] = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (table,))
    return bool(is_there)


def _run(script: IO[bytes], connection: psycopg.Connection) -> str:
    """Do what the script says in the place of all that is there. Gives the revision that it is of."""
    parts = parts_of(script)
    tables = next(parts)
    revision = _revision(next(parts, None))
    _clear(connection)
    versions = Rows(f"COPY {VERSIONS} FROM stdin".encode(), iter([f"{revision}\n".encode()]))
    for part in chain((tables, versions), parts):
        if isinstance(part, Rows):
            _copy(part, connection)
        elif part:
            connection.execute(part)
    # The script leaves an empty search path; a pooler would lend it to others.
    connection.execute("RESET ALL")
    return revision


def _copy(rows: Rows, connection: psycopg.Connection) -> None:
    with connection.cursor().copy(rows.statement) as copy:
        for line in rows.lines:
            copy.write(line)


def _revision(versions: bytes | Rows | None) -> str:
    if not isinstance(versions, Rows) or versions.table != VERSIONS:
        raise BackupUnreadable(reason_es="no es de Bytchat", reason_en="it is not of Bytchat")
    revision = b"".join(versions.lines).decode().strip()
    if revision not in migrate.revisions():
        raise BackupTooNew(revision=revision)
    return revision


def _clear(connection: psycopg.Connection) -> None:
    """Drop everything of ours. An extension stays: it may be a superuser's."""
    for kind, _schema, _name, identity in connection.execute(_OBJECTS).fetchall():
        connection.execute(f"DROP {kind} IF EXISTS {identity} CASCADE".encode())
