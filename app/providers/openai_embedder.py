"""How OpenAI embeds: its request and its answer. `text-embedding-3-small`, 1,536 dimensions."""

import base64
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from app.core.errors import ProviderError
from app.providers.base import Purpose
from app.providers.embedding import Wire, cut_to_bytes
from app.providers.http import failure, seconds_to_wait

_MODEL = "text-embedding-3-small"
# A token is at least a byte, so that nothing within these limits of bytes is over those of tokens.
_TEXT_BYTES = 8_191
_REQUEST_BYTES = 300_000


class _Embedding(msgspec.Struct):
    index: int
    # Base64 is what we ask for, a third of the bytes; servers of the same protocol may know figures only.
    embedding: str | list[float]


class _Answer(msgspec.Struct):
    data: list[_Embedding]


_decoder = msgspec.json.Decoder(_Answer)


def _to_wire(texts: Sequence[str], _: Purpose) -> dict[str, object]:
    return {"model": _MODEL, "input": list(texts), "encoding_format": "base64"}


def _read(body: bytes) -> list[npt.ArrayLike]:
    data = sorted(_decoder.decode(body).data, key=lambda embedding: embedding.index)
    if [embedding.index for embedding in data] != list(range(len(data))):
        raise ProviderError(cause="it did not number its vectors")
    return [_numbers(embedding.embedding) for embedding in data]


def _numbers(embedding: str | list[float]) -> npt.ArrayLike:
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
    return embedding


def _refused(status: int, _: bytes, retry_after: str | None) -> ProviderError:
    return failure(status=status, retry_after_s=seconds_to_wait(retry_after))


OPENAI = Wire(
    path="embeddings",
    dimensions=1536,
    most_texts=128,
    most_bytes=_REQUEST_BYTES,
    headers=lambda key: {"Authorization": f"Bearer {key}"},
    cut=lambda text: cut_to_bytes(text, _TEXT_BYTES),
    to_wire=_to_wire,
    read=_read,
    refused=_refused,
)
