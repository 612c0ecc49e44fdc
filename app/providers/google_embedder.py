"""How Google embeds: its request and its answer. `gemini-embedding-001`, the first 768 of its dimensions."""

import json
from collections.abc import Sequence

import msgspec
import numpy.typing as npt

from app.core.errors import ProviderError
from app.providers.base import Purpose
from app.providers.embedding import Wire, cut_to_bytes
from app.providers.google_errors import told

_MODEL = "models/gemini-embedding-001"
_DIMENSIONS = 768
# Hardly any character takes more than a token, and what is still over the 2,048 tokens Google itself cuts.
_TEXT_CHARACTERS = 2_048
_TASKS = {Purpose.QUERY: "RETRIEVAL_QUERY", Purpose.PASSAGE: "RETRIEVAL_DOCUMENT"}


class _Embedding(msgspec.Struct):
    values: list[float]


class _Answer(msgspec.Struct):
    embeddings: list[_Embedding]


_decoder = msgspec.json.Decoder(_Answer)


def _cut(text: str) -> str:
    return cut_to_bytes(text[:_TEXT_CHARACTERS], 4 * _TEXT_CHARACTERS)


def _to_wire(texts: Sequence[str], purpose: Purpose) -> dict[str, object]:
    asked = {"model": _MODEL, "taskType": _TASKS[purpose], "outputDimensionality": _DIMENSIONS}
    return {"requests": [{**asked, "content": {"parts": [{"text": text}]}} for text in texts]}


def _read(body: bytes) -> list[npt.ArrayLike]:
    return [embedding.values for embedding in _decoder.decode(body).embeddings]


def _refused(status: int, body: bytes, retry_after: str | None) -> ProviderError:
    try:
        error = json.loads(body)
    except (ValueError, RecursionError):
        error = None
    return told(error, status=status, retry_after=retry_after)


GOOGLE = Wire(
    path=f"v1beta/{_MODEL}:batchEmbedContents",
    dimensions=_DIMENSIONS,
    most_texts=100,
    # No text comes near it: its limit is that of the texts, and of 4 MB a request.
    most_bytes=1_000_000,
    headers=lambda key: {"x-goog-api-key": key},
    cut=_cut,
    to_wire=_to_wire,
    read=_read,
    refused=_refused,
)
