"""Begins to embed a question before it is known whether it will be needed, for those who needed it last time.

Who asks and what the bot holds is read meanwhile; embedding is the longest part of the wait for the first word.
"""

import asyncio
import uuid
from collections import OrderedDict

from app.providers.base import Embedder, Purpose, Vector

# More of a long question says nothing new about where to look, and costs a second a thousand words.
EMBEDDED_CHARACTERS = 600
_MOST_PAIRS = 4096

Pair = tuple[uuid.UUID, uuid.UUID]


class Foresight:
    """Remembers which session asked which bot something that was embedded.

    Each beginning forgets the pair until the question was admitted: who is refused costs one embedding at most.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._pairs: OrderedDict[Pair, None] = OrderedDict()

    def foresee(self, pair: Pair, text: str) -> "asyncio.Task[Vector] | None":
        """The embedding under way, where the pair is known. It is the caller's to cancel."""
        if self._embedder is None or self._pairs.pop(pair, False) is False:
            return None
        return asyncio.create_task(_embed(self._embedder, text))

    async def embed(self, pair: Pair, text: str, begun: "asyncio.Task[Vector] | None") -> Vector | None:
        """The vector, from what has begun where there is such; the pair is known from then on."""
        if self._embedder is None:
            return None
        vector = await (begun or _embed(self._embedder, text))
        self._pairs[pair] = None
        if len(self._pairs) > _MOST_PAIRS:
            self._pairs.popitem(last=False)
        return vector


async def _embed(embedder: Embedder, text: str) -> Vector:
    [vector] = await embedder.embed([text[:EMBEDDED_CHARACTERS]], purpose=Purpose.QUERY)
    return vector
