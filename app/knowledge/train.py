"""River two behind the queue: a stored text becomes searchable words, then vectors; the row is the job.

Every write goes through the lease, so that a worker which lost it (frozen, cut off, killed) stores nothing.
A job's id is a hint: what is done is the work of the owner who was served longest ago.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import structlog

from app import crud
from app.core.database import Sessions, now, transaction
from app.core.errors import LeaseLost, ProviderError
from app.core.logging import add_log_fields
from app.crud import ChunkRow, Lease, Pending
from app.knowledge.chunk import Chunk, chunk
from app.knowledge.embedder_choice import CANNOT_EMBED, Choose, Chosen
from app.knowledge.language import configuration_of, language_of
from app.models import DocumentStatus, EmbeddingModel
from app.providers.base import Vector

log = structlog.get_logger()

MAX_ATTEMPTS = 5
# Of a long queue every document looks lost after a while: so many at a time keep its copies few.
_SWEEP_LIMIT = 100
# A longer stretch of white space between two chunks is a border that no passage goes over.
_GAP_CHARACTERS = 100
_KEY_BYTES = 16

A = TypeVar("A")
B = TypeVar("B")
Made = tuple[Pending, Vector]


async def make_words(
    document_id: uuid.UUID,
    *,
    sessions: Sessions,
    lease_s: float,
    will_embed: bool,
    is_hint: bool = False,
    pause_s: float = 0,
) -> uuid.UUID | None:
    """Chunk a document and make its words searchable, all at once. Its id if its vectors are wanted next.

    `will_embed`: whether documents of `local` bots get vectors here. After a failure nobody tries again before
    the pause is over.
    """
    lease = await _claim(document_id, sessions=sessions, lease_s=lease_s, searchable=False, is_hint=is_hint)
    if lease is None:
        return None
    will_embed = will_embed or lease.model is not EmbeddingModel.LOCAL
    try:
        async with transaction(sessions) as session:
            text = await crud.get_leased_text(session, lease)
        language, chunks = await asyncio.to_thread(_read, text)
        await _store_words(lease, language, chunks, text, sessions=sessions, will_embed=will_embed)
    except LeaseLost:
        log.info("training.lease_lost")
        return None
    except Exception:
        await _give_back(lease, sessions=sessions, pause_s=pause_s)
        raise
    log.info("document.searchable", chunks=len(chunks), language=language)
    if not will_embed:
        log.info("document.ready")
    return lease.document_id if will_embed else None


async def make_vectors(
    document_id: uuid.UUID,
    *,
    sessions: Sessions,
    choose: Choose,
    lease_s: float,
    must_stop: Callable[[], bool] = lambda: False,
    is_hint: bool = False,
    pause_s: float = 0,
) -> uuid.UUID | None:
    """Embed what has no vector yet, batch by batch. The document's id if it had to stop before the end.

    Without an embedder the document is ready as it is: found by its words alone.
    """
    lease = await _claim(document_id, sessions=sessions, lease_s=lease_s, searchable=True, is_hint=is_hint)
    if lease is None:
        return None
    try:
        is_whole = await _embed(lease, sessions=sessions, choose=choose, lease_s=lease_s, must_stop=must_stop)
    except LeaseLost:
        log.info("training.lease_lost")
        return None
    except CANNOT_EMBED as error:
        await _fail(lease, error.code, sessions=sessions)
        return None
    except ProviderError as error:
        # Asked to wait, we wait: that is nobody's failure.
        attempts = {"attempts": lease.attempts - 1} if error.retry_after_s else {}
        pause_s = max(pause_s, error.retry_after_s or 0)
        log.warning("training.provider_failed", status=error.status, again_in_s=round(pause_s))
        await _give_back(lease, sessions=sessions, pause_s=pause_s, **attempts)
        return None
    except Exception:
        await _give_back(lease, sessions=sessions, pause_s=pause_s)
        raise
    return None if is_whole else lease.document_id


async def sweep(*, sessions: Sessions, lost_after_s: float) -> list[tuple[uuid.UUID, bool]]:
    """(id, searchable) of what nobody has worked on for so long, to be published again by the caller."""
    since = now() - timedelta(seconds=lost_after_s)
    async with transaction(sessions) as session:
        await crud.finish_changes(session)
    async with transaction(sessions) as session:
        lost = await crud.list_stalled_documents(session, unpublished_since=since, limit=_SWEEP_LIMIT)
    if lost:
        log.info("sweep.published_again", documents=len(lost))
    return lost


async def _claim(
    document_id: uuid.UUID, *, sessions: Sessions, lease_s: float, searchable: bool, is_hint: bool = False
) -> Lease | None:
    lease = await _find(document_id, sessions=sessions, lease_s=lease_s, searchable=searchable, is_hint=is_hint)
    if lease is None:
        return None
    add_log_fields(document_id=str(lease.document_id), owner_id=str(lease.owner_id), bot_id=str(lease.bot_id))
    if lease.attempts > MAX_ATTEMPTS:
        log.error("training.too_many_attempts", attempts=MAX_ATTEMPTS)
        await _fail(lease, "too_many_attempts", sessions=sessions)
        return None
    log.info("document.claimed", stage="vectors" if searchable else "words", attempt=lease.attempts)
    return lease


async def _find(
    document_id: uuid.UUID, *, sessions: Sessions, lease_s: float, searchable: bool, is_hint: bool
) -> Lease | None:
    async with transaction(sessions) as session:
        lease = None
        if is_hint:
            lease = await crud.claim_next_document(session, searchable=searchable, lease_s=lease_s)
        if lease is None:
            lease = await crud.claim_document(session, document_id, searchable=searchable, lease_s=lease_s)
        if lease is None or lease.model is not None:
            return lease
        # The change of model was called off before it knew of this document.
        await crud.release_document(session, lease, embedding_due=False, attempts=0)
        return None


async def _fail(lease: Lease, error: str, *, sessions: Sessions) -> None:
    """What is searchable stays so, by its words or by the vectors in force."""
    try:
        async with transaction(sessions) as session:
            if lease.is_next:
                await crud.give_up_change(session, lease, error=error)
            else:
                await crud.release_document(session, lease, status=DocumentStatus.FAILED, error=error)
    except LeaseLost:
        log.info("training.lease_lost")
        return
    log.warning("embedding_change.given_up" if lease.is_next else "document.failed", reason=error)


def _read(text: str) -> tuple[str, list[Chunk]]:
    return language_of(text), chunk(text)


async def _store_words(
    lease: Lease, language: str, chunks: list[Chunk], text: str, *, sessions: Sessions, will_embed: bool
) -> None:
    config = configuration_of(language)
    async with transaction(sessions) as session:
        # Whoever deletes the document waits, or was before us and leaves no row to hang chunks on. The row is
        # changed once, at the end: a second change in one transaction asks for the bot's row, which may be held by
        # its deletion.
        await crud.keep_document(session, lease)
        await crud.remove_chunks(session, lease)
        await crud.add_chunks(session, lease, _rows(chunks, text))
        words = await crud.add_postings(session, lease, config=config)
        await crud.release_document(
            session,
            lease,
            language=language,
            config=config,
            words=words,
            chunks=len(chunks),
            chunks_embedded=0,
            chunks_embedded_next=0,
            # Read without a lock: who puts a model in force looks for what came meanwhile.
            embedding_due=crud.is_changing_model(lease),
            attempts=0,
            searchable_at=now(),
            published_at=now(),
            status=DocumentStatus.PROCESSING if will_embed else DocumentStatus.READY,
            ready_at=None if will_embed else now(),
        )


def _rows(chunks: list[Chunk], text: str) -> Iterator[ChunkRow]:
    for one, after in zip(chunks, [*chunks[1:], None], strict=True):
        gap, key = _gap(one, after, text), content_key(one.heading, one.text)
        yield one.position, one.start, one.end, one.overlaps, one.text, one.heading, gap, key


def _gap(one: Chunk, after: Chunk | None, text: str) -> str | None:
    """The white space up to the next chunk, empty where they overlap; None at the end and where it is long."""
    if after is None or after.start - one.end > _GAP_CHARACTERS:
        return None
    return text[one.end : after.start]


def embedded_text(heading: str, text: str) -> str:
    """What of a chunk is embedded."""
    return f"{heading}\n{text}" if heading else text


def content_key(heading: str, text: str) -> bytes:
    """By which what was embedded before is known again."""
    return hashlib.sha256(embedded_text(heading, text).encode()).digest()[:_KEY_BYTES]


async def _embed(
    lease: Lease, *, sessions: Sessions, choose: Choose, lease_s: float, must_stop: Callable[[], bool]
) -> bool:
    """Whether there is nothing left to do."""
    pending = await _reuse(lease, sessions=sessions, lease_s=lease_s)
    chosen = await choose(lease) if pending else None
    if pending and chosen is None and lease.is_next:
        await _fail(lease, "embedder_missing", sessions=sessions)
        return True
    if chosen:
        shelf = _Shelf(lease, sessions, lease_s)
        await _embed_batches(pending, chosen, shelf, must_stop=must_stop)
        if len(pending) > shelf.stored:
            await _give_back(lease, sessions=sessions, attempts=0, published_at=now())
            return False
    async with transaction(sessions) as session:
        is_whole = await crud.finish_vectors(session, lease, is_embedded=not pending or chosen is not None)
    if is_whole:
        log.info("document.embedded" if lease.is_next else "document.ready")
    return is_whole


async def _embed_batches(
    pending: list[Pending], chosen: Chosen, shelf: "_Shelf", *, must_stop: Callable[[], bool]
) -> None:
    """Until it is told to stop. The next texts are read and the last vectors stored while a batch is computed."""
    batches = [pending[first : first + chosen.batch] for first in range(0, len(pending), chosen.batch)]
    made: list[Made] = []
    texts = await shelf.read(batches[0])
    for batch, following in zip(batches, [*batches[1:], []], strict=True):
        vectors, texts = await _both(chosen.embed(texts), shelf.turn(made, following))
        made = list(zip(batch, vectors, strict=True))
        if must_stop():
            break
    await shelf.store(made)


async def _both(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """At once, each to its end: what one of them still writes must not come after the other's failure is told."""
    results = await asyncio.gather(first, second, return_exceptions=True)
    for result in reversed(results):
        if isinstance(result, BaseException):
            raise result
    return cast("tuple[A, B]", tuple(results))


