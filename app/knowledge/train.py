"""River two behind the queue: a stored text becomes searchable words, then vectors; the row is the job.

Every write goes through the lease, so that a worker which lost it (frozen, cut off, killed) stores nothing.
"""

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from app import crud
from app.core.database import Sessions, now, transaction
from app.core.errors import LeaseLost
from app.core.logging import add_log_fields
from app.crud import Lease
from app.knowledge.chunk import Chunk, chunk
from app.knowledge.language import configuration_of, language_of
from app.models import DocumentStatus
from app.providers.base import Embedder, Purpose

log = structlog.get_logger()

MAX_ATTEMPTS = 5
# A stored batch is what a crash can cost, and what progress is shown by.
EMBED_BATCH = 32
_INSERT_BATCH = 500
# Of a long queue every document looks lost after a while: so many at a time keep its copies few.
_SWEEP_LIMIT = 100


async def make_words(document_id: uuid.UUID, *, sessions: Sessions, lease_s: float, will_embed: bool) -> bool:
    """Chunk a document and make its words searchable, all at once. True if its vectors are wanted next."""
    lease = await _claim(document_id, sessions=sessions, lease_s=lease_s, searchable=False)
    if lease is None:
        return False
    try:
        async with transaction(sessions) as session:
            text = await crud.get_leased_text(session, lease)
        language, chunks = await asyncio.to_thread(_read, text)
        await _store_words(lease, language, chunks, sessions=sessions, will_embed=will_embed)
    except LeaseLost:
        log.info("training.lease_lost")
        return False
    except Exception:
        await _give_back(lease, sessions=sessions)
        raise
    log.info("document.searchable", chunks=len(chunks), language=language)
    if not will_embed:
        log.info("document.ready")
    return will_embed


async def make_vectors(
    document_id: uuid.UUID,
    *,
    sessions: Sessions,
    embedder: Embedder | None,
    lease_s: float,
    must_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Embed what has no vector yet, batch by batch. True if it had to stop before the end.

    Without an embedder the document is ready as it is: found by its words alone.
    """
    lease = await _claim(document_id, sessions=sessions, lease_s=lease_s, searchable=True)
    if lease is None:
        return False
    try:
        while embedder and await _embed_batch(lease, sessions=sessions, embedder=embedder, lease_s=lease_s):
            if must_stop():
                await _give_back(lease, sessions=sessions, attempts=0, published_at=now())
                return True
        async with transaction(sessions) as session:
            await crud.release_document(session, lease, status=DocumentStatus.READY, ready_at=now())
    except LeaseLost:
        log.info("training.lease_lost")
        return False
    except Exception:
        await _give_back(lease, sessions=sessions)
        raise
    log.info("document.ready")
    return False


async def sweep(*, sessions: Sessions, lost_after_s: float) -> list[tuple[uuid.UUID, bool]]:
    """(id, searchable) of what nobody has worked on for so long, to be published again by the caller."""
    since = now() - timedelta(seconds=lost_after_s)
    async with transaction(sessions) as session:
        lost = await crud.list_stalled_documents(session, unpublished_since=since, limit=_SWEEP_LIMIT)
    if lost:
        log.info("sweep.published_again", documents=len(lost))
    return lost


async def _claim(document_id: uuid.UUID, *, sessions: Sessions, lease_s: float, searchable: bool) -> Lease | None:
    async with transaction(sessions) as session:
        lease = await crud.claim_document(session, document_id, searchable=searchable, lease_s=lease_s)
        if lease is None:
            return None
        if is_poison := lease.attempts > MAX_ATTEMPTS:
            await crud.release_document(session, lease, status=DocumentStatus.FAILED, error="too_many_attempts")
    add_log_fields(document_id=str(document_id), owner_id=str(lease.owner_id), bot_id=str(lease.bot_id))
    if is_poison:
        log.error("document.failed", attempts=MAX_ATTEMPTS)
        return None
    log.info("document.claimed", stage="vectors" if searchable else "words", attempt=lease.attempts)
    return lease


def _read(text: str) -> tuple[str, list[Chunk]]:
    return language_of(text), chunk(text)


async def _store_words(
    lease: Lease, language: str, chunks: list[Chunk], *, sessions: Sessions, will_embed: bool
) -> None:
    config = configuration_of(language)
    async with transaction(sessions) as session:
        # The row first: whoever deletes the document waits, or was before us and leaves no row to hang chunks on.
        await crud.change_leased_document(session, lease, language=language)
        await crud.remove_chunks(session, lease)
        for first in range(0, len(chunks), _INSERT_BATCH):
            rows = [(c.position, c.start, c.end, c.text, c.heading) for c in chunks[first : first + _INSERT_BATCH]]
            await crud.add_chunks(session, lease, config=config, rows=rows)
        await crud.release_document(
            session,
            lease,
            chunks=len(chunks),
            chunks_embedded=0,
            attempts=0,
            searchable_at=now(),
            published_at=now(),
            status=DocumentStatus.PROCESSING if will_embed else DocumentStatus.READY,
            ready_at=None if will_embed else now(),
        )


async def _embed_batch(lease: Lease, *, sessions: Sessions, embedder: Embedder, lease_s: float) -> bool:
    """Whether there was a batch left to embed."""
    async with transaction(sessions) as session:
        batch = await crud.list_chunks_without_vector(session, lease, limit=EMBED_BATCH)
    if not batch:
        return False
    vectors = await embedder.embed([text for _, text in batch], purpose=Purpose.PASSAGE)
    async with transaction(sessions) as session:
        await crud.renew_lease(session, lease, lease_s=lease_s, embedded=len(batch))
        pairs = [(position, vector) for (position, _), vector in zip(batch, vectors, strict=True)]
        await crud.change_chunk_vectors(session, lease, pairs)
    return True


async def _give_back(lease: Lease, *, sessions: Sessions, **values: int | datetime) -> None:
    """Free the document for the next attempt, which the sweep starts soon where nobody else does."""
    try:
        async with transaction(sessions) as session:
            await crud.release_document(session, lease, **values)
    except Exception as error:
        # The lease runs out by itself: what went wrong first is what must be told.
        log.warning("training.release_failed", error=type(error).__name__)
