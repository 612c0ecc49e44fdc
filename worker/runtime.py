"""One event loop, engine and embedder for each thread that runs tasks, kept for its whole life."""

import asyncio
import contextvars
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from celery.signals import worker_shutting_down
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings, get_settings
from app.core.database import Sessions, make_engine, make_sessions
from app.core.queue import Publisher
from app.providers.base import Embedder
from app.providers.local import find_embedder

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a task acts with."""

    settings: Settings
    runner: asyncio.Runner
    engine: AsyncEngine
    sessions: Sessions
    publisher: Publisher
    embedder: Embedder | None

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
    return Runtime(
        settings=settings,
        runner=asyncio.Runner(),
        engine=engine,
        sessions=make_sessions(engine),
        publisher=Publisher(settings.jobs_url),
        embedder=find_embedder(threads=settings.embed_threads),
    )


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    _stopping.set()
