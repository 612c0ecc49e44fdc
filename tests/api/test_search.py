"""`POST /bots/{bot_id}/search`: what a bot's documents hold about a question."""

from typing import Any

import pytest

from tests.platform import Owner, Running
from tests.rows import Database

NOTES = """Horario

La tienda abre a las nueve y cierra a las ocho de la tarde, de lunes a viernes.

Cascos

El casco Brisa (SKU-20.301) cuesta 39,90 €. El casco Cierzo (SKU-20.302) cuesta 54,90 €.

Taller

El aviso ERR-4711 dice que la batería está fría. El taller no repara patinetes ni motos."""


def search(owner: Owner, bot: dict[str, Any], query: str, **fields: Any) -> dict[str, Any]:
    answer = owner.http.post(f"/bots/{bot['id']}/search", json={"query": query, **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def trained(owner: Owner, workers: list[Running]) -> dict[str, Any]:
    bot = owner.new_bot()
    owner.train(bot["id"], NOTES)
    return bot


def test_the_best_passage_comes_first_with_its_place_and_its_figures(owner: Owner, trained: dict[str, Any]) -> None:
    passages = search(owner, trained, "¿Cuánto cuesta el casco Brisa?")["passages"]

    best = passages[0]
    assert "39,90 €" in best["text"]
    assert best["filename"] == "notas.txt"
    assert NOTES[best["start"] : best["end"]] == best["text"]
    assert best["bm25"] > 0
    assert 0 < best["vector"] <= 1
    assert [one["score"] for one in passages] == sorted((one["score"] for one in passages), reverse=True)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("err4711", "ERR-4711"),
        ("ERR 4711", "ERR-4711"),
        ("sku20302", "Cierzo"),
        ("SKU-20302", "Cierzo"),
        ("39,90", "Brisa"),
    ],
)
def test_a_code_or_price_is_found_however_it_is_typed(
    owner: Owner, trained: dict[str, Any], query: str, said: str
) -> None:
    assert said in search(owner, trained, query, limit=1)["passages"][0]["text"]


def test_the_confidence_tells_what_is_answered_from_what_is_not(owner: Owner, trained: dict[str, Any]) -> None:
    held = search(owner, trained, "¿Cuánto cuesta el casco Brisa?")["confidence"]
    foreign = search(owner, trained, "¿Quién ganó el mundial de fútbol de 2010?")["confidence"]

    assert 0 <= foreign < held <= 1


def test_no_more_passages_than_asked_for(owner: Owner, trained: dict[str, Any]) -> None:
    assert len(search(owner, trained, "la tienda, el casco y el taller", limit=1)["passages"]) == 1


def test_a_bot_without_documents_holds_nothing(owner: Owner) -> None:
    assert search(owner, owner.new_bot(), "¿A qué hora abre?") == {"passages": [], "confidence": 0.0}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": ""},
        {"query": "   "},
        {"query": "x" * 16_001},
        {"query": "x\x00"},
        {"query": "x", "limit": 0},
        {"query": "x", "limit": 51},
        {"query": "x", "limit": "diez"},
        {"query": "x", "bot_id": "y"},
    ],
    ids=str,
)
def test_a_body_that_does_not_fit_is_a_problem(owner: Owner, body: dict[str, Any]) -> None:
    answer = owner.http.post(f"/bots/{owner.new_bot()['id']}/search", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_deleted_is_found_no_more(owner: Owner, trained: dict[str, Any]) -> None:
    [document] = owner.http.get(f"/bots/{trained['id']}/documents/").json()
    owner.http.delete(f"/bots/{trained['id']}/documents/{document['id']}")

    assert search(owner, trained, "casco Brisa") == {"passages": [], "confidence": 0.0}


def test_a_document_that_failed_at_its_vectors_is_still_found_by_its_words(
    owner: Owner, trained: dict[str, Any], db: Database
) -> None:
    [document] = owner.http.get(f"/bots/{trained['id']}/documents/").json()
    db.run("UPDATE documents SET status = 'failed', error = 'provider_key_missing' WHERE id = %s", document["id"])

    assert search(owner, trained, "casco Brisa")["passages"]
