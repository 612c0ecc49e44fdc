"""Vendors on loopback, and providers that call them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.providers.google import GoogleProvider
from app.providers.openai import OpenAIProvider
from tests.vendors.calls import make_provider
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
