"""A vendor that fails before its first word: another one answers, or it is told why nobody did (STR-4, STR-5)."""

from collections.abc import Callable

import pytest

from tests.api.vendors import (
    DOCUMENTED,
    KINDS,
    OTHER,
    SSE,
    Market,
    bot_of,
    chats,
    config,
    conversations,
    messages,
    post,
)
from tests.platform import Owner, text_of

pytest_plugins = "tests.api.market"

TIMED_OUT = "no ha respondido a tiempo"
UNREACHABLE = "no se ha podido hablar con él"
FAILURES = [
    ("fail=429", "demasiadas peticiones o sin saldo (HTTP 429)"),
    ("fail=500", "fallo del proveedor (HTTP 500)"),
    ("fail=503", "fallo del proveedor (HTTP 503)"),
    ("fail=401", "clave rechazada (HTTP 401)"),
    ("fail=404", "ese modelo no existe (HTTP 404)"),
    ("fail=400", "petición rechazada (HTTP 400)"),
    ("fail=307", "petición rechazada (HTTP 307)"),
    ("hang=headers", TIMED_OUT),
    ("hang_after=0", TIMED_OUT),
    ("drip_after=0", TIMED_OUT),
    ("cut_after=0", UNREACHABLE),
    ("garbage_after=0", UNREACHABLE),
    ("end_after=0", UNREACHABLE),
    ("error_after=0", "fallo del proveedor (HTTP 500)"),
]
# Ways to fail that leave the vendor alone at once: one request, and nothing that opens a circuit.
ONCE = "fail=429;retry_after=9"


@pytest.mark.parametrize(("script", "why"), FAILURES)
@pytest.mark.parametrize("kind", KINDS)
def test_another_vendor_answers_for_one_that_fails_before_its_first_word_str_5(
    kind: str, script: str, why: str, customer: Owner, market: Market
) -> None:
    first = f"say=Nunca dicho;{script}"
    bot_id = bot_of(customer, config(first, kind), config("say=Aquí estoy", OTHER[kind], task_type="complex"))

    events = customer.ask(bot_id, "Hola", task_type="general")

    started = events[0][1]
    assert text_of(events) == "Aquí estoy"
    assert events[-1][0] == "finished"
    assert (started["provider"], started["model"]) == (OTHER[kind], "say=Aquí estoy")
    assert f"{kind}/{first}: {why}; responde {OTHER[kind]}/say=Aquí estoy" in started["reason"]
    question, answer = messages(customer, started["conversation_id"])
    assert (question["role"], answer["text"], answer["finish"]) == ("user", "Aquí estoy", "stop")
    assert (answer["provider"], answer["model_id"]) == (OTHER[kind], "say=Aquí estoy")
    assert [len(chats(market.vendor(one))) for one in KINDS] == [1, 1]


def test_another_vendor_answers_for_a_server_that_refuses_the_connection(customer: Owner) -> None:
    bot_id = bot_of(customer, config("nadie", "local"), config("say=Aquí estoy", task_type="complex"))

    events = customer.ask(bot_id, "Hola", task_type="general")

    assert text_of(events) == "Aquí estoy"
    assert f"local/nadie: {UNREACHABLE}; responde openai/say=Aquí estoy" in events[0][1]["reason"]


def test_all_who_were_passed_over_are_named(customer: Owner) -> None:
    bot_id = bot_of(
        customer,
        config("fail=401"),
        config("fail=404"),
        config("fail=400", "google"),
        config("say=Yo", task_type="complex"),
    )

    events = customer.ask(bot_id, "Hola", task_type="general")

    reason = events[0][1]["reason"]
    assert text_of(events) == "Yo"
    assert all(f"{name}: " in reason for name in ("openai/fail=401", "openai/fail=404", "google/fail=400"))
    assert reason.endswith("; responde openai/say=Yo")


def test_after_a_vendor_that_fails_the_other_is_asked_before_its_other_models(
    customer: Owner, market: Market
) -> None:
    bot_id = bot_of(customer, config("fail=500"), config("say=La misma"), config("say=El otro", "google"))

    events = customer.ask(bot_id, "Hola")

    assert text_of(events) == "El otro"
    assert len(chats(market.openai)) == 1


