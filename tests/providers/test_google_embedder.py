"""What only Google's embeddings have: their request, their tasks, their way to tell a bad key and a wait."""

import pytest

from app.core.errors import ProviderError
from app.providers.base import Purpose
from app.providers.embedding import VendorEmbedder
from tests.vendors.calls import KEY
from tests.vendors.script import parse
from tests.vendors.server import Kind, Vendor

pytestmark = pytest.mark.anyio


@pytest.fixture
def kind() -> Kind:
    return "google"


@pytest.mark.parametrize(
    ("purpose", "task"), [(Purpose.QUERY, "RETRIEVAL_QUERY"), (Purpose.PASSAGE, "RETRIEVAL_DOCUMENT")]
)
async def test_the_request_is_as_google_writes_it(
    embedder: VendorEmbedder, vendor: Vendor, purpose: Purpose, task: str
) -> None:
    await embedder.embed(["¿Abrís hoy?", "Sí"], purpose=purpose)

    [request] = vendor.requests
    assert (request.method, request.target) == (
        "POST",
        "/v1beta/models/gemini-embedding-001:batchEmbedContents",
    )
    assert request.json == {
        "requests": [
            {
                "model": "models/gemini-embedding-001",
                "taskType": task,
                "outputDimensionality": 768,
                "content": {"parts": [{"text": text}]},
            }
            for text in ("¿Abrís hoy?", "Sí")
        ]
    }
    assert request.headers["x-goog-api-key"] == KEY
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["content-type"] == "application/json"


async def test_a_text_over_the_models_limit_is_cut(embedder: VendorEmbedder, vendor: Vendor) -> None:
    await embedder.embed(["x" * 3_000, "🌊" * 3_000], purpose=Purpose.PASSAGE)

    [request] = vendor.requests
    assert [len(one["content"]["parts"][0]["text"]) for one in request.json["requests"]] == [2_048, 2_048]


async def test_google_tells_how_long_to_wait_in_the_body(embedder: VendorEmbedder, vendor: Vendor) -> None:
    vendor.script = parse("fail=429;retry_delay=34.5s")

    with pytest.raises(ProviderError) as caught:
        await embedder.embed(["Hola"], purpose=Purpose.PASSAGE)

    assert caught.value.retry_after_s == 34.5
    assert len(vendor.requests) == 1
