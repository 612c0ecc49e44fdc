"""Strict bots refuse what their documents do not hold, without asking any model; citations show what supports."""

from typing import Any

import pytest

from tests.api.test_chat import answer_of, text_at
from tests.platform import Owner, Running, text_of

NOTES = (
    "# La tienda\n\n"
    "La tienda de Valdearce abre de lunes a viernes de 9:30 a 20:30.\n\n"
    "El casco Brisa cuesta 39,90 € y pesa 290 gramos. El casco Umbral cuesta 74,50 € y lleva una luz trasera.\n\n"
    "Las devoluciones se aceptan en treinta días con el tique de compra."
)
KNOWN, UNKNOWN = "¿Cuánto cuesta el casco Umbral?", "¿Quién ganó el último mundial de fútbol?"
ES = "No encuentro la respuesta en los documentos de este bot."
EN = "I cannot find the answer in this bot's documents."


def strict_bot(owner: Owner, script: str = "say=Cuesta 74,50 € [1].", **fields: Any) -> dict[str, Any]:
    bot = owner.scripted_bot(script, grounding="strict", **fields)
    owner.train(bot["id"], NOTES)
    return bot


def test_a_strict_bot_refuses_what_its_documents_do_not_hold(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner, "fail=500")

    events = owner.ask(bot["id"], UNKNOWN)

    assert [name for name, _ in events] == ["started", "delta", "finished"]
    assert text_of(events) == ES
    started, finished = events[0][1], events[-1][1]
    assert (started["provider"], started["model"]) == ("local", "refusal")
    assert started["reason"].startswith("La confianza en los documentos es 0,")
    assert started["reason"].endswith("y el mínimo de este bot 0,50")
    assert finished == {
        "finish": "stop",
        "usage": {"input_tokens": 0, "output_tokens": 0, "estimated": False, "cost_micro_usd": 0},
        "citations": [],
    }


def test_a_refusal_is_stored_like_an_answer(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner)

    events = owner.ask(bot["id"], UNKNOWN)

    stored = answer_of(owner, events)
    assert (stored["text"], stored["provider"], stored["model_id"]) == (ES, "local", "refusal")
    assert (stored["finish"], stored["input_tokens"], stored["output_tokens"]) == ("stop", 0, 0)
    assert (stored["cost_micro_usd"], stored["tokens_estimated"], stored["citations"]) == (0, False, [])
    assert stored["reason"] == events[0][1]["reason"]
    assert stored["task_type"] == "general"


def test_a_strict_bot_answers_what_its_documents_hold(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner)

    events = owner.ask(bot["id"], KNOWN)

    assert events[0][1]["provider"] == "openai"
    assert text_of(events) == "Cuesta 74,50 € [1]."


@pytest.mark.parametrize(
    ("own", "question", "said"),
    [
        ("", UNKNOWN, ES),
        ("", "Who won the last football world cup?", EN),
        ("Ver artículo [3] del reglamento.", UNKNOWN, "Ver artículo [\u20603] del reglamento."),
        ("  \n", UNKNOWN, ES),
    ],
)
def test_it_refuses_in_its_own_words_or_in_the_questions_language(
    own: str, question: str, said: str, owner: Owner
) -> None:
    bot = owner.scripted_bot("fail=500", grounding="strict", refusal=own)

    assert text_of(owner.ask(bot["id"], question)) == said


def test_a_strict_bot_without_documents_refuses_everything_without_any_key(owner: Owner) -> None:
    bot = owner.new_bot(grounding="strict")

    answer = owner.http.post(f"/chat/{bot['id']}", json={"query": KNOWN})

    assert (answer.status_code, answer.text) == (200, ES)
    assert answer.headers["X-Model"] == "local/refusal"


def test_an_empty_toolbox_is_told_also_of_a_strict_bot(owner: Owner) -> None:
    bot = owner.new_bot(grounding="strict", initial_configs=[])

    answer = owner.http.post(f"/chat/{bot['id']}", json={"query": KNOWN})

    assert (answer.status_code, answer.json()["code"]) == (409, "no_model")


