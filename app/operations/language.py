"""In which language the command speaks: Spanish, or English where the system's locale says so."""

import os


def language() -> str:
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "en" if named.lower().startswith("en") else "es"


def say(es: str, en: str) -> str:
    """The one of the two sentences that the reader wants."""
    return en if language() == "en" else es
