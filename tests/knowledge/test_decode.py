"""Any text file of the kinds that people upload becomes the same clean text; anything else is refused (INP-3)."""

import codecs
import contextlib
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import BytchatError, FileEmpty, FileNotText
from app.knowledge.decode import decode

SPANISH = "¿Cuál es el horario? Abrimos de 9:00 a 21:00.\nEl niño pidió piñones por 5 € — «qué rico».\n"
WITHOUT_EURO = SPANISH.replace("€", "euros").replace("—", "y")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (SPANISH.encode(), "utf-8"),
        (codecs.BOM_UTF8 + SPANISH.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + SPANISH.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + SPANISH.encode("utf-16-be"), "utf-16-be"),
        (SPANISH.encode("utf-16-le"), "utf-16-le"),
        (SPANISH.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + SPANISH.encode("utf-32-le"), "utf-32-le"),
        (codecs.BOM_UTF32_BE + SPANISH.encode("utf-32-be"), "utf-32-be"),
        (SPANISH.encode("cp1252"), "cp1252"),
        (SPANISH.replace("\n", "\r\n").encode("cp1252"), "cp1252"),
        (SPANISH.replace("\n", "\r").encode(), "utf-8"),
    ],
)
def test_one_spanish_text_in_any_encoding_gives_one_stored_text_inp_3(data: bytes, encoding: str) -> None:
    decoded = decode(data)

    assert decoded.text == SPANISH
    assert decoded.encoding == encoding


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-15", "cp850"])
@pytest.mark.parametrize(
    "text",
    [
        WITHOUT_EURO,
        "El niño comió piñas en España.",
        "canción",
        "Perché la città è così bella?",
        "As opções de devolução não são válidas.",
        "Le café était fermé à Noël, garçon",
        "Öffnungszeiten: täglich außer Dienstag",
        "La col·lecció és a l'aparador, nº 5, 1ª planta",
        "DEVOLUCIÓN EN UN AÑO",
        "Butikken åbner for børn og sælger æbler",
    ],
)
def test_short_western_texts_are_read_right(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Zażółć gęślą jaźń w Krakowie, ulica Długa", "cp1250"),
        ("Naše prodejna je otevřena každý den od devíti hodin. Příliš žluťoučký kůň.", "cp1250"),
        ("Γειά σου Κόσμε, αυτό είναι ένα κείμενο", "iso8859-7"),
        ("日本語のテキストです。これはテストです。", "shift_jis"),
    ],
)
def test_other_encodings_are_guessed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Cuesta 5 \xa4 al a\xf1o", "Cuesta 5 € al año"),
        (b"5 \xa4, el \xbduvre de B\xe9cquer", "5 €, el œuvre de Bécquer"),
        (b"5 \x80 o 5 \xa4", "5 € o 5 ¤"),
        (b"5 \xa4 por \xbd kilo", "5 ¤ por ½ kilo"),
        (b"5 \xa4 en la calle d\xb4Hondt", "5 ¤ en la calle d´Hondt"),
        (b"El \xbduvre de B\xe9cquer", "El ½uvre de Bécquer"),
        (b"Espa\xa4a", "España"),
    ],
)
def test_the_euro_of_iso_8859_15_follows_its_rule_inp_3(data: bytes, text: str) -> None:
    assert decode(data).text == text


@pytest.mark.parametrize(
    ("data", "reason_es", "reason_en"),
    [
        (b"%PDF-1.7\nhola", "un PDF", "a PDF"),
        (b"PK\x03\x04word/document.xml", ".docx", "Office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc", ".doc"),
        (b"{\\rtf1 hola}", "RTF", "RTF"),
        (b"\x89PNG\r\n\x1a\n", "PNG", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG", "JPEG"),
        (b"\x7fELF\x02", "ELF", "ELF"),
        (b"hola\x00mundo", "bytes nulos", "NUL"),
        (b"abc\x00def\x00ghi\x00jkl\x00", "bytes nulos", "NUL"),
        (b"\x00" * 500, "bytes nulos", "NUL"),
        (b"hola\x01\x02\x03", "caracteres de control", "control characters"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "UTF-16-LE pero está dañado", "UTF-16-LE but is damaged"),
        (codecs.BOM_UTF16_LE + b"a", "dañado", "damaged"),
    ],
)
def test_binary_is_refused_with_its_reason_inp_3(data: bytes, reason_es: str, reason_en: str) -> None:
    with pytest.raises(FileNotText) as caught:
        decode(data)

    assert reason_es in caught.value.sentence("es")
    assert reason_en in caught.value.sentence("en")


@pytest.mark.parametrize("data", [b"", b"  \r\n\t ", codecs.BOM_UTF8, "\u200b\ufeff \u00a0".encode()])
def test_a_file_without_a_visible_character_is_empty(data: bytes) -> None:
    with pytest.raises(FileEmpty):
        decode(data)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\r\nb\rc\u2028d\x85e\ff\vg\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("in\u200bvi\u2060si\ufeffble", "invisible"),
        ("etiqueta\U000e0041\U000e007f", "etiqueta"),
        ("dato\U000e0100\U000e01ef oculto", "dato oculto"),
        ("dato\ufe00\ufe0f oculto", "dato oculto"),
        ("devo\u00adlución", "devolución"),
        ("pago\u202e00,1 €\u202c al \u2066mes\u2069\u200e\u200f\u061c", "pago00,1 € al mes"),
        ("junta\u200ddo se\u200cparado", "juntado separado"),
        ("bastante texto para una sola \x1b señal", "bastante texto para una sola  señal"),
    ],
)
def test_what_is_never_seen_is_dropped_and_newlines_are_one(raw: str, text: str) -> None:
    assert decode(raw.encode()).text == text


