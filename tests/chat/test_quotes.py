"""Which sentences of a passage an answer's citation is narrowed to."""

import itertools
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chat.quotes import narrowed, sentence_spans, statements, supporting
from app.providers.base import SourceText
from app.providers.extract import candidates, quoted

CASES = json.loads((Path(__file__).parents[1] / "data" / "citation_cases.json").read_text(encoding="utf-8"))
PASSAGE = (
    "Horario de la tienda.\n"
    "- Valdearce abre de 9:30 a 20:30.\n"
    "- Peñalvera abre de 10:00 a 14:00 y cierra los lunes.\n"
    "El casco Brisa cuesta 39,90 €. El casco Umbral cuesta 74,50 €. Los cambios se hacen en treinta días."
)


def quotes_of(answer: str, *, n: int = 1, passage: str = PASSAGE, question: str = "") -> list[str]:
    return [passage[start:end] for start, end in supporting(answer, n, passage, question=question)]


def is_right(case: dict[str, object]) -> bool:
    """Exactly the labelled sentences."""
    passage, wanted = str(case["passage"]), case["quotes"]
    assert isinstance(wanted, list)
    found = quotes_of(str(case["answer"]), passage=passage, question=str(case["q"]))
    return sorted(found) == sorted(wanted)


def test_the_right_sentence_is_found_in_17_of_20_labelled_cases() -> None:
    right = sum(map(is_right, CASES))

    assert right >= 0.85 * len(CASES)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Son 74,50 euros [1].", ["El casco Umbral cuesta 74,50 €."]),
        ("El Brisa sale por 39,90 € [1].", ["El casco Brisa cuesta 39,90 €."]),
        ("Hay 30 días para cambiarlo [1].", ["Los cambios se hacen en treinta días."]),
        ("Cierra a las ocho y media: 8:30 [1].", ["Valdearce abre de 9:30 a 20:30."]),
        (
            "El Umbral son 74,50 € [1]. En Peñalvera los lunes cierran [1].",
            ["El casco Umbral cuesta 74,50 €.", "Peñalvera abre de 10:00 a 14:00 y cierra los lunes."],
        ),
        ("El Umbral son 74,50 €. [1]", ["El casco Umbral cuesta 74,50 €."]),
        ("El Umbral son 74,50 € [2][1].", ["El casco Umbral cuesta 74,50 €."]),
        ("El Brisa, 39,90 € [2]. El Umbral, 74,50 € [1].", ["El casco Umbral cuesta 74,50 €."]),
        ("Xyzzy plugh [1].", []),
        ("Esto [1].", []),
        ("[1]", []),
        ("El Umbral son 74,50 €.", []),
    ],
)
def test_a_statement_is_traced_to_its_sentences(answer: str, expected: list[str]) -> None:
    assert quotes_of(answer) == expected


def test_the_question_says_where_to_look_for_a_short_answer() -> None:
    assert quotes_of("Cuesta poco [1].", question="¿Y el Umbral?") == ["El casco Umbral cuesta 74,50 €."]
    assert quotes_of("Sí [1].", question="¿Cierran los lunes?") == [
        "Peñalvera abre de 10:00 a 14:00 y cierra los lunes."
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Abre a las nueve [2]. Cierra a las ocho [1].", ["Cierra a las ocho"]),
        ("Abre a las nueve. Cierra a las ocho [1].", ["Cierra a las ocho"]),
        ("Abre a las nueve cada día. Sí [1].", ["Abre a las nueve cada día. Sí"]),
        ("Abre a las nueve [1][2].", ["Abre a las nueve"]),
        ("[1] Abre a las nueve.", []),
    ],
)
def test_a_statement_is_the_sentence_before_its_marker(answer: str, said: list[str]) -> None:
    assert statements(answer, 1) == said


@pytest.mark.parametrize(
    ("passage", "said"),
    [
        # A sentence that shares the question's words must not stand for the one that was said.
        (PASSAGE, "Peñalvera abre de 10:00 a 14:00 y cierra los lunes."),
        ("• 1) Frene antes de bajar.\n• 2) Frene después de subir.", "2) Frene después de subir."),
        ("La garantía [2] es de dos años. La garantía es larga.", "La garantía [2] es de dos años."),
        ("El Sr. Gil abre a las 9. Cierra a las 8 el Sr. Gil.", "Cierra a las 8 el Sr. Gil."),
    ],
)
def test_a_sentence_said_as_it_stands_is_found_exactly(passage: str, said: str) -> None:
    found = quotes_of(f"{quoted(said)} [1]", passage=passage, question="¿A qué hora cierra Valdearce?")

    assert found == [said]


def test_what_is_said_in_two_sentences_as_they_stand_rests_on_both() -> None:
    both = "El casco Brisa cuesta 39,90 €. El casco Umbral cuesta 74,50 €."

    start, end = narrowed(PASSAGE, supporting(f"{both} [1]", 1, PASSAGE))

    assert PASSAGE[start:end] == both


def test_the_quote_reaches_from_the_first_to_the_last_sentence_however_far_apart() -> None:
    far = "A uno. " + "x" * 400 + " B dos."

    assert narrowed(PASSAGE, []) == (0, len(PASSAGE))
    assert narrowed("Uno. Dos. Tres.", [(10, 15), (0, 4)]) == (0, 15)
    assert narrowed(far, [(len(far) - 6, len(far)), (0, 6)]) == (0, len(far))


def test_the_quote_holds_every_sentence_that_the_extractive_model_says() -> None:
    handbook = (Path(__file__).parents[2] / "samples" / "tienda.es.txt").read_text(encoding="utf-8")
    passage = handbook[4_000:5_600]
    said = [sentence.text for sentence in candidates([SourceText(1, passage)])]

    for first, last in itertools.combinations(said, 2):
        answer = f"{quoted(last)} [1] {quoted(first)} [1]"
        start, end = narrowed(passage, supporting(answer, 1, passage, question="¿A qué hora cierra?"))
        assert first in passage[start:end]
        assert last in passage[start:end]


# A busy machine is no slow program; how long it takes is told below.
@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_every_span_is_a_sentence_of_the_passage(answer: str, passage: str) -> None:
    spans = supporting(f"{answer} [1]", 1, passage, question=answer)

    assert set(spans) <= set(sentence_spans(passage))
    start, end = narrowed(passage, spans)
    assert 0 <= start <= end <= len(passage)


def test_a_long_answer_takes_no_longer_than_a_reader_notices() -> None:
    passage = "".join(f"El artículo {n} cuesta {n},50 € y está en el estante {n % 7}. " for n in range(40))
    answer = "".join(f"El artículo {n} vale {n},50 € [1]. " for n in range(40))

    began = time.perf_counter()
    found = supporting(answer, 1, passage)

    assert len(found) == 40
    assert time.perf_counter() - began < 2
