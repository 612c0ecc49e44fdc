"""Ends a process from within, as `kill -9` does, at one exact step of what it does."""

import os
import signal
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from celery.signals import after_task_publish, before_task_publish
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool


class Moment(StrEnum):
    """Where steps are counted: around each statement, each commit and each job that is sent."""

    STATEMENT = "before a statement"
    EXECUTED = "after a statement"
    COMMIT = "before a commit"
    COMMITTED = "after a commit"
    PUBLISH = "before a job is sent"
    PUBLISHED = "after a job was sent"


@dataclass(frozen=True, slots=True)
class Death:
    """At the `step`-th such moment of the process; where `reading` is named, when it reads that document's text."""

    moment: Moment
    step: int = 1
    reading: str = ""

    def __str__(self) -> str:
        return f"{self.moment} #{self.step}{self.reading and ' of ' + self.reading}"


def arm(death: Death) -> None:
    """Let this process die then."""
    steps = 0

    def count(*arguments: Any, **_: Any) -> None:
        nonlocal steps
        if death.reading and not _reads(death.reading, *arguments):
            return
        steps += 1
        if steps == death.step:
            os.kill(os.getpid(), signal.SIGKILL)

    match death.moment:
        case Moment.STATEMENT:
            event.listen(Engine, "before_cursor_execute", count)
        case Moment.EXECUTED:
            event.listen(Engine, "after_cursor_execute", count)
        case Moment.COMMIT:
            event.listen(Engine, "commit", count)
        case Moment.COMMITTED:
            event.listen(Pool, "checkin", count)
        case Moment.PUBLISH:
            before_task_publish.connect(count, weak=False)
        case Moment.PUBLISHED:
            after_task_publish.connect(count, weak=False)


def _reads(document_id: str, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> bool:
    """Whether a statement fetches the text of the document: a worker does so once it has claimed it."""
    return statement.startswith("SELECT documents.text") and document_id in str(parameters)
