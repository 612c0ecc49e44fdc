"""The way to the worker: one Celery configuration for both ends, and a publish that never holds anybody up."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from celery import Celery
from kombu.connection import Connection

from app.core.broker import broker_settings
from app.core.logging import request_id

log = structlog.get_logger()

WORDS = "train.words"
VECTORS = "train.vectors"
SWEEP = "train.sweep"
# The header of a job that says whose request asked for it.
REQUEST_ID = "request_id"

_QUEUES = {WORDS: "words", VECTORS: "vectors", SWEEP: "words"}
# A black-holed broker blocked a publish for more than 25 s; a document is found by the sweep anyway.
_PUBLISH_TIMEOUT_S = 0.7
_SOCKET_TIMEOUT_S = 0.5
_PAUSE_AFTER_FAILURE_S = 5.0


def make_celery(broker_url: str, *, socket_timeout_s: float = 30) -> Celery:
    """The application as both ends see it. Jobs carry ids only, and are acknowledged when they are done."""
    app = Celery("bytchat", set_as_current=False)
    app.conf.update(
        task_routes={task: {"queue": queue} for task, queue in _QUEUES.items()},
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        **broker_settings(broker_url, socket_timeout_s=socket_timeout_s),
        timezone="UTC",
    )
    return app


class Publisher:
    """Sends jobs from an event loop, each within a short bound; what cannot be sent waits for the sweep."""

    def __init__(self, broker_url: str, *, pause_after_failure_s: float = _PAUSE_AFTER_FAILURE_S) -> None:
        self._celery = make_celery(broker_url, socket_timeout_s=_SOCKET_TIMEOUT_S)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="publish")
        # Its own: who waits for a broker to answer must not keep a job waiting.
        self._asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ask-broker")
        self._pause_s = pause_after_failure_s
        self._paused_until = 0.0

    async def publish(self, task: str, *arguments: str) -> bool:
        """Whether the broker took it in time. Never raises for the broker's sake."""
        if time.monotonic() < self._paused_until:
            return False
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_PUBLISH_TIMEOUT_S):
                await loop.run_in_executor(self._threads, self._send, task, arguments, request_id())
        except Exception as error:
            self._paused_until = time.monotonic() + self._pause_s
            log.warning("queue.publish_failed", task=task, error=type(error).__name__)
            return False
        return True

    def close(self) -> None:
        for threads in (self._threads, self._asking):
            threads.shutdown(wait=False, cancel_futures=True)

    async def queue_lengths(self) -> dict[str, int]:
        """How many jobs wait in each queue. Raises what the broker's client does."""
        return await asyncio.get_running_loop().run_in_executor(self._asking, self._lengths)

    def _send(self, task: str, arguments: Sequence[str], asked_by: str) -> None:
        # In the headers: arguments are ids of rows, and a job that is published again does without.
        headers = {REQUEST_ID: asked_by}
        # RabbitMQ confirms, and a broker that froze in between never would.
        limits = {"timeout": _SOCKET_TIMEOUT_S, "confirm_timeout": _SOCKET_TIMEOUT_S}
        self._celery.send_task(task, args=list(arguments), headers=headers, retry=False, **limits)

    def _lengths(self) -> dict[str, int]:
        with self._celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            return {queue: _length(connection, queue) for queue in sorted(set(_QUEUES.values()))}


def _length(connection: Connection, queue: str) -> int:
    try:
        with connection.channel() as channel:  # type: ignore[no-untyped-call]
            return int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:
        # A queue that never held a job is not there.
        return 0
