"""What the bot knows and is asked: the sample handbook, more shops of a fixed seed, and distinct questions."""

import random
import re
from collections.abc import Iterator
from itertools import product

from tests.platform import ROOT

HANDBOOK = ROOT / "samples" / "tienda.es.txt"
_SEED = 20260
_ARTICLE = re.compile(r"^- (?:El|La|Los|Las) ([^(\n]{4,45}) \([A-Z]", re.MULTILINE)

_TOWNS = "Valdearce Peñalvera Salmera Hoyuelas Cordelería Ribarroya Montejara Altozano Brezales Fuentelobos".split()
_MATTERS = "los cambios,las reparaciones,los alquileres,los envíos,las garantías,los pedidos,los cursos".split(",")
_RULES = (
    "En la tienda de {town}, {matter} se atienden de {hour}:00 a {until}:30 y se pagan al recoger.",
    "Quien pida {thing} en {town} espera {days} días, o {more} si es para otra comarca.",
    "El precio de {thing} en {town} baja un {percent} % a partir de la segunda unidad.",
    "Para {matter} hay que llevar el tique y un documento; sin tique se tarda {days} días más.",
    "El encargado de {town} guarda {thing} durante {more} días y después lo devuelve al almacén de {other}.",
    "Si {thing} llega dañado, {town} lo cambia en {days} días y abona {percent} euros por la molestia.",
)
_QUESTIONS = (
    "¿Cuánto cuesta {thing} en la tienda de {town}?",
    "¿Cuántos días hay que esperar por {thing} si se pide en {town}?",
    "¿Qué descuento tiene {thing} cuando compro dos unidades en {town}?",
    "¿Dónde puedo recoger {thing} un sábado por la tarde cerca de {town}?",
    "¿Qué garantía cubre {thing} si se rompe durante un viaje a {town}?",
    "¿Se puede devolver {thing} sin tique en {town} pasado un mes?",
    "¿Quién repara {thing} cuando el taller de {town} está cerrado?",
)


def handbook() -> str:
    return HANDBOOK.read_text(encoding="utf-8")


def more_shops(paragraphs: int) -> str:
    """So many paragraphs of about one chunk each, always the same ones."""
    made = random.Random(_SEED)
    things = _articles()
    return "\n\n".join(" ".join(_sentences(made, things)) for _ in range(paragraphs))


def questions() -> Iterator[str]:
    """Thousands, all different, in an order that is always the same."""
    made = [form.format(thing=f"el artículo {thing}", town=town) for form, thing, town in _combinations()]
    random.Random(_SEED).shuffle(made)
    return iter(made)


def _combinations() -> Iterator[tuple[str, str, str]]:
    return product(_QUESTIONS, _articles(), _TOWNS)


def _articles() -> list[str]:
    return sorted(set(_ARTICLE.findall(handbook())))


def _sentences(made: random.Random, things: list[str]) -> Iterator[str]:
    for rule in made.sample(_RULES, 4):
        yield rule.format(
            town=made.choice(_TOWNS),
            other=made.choice(_TOWNS),
            thing=made.choice(things),
            matter=made.choice(_MATTERS),
            hour=made.randint(8, 11),
            until=made.randint(17, 21),
            days=made.randint(2, 9),
            more=made.randint(10, 40),
            percent=made.randint(3, 30),
        )