@pytest.mark.parametrize(
    ("script", "asked_each", "why"),
    [
        (ONCE, 1, "HTTP 429"),
        ("fail=400", 1, "HTTP 400"),
        ("fail=500", 3, "HTTP 500"),
        ("hang_after=0", 1, TIMED_OUT),
    ],
)
@pytest.mark.parametrize("headers", [{}, SSE], ids=["plain", "events"])
def test_where_nobody_answers_the_question_stays_and_can_be_named_str_2(
    script: str, asked_each: int, why: str, headers: dict[str, str], customer: Owner, market: Market
) -> None:
    market.tell(script)
    bot_id = bot_of(customer, *DOCUMENTED)
    customer.http.headers.update(headers)

    answer = post(customer, bot_id)

    body = answer.json()
    assert (answer.status_code, body["code"]) == (503, "provider_unavailable")
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["detail"].count(why) == 2
    assert [len(chats(market.vendor(kind))) for kind in KINDS] == [asked_each] * 2
    [conversation] = conversations(customer, bot_id)
    assert body["conversation_id"] == conversation["id"]
    [stored] = messages(customer, conversation["id"])
    assert (body["question_id"], stored["role"], stored["text"]) == (stored["id"], "user", "Hola")


def test_a_vendor_that_says_when_it_is_well_again_is_taken_at_its_word(customer: Owner, market: Market) -> None:
    bot_id = bot_of(customer, config("fail=429;retry_after=40"), config("fail=429;retry_after=9", "google"))

    answer = post(customer, bot_id)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "9")


def test_a_vendor_that_asks_for_a_short_wait_is_asked_again_after_it(customer: Owner, market: Market) -> None:
    answer = post(customer, bot_of(customer, config("fail=429;retry_after=2")))

    assert answer.status_code == 503
    assert len(chats(market.openai)) == 3


def test_retry_after_is_no_sooner_than_the_vendor_is_asked_again(customer: Owner, market: Market) -> None:
    """Or whoever heeds it is refused again."""
    market.tell("fail=500")
    bot_id = bot_of(customer, config("gpt-4o"))
    *_, first = [post(customer, bot_id) for _ in range(3)]

    second = post(customer, bot_id)

    assert second.json()["code"] == "provider_unavailable"
    assert "en pausa tras fallar varias veces" in second.json()["detail"]
    assert int(first.headers["retry-after"]) >= int(second.headers["retry-after"])


@pytest.mark.parametrize("kinds", [("openai",), ("openai", "google")])
def test_where_every_vendor_refuses_its_key_that_is_told_and_the_question_stays(
    kinds: tuple[str, ...], customer: Owner, market: Market
) -> None:
    bot_id = bot_of(customer, *(config("fail=401", kind) for kind in kinds))

    answer = post(customer, bot_id)

    assert (answer.status_code, answer.json()["code"]) == (409, "provider_key_invalid")
    assert "openai" in answer.json()["detail"]
    [stored] = messages(customer, answer.json()["conversation_id"])
    assert (stored["id"], stored["role"]) == (answer.json()["question_id"], "user")


def test_what_a_vendor_says_of_its_failure_reaches_nobody(customer: Owner, market: Market) -> None:
    """Its words repeat the key and the question."""
    bot_id = bot_of(customer, config("fail=401"), config("fail=400", "google"))

    answer = post(customer, bot_id, "¿Cuál es el PIN de Rosa?")

    assert answer.status_code == 503
    assert not any(word in answer.text for word in ("sk-", "Rosa", "Incorrect", "Not valid"))


def test_a_vendor_that_failed_three_times_is_left_alone_and_the_other_answers_at_once(
    customer: Owner, market: Market
) -> None:
    market.tell("fail=500")
    alone, both = bot_of(customer, config("gpt-4o")), bot_of(customer, config("gpt-4o"), config("say=Yo", "google"))
    for _ in range(3):
        post(customer, alone)
    asked = len(chats(market.openai))

    events = customer.ask(both, "Hola")

    assert text_of(events) == "Yo"
    assert "openai/gpt-4o: en pausa tras fallar varias veces; responde google/say=Yo" in events[0][1]["reason"]
    assert len(chats(market.openai)) == asked


def test_another_owners_key_does_not_rest_with_it(newcomer: Callable[[], Owner], market: Market) -> None:
    one, other = newcomer(), newcomer()
    market.tell("fail=500")
    bot_id = bot_of(one, config("gpt-4o"))
    for _ in range(3):
        post(one, bot_id)
    market.tell("say=Ya")

    answers = [post(person, bot_of(person, config("gpt-4o"))) for person in (one, other)]

    assert [answer.status_code for answer in answers] == [503, 200]


def test_a_refused_key_is_asked_about_each_time(customer: Owner, market: Market) -> None:
    """It may have been mended at the vendor's."""
    market.tell("fail=401")
    bot_id = bot_of(customer, config("gpt-4o"))
    refused = [post(customer, bot_id).status_code for _ in range(4)]

    market.tell("say=Ya vale")

    assert refused == [409] * 4
    assert post(customer, bot_id).text == "Ya vale"
