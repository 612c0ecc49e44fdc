"""The tasks: each takes an id, calls one function of the domain and publishes what follows from it.

A job says that there is work, and for whom it was asked; who has waited longest goes first.
"""

import time
import uuid
from collections.abc import Sequence
from typing import Any

from celery import Task
from celery.signals import task_prerun

from app.core.logging import begin_log_fields
from app.core.queue import REQUEST_ID, SWEEP, VECTORS, WORDS
from app.knowledge import train
from worker.celery_app import app
from worker.runtime import Runtime, get_runtime, is_stopping


@task_prerun.connect
def _begin_log(task: Task, args: Sequence[Any], **_: Any) -> None:
    """Every line of a job says which it is, and whose request asked for it."""
    document = {"document_id": str(args[0])} if args else {}
    begin_log_fields(task=task.name, request_id=task.request.get(REQUEST_ID) or uuid.uuid4().hex, **document)


@app.task(name=WORDS)
def words(document_id: str) -> None:
    """Make a document searchable by its words, then ask for its vectors."""
    runtime = get_runtime()
    runtime.run(_words(uuid.UUID(document_id), runtime))


@app.task(name=VECTORS)
def vectors(document_id: str) -> None:
    """Embed a document for a while; the rest goes to the end of the queue, so that a long one delays no other."""
    runtime = get_runtime()
    runtime.run(_vectors(uuid.UUID(document_id), runtime))


@app.task(name=SWEEP)
def sweep() -> None:
    """Publish again what was lost."""
    runtime = get_runtime()
    runtime.run(_sweep(runtime))


async def _words(hint: uuid.UUID, runtime: Runtime) -> None:
    done = await train.make_words(
        hint,
        sessions=runtime.sessions,
        lease_s=runtime.settings.job_lease_s,
        will_embed=runtime.embeds_locally,
        is_hint=True,
        pause_s=runtime.settings.job_lost_after_s,
    )
    if done:
        await runtime.publisher.publish(VECTORS, str(done))


async def _vectors(hint: uuid.UUID, runtime: Runtime) -> None:
    ends_at = time.monotonic() + runtime.settings.embed_slice_s
    unfinished = await train.make_vectors(
        hint,
        sessions=runtime.sessions,
        choose=runtime.choose,
        lease_s=runtime.settings.job_lease_s,
        must_stop=lambda: is_stopping() or time.monotonic() > ends_at,
        is_hint=True,
        pause_s=runtime.settings.job_lost_after_s,
    )
    if unfinished:
        await runtime.publisher.publish(VECTORS, str(unfinished))


async def _sweep(runtime: Runtime) -> None:
    lost_after_s = runtime.settings.job_lost_after_s
    for document_id, searchable in await train.sweep(sessions=runtime.sessions, lost_after_s=lost_after_s):
        await runtime.publisher.publish(VECTORS if searchable else WORDS, str(document_id))
