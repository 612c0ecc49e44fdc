"""Builds the ASGI application: lifespan, middleware, routers, error handlers."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

import anyio
from fastapi import FastAPI

from app import __version__
from app.api.again import Again
from app.api.dependencies import Services
from app.api.errors import add_error_handlers
from app.api.exports import Exports
from app.api.last_use import LastUse
from app.api.metrics import Metrics
from app.api.middleware import BodyLimit, RequestLog, WholePaths
from app.api.openapi import TAGS, describe
from app.api.origins import allow_origins
from app.api.passwords import PasswordHasher
from app.api.readiness import make_probes
from app.api.routes import (
    auth,
    bots,
    chat,
    conversations,
    documents,
    export,
    providers,
    quotas,
    root,
    search,
    toolbox,
    training,
    usage,
    users,
)
from app.api.session_watch import SessionWatch
from app.api.streaming import LiveStreams
from app.chat.asking import Allowance, ChatServices
from app.chat.catalog import load_catalog
from app.chat.circuit import Circuits
from app.chat.foresight import Foresight
from app.chat.metrics import AnswerMetrics
from app.chat.speak import Patience
from app.core.config import Settings, get_settings, require_services
from app.core.database import Sessions, make_engine, make_sessions
from app.core.encryption import Keyring
from app.core.limits import Limiter
from app.core.logging import configure_logging
from app.core.queue import Publisher
from app.core.quotas import ChatQuotas
from app.providers.local import CachedEmbedder, find_embedder
from app.providers.registry import Providers

# Each takes up to eight times the file: its bytes, its text, what PostgreSQL is sent.
_UPLOADS_IN_MEMORY = 2
_ACCOUNTS = (auth, users, quotas, export)
_ROUTES = (*_ACCOUNTS, bots, toolbox, providers, training, search, documents, chat, conversations, usage, root)


def make_app() -> FastAPI:
    """The application that uvicorn serves. Raises `ConfigurationError` naming the variable that is wrong."""
    settings = get_settings()
    require_services(settings)
    configure_logging(settings.log_level, form=settings.log_format)
    return build(settings)


def build(settings: Settings) -> FastAPI:
    """The application over these settings."""
    app = FastAPI(
        title="Bytchat",
        version=__version__,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        separate_input_output_schemas=False,
    )
    app.state.settings = settings
    app.state.metrics = Metrics()
    for module in _ROUTES:
        app.include_router(module.router)
    root.add_documentation(app)
    describe(app)
    add_error_handlers(app)
    app.add_middleware(Again)
    app.add_middleware(BodyLimit, upload_limit_mb=settings.upload_limit_mb)
    app.add_middleware(WholePaths)
    app.add_middleware(RequestLog, metrics=app.state.metrics.requests)
    allow_origins(app, settings.allowed_origins)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services = _make_services(app.state.settings, app.state.metrics)
    app.state.services = services
    with _streams_end_before_the_server(services.live, drain_s=app.state.settings.drain_s):
        yield
    services.publisher.close()
    with anyio.CancelScope(shield=True):
        await services.watch.aclose()
        await services.last_use.aclose()
        await services.chat.providers.aclose()
        await services.chat.quotas.aclose()
        await services.engine.dispose()


def _make_services(settings: Settings, metrics: Metrics) -> Services:
    engine = make_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        pooled=settings.database_pooler == "transaction",
    )
    sessions = make_sessions(engine)
    publisher = Publisher(settings.jobs_url)
    live, watch = LiveStreams(), SessionWatch(sessions)
    metrics.watch(live)
    limiter = Limiter(settings.redis_url.get_secret_value())
    keyring = Keyring(
        settings.encryption_key.get_secret_value(), settings.encryption_key_previous.get_secret_value()
    )
    return Services(
        settings=settings,
        engine=engine,
        sessions=sessions,
        publisher=publisher,
        limiter=limiter,
        passwords=PasswordHasher(limiter),
        probes=make_probes(sessions, publisher),
        metrics=metrics,
        keyring=keyring,
        chat=_make_chat_services(settings, sessions, keyring, metrics.answers),
        live=live,
        watch=watch,
        last_use=LastUse(sessions),
        exports=Exports(sessions, watch),
        uploads=asyncio.Semaphore(_UPLOADS_IN_MEMORY),
    )


def _make_chat_services(
    settings: Settings, sessions: Sessions, keyring: Keyring, metrics: AnswerMetrics
) -> ChatServices:
    local_embedder = find_embedder(threads=settings.embed_threads)
    embedder = CachedEmbedder(local_embedder) if local_embedder else None
    patience = Patience(
        first_token_s=settings.first_token_timeout_s,
        gap_s=settings.token_gap_timeout_s,
        total_s=settings.answer_timeout_s,
    )
    return ChatServices(
        sessions=sessions,
        providers=Providers(settings, embedder),
        foresight=Foresight(embedder),
        patience=patience,
        circuits=Circuits(),
        catalog=load_catalog(settings.catalog_file),
        keyring=keyring,
        quotas=ChatQuotas(
            settings.redis_url.get_secret_value(),
            chats_per_minute=settings.chats_per_minute,
            live_streams=settings.live_streams_per_owner,
            lease_s=patience.longest_s,
        ),
        allowance=Allowance(
            tokens_a_day=settings.tokens_per_day,
            server_micro_usd_a_day=int(settings.server_keys_usd_per_owner_day * 1_000_000),
        ),
        metrics=metrics,
    )


@contextmanager
def _streams_end_before_the_server(live: LiveStreams, *, drain_s: float) -> Iterator[None]:
    """Chain the signals: uvicorn waits for open streams without limit, so they are ended first.

    For `drain_s` they may end by themselves, or until a second signal.
    """
    loop = asyncio.get_running_loop()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    waits_s = iter((drain_s,))

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(loop.call_later, next(waits_s, 0.0), live.stop)
        chained = before[signal.Signals(number)]
        if callable(chained):
            chained(number, frame)

    for number in before:
        signal.signal(number, stop)
    yield
    # uvicorn raises the signal once more when it has stopped, to die of it: a stop that was asked for exits with 0.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