@dataclass(slots=True)
class _Shelf:
    """Where a document's texts are read and its vectors stored, batch by batch."""

    lease: Lease
    sessions: Sessions
    lease_s: float
    stored: int = 0

    async def read(self, batch: list[Pending]) -> list[str]:
        if not batch:
            return []
        async with transaction(self.sessions) as session:
            texts = await crud.list_chunk_texts(session, self.lease, [one.positions[0] for one in batch])
        if len(texts) < len(batch):
            # Deleted meanwhile.
            raise LeaseLost
        return [embedded_text(*texts[one.positions[0]]) for one in batch]

    async def store(self, made: list[Made]) -> None:
        if not made:
            return
        embedded = sum(len(one.positions) for one, _ in made)
        async with transaction(self.sessions) as session:
            # The lock that others wait for comes last: who is frozen while it sends vectors keeps nobody out.
            await crud.keep_document(session, self.lease)
            await crud.add_vectors(session, self.lease, made)
            await crud.renew_lease(session, self.lease, lease_s=self.lease_s, embedded=embedded)
        self.stored += len(made)

    async def turn(self, made: list[Made], following: list[Pending]) -> list[str]:
        await self.store(made)
        return await self.read(following)


async def _reuse(lease: Lease, *, sessions: Sessions, lease_s: float) -> list[Pending]:
    """What is left to embed after all that was embedded before."""
    async with transaction(sessions) as session:
        await crud.keep_document(session, lease)
        reused = await crud.reuse_vectors(session, lease)
        # Once, as for words.
        await crud.renew_lease(session, lease, lease_s=lease_s, embedded=reused)
        return await crud.list_pending(session, lease)


async def _give_back(lease: Lease, *, sessions: Sessions, pause_s: float = 0, **values: Any) -> None:
    """Free the document for the next attempt, which the sweep starts soon where nobody else does."""
    try:
        async with transaction(sessions) as session:
            await crud.release_document(session, lease, pause_s=pause_s, **values)
    except Exception as error:
        # The lease runs out by itself: what went wrong first is what must be told.
        log.warning("training.release_failed", error=type(error).__name__)
