"""Turns the signals that end a program into one cancellation."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


async def until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """Run the work to its end; the first signal cancels it, and its cleaning up is left in peace."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    is_signalled = asyncio.Event()

    def cancel_once() -> None:
        if not is_signalled.is_set():
            is_signalled.set()
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, cancel_once)
    try:
        await task
    except asyncio.CancelledError:
        if not is_signalled.is_set():
            raise
