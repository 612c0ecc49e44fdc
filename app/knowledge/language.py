"""Which language a text is in, and which of PostgreSQL's text search configurations reads it."""

from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# A few pages tell the language as well as the whole book does.
_SAMPLE_CHARACTERS = 4_000
_CONFIGURATIONS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
_WITHOUT_STEMMER = ("bg", "cs", "fa", "gl", "he", "ja", "ko", "pl", "sk", "sl", "th", "uk", "vi", "zh")


def language_of(text: str) -> str:
    """ISO 639-1 code of the likeliest language among those that we tell apart."""
    language, _ = _identifier().classify(text[:_SAMPLE_CHARACTERS])
    return str(language)


def configuration_of(language: str) -> str:
    """PostgreSQL's configuration, `simple` where it has no stemmer for the language."""
    return _CONFIGURATIONS.get(language, "simple")


@lru_cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages([*_CONFIGURATIONS, *_WITHOUT_STEMMER])
    return identifier
