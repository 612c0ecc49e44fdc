"""Which task type besides `general` and `complex` a question clearly belongs to."""

import pytest

from app.chat.features import read
from app.chat.task_types import Special, special
from tests.bench.router import DESCRIBED_TYPES, KNOWN_TYPES
from tests.bench.router_training import special_questions

TYPES = {**dict.fromkeys(KNOWN_TYPES, ""), **DESCRIBED_TYPES}


def test_nearly_all_labelled_questions_find_their_task_type() -> None:
    questions = special_questions()

    right = [
        (found.task_type if (found := special(read(question), TYPES)) else None) == task_type
        for question, task_type in questions
    ]

    assert len(questions) >= 60
    assert sum(right) >= 0.95 * len(questions)


@pytest.mark.parametrize("name", ["código", "Programación", "coding", "code-review"])
def test_a_known_name_is_known_in_both_languages(name: str) -> None:
    found = special(read("Escribe una función en Python que sume dos listas"), {name: ""})

    assert found == Special(name, "code")


def test_an_unknown_name_is_matched_by_its_own_words() -> None:
    assert special(read("¿Qué recetas lleva el menú?"), {"recetas": ""}) == Special("recetas", "")
    assert special(read("¿A qué hora cierran?"), {"recetas": ""}) is None


def test_an_unknown_name_is_matched_by_its_description() -> None:
    types = {"lab": "Análisis de sangre y de orina", "x": "Cualquier otra pregunta de los usuarios"}

    assert special(read("¿El análisis de sangre es en ayunas?"), types) == Special("lab", "")
    assert special(read("Tengo otra pregunta"), types) is None


def test_who_wrote_a_poem_is_not_creative_writing() -> None:
    assert special(read("¿Quién escribió el poema?"), {"creative": ""}) is None
    assert special(read("Escribe un poema"), {"creative": ""}) == Special("creative", "creative")
