"""Spanish texts by seed: as long as asked, no two alike, with a word in each paragraph that stands nowhere else."""

import random

_SUBJECTS = """
el faro|la tienda|el taller|el mercado|la farmacia|el museo|la panadería|el casco Brisa|el horno de leña
la bicicleta plegable|el seguro del hogar|la garantía|el abono mensual|la oficina de Salmera|el pedido urgente
la devolución|el contrato de alquiler|la consulta médica|la matrícula
"""
_VERBS = """
abre|cuesta|se entrega|caduca|se renueva|se revisa|se paga|se anula|se reserva|cierra|se amplía|se publica
"""
_ENDS = """
a las nueve de la mañana|en un plazo de 30 días|por 39,90 €|los martes y los jueves|con la tarjeta de socio
según el artículo 14|en la calle Mayor, 7|sin coste adicional|durante todo el año|salvo en días festivos
si el cliente lo pide por escrito|con un descuento del 15 %|antes de la primavera
"""
_SUBJECT, _VERB, _END = (words.strip().replace("\n", "|").split("|") for words in (_SUBJECTS, _VERBS, _ENDS))
# No stemmer shortens a word of these, and none is read as a number or a code.
_LETTERS = "bcdfghjklmnpqrtvwxz"
_PARAGRAPH_SENTENCES = (2, 6)
_PARAGRAPHS_A_SECTION = 5


def spanish(seeded: random.Random, *, characters: int) -> tuple[str, list[str]]:
    """A text of about that length, and its marks: the words by which one paragraph each is found."""
    mark = "".join(seeded.choices(_LETTERS, k=10))
    paragraphs: list[str] = []
    marks: list[str] = []
    length = 0
    while length < characters:
        if len(marks) % _PARAGRAPHS_A_SECTION == 0:
            paragraphs.append(f"# Capítulo {len(marks) // _PARAGRAPHS_A_SECTION + 1}")
        marks.append(mark + _spelt(len(marks)))
        paragraphs.append(f"{_sentences(seeded)} Referencia {marks[-1]}.")
        length += len(paragraphs[-1]) + 2
    return "\n\n".join(paragraphs), marks


def _spelt(number: int) -> str:
    """Three letters, another three for each number up to some thousand."""
    return "".join(_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(3))


def _sentences(seeded: random.Random) -> str:
    return " ".join(_sentence(seeded) for _ in range(seeded.randint(*_PARAGRAPH_SENTENCES)))


def _sentence(seeded: random.Random) -> str:
    subject = seeded.choice(_SUBJECT)
    said = f"{subject} {seeded.choice(_VERB)} {seeded.choice(_END)}"
    return f"{said[0].upper()}{said[1:]}, expediente {seeded.randint(100, 99_999)}."
