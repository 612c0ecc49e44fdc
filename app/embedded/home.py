"""The data folder of the embedded services: where it is, its secrets, its ports and its lock."""

import fcntl
import json
import os
import random
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.core.config import Settings
from app.core.errors import ConfigurationError
from app.core.operator_errors import AlreadyRunning

PROJECT = Path(__file__).resolve().parents[2]
POSTGRESQL = "postgresql"
BROKER = "broker"
_ROOTS_HOME = Path("/var/lib/bytchat")
# Below the ranges from which Linux and macOS take the ports of outgoing connections.
_PORTS = range(20_000, 32_000)


@dataclass(frozen=True, slots=True)
class Secrets:
    postgresql_password: str
    broker_password: str
    secret_key: str
    # Empty in a home of before there were keys to encrypt, until it next starts.
    encryption_key: str = ""


def home_folder(settings: Settings) -> Path:
    """`BYTCHAT_HOME`, or `.bytchat/` in the project; root's is `/var/lib/bytchat`."""
    if settings.bytchat_home is not None:
        return settings.bytchat_home.expanduser().resolve()
    return _ROOTS_HOME if os.geteuid() == 0 else PROJECT / ".bytchat"


def make_folder(folder: Path, *, mode: int = 0o700, owner: int | None = None) -> Path:
    """The folder, made with what is missing above it. One that exists keeps its mode and its owner."""
    if folder.is_dir():
        return folder
    make_folder(folder.parent, mode=mode)
    try:
        folder.mkdir()
        folder.chmod(mode)
    except OSError as error:
        problem = f"{folder} cannot be made ({error.strerror}). Set BYTCHAT_HOME to a folder of yours."
        raise ConfigurationError(problem=problem) from error
    if owner is not None:
        os.chown(folder, owner, -1)
    return folder


def make_home(home: Path) -> Path:
    """The home; root's may be entered by all, because PostgreSQL runs as another user then."""
    return make_folder(home, mode=0o755 if os.geteuid() == 0 else 0o700)


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A home that is gone after the block; a system user can enter it, unlike most temporary folders."""
    home = Path(tempfile.gettempdir()).resolve() / f"bytchat-{secrets.token_hex(6)}"
    try:
        yield make_home(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def write_private(path: Path, text: str, *, owner: int | None = None) -> None:
    """Replace the file in one step, readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    if owner is not None:
        os.chown(fresh, owner, -1)
    fresh.replace(path)


def find_secrets(home: Path) -> Secrets | None:
    try:
        return Secrets(**json.loads((home / "secrets.json").read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        problem = f"{home / 'secrets.json'} cannot be read: {error}. Put a sound copy back, or set BYTCHAT_HOME."
        raise ConfigurationError(problem=problem) from error


def make_secrets(home: Path) -> Secrets:
    """The home's secrets; what is missing of them is made."""
    found = find_secrets(home)
    if found is not None and found.encryption_key:
        return found
    fresh = Secrets(*(secrets.token_hex(32) for _ in range(4)))
    made = replace(found, encryption_key=fresh.encryption_key) if found else fresh
    write_private(home / "secrets.json", json.dumps(asdict(made), indent=2))
    return made


def find_port(home: Path, service: str) -> int | None:
    """The port that a service of this home had when it last ran."""
    try:
        return int(json.loads(_ports_file(home).read_text())[service])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def choose_port(home: Path, service: str) -> int:
    """The service's port of last time, or another where that one is taken; it is kept for the next time."""
    kept = find_port(home, service)
    if kept is not None and is_port_free("127.0.0.1", kept):
        return kept
    chosen = free_port()
    ports = {name: port for name in (POSTGRESQL, BROKER) if (port := find_port(home, name))}
    make_folder(_ports_file(home).parent)
    write_private(_ports_file(home), json.dumps({**ports, service: chosen}))
    return chosen


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    candidates = random.sample(_PORTS, 200)
    return next(port for port in candidates if is_port_free("127.0.0.1", port))


def is_port_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the home for this process. Raises `AlreadyRunning`; the system frees it if we are killed."""
    path = make_folder(home / "run") / "lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(home=str(home)) from error
        yield


def _ports_file(home: Path) -> Path:
    return home / "run" / "ports.json"