@pytest.mark.parametrize(
    "text",
    [
        "\tsangrado\n",
        "e\u0301 no se compone",
        "👩\u200d👧 sigue junta",
        "👩🏽\u200d🚀 y ❤\ufe0f\u200d🔥",
        "1\ufe0f\u20e3 es una tecla",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "dos\u00a0palabras\u2009finas",
    ],
)
def test_what_is_seen_or_joins_is_kept(text: str) -> None:
    assert decode(text.encode()).text == text


@given(st.text(st.sampled_from("aж👩☀1 \u200b\u200c\u200d\ufe00\ufe0f\u00ad\U000e0041\U000e0100\r\n\u202e")))
def test_a_text_that_was_read_is_read_again_as_it_is(raw: str) -> None:
    with contextlib.suppress(FileEmpty):
        text = decode(raw.encode()).text

        assert decode(text.encode()).text == text


def test_a_utf_8_file_with_a_few_broken_bytes_stays_utf_8() -> None:
    data = "El niño comió piñas en España. ".encode() * 3 + b"a\xf1o" + " después".encode()

    decoded = decode(data)

    assert decoded.encoding == "utf-8"
    assert decoded.text.endswith("España. año después")


def test_a_long_english_beginning_does_not_hide_what_comes_late() -> None:
    text = "plain words " * 50_000 + "y una piñata"

    assert decode(text.encode("cp1252")).text == text


@given(st.binary(max_size=300))
def test_any_bytes_give_storable_text_or_a_refusal(data: bytes) -> None:
    try:
        text = decode(data).text
    except BytchatError:
        return

    text.encode()
    assert "\x00" not in text
    assert "\r" not in text
    assert text.strip()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Mn", "Zl", "Zp"]), min_size=1))
def test_ordinary_utf_8_is_kept_to_the_character(text: str) -> None:
    if text.strip() and not text.startswith("%PDF-"):
        assert decode(text.encode()).text == text


@pytest.mark.parametrize(
    "data",
    [
        "El niño comió piñas. ".encode() * 450_000,
        "El niño comió piñas. ".encode("cp1252") * 450_000,
        "El niño comió piñas. ".encode("utf-16-le") * 240_000,
        "año\n".encode() * 1_000_000,
        "año\n".encode("cp1252") * 1_000_000,
        b"x" + b"\n" * 10_000_000,
        b"[" * 10_000_000,
        b"a\r\n\r\n" * 2_000_000,
        "\u0301".encode() * 5_000_000,
        "👩\u200d👧🏽".encode() * 600_000,
        "ж\u200d".encode() * 2_000_000,
        "ж\u200b".encode() * 2_000_000,
        b"x" + "\U000e0041".encode() * 2_500_000,
        b"\xe1" * 10_000_000,
        os.urandom(10_000_000).replace(b"\x00", b"x"),
    ],
    ids=[
        "line", "line-1252", "line-utf-16", "lines", "lines-1252", "blank", "bracket", "cr-lf", "marks", "emoji",
        "joiners", "zero-width", "tags", "high", "random",
    ],
)  # fmt: skip
def test_ten_megabytes_of_the_worst_shapes_are_read_in_time_inp_3(data: bytes) -> None:
    began = time.process_time()

    with contextlib.suppress(FileNotText):
        decode(data)

    assert time.process_time() - began < 30
