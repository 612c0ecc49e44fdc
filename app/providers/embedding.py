"""What embedding at any vendor has in common: texts that fit, whole batches, patience, unit vectors.

No SDK: those would cost a worker 30 MB, and there is nothing to stream. What the tokens cost is in no ledger yet.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.request import getproxies

import aiohttp
import msgspec
import numpy as np
import numpy.typing as npt

from app.core.errors import ProviderError
from app.providers.base import Purpose, Vector
from app.providers.http import BODY_ERRORS, Connector, Lent, Timeouts, failure, sendable

Numbers = npt.NDArray[np.float32]

# A full batch of the longest vectors, written out in figures, takes 5 MB.
_MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one answer may take, and the pauses before further tries, none of which begins after `within_s`."""

    answer_s: float
    pauses_s: tuple[float, ...]
    within_s: float


# Somebody waits for a question's vector, and words find something without it. Passages have time, but less than the
# minute for which a worker's lease holds: 30 s and one more answer.
PATIENCE: Mapping[Purpose, Patience] = {
    Purpose.QUERY: Patience(answer_s=5, pauses_s=(0.25,), within_s=1),
    Purpose.PASSAGE: Patience(answer_s=15, pauses_s=(0.5, 1, 2, 4, 8), within_s=30),
}


@dataclass(frozen=True, slots=True)
class Wire:
    """One vendor's protocol. `most_texts` and `most_bytes` bound a request; `cut` makes a text fit the model.

    `read` gives the vectors of an answer's body in the texts' order, and raises `ProviderError` or `ValueError`.
    `refused` is the failure that a status, a body and a `Retry-After` tell.
    """

    path: str
    dimensions: int
    most_texts: int
    most_bytes: int
    headers: Callable[[str], dict[str, str]]
    cut: Callable[[str], str]
    to_wire: Callable[[Sequence[str], Purpose], dict[str, object]]
    read: Callable[[bytes], Sequence[npt.ArrayLike]]
    refused: Callable[[int, bytes, str | None], ProviderError]


class VendorEmbedder:
    """One key's embedder. A text without a word in it is not sent: its vector is the first axis.

    Fails with `ProviderError` once its patience is over. Patience is a request's: who holds a lease gives no more
    texts at once than a request takes.
    """

    def __init__(
        self,
        wire: Wire,
        key: str,
        *,
        base_url: str,
        timeouts: Timeouts,
        tls: ssl.SSLContext,
        patience: Mapping[Purpose, Patience] = PATIENCE,
    ) -> None:
        self.dimensions = wire.dimensions
        self._wire = wire
        self._key = key
        self._url = f"{base_url.rstrip('/')}/{wire.path}"
        self._timeouts = timeouts
        self._tls = tls
        self._patience = patience
        self._session = Lent(self._make_session, close=aiohttp.ClientSession.close)

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        sent = {place: cut for place, text in enumerate(texts) if (cut := self._wire.cut(text)).strip()}
        made: list[Vector] = []
        for batch in batches(list(sent.values()), most=self._wire.most_texts, most_bytes=self._wire.most_bytes):
            made += await self._embed_batch(batch, purpose)
        vectors = dict(zip(sent, made, strict=True))
        return [vectors.get(place) or _axis(self.dimensions) for place in range(len(texts))]

    async def retire(self) -> None:
        """Close when the last answer is there."""
        await self._session.retire()

    async def aclose(self) -> None:
        await self._session.close()

    async def _embed_batch(self, batch: list[str], purpose: Purpose) -> list[Vector]:
        """Tried again while that may help."""
        patience = self._patience[purpose]
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + patience.within_s
        for pause_s in patience.pauses_s:
            try:
                return await self._ask(batch, purpose)
            except ProviderError as error:
                wait_s = max(pause_s, error.retry_after_s or 0)
                if not error.is_retryable or loop.time() + wait_s > ends_at:
                    raise
            await asyncio.sleep(wait_s)
        return await self._ask(batch, purpose)

    async def _ask(self, batch: list[str], purpose: Purpose) -> list[Vector]:
        body = msgspec.json.encode(self._wire.to_wire(batch, purpose))
        try:
            answered = await self._post(body, within_s=self._patience[purpose].answer_s)
        except BODY_ERRORS as error:
            raise failure(error=error) from None
        return self._unit_vectors(answered, count=len(batch))

    async def _post(self, body: bytes, *, within_s: float) -> bytes:
        limit = aiohttp.ClientTimeout(total=within_s)
        async with (
            self._session.lend() as session,
            # A redirect would carry the key to another host.
            session.post(self._url, data=body, timeout=limit, allow_redirects=False) as response,
        ):
            answered = await _whole(response)
            if response.status != 200:
                raise self._wire.refused(response.status, answered, response.headers.get("Retry-After"))
            return answered

    def _unit_vectors(self, answered: bytes, *, count: int) -> list[Vector]:
        try:
            rows = [np.asarray(row, dtype=np.float32) for row in self._wire.read(answered)]
        except (ValueError, RecursionError):
            raise ProviderError(cause="it sent something unreadable") from None
        if len(rows) != count:
            raise ProviderError(cause=f"it sent {len(rows)} vectors for {count} texts")
        if any(row.shape != (self.dimensions,) for row in rows):
            raise ProviderError(cause=f"it sent vectors of other than {self.dimensions} dimensions")
        return _normalized(np.stack(rows))

    def _make_session(self) -> aiohttp.ClientSession:
        headers = {
            **self._wire.headers(sendable(self._key)),
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        return aiohttp.ClientSession(
            connector=Connector(self._timeouts.connect_s, tls=self._tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            # aiohttp would look for proxies, and for a file of passwords, before each request.
            trust_env=bool(getproxies()),
        )


def batches(texts: Sequence[str], *, most: int, most_bytes: int) -> Iterator[list[str]]:
    """The texts in order, as few lists as the limits allow; no text is longer than `most_bytes` by itself."""
    batch: list[str] = []
    size_bytes = 0
    for text in texts:
        text_bytes = len(text.encode())
        if batch and (len(batch) == most or size_bytes + text_bytes > most_bytes):
            yield batch
            batch, size_bytes = [], 0
        batch.append(text)
        size_bytes += text_bytes
    if batch:
        yield batch


def cut_to_bytes(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, no character halved. Half a surrogate pair, which is no text, becomes `?`."""
    return text.encode(errors="replace")[:most].decode(errors="ignore")


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size_bytes = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size_bytes += len(part)
        if size_bytes > _MOST_BYTES:
            raise ProviderError(cause="it sent an answer without an end")
    return b"".join(parts)


def _normalized(rows: Numbers) -> list[Vector]:
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise ProviderError(cause="it sent vectors without a direction")
    vectors: list[Vector] = (rows / lengths).tolist()
    return vectors


def _axis(dimensions: int) -> Vector:
    return [1.0, *[0.0] * (dimensions - 1)]
