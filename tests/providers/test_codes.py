"""Codes and numbers are the same however they are typed, and one that no text holds is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.codes import as_written, codes, unknown_codes

TEXTS = [
    "El casco Brisa (SKU-20.301) cuesta 39,90 €. El candado Cancela (REF/A-17) cuesta 64,90 €.",
    "La Ribera 9 (BIC-1102) cuesta 1.249,00 €. El diagnóstico es T-40, la tarta BOL-073, el arnés HIRE/02.",
    "El cupón es TR-7K2M-90QX. Avisos: ERR-4711/ERR-4712 y Error 55. A membership (MEM-A1) costs £46.00.",
]


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("sku-20301", "SKU-20.301"),
        ("sku20301", "SKU-20.301"),
        ("SKU 20.301", "SKU-20.301"),
        ("tenéis el sku20301??", "tenéis el SKU-20.301??"),
        ("REF/A17", "REF/A-17"),
        ("refa17", "REF/A-17"),
        ("precio «ref a17»", "precio «REF/A-17»"),
        ("precio REF A-17", "precio REF/A-17"),
        ("t40", "T-40"),
        ("tr7k2m90qx", "TR-7K2M-90QX"),
        ("bol-073", "BOL-073"),
        ("BOL 07.3", "BOL-073"),
        ("mema1", "MEM-A1"),
        ("price of hire 02", "price of HIRE/02"),
        ("err4711", "ERR-4711/ERR-4712"),
        ("error55", "Error 55"),
        ("el error 1102", "el error BIC-1102"),
        ("qué es el 20.301", "qué es el SKU-20.301"),
        ("q cuesta 39.90", "q cuesta 39,90"),
        ("39,90€", "39,90€"),
        ("q cuesta 39,90", "q cuesta 39,90"),
        ("£46", "£46.00"),
        ("1249", "1.249,00"),
    ],
)
def test_what_the_texts_hold_is_written_as_they_write_it(asked: str, written: str) -> None:
    assert as_written(asked, TEXTS) == written
    assert not unknown_codes(asked, TEXTS)


@pytest.mark.parametrize(
    "asked", ["SKU-20", "ERR-9999", "err9999", "ERR 9999", "W-13", "ref/b17", "bol 0731?", "T-4"]
)
def test_what_they_do_not_hold_stays_as_it_is(asked: str) -> None:
    assert as_written(asked, TEXTS) == asked


@pytest.mark.parametrize(
    ("asked", "unknown"),
    [
        ("¿Qué es ERR-9999?", {"err9999"}),
        ("err9999", {"err9999"}),
        ("ERR 9999", {"err9999"}),
        ("¿Y el ERR 9999?", {"err9999"}),
        ("SKU-20", {"sku20"}),
        ("w13 o t40", {"w13"}),
        ("cuánto cuesta un iphone 15", set()),
        ("en 15 días", set()),
        ("a las10 o desde las20", set()),
        ("el IVA 2024", set()),
        ("CUÁNTO VALE EL 9999 HOY", set()),
        ("horario2", set()),
    ],
)
def test_a_code_that_no_text_holds_is_told_and_a_word_before_a_number_is_none(
    asked: str, unknown: set[str]
) -> None:
    assert unknown_codes(asked, TEXTS) == unknown


@given(st.text("aAñé1230-/._ ,€ª\n", max_size=80), st.lists(st.text("aAñé1230-/._ ,€ª\n", max_size=80), max_size=3))
def test_any_question_and_any_texts_are_read(question: str, texts: list[str]) -> None:
    assert isinstance(as_written(question, texts), str)
    assert unknown_codes(question, texts) <= codes(question)


@pytest.mark.parametrize("question", ["a" * 8_000 + "1" * 8_000, "ab 12 " * 2_600, "a1-" * 5_000, "1.1" * 5_000])
def test_the_longest_question_is_read(question: str) -> None:
    assert len(as_written(question, [*TEXTS, "a1" + "/b" * 700])) < 4 * len(question)
