"""A chunk's offsets are a promise: a citation is checked against them. Its borders are the text's own."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.knowledge.chunk import LONGEST_CHARACTERS, MOST_CHARACTERS, Chunk, chunk

SENTENCE = "Abrimos de lunes a sábado. "
PARAGRAPH = (SENTENCE * 15).strip()

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
blanks = st.sampled_from(
    [" ", "\n", "\n\n", "\t", "\u00a0", " " * 800, "\x1c", "\u2003", "\n- ", "\n# ", ".  ", ":\n"]
)

sentences = st.integers(1, 40).map(lambda n: (SENTENCE * n).strip())
lists = st.lists(sentences, min_size=1, max_size=6).map(lambda items: "\n".join(f"- {item}" for item in items))
titles = st.integers(1, 99)
blocks = st.one_of(
    titles.map(lambda n: f"## Sección {n}"),
    titles.map(lambda n: f"Sección {n}\n----------"),
    titles.map(lambda n: f"{n}.2 Garantía"),
    titles.map(lambda n: f"Apartado del número {n}"),
    st.just("CONDICIONES DE VENTA"),
    sentences,
    st.lists(sentences, min_size=1, max_size=6).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(sentences, min_size=1, max_size=6).map(
        lambda items: "Horario:\n\n" + "\n".join(f"- {i}" for i in items)
    ),
    titles.map(lambda n: "| Código | Precio |\n|---|---|\n" + f"| SKU-1 | {n} € |\n" * n),
    sentences.map(lambda answer: f"P: ¿Abren hoy?\nR: {answer}"),
)
documents = st.lists(blocks, min_size=1, max_size=14).map("\n\n".join)
HEADING_STARTS = ("## ", "Sección", "---", "CONDICIONES", "Apartado", "P: ", "Horario:")


def assert_sound(text: str, chunks: list[Chunk]) -> None:
    covered = began = 0
    for position, part in enumerate(chunks):
        assert part.position == position
        assert part.text == text[part.start : part.end]
        assert part.text == part.text.strip()
        assert 0 < len(part.text) <= LONGEST_CHARACTERS
        assert not text[covered : part.start].strip()
        assert part.overlaps == max(0, covered - part.start)
        assert part.overlaps < len(part.text)
        assert position == 0 or part.start > began
        assert len(part.heading) <= 300
        covered, began = part.end, part.start
    assert not text[covered:].strip()


@given(st.text())
def test_offsets_are_exact_and_cover_any_text(text: str) -> None:
    assert_sound(text, chunk(text))


@given(st.lists(st.tuples(words, blanks), min_size=1, max_size=20), st.integers(1, 400))
def test_offsets_are_exact_and_cover_long_text(parts: list[tuple[str, str]], times: int) -> None:
    text = "".join(word + blank for word, blank in parts) * times

    assert_sound(text, chunk(text))


@given(documents)
def test_offsets_are_exact_and_cover_a_document_of_every_kind_of_block(text: str) -> None:
    assert_sound(text, chunk(text))


@given(documents)
def test_the_same_text_gives_the_same_chunks(text: str) -> None:
    assert chunk(text) == chunk(text)


@given(documents)
def test_no_heading_ends_a_chunk(text: str) -> None:
    for part in chunk(text)[:-1]:
        last = part.text.rsplit("\n", 1)[-1]
        following = text[part.end :].lstrip().split("\n", 1)[0]
        # Where a heading follows its equal, the first heads nothing.
        assert not last.startswith(HEADING_STARTS) or following.startswith((*HEADING_STARTS, last[:1])), part


@given(st.lists(sentences.filter(lambda text: len(text) <= MOST_CHARACTERS), min_size=1, max_size=12))
def test_a_paragraph_that_fits_is_whole_and_nothing_overlaps(paragraphs: list[str]) -> None:
    chunks = chunk("\n\n".join(paragraphs))

    held = [whole for part in chunks for whole in part.text.split("\n\n")]
    assert held == paragraphs
    assert not any(part.overlaps for part in chunks)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=8))
def test_a_list_that_fits_is_whole_with_the_line_that_leads_it_in(lengths: list[int]) -> None:
    lists = [
        f"Lista número {n}:\n\n" + "\n".join(f"- artículo {i}" for i in range(size))
        for n, size in enumerate(lengths)
    ]
    chunks = chunk(f"\n\n{PARAGRAPH}\n\n".join(lists))

    for one in lists:
        assert any(one in part.text for part in chunks)


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\u00a0" * 30_000])
def test_white_space_has_no_chunk(text: str) -> None:
    assert chunk(text) == []


def test_a_short_text_is_one_trimmed_chunk() -> None:
    assert chunk("  Hola, ¿qué tal? 👋\n") == [
        Chunk(position=0, start=2, end=19, text="Hola, ¿qué tal? 👋", heading="", overlaps=0)
    ]


def test_a_long_gap_parts_two_chunks() -> None:
    text = "uno" + " " * 25_000 + "dos"

    assert [(part.start, part.text) for part in chunk(text)] == [(0, "uno"), (25_003, "dos")]


def test_a_heading_far_from_what_it_heads_stands_for_itself() -> None:
    text = "# Envíos" + "\n" * 900 + PARAGRAPH

    assert [(part.text, part.heading) for part in chunk(text)] == [("# Envíos", ""), (PARAGRAPH, "Envíos")]


def test_chunks_end_at_paragraphs_where_they_can() -> None:
    paragraphs = [f"Párrafo {n}. {PARAGRAPH}" for n in range(200)]

    assert [part.text for part in chunk("\n\n".join(paragraphs))] == paragraphs


def test_a_paragraph_that_does_not_fit_is_cut_between_sentences_into_like_parts_that_overlap() -> None:
    text = " ".join(f"La frase {n} dice lo que cuesta el artículo {n}, que son {n} euros." for n in range(40))

    chunks = chunk(text)

    assert len(chunks) > 3
    assert all(part.text.startswith("La frase") and part.text.endswith("euros.") for part in chunks)
    assert all(0.08 < part.overlaps / MOST_CHARACTERS < 0.25 for part in chunks[1:])
    assert min(len(part.text) for part in chunks) > 0.6 * max(len(part.text) for part in chunks)


@pytest.mark.parametrize("abbreviation", ["Sr.", "núm.", "p. ej.", "D.", "J."])
def test_an_abbreviation_ends_no_sentence(abbreviation: str) -> None:
    text = f"Hable con el {abbreviation} Pérez de lo que haga falta y cuando quiera, " * 40

    assert not any(part.text.endswith(abbreviation) for part in chunk(text))


def test_a_chunk_carries_the_path_of_the_headings_that_it_stands_under() -> None:
    text = (
        f"# Tienda\n\n## Devoluciones\n\n### Por correo\n\n{PARAGRAPH}\n\n{PARAGRAPH}\n\n## Garantía\n\n{PARAGRAPH}"
    )

    chunks = chunk(text)

    assert [part.heading for part in chunks] == ["", "Tienda › Devoluciones › Por correo", "Tienda"]
    assert chunks[0].text.startswith("# Tienda\n\n## Devoluciones\n\n### Por correo\n\nAbrimos")
    assert chunks[2].text.startswith("## Garantía\n\n")


def test_the_title_of_a_text_stands_over_its_sections() -> None:
    text = f"Manual de la tienda\n\n1. Horarios\n\n{PARAGRAPH}\n\n2. Precios\n\n{PARAGRAPH}\n\n{PARAGRAPH}"

    assert [part.heading for part in chunk(text)] == ["", "Manual de la tienda", "Manual de la tienda › 2. Precios"]


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("## Envíos ##", "Envíos"),
        ("Envíos\n======", "Envíos"),
        ("Envíos\n---", "Envíos"),
        ("3. Envíos", "3. Envíos"),
        ("3.2 Envíos y plazos", "3.2 Envíos y plazos"),
        ("3.2.1. Envíos", "3.2.1. Envíos"),
        ("ENVÍOS Y PLAZOS", "ENVÍOS Y PLAZOS"),
        ("Envíos", "Envíos"),
        ("¿Cuánto tarda un envío?", "¿Cuánto tarda un envío?"),
        ("Pregunta 4: cuánto tarda", "Pregunta 4: cuánto tarda"),
        ("P: ¿Cuánto tarda?", "P: ¿Cuánto tarda?"),
        ("配送について", "配送について"),
    ],
)
def test_a_heading_is_known_and_stays_with_what_it_heads(heading: str, title: str) -> None:
    text = f"{PARAGRAPH}\n\n{heading}\n\n{PARAGRAPH}\n\n{PARAGRAPH}"

    before, first, second = chunk(text)

    assert before.text == PARAGRAPH
    assert (first.text, first.heading) == (f"{heading}\n\n{PARAGRAPH}", "")
    assert (second.text, second.heading) == (PARAGRAPH, title)


@pytest.mark.parametrize(
    "line",
    [
        "39,90 €",
        "SKU-20.301",
        "ERR-4711",
        "Teléfono: 968 12 34 56",
        "hola",
        "Un saludo.",
        "12/05/2026",
        "-----",
        "***",
    ],
)
def test_a_short_line_that_heads_nothing_is_no_heading(line: str) -> None:
    text = f"{line}\n\n{PARAGRAPH}\n\n{PARAGRAPH}"

    assert [part.heading for part in chunk(text)] == ["", ""]


def test_steps_parted_by_blank_lines_are_no_headings() -> None:
    text = f"1. Abrir la caja\n\n2. Sacar el aparato\n\n3. Enchufarlo\n\n{PARAGRAPH}\n\n{PARAGRAPH}"

    assert [part.heading for part in chunk(text)] == ["", ""]


def test_a_question_and_its_answer_stay_together() -> None:
    pairs = [f"P: ¿Qué pasa con el caso {n}?\nR: {SENTENCE * (n % 9 + 3)}".strip() for n in range(30)]

    chunks = chunk("\n\n".join(pairs))

    assert len(chunks) > 10
    assert all(any(pair in part.text for part in chunks) for pair in pairs)
    assert all(part.text.startswith("P: ") for part in chunks)


def test_a_table_is_cut_between_rows_and_its_header_goes_along() -> None:
    rows = [f"| SKU-{n:03} | Artículo de la serie {n} | {n},90 € |" for n in range(60)]
    text = "\n".join(["| Código | Nombre | Precio |", "|---|---|---|", *rows])

    chunks = chunk(text)

    assert all(
        line in ("| Código | Nombre | Precio |", "|---|---|---|", *rows)
        for c in chunks
        for line in c.text.split("\n")
    )
    assert {part.heading for part in chunks[1:]} == {"| Código | Nombre | Precio |"}
    assert not any(part.overlaps for part in chunks)


@pytest.mark.parametrize("gap", ["\t", "    ", ";"])
def test_columns_are_a_table_whatever_parts_them(gap: str) -> None:
    header = gap.join(["Código", "Nombre", "Precio"])
    text = "\n".join([header, *(gap.join([f"SKU-{n}", f"Artículo{n}", f"{n},90"]) for n in range(100))])

    chunks = chunk(text)

    assert {part.heading for part in chunks[1:]} == {" ".join(header.split())}
    assert all(part.text.startswith(("SKU-", "Código")) for part in chunks)


def test_a_long_list_is_cut_between_its_items_and_what_leads_it_in_goes_along() -> None:
    items = [f"- El artículo {n} cuesta {n},50 € y pesa {n} gramos." for n in range(40)]

    chunks = chunk("## Precios\n\nTarifas de taller:\n\n" + "\n".join(items))

    assert chunks[0].text.startswith("## Precios\n\nTarifas de taller:\n\n- El artículo 0")
    assert {part.heading for part in chunks[1:]} == {"Precios › Tarifas de taller"}
    assert all(part.text.startswith("- ") and part.text.endswith(".") for part in chunks[1:])


def test_a_line_that_leads_in_a_list_does_not_stand_over_what_comes_after() -> None:
    text = f"## Precios\n\nTarifas:\n\n- uno\n- dos\n\n{PARAGRAPH}\n\n{PARAGRAPH}"

    assert [part.heading for part in chunk(text)] == ["", "Precios"]


@pytest.mark.parametrize("grapheme", ["👩\u200d👧🏽", "🇪🇸", "e\u0301\u0323", "กี่", "1\ufe0f\u20e3", "한"])
def test_a_text_without_spaces_is_cut_between_graphemes(grapheme: str) -> None:
    text = "a" + grapheme * 2_000
    size = len(grapheme)

    assert all((part.end - 1) % size == 0 for part in chunk(text))


def test_chinese_is_cut_between_sentences() -> None:
    text = "本店每周一至周六上午九点开门，晚上八点关门。" * 100

    assert all(part.text.endswith("。") for part in chunk(text))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        "[" * 10_000_000,
        " ".join(random.Random(1).choices(["hola", "adiós", "señor.", "cañón"], k=1_700_000)),
        "hola 1\n" * 1_000_000,
        "Hola 1\n" * 1_000_000,
        "x" + "\n" * 10_000_000 + "y",
        " \n" * 5_000_000,
        "# a\n\n" * 300_000,
        "Un título\n\n" * 300_000,
        "- a\n" * 300_000,
        "a|b|c\n" * 300_000,
        "a:\n\n" * 300_000,
        "e" + "\u0301" * 5_000_000,
        "👩\u200d👧🏽" * 600_000,
        "á" * 5_000_000,
    ],
    ids=[
        "one-word", "brackets", "one-line", "wrapped", "many-lines", "blank-lines", "white-lines", "headings",
        "titles", "items", "rows", "leads", "one-letter", "emoji", "letters",
    ],
)  # fmt: skip
def test_a_huge_text_of_the_worst_shape_is_cut_in_time_inp_3(text: str) -> None:
    began = time.process_time()

    chunks = chunk(text)

    assert time.process_time() - began < 60
    assert all(len(part.text) <= LONGEST_CHARACTERS for part in chunks)