def test_a_least_score_of_nothing_lets_the_model_answer(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner, min_score=0)

    assert owner.ask(bot["id"], UNKNOWN)[0][1]["provider"] == "openai"


def test_an_open_bot_asks_its_model_whatever_the_documents_hold(owner: Owner, workers: list[Running]) -> None:
    bot = owner.scripted_bot("say=España.")
    owner.train(bot["id"], NOTES)

    assert text_of(owner.ask(bot["id"], UNKNOWN)) == "España."


def test_extractive_finds_nothing_for_what_the_documents_do_not_hold(owner: Owner, workers: list[Running]) -> None:
    bot = owner.new_bot()
    owner.train(bot["id"], NOTES)

    events = owner.ask(bot["id"], UNKNOWN)

    assert text_of(events).startswith("No encuentro la respuesta")
    assert events[-1][1]["citations"] == []


@pytest.mark.parametrize(("own", "said"), [("Llame al 987 654 321.", "Llame al 987 654 321."), ("", ES)])
def test_a_strict_bot_says_its_refusal_too_where_extractive_finds_nothing(
    owner: Owner, workers: list[Running], own: str, said: str
) -> None:
    bot = owner.new_bot(grounding="strict", min_score=0, refusal=own)
    owner.train(bot["id"], NOTES)

    events = owner.ask(bot["id"], UNKNOWN)

    assert events[0][1]["model"] == "extractive"
    assert text_of(events) == said
    assert events[-1][1]["citations"] == []


def test_a_refused_question_is_answered_again_when_the_bot_is_opened(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner, "say=España.")
    refused = owner.ask(bot["id"], UNKNOWN)
    path = f"/messages/{refused[0][1]['message_id']}/retry"

    again = owner.http.post(path).text
    owner.http.put(f"/bots/{bot['id']}", json={"grounding": "open"})
    answered = owner.http.post(path).text

    assert (again, answered) == (ES, "España.")


def test_a_question_that_leans_is_as_sure_as_the_one_before(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner)
    first = owner.ask(bot["id"], "¿Qué horario tiene la tienda de Valdearce?")

    events = owner.ask(bot["id"], "¿y los viernes?", conversation_id=first[0][1]["conversation_id"])

    assert events[0][1]["provider"] == "openai"


def test_a_citation_is_narrowed_to_the_sentence_that_supports_it(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner)

    events = owner.ask(bot["id"], KNOWN)

    [citation] = answer_of(owner, events)["citations"]
    assert citation["quote"] == "El casco Umbral cuesta 74,50 € y lleva una luz trasera."
    assert citation["quote"] == text_at(owner, bot, citation)
    assert events[-1][1]["citations"] == [citation]


def test_what_is_cited_of_an_answer_that_broke_off_is_narrowed_too(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner, "say=Cuesta 74,50 € [1]. Y además;cut=20")

    events = owner.ask(bot["id"], KNOWN)

    stored = answer_of(owner, events)
    assert all(one["quote"] == text_at(owner, bot, one) for one in stored["citations"])


def test_a_removed_document_leaves_the_answer_readable(owner: Owner, workers: list[Running]) -> None:
    bot = strict_bot(owner)
    events = owner.ask(bot["id"], KNOWN)
    [before] = answer_of(owner, events)["citations"]

    owner.http.delete(f"/bots/{bot['id']}/documents/{before['document_id']}")

    stored = answer_of(owner, events)
    assert stored["text"] == "Cuesta 74,50 € [1]."
    assert stored["citations"] == [{**before, "document_id": None}]


@pytest.mark.parametrize("model", ["openai", "google"])
def test_a_bot_is_searched_with_the_vectors_of_its_own_model(
    model: str, owner: Owner, workers: list[Running]
) -> None:
    bot = owner.new_bot(embedding_model=model)
    owner.train(bot["id"], NOTES)

    assert "74,50" in text_of(owner.ask(bot["id"], KNOWN))
