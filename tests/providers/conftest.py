"""Vendors on loopback, and providers that call them."""

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from app.providers.embedding import VendorEmbedder
from app.providers.google import GoogleProvider
from app.providers.openai import OpenAIProvider
from tests.vendors.calls import make_provider
from tests.vendors.embedding import make_embedder
from tests.vendors.server import Kind, Vendor, vendor_server


@pytest.fixture(params=["openai", "google"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def vendor(kind: Kind) -> Iterator[Vendor]:
    """Each of the two in its turn, unless a test module says which."""
    with vendor_server(kind) as vendor:
        yield vendor


@pytest.fixture
async def provider(kind: Kind, vendor: Vendor) -> AsyncIterator[OpenAIProvider | GoogleProvider]:
    provider = make_provider(kind, vendor.url)
    yield provider
    await provider.aclose()


@pytest.fixture
async def embedder(kind: Kind, vendor: Vendor) -> AsyncIterator[VendorEmbedder]:
    embedder = make_embedder(kind, vendor.url)
    yield embedder
    await embedder.aclose()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
