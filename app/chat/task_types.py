"""Task types besides `general` and `complex`: which of a toolbox's a question clearly belongs to. Pure.

A name that is known in Spanish or English has its own signs (`task_type_signs.json`); any other is matched by the
words of its name and of its description.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from app.chat.features import Reading, fold
from app.chat.phrases import Phrases
from app.providers.extract import stems

# A match below it is a doubt, and doubts are not special.
_CLEAR = 1.0
# A sign of its own says as much as two words.
_SIGN = 2.0
# A word of the description is clear where it is a fifth of what a question says, or where there are two.
_DESCRIBED_SHARE = 0.2
_DESCRIPTION_WORD = 0.5
_LEAST_CHARACTERS = 3
_NAME_PART = re.compile(r"[^\W_]+")
_OPERATION = re.compile(r"\d\s*[-+*/x×÷^]\s*\d+\s*(?:=|\?|$)|\d\s*%\s*(?:de|of)\b")
_STANDS_FOR_ANYTHING = stems(
    """preguntas pregunta dudas duda consultas consulta temas tema todo cualquier cosa cosas relacionado
    relacionadas relacionados responde responder ayuda ayudar usuario usuarios cliente clientes modelo modelos
    tarea tareas tipo otros otras general sencillo largo largas corto textos texto acerca questions question about
    anything everything related answers answer help user users customer customers model models task tasks type
    other any all things topics topic simple long short texts text used use using"""
)
_SYNONYMS = {
    "code": "code coding codigo programacion programar programming programmer developer dev software desarrollo",
    "translation": "translation translate translator traduccion traducciones traducir traductor",
    "creative": "creative creativity creativo creativa creatividad redaccion escritura writing storytelling copy",
    "math": "math maths mathematics matematicas mates calculo algebra estadistica",
    "summary": "summary summaries summarization summarisation summarize resumen resumenes resumir sintesis",
    "legal": "legal law leyes derecho juridico abogacia",
    "support": "support soporte atencion incidencias helpdesk postventa",
}
_KNOWN = {synonym: name for name, synonyms in _SYNONYMS.items() for synonym in synonyms.split()}


@dataclass(frozen=True, slots=True)
class Special:
    """A task type of the toolbox, and the one of the known names that it goes by, or "" for any other."""

    task_type: str
    known_as: str


def _listed() -> Phrases[tuple[str, str]]:
    raw: dict[str, dict[str, list[str]]] = json.loads(
        (files("app.chat") / "task_type_signs.json").read_text("utf-8")
    )
    return Phrases(
        (phrase, (name, role)) for name, roles in raw.items() for role, listed in roles.items() for phrase in listed
    )


_SIGNS = _listed()


def special(reading: Reading, types: Mapping[str, str]) -> Special | None:
    """The task type that the question clearly belongs to. `types` are names with their descriptions."""
    asked = stems(reading.request)
    signs = _SIGNS.find(_NAME_PART.findall(reading.request))
    best, most = None, 0.0
    for name, description in types.items():
        known = next((_KNOWN[word] for word in _NAME_PART.findall(fold(name)) if word in _KNOWN), "")
        by_sign = _SIGN if _shows(known, reading, signs) else 0.0
        match = max(by_sign, _words_match(name, description, asked))
        if match > most:
            best, most = Special(name, known), match
    return best if most >= _CLEAR else None


def _shows(known: str, reading: Reading, signs: Counter[tuple[str, str]]) -> bool:
    """A strong sign alone, or something to make together with what is to be made of it."""
    if (known == "code" and reading.has_code) or (known == "math" and _OPERATION.search(reading.request)):
        return True
    return bool(signs[known, "strong"] or (signs[known, "verb"] and signs[known, "noun"]))


def _words_match(name: str, description: str, asked: frozenset[str]) -> float:
    named = _telling(name)
    described = (_telling(description) - named) & asked
    is_clear = len(described) >= _DESCRIBED_SHARE * len(asked)
    return float(len(named & asked)) + len(described) * (1.0 if is_clear else _DESCRIPTION_WORD)


def _telling(text: str) -> frozenset[str]:
    found = stems(" ".join(_NAME_PART.findall(fold(text)))) - _STANDS_FOR_ANYTHING
    return frozenset(word for word in found if len(word) >= _LEAST_CHARACTERS)
