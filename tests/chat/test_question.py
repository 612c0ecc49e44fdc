"""Which questions lean on the one before them, and what is searched then."""

import pytest

from app.chat.question import leans_on_the_previous, searched


@pytest.mark.parametrize(
    "question",
    [
        "¿y el domingo?",
        "¿Y en Peñalvera?",
        "y si llueve?",
        "¿Pero cuánto pesa?",
        "¿También los festivos?",
        "¿Entonces no se puede?",
        "what about sundays?",
        "And on holidays?",
        "How about the blue one?",
        "¿cuánto cuesta?",
        "cuanto cuesta",
        "como lo devuelvo",
        "¿Qué precio tiene?",
        "¿De qué color es?",
        "¿Cuánto tarda?",
        "¿Por qué?",
        "¿Cuándo?",
        "How much?",
        "Why?",
        "Which colours?",
        "¿Precio?",
        "¿En azul?",
        "¿Para niños?",
        "¿Los domingos?",
        "On Sundays?",
        "¿Lo tenéis en azul?",
        "¿La vendéis también en rojo?",
        "¿Cómo lo devuelvo?",
        "¿Puedo devolverlo?",
        "¿Cuándo puedo recogerla?",
        "¿Qué es eso?",
        "¿Ese modelo tiene garantía?",
        "¿Se puede aparcar ahí?",
        "¿Cuesta lo mismo?",
        "¿Los festivos también?",
        "How much does it cost?",
        "Do you have it in blue?",
        "Can I return them?",
        "Is that one the same?",
        "???",
    ],
)
def test_a_question_that_names_nothing_leans_on_the_previous(question: str) -> None:
    assert leans_on_the_previous(question)


@pytest.mark.parametrize(
    "question",
    [
        "¿Hay aparcamiento?",
        "¿Hacéis envíos?",
        "¿Dónde estáis?",
        "¿Cuándo abrís?",
        "¿Qué vendéis?",
        "¿Abrís?",
        "¿La tienda abre los domingos?",
        "¿Las bicicletas eléctricas tienen garantía?",
        "¿Los perros pueden entrar?",
        "¿Lo más barato que tenéis?",
        "¿Creéis que la Molinera aguanta la lluvia?",
        "¿Este sábado abrís por la tarde?",
        "¿Cuánto cuesta el casco Brisa?",
        "¿Cuánto cuesta la bicicleta plegable Molinera?",
        "¿Cuánto pesa la Molinera?",
        "¿Qué garantía tiene la bicicleta Molinera?",
        "¿En qué horario abrís los domingos?",
        "¿Con qué tarjetas puedo pagar?",
        "¿Por qué no vendéis patinetes?",
        "¿Qué es el REF/A-17?",
        "¿Dais charlas de mecánica?",
        "¿La charla es gratis?",
        "E-mail de contacto de la tienda",
        "Horario sábado",
        "Admitís animales",
        "What are your opening hours?",
        "Do you have parking?",
        "Is there a car park?",
        "How much is the Brisa helmet?",
        "Where are you?",
        "Y cuando ya he pagado el pedido entero por transferencia, ¿cuántos días hábiles tarda en llegar a Ceuta?",
    ],
)
def test_a_whole_question_does_not_lean(question: str) -> None:
    assert not leans_on_the_previous(question)


@pytest.mark.parametrize(
    ("question", "earlier", "text"),
    [
        ("¿Y el domingo?", [], "¿Y el domingo?"),
        ("¿Y el domingo?", ["¿A qué hora abrís? "], "¿A qué hora abrís? ¿Y el domingo?"),
        ("¿Hay aparcamiento?", ["¿A qué hora abrís?"], "¿Hay aparcamiento?"),
        ("¿Y en azul?", ["¿Abrís?", "¿Tenéis cascos?", "¿Y caros?"], "¿Tenéis cascos? ¿Y caros? ¿Y en azul?"),
        ("¿Y en azul?", ["¿Y caros?"], "¿Y caros? ¿Y en azul?"),
        ("¿Por qué?", ["x" * 600], "x" * 500 + " ¿Por qué?"),
    ],
)
def test_a_question_is_searched_with_those_that_it_leans_on(question: str, earlier: list[str], text: str) -> None:
    assert searched(question, earlier) == text
