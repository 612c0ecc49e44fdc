"""One step or reasoning: what the router learned, and what it may not have learned from."""

import pytest

from app.chat.features import read
from app.chat.meaning import judge, load_weights
from tests.bench.router_training import half, training


def test_half_of_the_measured_questions_are_never_learned_from() -> None:
    tested = {one.question for one in half("test")}
    learned = {one.question for one in training()}

    assert len(tested) >= 200
    assert tested.isdisjoint(learned)


def test_the_tuning_half_is_told_apart_by_words_alone() -> None:
    tuning = half("tuning")

    right = [judge(read(one.question), vector=None).is_complex == one.is_complex for one in tuning]

    assert sum(right) >= 0.95 * len(tuning)


def test_the_vector_moves_the_verdict() -> None:
    reading = read("¿Qué hago con la casa?")
    towards = [value / 20 for value in load_weights().vector]

    assert judge(reading, vector=towards).is_complex
    assert not judge(reading, vector=[-value for value in towards]).is_complex
    assert judge(reading, vector=towards).is_by_vector


def test_doubts_are_general_and_known_as_doubts() -> None:
    verdict = judge(read("Warum fällt mein Teig zusammen, obwohl ich nichts geändert habe?"), vector=None)

    assert not verdict.is_complex
    assert verdict.is_doubtful


@pytest.mark.parametrize("message", ["", "?", "ok", "vale", "hola", "asdf qwer", "🙂", "necesito ayuda", "123"])
def test_a_message_that_asks_nothing_is_general(message: str) -> None:
    assert not judge(read(message), vector=None).is_complex
