"""A chunk's offsets are a promise: a citation is checked against them."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.knowledge.chunk import Chunk, chunk

LONGEST = 500
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
blanks = st.sampled_from([" ", "\n", "\n\n", "\t", "\u00a0", " " * 800, "\x1c", "\u2003"])


def assert_sound(text: str, chunks: list[Chunk]) -> None:
    covered = 0
    for position, part in enumerate(chunks):
        assert part.position == position
        assert part.text == text[part.start : part.end]
        assert part.text.strip()
        assert len(part.text) <= LONGEST
        assert not text[covered : part.start].strip()
        assert part.start >= covered
        covered = part.end
    assert not text[covered:].strip()


@given(st.text())
def test_offsets_are_exact_and_cover_any_text(text: str) -> None:
    assert_sound(text, chunk(text))


@given(st.lists(st.tuples(words, blanks), min_size=1, max_size=20), st.integers(1, 400))
def test_offsets_are_exact_and_cover_long_text(parts: list[tuple[str, str]], times: int) -> None:
    text = "".join(word + blank for word, blank in parts) * times

    assert_sound(text, chunk(text))


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\u00a0" * 30_000])
def test_white_space_has_no_chunk(text: str) -> None:
    assert chunk(text) == []


def test_a_short_text_is_one_trimmed_chunk() -> None:
    assert chunk("  Hola, ¿qué tal? 👋\n") == [
        Chunk(position=0, start=2, end=19, text="Hola, ¿qué tal? 👋", heading="")
    ]


def test_a_gap_longer_than_a_window_parts_two_chunks() -> None:
    text = "uno" + " " * 25_000 + "dos"

    assert [(part.start, part.text) for part in chunk(text)] == [(0, "uno"), (25_003, "dos")]


def test_chunks_end_at_paragraphs_where_they_can() -> None:
    paragraphs = [f"Párrafo {n}. " + ("Abrimos de lunes a sábado. " * 18).strip() for n in range(200)]

    assert [part.text for part in chunk("\n\n".join(paragraphs))] == paragraphs


def test_a_short_text_leaves_no_stub() -> None:
    text = ("Abrimos de lunes a sábado. " * 18).strip()

    assert [part.text for part in chunk(text)] == [text]


def test_the_same_text_gives_the_same_chunks() -> None:
    text = "Abrimos de lunes a sábado. " * 2_000

    assert chunk(text) == chunk(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        " ".join(random.Random(1).choices(["hola", "adiós", "señor.", "cañón"], k=1_700_000)),
        "hola 1\n" * 1_000_000,
        "e" + "\u0301" * 3_000_000,
    ],
    ids=["one-word", "one-line", "many-lines", "one-letter"],
)
def test_one_long_text_takes_linear_time(text: str) -> None:
    began = time.process_time()

    chunk(text)

    assert time.process_time() - began < 8
