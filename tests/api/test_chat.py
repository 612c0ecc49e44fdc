"""A question and its answer over HTTP."""

from typing import Any

import pytest

from tests.platform import Owner, Running, text_of

NOTES = "La tienda abre a las nueve.\n\nEl casco Brisa cuesta 39,90 €."


def config(script: str, *, task_type: str = "general", provider: str = "openai") -> dict[str, str]:
    return {"task_type": task_type, "provider": provider, "model_id": script}


def answer_of(owner: Owner, events: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The stored answer."""
    conversation = owner.http.get(f"/conversations/{events[0][1]['conversation_id']}").json()
    message: dict[str, Any] = conversation["messages"][-1]
    return message


def text_at(owner: Owner, bot: dict[str, Any], citation: dict[str, Any]) -> str:
    params = {"start": citation["start"], "end": citation["end"]}
    return owner.http.get(f"/bots/{bot['id']}/documents/{citation['document_id']}/text", params=params).text


def test_a_trained_bot_answers_with_a_citation(owner: Owner, workers: list[Running]) -> None:
    bot = owner.new_bot()
    owner.train(bot["id"], NOTES)

    events = owner.ask(bot["id"], "¿Cuánto cuesta el casco Brisa?")

    assert [name for name, _ in events] == ["started", "sources", "delta", "finished"]
    assert "39,90 €. [1]" in text_of(events)
    [citation] = answer_of(owner, events)["citations"]
    assert citation["quote"] == text_at(owner, bot, citation)


def test_what_is_given_and_what_is_cited_stand_in_the_document(owner: Owner, workers: list[Running]) -> None:
    paragraphs = [
        f"Sección {n}. " + f"El artículo {n} — ñandú 🚲 — está en el estante {n}. " * 12 for n in range(9)
    ]
    bot = owner.scripted_bot("say=Esto [2], y esto [1] [2].")
    owner.train(bot["id"], "\n\n".join(paragraphs))

    events = owner.ask(bot["id"], "¿Dónde está el artículo 4?")

    given = events[1][1]["passages"]
    assert [passage["n"] for passage in given] == list(range(1, len(given) + 1))
    assert all(passage["quote"] == text_at(owner, bot, passage) for passage in given)
    cited = answer_of(owner, events)["citations"]
    assert [citation["n"] for citation in cited] == [1, 2]
    assert all(citation["quote"] == text_at(owner, bot, citation) for citation in cited)
    for citation in cited:
        passage = given[citation["n"] - 1]
        assert citation["document_id"] == passage["document_id"]
        assert passage["start"] <= citation["start"] < citation["end"] <= passage["end"]


@pytest.mark.parametrize("pace_ms", [0, 1])
def test_a_marker_that_names_no_passage_never_reaches_the_client(
    owner: Owner, workers: list[Running], pace_ms: int
) -> None:
    bot = owner.scripted_bot(f"say=Cuesta 39,90 € [1] [9]. O no [7, 8].;pace_ms={pace_ms}")
    owner.train(bot["id"], NOTES)

    events = owner.ask(bot["id"], "¿Cuánto cuesta el casco Brisa?")
    plain = owner.http.post(f"/chat/{bot['id']}", json={"query": "¿Cuánto cuesta el casco Brisa?"}).text

    assert text_of(events) == plain == answer_of(owner, events)["text"] == "Cuesta 39,90 € [1]. O no."
    assert [citation["n"] for citation in answer_of(owner, events)["citations"]] == [1]


def test_a_bot_without_documents_cites_nothing(owner: Owner) -> None:
    events = owner.ask(owner.scripted_bot("say=Hola [1].")["id"], "Hola")

    names = [name for name, _ in events]
    assert (names[0], names[-1], set(names[1:-1])) == ("started", "finished", {"delta"})
    assert text_of(events) == "Hola."
    assert answer_of(owner, events)["citations"] == []


def test_a_message_outlives_the_document_that_it_cites(owner: Owner, workers: list[Running]) -> None:
    bot = owner.new_bot()
    document = owner.train(bot["id"], NOTES)
    events = owner.ask(bot["id"], "¿Cuánto cuesta el casco Brisa?")
    [before] = answer_of(owner, events)["citations"]

    assert owner.http.delete(f"/bots/{bot['id']}/documents/{document['id']}").status_code == 204

    [after] = answer_of(owner, events)["citations"]
    assert after == {**before, "document_id": None}
    assert "39,90" in after["quote"]
    again = owner.ask(bot["id"], "¿Cuánto cuesta el casco Brisa?")
    assert [name for name, _ in again if name == "sources"] == []


def test_what_no_document_says_is_not_cited(owner: Owner, workers: list[Running]) -> None:
    bot = owner.new_bot()
    owner.train(bot["id"], NOTES)

    events = owner.ask(bot["id"], "¿Cuál es la receta del gazpacho?")

    assert text_of(events).startswith("No encuentro la respuesta")
    assert answer_of(owner, events)["citations"] == []


def test_a_question_that_leans_on_the_one_before_finds_its_passage(owner: Owner, workers: list[Running]) -> None:
    bot = owner.new_bot()
    owner.train(bot["id"], "El casco Brisa cuesta 39,90 €.\n\nEl candado Foso cuesta 25 € y pesa un kilo.")
    first = owner.ask(bot["id"], "¿Qué candado vendéis, el Foso?")

    events = owner.ask(bot["id"], "¿Y cuánto cuesta?", conversation_id=first[0][1]["conversation_id"])

    assert "25 €" in text_of(events)


def test_the_task_type_asked_for_chooses_the_model(owner: Owner) -> None:
    bot = owner.new_bot(initial_configs=[config("say=Fácil"), config("say=Difícil", task_type="complex")])

    plain, hard = owner.ask(bot["id"], "Hola"), owner.ask(bot["id"], "Hola", task_type="complex")

    assert (text_of(plain), text_of(hard)) == ("Fácil", "Difícil")
    assert (plain[0][1]["task_type"], hard[0][1]["task_type"]) == ("general", "complex")
    assert hard[0][1]["reason"] == "la petición pide complex"


def test_the_reason_is_told_in_the_readers_language(owner: Owner) -> None:
    owner.http.headers["Accept-Language"] = "en"

    events = owner.ask(owner.scripted_bot()["id"], "Hello")

    assert events[0][1]["reason"] == "this bot's only model"


def test_the_headers_name_the_conversation_the_message_and_the_model(owner: Owner) -> None:
    bot = owner.scripted_bot("say=Hola")

    answer = owner.http.post(f"/chat/{bot['id']}", json={"query": "Hola"})

    stored = owner.http.get(f"/conversations/{answer.headers['x-conversation-id']}").json()["messages"]
    assert stored[1]["id"] == answer.headers["x-message-id"]
    assert answer.headers["x-model"] == "openai/say=Hola"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["cache-control"] == "no-store"
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("model_id", ["say=a\r\nX-Evil: 1", "say=模型 ñ", "say=a\tb"])
def test_a_models_name_cannot_break_the_headers(owner: Owner, model_id: str) -> None:
    created = owner.http.post("/bots/", json={"name": "Bot", "initial_configs": [config(model_id)]})
    if created.status_code == 422:
        return

    answer = owner.http.post(f"/chat/{created.json()['id']}", json={"query": "Hola"})

    assert answer.status_code == 200
    assert "x-evil" not in answer.headers


def test_no_model_answers_in_the_name_of_a_local_one_that_is_not_there(owner: Owner) -> None:
    bot = owner.new_bot(initial_configs=[config("llama3.2", provider="local")])

    answer = owner.http.post(f"/chat/{bot['id']}", json={"query": "Hola"})

    assert (answer.status_code, answer.json()["code"]) == (409, "provider_key_missing")
    assert "local/llama3.2" in answer.json()["detail"]


def test_a_bot_without_a_model_says_so(owner: Owner) -> None:
    bot = owner.new_bot(initial_configs=[])

    answer = owner.http.post(f"/chat/{bot['id']}", json={"query": "Hola"})

    assert (answer.status_code, answer.json()["code"]) == (409, "no_model")
    assert owner.http.get(f"/bots/{bot['id']}/conversations/").json() == []


@pytest.mark.parametrize(
    "body",
    [
        {"query": ""},
        {"query": " \n\t "},
        {"query": "\u00a0"},
        {"query": "a" * 16_001},
        {"query": "hola\x00"},
        {"query": 7},
        {"query": None},
        {},
        {"query": "hola", "otro": 1},
        {"query": "hola", "conversation_id": "no"},
        {"query": "hola", "task_type": "Con Espacios"},
        {"query": "hola", "task_type": "a" * 33},
    ],
    ids=lambda body: repr(body)[:40],
)
def test_a_question_that_cannot_be_asked_is_refused_and_not_stored(owner: Owner, body: dict[str, Any]) -> None:
    bot = owner.scripted_bot()

    answer = owner.http.post(f"/chat/{bot['id']}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert owner.http.get(f"/bots/{bot['id']}/conversations/").json() == []


def test_half_a_surrogate_pair_is_refused(owner: Owner) -> None:
    bot = owner.scripted_bot()

    answer = owner.http.post(
        f"/chat/{bot['id']}", content=b'{"query": "\\ud83d"}', headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422


def test_a_question_may_have_16_000_characters(owner: Owner) -> None:
    query = "ñ" * 16_000

    events = owner.ask(owner.scripted_bot("gpt-4o")["id"], query)

    assert query in text_of(events)


def test_another_owners_bot_is_as_one_that_does_not_exist_iso_3(owner: Owner, stranger: Owner) -> None:
    bots = [owner.scripted_bot()["id"], "01a20388-bb74-7663-878b-79e460ad5233"]

    answers = [stranger.http.post(f"/chat/{bot}", json={"query": "Hola"}) for bot in bots]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert owner.http.get(f"/bots/{bots[0]}/conversations/").json() == []


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/event-stream", "text/event-stream"),
        ("application/json, TEXT/Event-Stream;q=0.5", "text/event-stream"),
        ("text/event-stream;q=0, text/plain", "text/plain"),
        ("text/event-streams", "text/plain"),
        ("*/*", "text/plain"),
    ],
)
def test_events_come_to_those_who_name_them(accept: str, kind: str, owner: Owner) -> None:
    bot = owner.scripted_bot()

    answer = owner.http.post(f"/chat/{bot['id']}", json={"query": "Hola"}, headers={"Accept": accept})

    assert answer.headers["content-type"].split(";")[0] == kind


@pytest.mark.parametrize("model_id", ["gpt\r\nX-Evil: 1", "a\tb", "a\x7fb"])
def test_a_model_id_holds_no_control_character(model_id: str, owner: Owner) -> None:
    answer = owner.http.post("/bots/", json={"name": "Bot", "initial_configs": [config(model_id)]})

    assert answer.status_code == 422
