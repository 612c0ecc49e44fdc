"""Which sentences the extractive model picks, and where a sentence begins and ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.citations import MarkerFilter
from app.providers.base import SourceText
from app.providers.extract import (
    NOT_FOUND_EN,
    NOT_FOUND_ES,
    Sentence,
    candidates,
    not_found,
    pick,
    quoted,
    shared_words,
    split_sentences,
    stems,
)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Cuesta 39,90 €. Pesa 1.200 g.", ["Cuesta 39,90 €.", "Pesa 1.200 g."]),
        ("Es la versión 2.0. Sí.", ["Es la versión 2.0.", "Sí."]),
        ("El C.P. 28001 es de Madrid. Abre.", ["El C.P. 28001 es de Madrid.", "Abre."]),
        ("Bus de la línea n.º 5. Bájate.", ["Bus de la línea n.º 5.", "Bájate."]),
        ("Habla con el Sr. Pérez o la Dra. Gil. Atienden.", ["Habla con el Sr. Pérez o la Dra. Gil.", "Atienden."]),
        ("Avda. de la Paz, 3. Tel. 600 123 123.", ["Avda. de la Paz, 3.", "Tel. 600 123 123."]),
        ("Tarda aprox. dos días. Gracias.", ["Tarda aprox. dos días.", "Gracias."]),
        ("De 9 a.m. a 8 p.m. Los lunes no.", ["De 9 a.m. a 8 p.m.", "Los lunes no."]),
        ("Hay luces, timbres, etc. Las luces van aparte.", ["Hay luces, timbres, etc.", "Las luces van aparte."]),
        ("Algo, p. ej. un timbre. Fin.", ["Algo, p. ej. un timbre.", "Fin."]),
        ("¿Abrís? Sí. ¡Claro! «Vale.» (Bien.)", ["¿Abrís?", "Sí.", "¡Claro!", "«Vale.»", "(Bien.)"]),
        ("abrimos a las 9. cerramos a las 20.", ["abrimos a las 9.", "cerramos a las 20."]),
        ("1. Frena.\n2) Baja.\n- Mira\n• Sigue", ["Frena.", "Baja.", "Mira", "Sigue"]),
        ("HORARIO\n\nDe 9 a 14\r\nDe 16 a 20", ["HORARIO", "De 9 a 14", "De 16 a 20"]),
        ("Pregunta por el Sr.", ["Pregunta por el Sr."]),
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_a_sentence_ends_where_a_reader_ends_it(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.lists(st.sampled_from(["Sr", "a", ".", "?", "…", " ", "\n", "\r", "»", "- ", "1.", "É"])).map("".join))
def test_sentences_are_pieces_of_the_text_in_its_order(text: str) -> None:
    place = 0
    for sentence in split_sentences(text):
        assert sentence == sentence.strip() != ""
        assert "\n" not in sentence
        place = text.index(sentence, place) + len(sentence)


def test_only_the_best_sources_and_whole_sentences_are_looked_at() -> None:
    sources = [SourceText(n, f"La sección número {n} es larga. Corta.", 1 / n) for n in range(1, 20)]

    found = candidates(sources)

    assert [sentence.n for sentence in found] == list(range(1, len(found) + 1))
    assert len(found) < len(sources)
    assert found[0] == Sentence(1, "La sección número 1 es larga.", 1.0)


def sentences(*texts: str) -> list[Sentence]:
    return [Sentence(n, text, 1.0) for n, text in enumerate(texts, start=1)]


SHOP = sentences(
    "La tienda abre a las nueve de la mañana.",
    "El casco Brisa cuesta 39,90 €.",
    "El error ERR-4711 dice que falta papel.",
)


def test_what_is_closest_is_picked() -> None:
    assert pick("¿Cuánto vale el casco?", SHOP, [0.80, 0.90, 0.80]) == [SHOP[1]]


def test_what_is_nearly_as_close_is_picked_too_best_first() -> None:
    assert pick("¿Qué sabes?", SHOP, [0.90, 0.905, 0.80]) == [SHOP[1], SHOP[0]]


def test_a_high_rank_does_not_make_up_for_a_sentence_that_fits_worse() -> None:
    high, low = Sentence(1, "Nunca se rocía lubricante.", 1.0), Sentence(2, "Ese casco se tira.", 0.6)

    assert pick("¿La sigo usando?", [high, low], [0.86, 0.89])[0] == low


def test_the_best_sentence_that_holds_the_whole_question_leaves_little_to_the_others() -> None:
    both = sentences("El casco Brisa cuesta 39,90 €.", "El guante cuesta 12 €.")

    assert pick("¿Cuánto cuesta el casco Brisa?", both, [0.90, 0.935]) == both[:1]
    assert pick("¿Y eso?", both, [0.92, 0.905]) == both


def test_nothing_is_picked_when_nothing_is_close() -> None:
    assert pick("¿Cuál es la receta del gazpacho?", SHOP, [0.80, 0.80, 0.80]) == []


@pytest.mark.parametrize(("question", "picked"), [("¿Qué es el ERR-4711?", 3), ("¿Qué es el ERR-4712?", None)])
def test_a_code_that_no_sentence_holds_is_not_found(question: str, picked: int | None) -> None:
    found = pick(question, SHOP, [0.9, 0.9, 0.99])

    assert [sentence.n for sentence in found] == ([] if picked is None else [picked])


@pytest.mark.parametrize("question", ["err4711", "ERR 4711", "err_4711??", "tengo un err-4711"])
def test_a_code_is_found_however_it_is_typed(question: str) -> None:
    assert pick(question, SHOP, [0.83, 0.83, 0.8]) == [SHOP[2]]


def test_the_sentence_with_the_price_that_is_named_comes_first() -> None:
    prices = sentences("El cuchillo Tajo cuesta 46,00 €.", "El casco Brisa cuesta 39,90 €.")

    assert pick("q cuesta 39.90", prices, [0.88, 0.86])[0] == prices[1]


@pytest.mark.parametrize(
    ("question", "picked"),
    [("¿Cuánto cuesta el casco Brisa?", [2]), ("¿A qué hora abre la tienda?", [1]), ("¿Vendéis patinetes?", [])],
)
def test_without_an_embedder_words_decide(question: str, picked: list[int]) -> None:
    assert [sentence.n for sentence in pick(question, SHOP, None)] == picked


def test_without_sentences_nothing_is_picked() -> None:
    assert pick("¿Qué?", [], []) == []


def test_case_accents_and_endings_do_not_matter() -> None:
    assert stems("DEVOLUCIÓN") == stems("devolucion") == stems("devoluciones") == {"devolu"}
    assert stems("¿Cuánto cuesta el casco?") == stems("cuesta: los CASCOS") == {"cuest", "casc"}
    assert stems("¿Puedo entrar con mi perro?") & stems("Los perros pueden pasar") == {"perr"}
    assert stems("REF/A-17") == {"ref/a-17"}


def test_rare_words_count_for_more() -> None:
    common, rare = shared_words("casco Brisa", ["un casco", "un Brisa", "otro casco", "más casco"])[:2]

    assert 0 < common < rare < 1


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("¿Cuál es la receta?", NOT_FOUND_ES),
        ("receta", NOT_FOUND_ES),
        ("What is the recipe?", NOT_FOUND_EN),
        ("Do you sell soup?", NOT_FOUND_EN),
    ],
)
def test_not_finding_is_said_in_the_questions_language(question: str, sentence: str) -> None:
    assert not_found(question) == sentence


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("La garantía es de dos años [2].", "La garantía es de dos años [\u20602]."),
        ("pedidos[0] y [[1, 0], [0, 1]]", "pedidos[\u20600] y [[\u20601, 0], [\u20600, 1]]"),
        ("Según 【3】 y [ 4 ]", "Según 【\u20603】 y [\u2060 4 ]"),
        ("[nota] y (2)", "[nota] y (2)"),
    ],
)
def test_a_documents_own_marker_cannot_be_taken_for_a_citation(sentence: str, shown: str) -> None:
    markers = MarkerFilter(count=9)

    kept = markers.feed(quoted(sentence)) + markers.finish()

    assert quoted(sentence) == shown
    assert kept == shown
    assert markers.used == []


@pytest.mark.parametrize("courtesy", ["gracias", "¡Hola, buenas!", "hola, gracias"])
def test_a_courtesy_asks_for_no_sentence(courtesy: str) -> None:
    sentences = [Sentence(1, "La tienda abre a las nueve de la mañana.", 1.0)]

    assert pick(courtesy, sentences, [0.95]) == []
