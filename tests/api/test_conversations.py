"""Conversations over HTTP: what a question leaves behind, and where it is found again."""

import uuid
from typing import Any

from app.core.database import new_id
from tests.platform import Owner


def conversation_of(events: list[tuple[str, dict[str, Any]]]) -> str:
    return str(events[0][1]["conversation_id"])


def listed(owner: Owner, bot_id: str, **params: Any) -> list[str]:
    return [one["id"] for one in owner.http.get(f"/bots/{bot_id}/conversations/", params=params).json()]


def test_a_conversation_holds_questions_and_answers_in_order(owner: Owner) -> None:
    bot = owner.scripted_bot("say=Sí, claro.", name="Tienda")
    first = owner.ask(bot["id"], "  ¿Abrís\n los domingos?  ")
    conversation_id = conversation_of(first)

    second = owner.ask(bot["id"], "¿Y los lunes?", conversation_id=conversation_id)

    conversation = owner.http.get(f"/conversations/{conversation_id}").json()
    assert conversation_of(second) == conversation_id
    assert (conversation["bot_id"], conversation["title"]) == (bot["id"], "¿Abrís los domingos?")
    assert [(one["role"], one["text"], one["finish"]) for one in conversation["messages"]] == [
        ("user", "  ¿Abrís\n los domingos?  ", None),
        ("assistant", "Sí, claro.", "stop"),
        ("user", "¿Y los lunes?", None),
        ("assistant", "Sí, claro.", "stop"),
    ]
    answer = conversation["messages"][1]
    assert answer["id"] == first[0][1]["message_id"]
    assert (answer["provider"], answer["model_id"], answer["task_type"]) == ("openai", "say=Sí, claro.", "general")
    assert answer["reason"] == first[0][1]["reason"] != ""
    assert first[-1][1]["usage"] == {
        "input_tokens": answer["input_tokens"],
        "output_tokens": answer["output_tokens"],
        "estimated": answer["tokens_estimated"],
        "cost_micro_usd": answer["cost_micro_usd"],
    }
    assert (answer["output_tokens"], answer["tokens_estimated"], answer["cost_micro_usd"]) == (2, False, None)
    assert answer["question_id"] == conversation["messages"][0]["id"] == first[0][1]["question_id"]
    assert 0 <= answer["first_token_ms"] <= answer["duration_ms"]


def test_the_conversation_last_spoken_in_comes_first(owner: Owner) -> None:
    bot = owner.scripted_bot()
    ids = [conversation_of(owner.ask(bot["id"], f"Pregunta {n}")) for n in range(3)]

    owner.ask(bot["id"], "Otra vez", conversation_id=ids[0])

    assert listed(owner, bot["id"]) == [ids[0], ids[2], ids[1]]


def test_pages_hold_each_conversation_once(owner: Owner) -> None:
    bot = owner.scripted_bot()
    ids = [conversation_of(owner.ask(bot["id"], f"Pregunta {n}")) for n in range(5)]
    url: str | None = f"/bots/{bot['id']}/conversations/?limit=2"
    pages = []
    while url:
        answer = owner.http.get(url)
        pages.append([one["id"] for one in answer.json()])
        url = answer.links.get("next", {}).get("url")

    assert pages == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]


def test_a_page_of_what_is_not_a_page_is_refused(owner: Owner) -> None:
    bot = owner.scripted_bot()
    for params in ("limit=0", "limit=201", "limit=1&cursor=no", "limit=1&cursor=%C3%B1"):
        assert owner.http.get(f"/bots/{bot['id']}/conversations/?{params}").status_code == 422


def test_a_bot_lists_only_its_own_conversations(owner: Owner) -> None:
    first, second = owner.scripted_bot(), owner.scripted_bot()
    conversation_id = conversation_of(owner.ask(first["id"], "Hola"))

    assert listed(owner, first["id"]) == [conversation_id]
    assert listed(owner, second["id"]) == []


def test_a_deleted_conversation_is_gone(owner: Owner) -> None:
    bot = owner.scripted_bot()
    gone, stays = (conversation_of(owner.ask(bot["id"], "Hola")) for _ in range(2))

    assert owner.http.delete(f"/conversations/{gone}").status_code == 204

    assert owner.http.get(f"/conversations/{gone}").status_code == 404
    assert owner.http.delete(f"/conversations/{gone}").status_code == 404
    assert listed(owner, bot["id"]) == [stays]
    again = owner.http.post(f"/chat/{bot['id']}", json={"query": "Hola", "conversation_id": gone})
    assert (again.status_code, again.json()["code"]) == (404, "conversation_not_found")


def test_another_owners_conversation_is_as_one_that_does_not_exist_iso_3(owner: Owner, stranger: Owner) -> None:
    conversation_id = conversation_of(owner.ask(owner.scripted_bot()["id"], "Hola"))
    own = stranger.scripted_bot()

    answers = [
        [
            stranger.http.get(f"/conversations/{target}"),
            stranger.http.delete(f"/conversations/{target}"),
            stranger.http.post(f"/chat/{own['id']}", json={"query": "Hola", "conversation_id": target}),
        ]
        for target in (conversation_id, str(new_id()), str(uuid.uuid4()))
    ]

    bodies = [[(answer.status_code, answer.json()) for answer in row] for row in answers]
    assert {status for row in bodies for status, _ in row} == {404}
    assert bodies[0] == bodies[1] == bodies[2]
    assert listed(stranger, own["id"]) == []
    assert len(owner.http.get(f"/conversations/{conversation_id}").json()["messages"]) == 2


def test_a_conversation_goes_on_with_its_own_bot_only(owner: Owner) -> None:
    first, second = owner.scripted_bot(), owner.scripted_bot()
    conversation_id = conversation_of(owner.ask(first["id"], "Hola"))

    answer = owner.http.post(f"/chat/{second['id']}", json={"query": "Hola", "conversation_id": conversation_id})

    assert (answer.status_code, answer.json()["code"]) == (404, "conversation_not_found")
    assert listed(owner, second["id"]) == []
    assert len(owner.http.get(f"/conversations/{conversation_id}").json()["messages"]) == 2
