"""Processes of the benchmark's own, so that the work of one never counts as another's time or CPU."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")

_LONGEST_S = 180


@dataclass(frozen=True, slots=True)
class Aside(Generic[Job, Answer]):
    """A process that answers one job after the other."""

    pid: int
    pipe: "Connection[Job, Answer]"

    def ask(self, job: Job) -> Answer:
        self.begin(job)
        return self.answer()

    def begin(self, job: Job) -> None:
        self.pipe.send(job)

    def answer(self) -> Answer:
        """Of the job that was begun. Raises `TimeoutError`, and `EOFError` when the process has died."""
        if not self.pipe.poll(_LONGEST_S):
            raise TimeoutError
        return self.pipe.recv()


@contextmanager
def aside(serve: "Callable[[Connection[Answer, Job]], None]") -> "Iterator[Aside[Job, Answer]]":
    """Run `serve(pipe)` in a process that ends with the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    assert process.pid is not None
    try:
        yield Aside(process.pid, ours)
    finally:
        process.terminate()
        process.join()
