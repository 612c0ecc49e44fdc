"""The Celery application that `celery -A worker.celery_app` runs."""

from typing import Any

from celery.signals import setup_logging

from app.core.config import get_settings, require_services
from app.core.logging import configure_logging
from app.core.queue import make_celery
from worker.schedule import schedule

settings = get_settings()
require_services(settings)

app = make_celery(settings.redis_url.get_secret_value())
app.conf.beat_schedule = schedule(settings)
app.conf.imports = ("worker.tasks",)


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    configure_logging(settings.log_level, form=settings.log_format)
