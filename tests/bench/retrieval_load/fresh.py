"""A process that trains as the worker does, alone, so that its peak memory is what that takes.

    python -m tests.bench.retrieval_load.fresh whole|stages|vectors FILE

Prints one line of JSON: seconds by stage, and `peak_mb`.
"""

import asyncio
import json
import logging
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import structlog

from app import crud
from app.core.config import get_settings
from app.core.database import Sessions, make_engine, make_sessions, now, transaction
from app.crud import ChunkRow
from app.knowledge.chunk import Chunk, chunk
from app.knowledge.decode import decode
from app.knowledge.language import configuration_of, language_of
from app.knowledge.train import content_key, embedded_text
from app.models import DocumentStatus
from app.providers.base import Embedder, Purpose, Vector
from app.providers.local import find_embedder
from tests.bench.chat_load.cpu import Meter
from tests.bench.retrieval_load.library import backend_of, words_of
from tests.knowledge.library import LEASE_S, new_shelf

WHOLE, STAGES, VECTORS = "whole", "stages", "vectors"
CPU = "CPU "
_WARMING = "Una frase para que el modelo esté cargado."

Figures = dict[str, float]


class Watch:
    """Seconds by what was done; with `CPU` before the name those of the processor, PostgreSQL's included."""

    def __init__(self, backend: int) -> None:
        self.took: Figures = {}
        self._backend = backend

    @contextmanager
    def over(self, name: str) -> Iterator[None]:
        began, worked, meter = time.perf_counter(), time.process_time(), Meter({"": [self._backend]})
        yield
        self._add(name, time.perf_counter() - began)
        self._add(CPU + name, time.process_time() - worked + meter.spent_ms()[""] / 1000)

    def _add(self, name: str, seconds: float) -> None:
        self.took[name] = self.took.get(name, 0.0) + seconds


class TimedEmbedder:
    """Counts the seconds within it."""

    def __init__(self, embedder: Embedder, watch: Watch) -> None:
        self.dimensions = embedder.dimensions
        self._embedder = embedder
        self._watch = watch

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        with self._watch.over("embedding"):
            return await self._embedder.embed(texts, purpose=purpose)


async def whole(data: bytes, sessions: Sessions, watch: Watch) -> Figures:
    """From the bytes of an upload to a document that is searchable by its words."""
    shelf = await new_shelf(sessions)
    before_mb = _peak_mb()
    with watch.over("searchable"):
        body = decode(data).text
        await words_of(shelf, body)
    return {**watch.took, "before_mb": before_mb, "peak_mb": _peak_mb()}


async def stages(data: bytes, sessions: Sessions, watch: Watch) -> Figures:
    """The same step by step, as `app.knowledge.train` takes them."""
    shelf = await new_shelf(sessions)
    with watch.over("decode"):
        body = decode(data).text
    with watch.over("store the text"):
        document_id = await shelf.add(body)
    async with transaction(sessions) as session:
        lease = await crud.claim_document(session, document_id, searchable=False, lease_s=LEASE_S)
    assert lease is not None
    with watch.over("language"):
        config = configuration_of(language_of(body))
    with watch.over("chunk"):
        chunks = chunk(body)
    async with sessions() as session:
        with watch.over("store chunks (COPY)"):
            await crud.add_chunks(session, lease, _rows(chunks))
        with watch.over("store words"):
            words = await crud.add_postings(session, lease, config=config)
        with watch.over("commit"):
            await crud.change_leased_document(
                session, lease, config=config, words=words, chunks=len(chunks), searchable_at=now()
            )
            await session.commit()
    return {**watch.took, "chunks": len(chunks)}


def _rows(chunks: Sequence[Chunk]) -> Iterator[ChunkRow]:
    for one in chunks:
        key = content_key(one.heading, one.text)
        yield one.position, one.start, one.end, one.overlaps, one.text, one.heading, "", key


async def vectors(data: bytes, sessions: Sessions, watch: Watch) -> Figures:
    """A document's vectors by training, between two halves of the bare embedder over the same texts."""
    embedder = find_embedder(threads=get_settings().embed_threads)
    assert embedder is not None, "The local embedder is not installed."
    body = decode(data).text
    texts = sorted((embedded_text(one.heading, one.text) for one in chunk(body)), key=len)
    await embedder.embed([_WARMING], purpose=Purpose.PASSAGE)
    shelf, timed = await new_shelf(sessions), TimedEmbedder(embedder, watch)
    document_id = await words_of(shelf, body)
    with watch.over("bare"):
        await embedder.embed(texts[::2], purpose=Purpose.PASSAGE)
    with watch.over("trained"):
        await shelf.vectors(document_id, timed)
    with watch.over("bare"):
        await embedder.embed(texts[1::2], purpose=Purpose.PASSAGE)
    document = await shelf.document(document_id)
    assert document.status == DocumentStatus.READY, document.status
    assert document.chunks_embedded == len(texts), f"{document.chunks_embedded} of {len(texts)} chunks have vectors"
    return {**watch.took, "chunks": len(texts), "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    """Of this process so far."""
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    # Not getrusage, which begins with what the parent held.
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM:"))


_MODES: dict[str, Callable[[bytes, Sessions, Watch], Awaitable[Figures]]] = {
    WHOLE: whole,
    STAGES: stages,
    VECTORS: vectors,
}


async def _run(mode: str, data: bytes) -> Figures:
    engine = make_engine(get_settings().database_url.get_secret_value(), pool_size=1)
    try:
        sessions = make_sessions(engine)
        return await _MODES[mode](data, sessions, Watch(await backend_of(sessions)))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    # What the worker's process holds besides, so that its memory counts.
    import_module("worker.tasks")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print(json.dumps(asyncio.run(_run(sys.argv[1], Path(sys.argv[2]).read_bytes()))))
