"""Shows on a terminal how far a long stream of bytes has come; says nothing elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator

_EVERY_S = 0.2


def shown(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same blocks; their sum stands in the terminal's last line while they pass."""
    is_terminal, size_bytes, told_at = sys.stderr.isatty(), 0, 0.0
    for block in blocks:
        size_bytes += len(block)
        if is_terminal and time.monotonic() - told_at > _EVERY_S:
            told_at = time.monotonic()
            print(f"\r{megabytes(size_bytes)}", end="", file=sys.stderr, flush=True)
        yield block
    if is_terminal:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"
