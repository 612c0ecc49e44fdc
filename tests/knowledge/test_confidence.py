"""How sure it is that passages answer a question."""

import pytest

from app.knowledge.confidence import confidence
from app.knowledge.passages import Passage
from app.models import EmbeddingModel
from tests.knowledge import library

TEXT = "El casco Umbral (SKU-20.310) cuesta 74,50 € e incorpora una luz roja trasera."


def passage(text: str = TEXT, *, cosine: float | None = 0.88, coverage: float = 0.7, words: float = 8.0) -> Passage:
    return library.passage(text, similarity=cosine, heading="Cascos", words=words, coverage=coverage)


FAR = passage("Los cuchillos se afilan los martes.", cosine=0.79, coverage=0.0, words=0.0)


def test_without_a_passage_there_is_none() -> None:
    assert confidence("¿Cuánto cuesta el casco Umbral?", []) == 0


@pytest.mark.parametrize("cosine", [0.88, None])
def test_what_stands_there_is_surer_than_what_does_not(cosine: float | None) -> None:
    found = [passage(cosine=cosine)]

    assert confidence("¿Cuánto cuesta el casco Umbral?", found) > 0.5
    assert confidence("¿Cuánto cuesta el casco Umbral?", found) > confidence("¿Quién pintó Las meninas?", found)


def test_another_matter_altogether_is_refused_at_a_half() -> None:
    assert confidence("¿Quién ganó el último mundial de fútbol?", [FAR]) < 0.5


def test_a_code_that_no_passage_holds_takes_away_confidence() -> None:
    assert confidence("¿Qué es SKU-20.310?", [passage()]) > confidence("¿Qué es SKU-99.999?", [passage()]) + 0.1


@pytest.mark.parametrize("typed", ["SKU-20.310", "sku-20310", "sku20310", "SKU 20310", "sku 20.310"])
def test_a_code_counts_the_same_however_it_is_typed(typed: str) -> None:
    sure = confidence("¿Cuánto cuesta SKU-20.310?", [passage()])

    assert sure > 0.5
    assert confidence(f"¿Cuánto cuesta {typed}?", [passage()]) == sure


@pytest.mark.parametrize("question", ["¿Qué es ERR-9999?", "err9999", "ERR 9999", "SKU-20"])
def test_a_code_that_no_passage_holds_is_refused_at_a_half(question: str) -> None:
    assert confidence(question, [passage()]) < 0.2


def test_what_is_asked_for_must_stand_beside_what_it_is_about() -> None:
    price, weight = "¿Cuánto cuesta el casco Umbral?", "¿Cuánto pesa el casco Umbral?"

    assert confidence(price, [passage()]) > confidence(weight, [passage()])


def test_cosines_of_another_model_count_for_nothing() -> None:
    low, high = passage(cosine=0.2), passage(cosine=0.9)

    assert confidence("casco", [low], model=EmbeddingModel.OPENAI) == confidence(
        "casco", [high], model=EmbeddingModel.OPENAI
    )


@pytest.mark.parametrize("question", ["", "?", "¿y?", "👋", "a" * 16_000])
def test_any_question_gives_a_figure_between_nothing_and_one(question: str) -> None:
    assert 0 <= confidence(question, [passage(), FAR]) <= 1
