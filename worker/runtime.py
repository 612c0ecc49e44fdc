"""One event loop, engine and embedder for each thread that runs tasks, kept for its whole life."""

import asyncio
import contextvars
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from celery.signals import worker_shutting_down
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings, get_settings
from app.core.database import Sessions, make_engine, make_sessions
from app.core.encryption import Keyring
from app.core.queue import Publisher
from app.knowledge.embedder_choice import EmbedderChoice
from app.providers.embedders import Embedders
from app.providers.local import find_embedder
from app.providers.server_keys import server_key

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a task acts with."""

    settings: Settings
    runner: asyncio.Runner
    engine: AsyncEngine
    sessions: Sessions
    publisher: Publisher
    # Whether `local` has an embedder on this system.
    embeds_locally: bool
    choose: EmbedderChoice

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        # In the context of this task: the runner would go on in that of its first.
        return self.runner.run(work, context=contextvars.copy_context())


_threads = threading.local()
_stopping = threading.Event()


def get_runtime() -> Runtime:
    """This thread's. A new loop a task would break at the second one: pooled connections belong to their loop."""
    if not hasattr(_threads, "runtime"):
        _threads.runtime = _make_runtime(get_settings())
    runtime: Runtime = _threads.runtime
    return runtime


def is_stopping() -> bool:
    """Whether the worker was told to end: long work stops at its next batch."""
    return _stopping.is_set()


def _make_runtime(settings: Settings) -> Runtime:
    engine = make_engine(
        settings.database_url.get_secret_value(),
        pool_size=2,
        idle_in_transaction_s=settings.job_lease_s,
        pooled=settings.database_pooler == "transaction",
    )
    sessions = make_sessions(engine)
    local = find_embedder(threads=settings.embed_threads)
    choose = EmbedderChoice(
        sessions=sessions,
        embedders=Embedders(settings, local),
        keyring=Keyring(
            settings.encryption_key.get_secret_value(), settings.encryption_key_previous.get_secret_value()
        ),
        server_key=partial(server_key, settings),
        server_micro_usd_a_day=int(settings.server_keys_usd_per_owner_day * 1_000_000),
    )
    return Runtime(
        settings=settings,
        runner=asyncio.Runner(),
        engine=engine,
        sessions=sessions,
        publisher=Publisher(settings.jobs_url),
        embeds_locally=local is not None,
        choose=choose,
    )


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    _stopping.set()
