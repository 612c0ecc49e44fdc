"""Structured logs: one line of JSON each, or text for people on a terminal; never a body, a token or a key."""

import logging
import sys
import uuid
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, Literal

import structlog

# One object for a whole request or job: what one of its tasks finds out, the lines of the others say too.
_fields: ContextVar[dict[str, str] | None] = ContextVar("log_fields", default=None)


def begin_log_fields(**fields: str) -> None:
    """What every line says from here on, also those of the tasks that begin here."""
    _fields.set(fields)


def add_log_fields(**fields: str) -> None:
    """What is known only now, for the rest of this request or job."""
    if (known := _fields.get()) is not None:
        known.update(fields)


def request_id() -> str:
    """The one that this work is done for; outside all requests a new one."""
    return (_fields.get() or {}).get("request_id") or uuid.uuid4().hex


def configure_logging(level: str, *, form: Literal["json", "text"] = "json") -> None:
    """Send structlog, the standard library's loggers and its warnings to standard error in one form."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if form == "text"
        # In ASCII: there are line ends beyond \n, and what moves a terminal's cursor.
        else structlog.processors.JSONRenderer(ensure_ascii=True)
    )
    shared: list[structlog.typing.Processor] = [
        _merge_fields,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    _rein_in_others()


def _rein_in_others() -> None:
    for noisy in ("httpx", "httpcore", "httpx2", "kombu", "amqp", "celery"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # The server's own lines come through ours; its access log would tell paths as strangers type them.
    for name, propagates in (("uvicorn", True), ("uvicorn.access", False)):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = propagates


def _merge_fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in (_fields.get() or {}).items():
        event.setdefault(name, value)
    return event
