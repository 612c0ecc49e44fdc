"""What only OpenAI's embeddings have: their request, base64, numbered vectors."""

import pytest

from app.core.errors import ProviderError
from app.providers.base import Purpose
from app.providers.embedding import VendorEmbedder
from tests.vendors.calls import KEY
from tests.vendors.embedding import cosine
from tests.vendors.script import parse
from tests.vendors.server import Kind, Vendor
from tests.vendors.wire import OPENAI_DIMENSIONS, vector_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def kind() -> Kind:
    return "openai"


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_the_request_is_as_openai_writes_it(
    embedder: VendorEmbedder, vendor: Vendor, purpose: Purpose
) -> None:
    await embedder.embed(["¿Abrís hoy?", "Sí"], purpose=purpose)

    [request] = vendor.requests
    assert (request.method, request.target) == ("POST", "/v1/embeddings")
    assert request.json == {
        "model": "text-embedding-3-small",
        "input": ["¿Abrís hoy?", "Sí"],
        "encoding_format": "base64",
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("script", ["embed=shuffled", "embed=figures"])
async def test_the_vectors_number_tells_the_text_and_figures_will_do(
    embedder: VendorEmbedder, vendor: Vendor, script: str
) -> None:
    vendor.script = parse(script)
    texts = [f"texto {n}" for n in range(6)]

    vectors = await embedder.embed(texts, purpose=Purpose.PASSAGE)

    assert all(
        cosine(vector, vector_of(text, OPENAI_DIMENSIONS)) == pytest.approx(1, abs=1e-6)
        for vector, text in zip(vectors, texts, strict=True)
    )


@pytest.mark.parametrize(
    ("script", "cause"),
    [("unnumbered", "it did not number its vectors"), ("halved", "it sent something unreadable")],
)
async def test_vectors_that_nobody_can_tell_apart_or_read_are_a_failure(
    embedder: VendorEmbedder, vendor: Vendor, script: str, cause: str
) -> None:
    vendor.script = parse(f"embed={script}")

    with pytest.raises(ProviderError) as caught:
        await embedder.embed(["uno", "dos"], purpose=Purpose.PASSAGE)

    assert caught.value.fields["cause"] == cause


async def test_a_text_over_the_models_limit_is_cut(embedder: VendorEmbedder, vendor: Vendor) -> None:
    await embedder.embed(["x" * 9_000, "año " * 3_000], purpose=Purpose.PASSAGE)

    [request] = vendor.requests
    assert [len(text.encode()) for text in request.json["input"]] == [8_191, 8_191]


async def test_a_request_holds_no_more_tokens_than_openai_takes(embedder: VendorEmbedder, vendor: Vendor) -> None:
    await embedder.embed(["x" * 8_000] * 75, purpose=Purpose.PASSAGE)

    assert [len(request.json["input"]) for request in vendor.requests] == [37, 37, 1]
