"""Embedding as the worker does, at vendors on loopback."""

import math
import ssl

from app.providers.base import Purpose, Vector
from app.providers.embedding import Patience, VendorEmbedder
from app.providers.google_embedder import GOOGLE
from app.providers.http import Timeouts
from app.providers.openai_embedder import OPENAI
from tests.vendors.calls import KEY, trust
from tests.vendors.server import Kind

# Three tries without a pause.
_EAGER = Patience(answer_s=5, pauses_s=(0, 0), within_s=30)
_WIRES = {"openai": OPENAI, "google": GOOGLE}


def make_embedder(
    kind: Kind,
    url: str,
    *,
    key: str = KEY,
    patience: Patience = _EAGER,
    timeouts: Timeouts | None = None,
    tls: ssl.SSLContext | None = None,
) -> VendorEmbedder:
    return VendorEmbedder(
        _WIRES[kind],
        key,
        base_url=url,
        timeouts=timeouts or Timeouts(),
        tls=tls or trust(),
        patience=dict.fromkeys(Purpose, patience),
    )


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))
