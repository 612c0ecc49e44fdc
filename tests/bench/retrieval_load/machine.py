"""What the figures were measured on, in words."""

import os
import platform
from pathlib import Path

import psycopg

from app.embedded.services import Services


def described(services: Services) -> str:
    """Processor, memory, system and versions."""
    with psycopg.connect(services.database_url) as connection:
        version = connection.info.server_version // 10_000, connection.info.server_version % 10_000
    return (
        f"{os.cpu_count()} cores of {_processor()}, {_memory_gb():.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, PostgreSQL {version[0]}.{version[1]}"
    )


def load_average() -> str:
    """Of the last minute: above the number of cores others were at work too."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine().replace("_", "-"))


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
