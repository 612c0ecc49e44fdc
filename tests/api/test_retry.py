"""The same question answered again: nothing that was said is lost, and the newest answer is the one that counts."""

import uuid
from typing import Any

import pytest

from tests.api.vendors import (
    DOCUMENTED,
    KINDS,
    SSE,
    Market,
    asking,
    bot_of,
    chats,
    config,
    conversations,
    messages,
    post,
    read_until,
    sent,
)
from tests.platform import Owner, parse_events, text_of
from tests.services import wait_until

pytest_plugins = "tests.api.market"

MODELS = {"openai": "gpt-4o", "google": "gemini-flash-latest"}


def retry(person: Owner, message_id: str) -> list[tuple[str, dict[str, Any]]]:
    answer = person.http.post(f"/messages/{message_id}/retry", headers=SSE)
    assert answer.status_code == 200, answer.text
    return parse_events(answer.text)


def ask(person: Owner, market: Market, bot_id: str, query: str, *, says: str, **fields: Any) -> dict[str, Any]:
    """What `started` says of an answer whose text is `says`."""
    market.tell(f"say={says}")
    return person.ask(bot_id, query, **fields)[0][1]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bot_id(kind: str, customer: Owner) -> str:
    """A bot with one model of that vendor's."""
    return bot_of(customer, config(MODELS[kind], kind))


@pytest.mark.parametrize("named", ["question_id", "message_id"])
def test_both_answers_stay_and_share_their_question(
    named: str, bot_id: str, customer: Owner, market: Market
) -> None:
    first = ask(customer, market, bot_id, "¿Y bien?", says="Primera")
    market.tell("say=Segunda")

    again = retry(customer, first[named])

    assert text_of(again) == "Segunda"
    assert again[-1][0] == "finished"
    assert again[0][1]["conversation_id"] == first["conversation_id"]
    assert again[0][1]["question_id"] == first["question_id"]
    question, *answers = messages(customer, first["conversation_id"])
    assert (question["role"], question["text"], question["question_id"]) == ("user", "¿Y bien?", None)
    assert [(one["role"], one["text"]) for one in answers] == [("assistant", "Primera"), ("assistant", "Segunda")]
    assert [one["id"] for one in answers] == [first["message_id"], again[0][1]["message_id"]]
    assert {one["question_id"] for one in answers} == {question["id"]}
    assert len(conversations(customer, bot_id)) == 1


def test_the_second_model_does_not_see_the_first_answer(
    kind: str, bot_id: str, customer: Owner, market: Market
) -> None:
    first = ask(customer, market, bot_id, "¿Y bien?", says="Primera")

    retry(customer, first["message_id"])

    assert [sent(request) for request in chats(market.vendor(kind))] == [[("user", "¿Y bien?")]] * 2


def test_a_later_turn_sees_only_the_newest_answer(kind: str, bot_id: str, customer: Owner, market: Market) -> None:
    first = ask(customer, market, bot_id, "¿Y bien?", says="Primera")
    for text in ("Segunda", "Tercera"):
        market.tell(f"say={text}")
        retry(customer, first["message_id"])

    ask(customer, market, bot_id, "¿Seguro?", says="Sí", conversation_id=first["conversation_id"])

    assert sent(chats(market.vendor(kind))[-1]) == [
        ("user", "¿Y bien?"),
        ("assistant", "Tercera"),
        ("user", "¿Seguro?"),
    ]


def test_a_question_that_is_answered_again_sees_only_what_came_before_it(
    kind: str, bot_id: str, customer: Owner, market: Market
) -> None:
    first = ask(customer, market, bot_id, "Uno", says="Respuesta uno")
    second = ask(customer, market, bot_id, "Dos", says="Respuesta dos", conversation_id=first["conversation_id"])
    ask(customer, market, bot_id, "Tres", says="Respuesta tres", conversation_id=first["conversation_id"])

    retry(customer, second["message_id"])

    assert sent(chats(market.vendor(kind))[-1]) == [
        ("user", "Uno"),
        ("assistant", "Respuesta uno"),
        ("user", "Dos"),
    ]


