"""The demo's judgement: what counts as a right answer."""

import pytest

from app.embedded.home import PROJECT
from app.operations.client import ServerEvent, read_frame
from app.operations.demo import QUESTIONS, Answer, Passage, Question, judge, shorten

_PRICE = Question("¿Cuánto cuesta?", "precio", ("64,90",))
_NOWHERE = Question("¿Y en Marte?", "no está")


def answer(text: str, *quotes: str) -> Answer:
    cited = tuple(Passage("d", "f.txt", 0, len(quote), quote) for quote in quotes)
    return Answer(text, cited, "c", 0.1)


@pytest.mark.parametrize(
    ("question", "given", "is_right"),
    [
        (_PRICE, answer("Cuesta 64,90 € [1].", "El candado cuesta 64,90 €."), True),
        (_PRICE, answer("Cuesta 65 € [1].", "El candado cuesta 64,90 €."), False),
        (_PRICE, answer("Cuesta 64,90 €."), False),
        (_PRICE, answer("Cuesta 64,90 € [1].", "Otra cosa."), False),
        (_NOWHERE, answer("No lo encuentro."), True),
        (_NOWHERE, answer("Quizá [1].", "Otra cosa."), False),
    ],
)
def test_an_answer_is_right_when_it_says_the_fact_and_cites_where(
    question: Question, given: Answer, is_right: bool
) -> None:
    assert (judge(question, given) == []) is is_right


def test_every_expected_word_is_in_the_handbook() -> None:
    handbook = (PROJECT / "samples" / "tienda.es.txt").read_text(encoding="utf-8")

    missing = [word for question in QUESTIONS for word in question.expected if word not in handbook]

    assert missing == []


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ('event: delta\ndata: {"text": "a\u2028b"}', ServerEvent("delta", {"text": "a\u2028b"})),
        (": ping", None),
        ('data: {"a": 1}', ServerEvent("message", {"a": 1})),
    ],
)
def test_a_frame_of_a_stream_is_read(frame: str, event: ServerEvent | None) -> None:
    assert read_frame(frame) == event


def test_a_long_quote_is_cut_to_one_short_line() -> None:
    assert shorten("uno\n dos") == "uno dos"
    assert len(shorten("x" * 500)) == 110
