"""A question in another language than the text is told by its commonest words."""

import pytest

from app.knowledge.confidence import confidence
from app.knowledge.passages import Passage
from app.knowledge.tongue import is_of_another_language
from app.models import EmbeddingModel
from tests.knowledge import library

SPANISH = "La tienda de Valdearce abre de lunes a viernes, y los sábados por la mañana hasta las dos."
ENGLISH = "The shop is open from Monday to Friday, and on Saturdays in the morning until two."


def passage(text: str, similarity: float | None = 0.84) -> Passage:
    return library.passage(text, similarity=similarity)


@pytest.mark.parametrize(
    ("question", "text", "crosses"),
    [
        ("What are your opening hours?", SPANISH, True),
        ("do you open on sundays", SPANISH, True),
        ("¿A qué hora abre la tienda los sábados?", ENGLISH, True),
        ("¿A qué hora abre la tienda los sábados?", SPANISH, False),
        ("What are your opening hours?", ENGLISH, False),
        ("ERR-4711", SPANISH, False),
        ("horario", ENGLISH, False),
    ],
)
def test_a_question_of_another_language_is_known(question: str, text: str, crosses: bool) -> None:
    assert is_of_another_language(question, [passage(text)]) is crosses


def test_between_languages_the_meaning_alone_decides() -> None:
    question = "What are your opening hours?"

    near = confidence(question, [passage(SPANISH, 0.84)])
    far = confidence(question, [passage(SPANISH, 0.76)])

    assert near > 0.9
    assert far < 0.2


def test_cosines_of_another_model_do_not_decide_between_languages() -> None:
    question = "What are your opening hours?"

    assert confidence(question, [passage(SPANISH, 0.4)], model=EmbeddingModel.OPENAI) == confidence(
        question, [passage(SPANISH, 0.9)], model=EmbeddingModel.OPENAI
    )


@pytest.mark.parametrize("question", ["!!!", "_", "😀", "\u200b", "¿?"])
def test_signs_without_a_word_ask_for_nothing(question: str) -> None:
    assert confidence(question, [passage(SPANISH, 0.9)]) == 0