def test_an_earlier_question_keeps_its_place_when_it_is_answered_again(
    kind: str, bot_id: str, customer: Owner, market: Market
) -> None:
    """A later turn reads each answer behind its own question."""
    first = ask(customer, market, bot_id, "Uno", says="Respuesta uno")
    ask(customer, market, bot_id, "Dos", says="Respuesta dos", conversation_id=first["conversation_id"])
    market.tell("say=Otra uno")
    retry(customer, first["message_id"])

    ask(customer, market, bot_id, "Tres", says="Respuesta tres", conversation_id=first["conversation_id"])

    assert sent(chats(market.vendor(kind))[-1]) == [
        ("user", "Uno"),
        ("assistant", "Otra uno"),
        ("user", "Dos"),
        ("assistant", "Respuesta dos"),
        ("user", "Tres"),
    ]


def test_an_answer_that_broke_off_can_be_made_again(bot_id: str, customer: Owner, market: Market) -> None:
    market.tell("tokens=5;cut_after=2")
    broken = customer.ask(bot_id, "Hola")
    market.tell("say=Entera")

    again = retry(customer, broken[0][1]["message_id"])

    assert text_of(again) == "Entera"
    stored = messages(customer, broken[0][1]["conversation_id"])
    assert [one["finish"] for one in stored] == [None, "error", "stop"]


def test_a_question_that_nobody_answered_is_answered_once_the_vendors_are_well(
    customer: Owner, market: Market
) -> None:
    market.tell("fail=429;retry_after=9")
    failed = post(customer, bot_of(customer, *DOCUMENTED))
    market.tell("say=Ya estoy")

    again = retry(customer, failed.json()["question_id"])

    assert failed.status_code == 503
    assert text_of(again) == "Ya estoy"
    stored = messages(customer, failed.json()["conversation_id"])
    assert [(one["role"], one["text"]) for one in stored] == [("user", "Hola"), ("assistant", "Ya estoy")]


def test_a_retry_that_fails_leaves_all_as_it_was(bot_id: str, customer: Owner, market: Market) -> None:
    first = ask(customer, market, bot_id, "¿Y bien?", says="Primera")
    before = messages(customer, first["conversation_id"])
    market.tell("fail=400")

    failed = customer.http.post(f"/messages/{first['message_id']}/retry")

    assert (failed.status_code, failed.json()["question_id"]) == (503, first["question_id"])
    assert failed.json()["conversation_id"] == first["conversation_id"]
    assert messages(customer, first["conversation_id"]) == before


def test_a_question_can_be_answered_again_while_it_is_being_answered(
    bot_id: str, customer: Owner, market: Market
) -> None:
    market.tell("tokens=500;pace_ms=20")
    with asking(customer, bot_id) as client:
        read_until(client, b"event: delta")
        [conversation] = conversations(customer, bot_id)
        [question] = messages(customer, conversation["id"])
        market.tell("say=Rápida")
        again = retry(customer, question["id"])

    assert text_of(again) == "Rápida"
    wait_until(lambda: len(messages(customer, conversation["id"])) == 3)
    stored = messages(customer, conversation["id"])
    assert stored[0]["id"] == question["id"]
    assert {one["finish"] for one in stored[1:]} == {"stop", "interrupted"}
    assert {one["question_id"] for one in stored[1:]} == {question["id"]}


def test_plain_text_comes_to_those_who_name_no_events(bot_id: str, customer: Owner, market: Market) -> None:
    first = ask(customer, market, bot_id, "¿Y bien?", says="Primera")

    answer = customer.http.post(f"/messages/{first['message_id']}/retry")

    assert (answer.text, answer.headers["content-type"]) == ("Primera", "text/plain; charset=utf-8")
    assert answer.headers["x-conversation-id"] == first["conversation_id"]


@pytest.mark.parametrize("named", ["question_id", "message_id"])
def test_another_owners_message_is_as_one_that_does_not_exist_iso_3(
    named: str, customer: Owner, guest: Owner, market: Market
) -> None:
    bot_id = bot_of(customer, config("gpt-4o"))
    first = ask(customer, market, bot_id, "¿Y bien?", says="Primera")
    asked = len(chats(market.openai))

    answers = [guest.http.post(f"/messages/{one}/retry") for one in (first[named], uuid.uuid4())]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "message_not_found")] * 2
    assert answers[0].json() == answers[1].json()
    assert len(chats(market.openai)) == asked
    assert len(messages(customer, first["conversation_id"])) == 2


def test_a_message_of_a_deleted_conversation_is_gone(customer: Owner, market: Market) -> None:
    first = ask(customer, market, bot_of(customer, config("gpt-4o")), "¿Y bien?", says="Primera")
    assert customer.http.delete(f"/conversations/{first['conversation_id']}").status_code == 204

    assert customer.http.post(f"/messages/{first['message_id']}/retry").status_code == 404
