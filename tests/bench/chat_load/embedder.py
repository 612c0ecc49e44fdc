"""The bare embedder over the very questions that are chatted: what no chat can be faster than."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from app.core.config import Settings
from app.providers.base import Purpose
from app.providers.local import find_embedder

# As many as the API uses, where the operator has set nothing.
THREADS: int = Settings.model_fields["embed_threads"].default


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts to embed one by one, so many at once."""

    texts: Sequence[str]
    concurrency: int


def serve(pipe: "Connection[list[float], Texts]") -> None:
    """Embed each job that comes in, and give the milliseconds that each text took."""
    embedder = find_embedder(threads=THREADS)
    assert embedder is not None, "The bench needs the local embedder."

    async def embed(job: Texts) -> list[float]:
        waiting, times = iter(job.texts), []

        async def work() -> None:
            for text in waiting:
                began = time.perf_counter()
                await embedder.embed([text], purpose=Purpose.QUERY)
                times.append(1000 * (time.perf_counter() - began))

        await asyncio.gather(*(work() for _ in range(job.concurrency)))
        return times

    with asyncio.Runner() as runner:
        while True:
            pipe.send(runner.run(embed(pipe.recv())))
