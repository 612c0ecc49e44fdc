"""From chunks to passages: both arms fused, neighbours joined, repetitions dropped."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.knowledge.passages import Candidate, assemble, fuse

DOCUMENT, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
TEXT = "Uno dos.\n\nTres cuatro.\n\nCinco seis.\n\nSiete ocho."
PARTS = [(0, 8), (10, 22), (24, 35), (37, 48)]


def candidate(
    words: float = 0.0,
    similarity: float | None = None,
    *,
    position: int = 0,
    text: str = "texto",
    document_id: uuid.UUID = DOCUMENT,
    start: int = 0,
    overlap: int = 0,
    gap: str | None = None,
    coverage: float | None = None,
    codes: float = 0.0,
) -> Candidate:
    return Candidate(
        document_id=document_id,
        position=position,
        filename="notas.txt",
        start=start,
        end=start + len(text),
        text=text,
        heading="",
        overlap=overlap,
        gap=gap,
        similarity=similarity,
        words=words,
        coverage=float(words > 0) if coverage is None else coverage,
        codes=codes,
    )


def chunk_of_text(position: int) -> Candidate:
    start, end = PARTS[position]
    gap = "\n\n" if position + 1 < len(PARTS) else None
    return candidate(position=position, start=start, text=TEXT[start:end], gap=gap)


def ranked(*positions: int) -> list[tuple[Candidate, float]]:
    return [(chunk_of_text(position), 1.0 - place / 10) for place, position in enumerate(positions)]


def order(*candidates: Candidate) -> list[str]:
    return [one.text for one, _ in fuse(candidates)]


def test_no_candidate_gives_no_passage() -> None:
    assert fuse([]) == []
    assert assemble([], limit=5) == []


def test_without_vectors_the_words_decide() -> None:
    assert order(candidate(2, text="a"), candidate(4, text="b")) == ["b", "a"]


def test_without_words_the_vectors_decide() -> None:
    assert order(candidate(0, 0.8, text="a"), candidate(0, 0.9, text="b")) == ["b", "a"]


def test_a_rare_code_outweighs_a_little_more_likeness() -> None:
    by_code = candidate(9.0, 0.84, text="código", coverage=1)
    others = [candidate(0.5, 0.85 + n / 1000, text=f"otro {n}") for n in range(5)]

    assert order(*others, by_code)[0] == "código"


def test_what_alone_holds_the_question_s_code_comes_first_however_far_its_vector() -> None:
    by_code = candidate(7.0, 0.2, text="código", coverage=0.5, codes=6.9)
    others = [candidate(0.1, 0.3 + n / 50, text=f"otro {n}", coverage=0.1) for n in range(20)]

    assert order(*others, by_code)[0] == "código"


def test_a_number_that_many_hold_lifts_none_of_them() -> None:
    held = [candidate(2.0, 0.8, text=f"número {n}", coverage=0.2, codes=2.0) for n in range(4)]
    near = candidate(0.5, 0.9, text="cerca", coverage=0.2)

    assert order(*held, near)[0] == "cerca"


def test_a_common_word_does_not_outweigh_the_meaning() -> None:
    by_word = candidate(0.4, 0.76, text="palabra", coverage=0.1)
    others = [candidate(0, 0.77 + n / 100, text=f"otro {n}") for n in range(12)]

    assert order(by_word, *others)[0] == "otro 11"


def test_a_chunk_without_a_vector_is_neither_near_nor_far() -> None:
    assert order(candidate(1, None, text="a"), candidate(1, 0.9, text="b"), candidate(1, 0.7, text="c")) == [
        "b",
        "a",
        "c",
    ]


def test_models_with_cosines_of_another_range_give_the_same_order() -> None:
    near = [candidate(words, 0.8 + likeness / 10, text=str(place)) for place, (words, likeness) in enumerate(PAIRS)]
    wide = [candidate(words, likeness * 0.9, text=str(place)) for place, (words, likeness) in enumerate(PAIRS)]

    assert order(*near) == order(*wide)


PAIRS = [(3.0, 0.1), (0.0, 0.9), (5.0, 0.5), (1.0, 0.7), (2.0, 0.2)]


@given(
    st.lists(st.tuples(st.floats(0, 100), st.none() | st.floats(-1, 1, allow_subnormal=False)), max_size=12),
)
def test_a_fused_score_lies_between_0_and_1_and_loses_no_candidate(pairs: list[tuple[float, float | None]]) -> None:
    candidates = [candidate(*pair, position=place) for place, pair in enumerate(pairs)]

    fused = fuse(candidates)

    assert sorted(one.position for one, _ in fused) == list(range(len(pairs)))
    assert all(0 <= score <= 1 for _, score in fused)
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(st.permutations(range(4)), st.integers(1, 4))
def test_neighbours_become_one_passage_that_is_exactly_the_text(places: list[int], taken: int) -> None:
    passages = assemble(ranked(*places[:taken]), limit=10)

    assert all(TEXT[one.start : one.end] == one.text for one in passages)
    gaps = sum(b - a > 1 for a, b in zip(sorted(places[:taken]), sorted(places[:taken])[1:], strict=False))
    assert len(passages) == gaps + 1
    assert passages[0].score == 1.0


def test_a_chunk_between_two_passages_joins_all_three() -> None:
    [passage] = assemble(ranked(0, 2, 1), limit=10)

    assert passage.text == TEXT[:35]


def test_what_two_chunks_both_hold_stands_once_in_the_passage() -> None:
    body = "abcdefghij"
    first = candidate(text=body[:6], gap="")
    second = candidate(position=1, start=4, text=body[4:], overlap=2)

    [passage] = assemble([(first, 1.0), (second, 0.5)], limit=5)

    assert passage.text == body
    assert (passage.start, passage.end) == (0, 10)


def test_neighbours_whose_gap_is_unknown_stay_apart() -> None:
    first, second = candidate(text="uno", gap=None), candidate(position=1, start=900, text="dos")

    assert len(assemble([(first, 1.0), (second, 0.5)], limit=5)) == 2


def test_chunks_of_two_documents_are_no_neighbours() -> None:
    first = candidate(text="uno", gap="\n")
    second = candidate(position=1, start=4, text="dos", document_id=OTHER)

    assert len(assemble([(first, 1.0), (second, 0.5)], limit=5)) == 2


def test_a_passage_does_not_grow_without_end() -> None:
    chunks = [candidate(position=n, start=n * 501, text=f"{n} " + chr(97 + n) * 498, gap="\n") for n in range(12)]

    passages = assemble([(one, 1.0 - one.position / 100) for one in chunks], limit=50)

    assert max(len(one.text) for one in passages) <= 1_600
    assert sum(len(one.text) for one in passages) >= 12 * 500


def test_a_repetition_in_another_document_is_dropped() -> None:
    said = "El plazo de devolución es de treinta días desde la compra, con el tique."
    twice = [(candidate(text=said), 1.0), (candidate(text=said.upper(), document_id=OTHER), 0.9)]

    assert [one.document_id for one in assemble(twice, limit=5)] == [DOCUMENT]


def test_sentences_that_differ_in_a_number_alone_are_both_given() -> None:
    twice = [
        (candidate(text=f"El casco cuesta {price} euros en todas nuestras tiendas."), score)
        for price, score in ((39, 1.0), (54, 0.9))
    ]

    assert len(assemble(twice, limit=5)) == 2


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_more_passages_than_asked_for(limit: int) -> None:
    chunks = [(candidate(position=10 * n, start=1000 * n, text=f"texto {n}"), 1.0 - n / 10) for n in range(6)]

    assert [one.text for one in assemble(chunks, limit=limit)] == [f"texto {n}" for n in range(limit)]


def test_a_poor_neighbour_does_not_join() -> None:
    passages = assemble([(chunk_of_text(0), 1.0), (chunk_of_text(1), 0.2)], limit=5)

    assert [one.text for one in passages] == [TEXT[:8], TEXT[10:22]]


def test_what_would_be_one_passage_too_many_still_completes_those_that_are_there() -> None:
    [passage] = assemble(ranked(1, 2), limit=1)

    assert passage.text == TEXT[10:35]


def test_words_found_by_chance_count_little_against_the_meaning() -> None:
    by_chance = candidate(14.0, 0.80, text="azar", coverage=0.1)
    others = [candidate(0, 0.80 + n / 100, text=f"otro {n}") for n in range(8)]

    assert order(by_chance, *others)[0] == "otro 7"
    assert order(candidate(14.0, 0.80, text="dicho", coverage=0.9), *others)[0] == "dicho"
