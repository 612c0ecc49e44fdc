"""The language of a text, and the text search configuration that reads it."""

import psycopg
import pytest

from app.embedded.services import Services
from app.knowledge.language import _CONFIGURATIONS, configuration_of, language_of


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


@pytest.mark.parametrize("text", ["", " ", "12345", "¿?", "👋", "\x01"])
def test_a_text_without_words_has_some_language(text: str) -> None:
    assert configuration_of(language_of(text))


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    spanish = "La tienda abre de lunes a sábado a las nueve de la mañana. " * 100

    assert language_of(spanish + "The shop opens at nine. " * 100_000) == "es"


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
