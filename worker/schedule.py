"""What beat starts, and how often."""

from typing import Any

from app.core.config import Settings
from app.core.queue import SWEEP


def schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """A tick that nobody took before the next one is dropped: ticks do not pile up while the worker is away."""
    return {
        "sweep": {
            "task": SWEEP,
            "schedule": settings.sweep_every_s,
            "options": {"expires": settings.sweep_every_s},
        }
    }
