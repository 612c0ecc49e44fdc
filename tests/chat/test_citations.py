"""What reaches the client of a model's citations, however the model's text is cut into pieces."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.citations import MarkerFilter, without_markers

ANY_MARKER = re.compile(r"[\[【［][\d,; \t]{0,62}\d[\d,; \t]{0,62}[\]】］]")
talk = st.text(st.sampled_from(list("[]【】12 39,;a\n`٣.")), max_size=60) | st.text(max_size=30)


def filtered(*parts: str, count: int = 3) -> tuple[str, list[int]]:
    markers = MarkerFilter(count=count)
    text = "".join(markers.feed(part) for part in parts) + markers.finish()
    return text, markers.used


@pytest.mark.parametrize(
    ("said", "sent", "used"),
    [
        ("Abre a las 9 [1].", "Abre a las 9 [1].", [1]),
        ("Abre [9].", "Abre.", []),
        ("Abre [9] hoy.", "Abre hoy.", []),
        ("Abre[0]", "Abre", []),
        ("[1, 2]", "[1][2]", [1, 2]),
        ("[1][2]", "[1][2]", [1, 2]),
        ("[2;1] y [ 3 ]", "[2][1] y [3]", [2, 1, 3]),
        ("[1, 9]", "[1]", [1]),
        ("[2] [1] [2]", "[2] [1] [2]", [2, 1]),
        ("[1, 1]", "[1]", [1]),
        ("【1】 y ［2］", "[1] y [2]", [1, 2]),
        ("[01]", "[1]", [1]),
        ("[" + "9" * 50 + "]", "", []),
        ("- [ ] tarea, [] y [nota]", "- [ ] tarea, [] y [nota]", []),
        ("[a1] [1a] [-1] [1.5] [1 a]", "[a1] [1a] [-1] [1.5] [1 a]", []),
        ("[1-3]", "[1][2][3]", [1, 2, 3]),
        ("[2–9] [7-9]", "[2][3]", [2, 3]),
        ("[2020-2021] [9-1]", " [1]", [1]),
        ("[1 y 2] [1 and 3] [2 & 1]", "[1][2] [1][3] [2][1]", [1, 2, 3]),
        ("Abre [^1]. Cierra [^7].", "Abre [1]. Cierra.", [1]),
        ("【1†source】【2†tienda.es.txt】【9†source】", "[1][2]", [1, 2]),
        ("Abre【4:0†source】.", "Abre.", []),
        ("[1†L3-L5]", "[1]", [1]),
        ("【10:30】", "【10:30】", []),
        ("［１］ [２, ９]", "[1] [2]", [1, 2]),
        ("[¹] [²,³] [⁹]", "[1] [2][3]", [1, 2, 3]),
        ("12 m² y 3¹", "12 m² y 3¹", []),
        ("[fuente 1] [Fuente: 9] [Source 2] [doc. 3]", "[1] [2] [3]", [1, 2, 3]),
        ("[fuentes 1 y 2] [passages 1-2]", "[1][2] [1][2]", [1, 2]),
        ("[fuente] [documento] [docena 3]", "[fuente] [documento] [docena 3]", []),
        ("[texto](http://x.es/[9])", "[texto](http://x.es/)", []),
        ("[guía 9](http://x.es)", "[guía 9](http://x.es)", []),
        ("[[1]]", "[[1]]", [1]),
        ("[[9]7]", "[[]7]", []),
        ("[1[9]2]", "[1[]2]", []),
        ("sin cerrar [1", "sin cerrar [1", []),
        ("en dos [1\n]", "en dos [1\n]", []),
        ("fin ", "fin ", []),
        ("a  [9]b", "a b", []),
        ("```\na[9]\n```\nb[9]", "```\na[9]\n```\nb", []),
        ("```python\na[1]\n", "```python\na[1]\n", []),
        ("````\na[9]\n````\n[2]", "````\na[9]\n````\n[2]", [2]),
        ("   ```\n[9]", "   ```\n[9]", []),
        ("    ```\n[9]", "    ```\n", []),
        ("```x```\n[9] [1]", "```x```\n [1]", [1]),
        ("usa ```\n[9]", "usa ```\n", []),
        ("`a[9]`", "`a`", []),
    ],
)
def test_only_markers_that_name_a_passage_are_sent(said: str, sent: str, used: list[int]) -> None:
    assert filtered(said) == (sent, used)
    assert filtered(*said) == (sent, used)


@given(talk, st.lists(st.integers(0, 60)))
def test_where_the_text_is_cut_changes_nothing(said: str, cuts: list[int]) -> None:
    borders = [0, *sorted(min(cut, len(said)) for cut in cuts), len(said)]
    parts = [said[start:end] for start, end in pairwise(borders)]

    assert filtered(*parts) == filtered(said)


@given(talk.map(lambda said: said.replace("`", "")))
def test_no_marker_but_of_a_given_passage_is_ever_sent(said: str) -> None:
    sent, used = filtered(said)

    assert set(ANY_MARKER.findall(sent)) <= {"[1]", "[2]", "[3]"}
    assert [int(n) for n in dict.fromkeys(re.findall(r"\[([123])\]", sent))] == used


@given(talk.filter(lambda said: not re.search(r"[\[【［]", said)))
def test_text_without_a_bracket_is_untouched(said: str) -> None:
    assert filtered(said) == (said, [])


@pytest.mark.parametrize(
    ("part", "sent"),
    [("Hola", "Hola"), ("Hola,", "Hola,"), ("Hola [", "Hola"), ("Hola [nota", "Hola [nota"), ("[1]", "[1]")],
)
def test_only_an_unfinished_marker_is_held_back(part: str, sent: str) -> None:
    assert MarkerFilter(count=1).feed(part) == sent


def test_what_is_held_back_is_bounded() -> None:
    markers = MarkerFilter(count=1)

    held = 1_000 - len(markers.feed("[" + "1" * 999))

    assert held <= 64


def test_without_markers_leaves_the_words() -> None:
    assert without_markers("Abre a las 9 [1]. Cierra [2, 3] a las 21 [nota].") == (
        "Abre a las 9. Cierra a las 21 [nota]."
    )
