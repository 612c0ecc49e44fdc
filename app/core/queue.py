"""The way to the worker: one Celery configuration for both ends, and a publish that never holds anybody up."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from celery import Celery

log = structlog.get_logger()

WORDS = "train.words"
VECTORS = "train.vectors"
SWEEP = "train.sweep"

_QUEUES = {WORDS: "words", VECTORS: "vectors", SWEEP: "words"}
# A black-holed broker blocked a publish for more than 25 s; a document is found by the sweep anyway.
_PUBLISH_TIMEOUT_S = 0.7
_PAUSE_AFTER_FAILURE_S = 5.0


def make_celery(broker_url: str, *, socket_timeout_s: float = 30) -> Celery:
    """The application as both ends see it. Jobs carry ids only, and are acknowledged when they are done."""
    app = Celery("bytchat", broker=broker_url, set_as_current=False)
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
        broker_transport_options={
            "visibility_timeout": 300,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 5,
            "socket_timeout": socket_timeout_s,
            "socket_connect_timeout": min(socket_timeout_s, 5),
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        timezone="UTC",
    )
    return app


class Publisher:
    """Sends jobs from an event loop, each within a short bound; what cannot be sent waits for the sweep."""

    def __init__(self, broker_url: str, *, pause_after_failure_s: float = _PAUSE_AFTER_FAILURE_S) -> None:
        self._celery = make_celery(broker_url, socket_timeout_s=0.5)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="publish")
        self._pause_s = pause_after_failure_s
        self._paused_until = 0.0

    async def publish(self, task: str, *arguments: str) -> bool:
        """Whether the broker took it in time. Never raises for the broker's sake."""
        if time.monotonic() < self._paused_until:
            return False
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_PUBLISH_TIMEOUT_S):
                await loop.run_in_executor(self._threads, self._send, task, arguments)
        except Exception as error:
            self._paused_until = time.monotonic() + self._pause_s
            log.warning("queue.publish_failed", task=task, error=type(error).__name__)
            return False
        return True

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _send(self, task: str, arguments: Sequence[str]) -> None:
        self._celery.send_task(task, args=list(arguments), retry=False)
