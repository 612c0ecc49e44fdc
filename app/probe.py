"""Whether this container does its work, for the engine that watches it: `python -m app.probe web|worker|beat`.

It runs every few seconds beside the work, so it stands on the standard library alone.
"""

import http.client
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

_FOLDER = Path(os.environ.get("BYTCHAT_HOME", "/tmp"))  # noqa: S108
_WITHIN_S = 9.0
# Lanes and beat write their files every few seconds; beat as often as it sends a sweep.
_FRESH_S = 90.0


def web() -> bool:
    """The API answers and its database too."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=_WITHIN_S)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker(folder: Path = _FOLDER) -> bool:
    """Both lanes were in touch with the broker just now."""
    return is_fresh(folder / "lane-words") and is_fresh(folder / "lane-vectors")


def beat(folder: Path = _FOLDER) -> bool:
    """The last sweep was sent just now. Which of its files beat then writes depends on Python's dbm."""
    return any(is_fresh(file) for file in folder.glob("beat*"))


def is_fresh(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime < _FRESH_S
    except OSError:
        return False


PROBES: dict[str, Callable[[], bool]] = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(0 if PROBES[sys.argv[1]]() else 1)
