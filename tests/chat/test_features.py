"""What is read from a question before anything is decided about it."""

import pytest

from app.chat.cues import Cue
from app.chat.features import read, values


def test_the_last_request_is_parted_from_the_story_before_it() -> None:
    reading = read("Ayer comparamos tres planes de viaje y fue agotador. ¿A qué hora abre el museo?")

    assert " ".join(reading.asked) == "a que hora abre el museo"
    assert Cue.PLAN in reading.cues
    assert Cue.PLAN not in reading.asked_cues


def test_a_quotation_is_matter_and_gives_no_hint() -> None:
    reading = read("Traduce al inglés: «compara los riesgos y razona por qué»")

    assert Cue.REASONING not in reading.cues
    assert Cue.WORDING in reading.cues


@pytest.mark.parametrize(
    "question",
    [
        "¿qué falla?\ndef suma(a):\n    return a + b",
        "```\nx\n```",
        "Why? `foo` is None",
        "while x > 0: print(x)",
        "for (int i = 0; i < n; i++) {\n  total += i;\n}",
    ],
)
def test_code_is_seen(question: str) -> None:
    assert read(question).has_code


@pytest.mark.parametrize(
    "question",
    [
        "For a party of ten (two vegans): what should I cook?",
        "Compra leche; y pan también",
        "If you have time, tell me this: where is the key?",
        "¿Quedan invitado(s) por llegar?",
    ],
)
def test_prose_is_not_code(question: str) -> None:
    assert not read(question).has_code


def test_accents_and_case_make_no_difference() -> None:
    assert values(read("¿POR QUÉ SUBE LA MAREA?")) == values(read("¿por que sube la marea?"))


def test_of_a_long_message_the_beginning_and_the_end_count() -> None:
    reading = read("Traduce esto. " + "palabra " * 4_000 + "¿Cuánto cuesta la entrada?")

    assert reading.words[0] == "traduce"
    assert reading.asked[-1] == "entrada"
    assert len(reading.words) < 200
