"""Which questions lean on the one before them, and what is searched then."""

import pytest

from app.chat.question import fitting, in_context, leans_on_the_previous, searched


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
        "¿y para estudiantes?",
        "¿y sin gluten?",
        "y tiene taller?",
        "¿y se puede devolver?",
        "¿y hasta qué hora?",
        "¿Y en Puerto Salmera?",
        "¿Y los tienes en azul?",
        "¿a qué hora abre el domingo?",
        "what about a day pass",
        "What about the Brisa helmet?",
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
        "¿y cuánto cuesta el casco Brisa?",
        "¿Y qué día cerráis en enero?",
        "¿y el domingo abrís?",
        "¿y la hogaza de centeno cuánto?",
        "And how much is the Brisa helmet?",
        "gracias",
        "¡Muchas gracias!",
        "ok",
        "Vale, perfecto",
        "Hola, buenos días",
        "Adiós",
        "thanks",
        "Great, thank you!",
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


@pytest.mark.parametrize(
    ("question", "earlier", "text"),
    [
        ("¿Hay aparcamiento?", ["¿A qué hora abrís?"], "¿Hay aparcamiento?"),
        ("¿y cuánto pesa?", ["¿Cuánto cuesta el casco Brisa?"], "casco Brisa ¿y cuánto pesa?"),
        ("¿y sin gluten?", ["¿cuánto cuesta la hogaza?"], "hogaza ¿y sin gluten?"),
        ("¿y el domingo?", ["¿A qué hora abre el taller de Valdearce?"], "taller Valdearce ¿y el domingo?"),
        (
            "y tiene taller?",
            ["¿Dónde está Peñalvera?", "¿a qué hora abre el domingo?"],
            "Peñalvera y tiene taller?",
        ),
        ("¿Por qué?", ["¿No cobráis el alquiler?"], "¿No cobráis el alquiler? ¿Por qué?"),
    ],
)
def test_a_follow_up_takes_along_what_the_one_before_was_about(
    question: str, earlier: list[str], text: str
) -> None:
    assert in_context(question, earlier) == text


@pytest.mark.parametrize(
    ("question", "earlier", "text"),
    [
        ("¿y en Peñalvera?", ["¿A qué hora abre Valdearce?"], "¿A qué hora abre ? ¿y en Peñalvera?"),
        ("¿y en Salmera?", ["¿Cuándo abre Valdearce?", "¿y en Peñalvera?"], "¿Cuándo abre ? ¿y en Salmera?"),
        ("¿y el cruasán?", ["¿cuánto cuesta la hogaza?"], "¿cuánto cuesta ? ¿y el cruasán?"),
        ("¿y un casco?", ["¿Cuánto es un bidón en la tienda?"], "¿Cuánto es en la tienda? ¿y un casco?"),
        ("¿y el domingo?", ["¿a qué hora abrís el sábado?"], "¿a qué hora abrís ? ¿y el domingo?"),
        ("and on Sundays?", ["When do you open on Saturdays?"], "When do you open ? and on Sundays?"),
        ("what about a day pass", ["how much is the membership?"], "how much is ? what about a day pass"),
    ],
)
def test_what_a_follow_up_puts_in_its_place_gives_way(question: str, earlier: list[str], text: str) -> None:
    assert in_context(question, earlier) == text


def test_sentences_are_compared_with_the_follow_up_alone_where_none_is_of_both() -> None:
    price, returns = "El casco Brisa cuesta 39,90 €.", "Todo puede devolverse en treinta días."
    query = "casco Brisa ¿y se puede devolver?"
    assert fitting("¿y se puede devolver?", query, [price, returns]) == "¿y se puede devolver?"
    assert fitting("¿y se puede devolver?", query, [price, returns, "Un casco no puede devolverse."]) == query
    assert fitting("¿y se puede devolver?", query, [price]) == query
