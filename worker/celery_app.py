"""The Celery application that `celery -A worker.celery_app` runs."""

from typing import Any

from celery.signals import beat_init, setup_logging

from app.core.config import get_settings, require_services
from app.core.logging import configure_logging
from app.core.queue import make_celery
from worker.schedule import schedule
from worker.standby import watch

settings = get_settings()
require_services(settings)

app = make_celery(settings.jobs_url)
app.conf.beat_schedule = schedule(settings)
# Else a restart loses when it last swept, and nobody could see from outside that it still does.
app.conf.beat_sync_every = 1


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    configure_logging(settings.log_level, form=settings.log_format)


@beat_init.connect
def _stand_by(**_: Any) -> None:
    if settings.standby_after_s:
        watch(app, after_s=settings.standby_after_s)
