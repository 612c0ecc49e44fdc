"""The language of a text, and the text search configuration that reads it."""

from pathlib import Path

import psycopg
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from app.embedded.services import Services
from app.knowledge.language import (
    _CONFIGURATIONS,
    UNDETERMINED,
    _identifier,
    configuration_of,
    language_of,
)

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("La tienda abre de lunes a sábado a las nueve de la mañana.", "es"),
        ("The shop opens at nine from Monday to Saturday.", "en"),
        ("La botiga obre de dilluns a dissabte a les nou del matí.", "ca"),
        ("A loja abre às nove horas e não fecha ao meio-dia.", "pt"),
        ("Le magasin ouvre à neuf heures, du lundi au samedi.", "fr"),
        ("Der Laden öffnet montags bis samstags um neun Uhr.", "de"),
        ("Sklep jest otwarty od poniedziałku do soboty od dziewiątej.", "pl"),
        ("店は月曜日から土曜日まで九時に開きます。", "ja"),
    ],
)
def test_the_language_of_a_sentence_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola", "es"),
        ("Hola, ¿qué tal?", "es"),
        ("Precio: 39,90 €", "es"),
        ("La casa", "es"),
        ("SKU-20.301, casco", "es"),
        ("Opening hours", "en"),
        ("Return policy", "en"),
        ("Preço", "pt"),
        ("Guten Tag", "de"),
        ("Merci beaucoup", "fr"),
    ],
)
def test_a_few_words_have_the_likeliest_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", " ", "12345", "¿?", "👋", "\x01", "39,90 €", "[" * 100])
def test_a_text_without_words_has_no_language_and_is_read_word_by_word(text: str) -> None:
    assert language_of(text) == UNDETERMINED
    assert configuration_of(UNDETERMINED) == "simple"


def test_a_text_in_two_languages_has_that_of_its_greater_part() -> None:
    spanish, english = ((SAMPLES / name).read_text(encoding="utf-8") for name in ("tienda.es.txt", "shop.en.txt"))

    assert language_of(english + spanish) == "es"
    assert language_of(spanish[:3_000] + english) == "en"


def test_the_smaller_tables_say_what_the_whole_ones_say() -> None:
    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    whole.set_languages(_identifier().labels)
    text = (SAMPLES / "tienda.es.txt").read_text(encoding="utf-8") + "日本語のテキスト Привет Γειά σου مرحبا"

    for start in range(0, len(text), 977):
        assert _identifier().rank(text[start : start + 300]) == whole.rank(text[start : start + 300])


@pytest.mark.parametrize(
    ("language", "configuration"),
    [("es", "spanish"), ("en", "english"), ("ja", "simple"), ("pl", "simple"), ("xx", "simple")],
)
def test_a_language_without_a_stemmer_is_read_word_by_word(language: str, configuration: str) -> None:
    assert configuration_of(language) == configuration


def test_postgresql_has_every_configuration_that_we_name(services: Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        there = {name for (name,) in connection.execute("SELECT cfgname FROM pg_ts_config")}

    assert {*_CONFIGURATIONS.values(), "simple"} <= there
