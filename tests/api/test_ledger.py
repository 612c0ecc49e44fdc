"""What each answer used is entered once, in whole micro-dollars, and stays when the conversation goes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.chat.catalog import load_catalog
from app.models import Provider
from tests.api.vendors import DOCUMENTED, SSE, Market, asking, bot_of, config, messages, post, read_until
from tests.platform import Owner
from tests.rows import Database
from tests.services import wait_until
from tests.vendors.script import parse
from tests.vendors.wire import PROMPT_TOKENS, THOUGHT_TOKENS

pytest_plugins = "tests.api.market"

FIELDS = (
    "id, bot_id, provider, model_id, task_type, key_source, finish, input_tokens, output_tokens, tokens_estimated,"
    " cost_micro_usd, dearest_micro_usd, first_token_ms, duration_ms"
)


def entries(db: Database, owner: Owner) -> list[dict[str, Any]]:
    rows = db.rows(f"SELECT {FIELDS} FROM ledger WHERE owner_id = %s ORDER BY created_at", owner.id)  # noqa: S608
    return [dict(zip(FIELDS.split(", "), row, strict=True)) for row in rows]


def usage(owner: Owner) -> dict[str, Any]:
    body: dict[str, Any] = owner.http.get("/usage/").json()
    return body


def cost(provider: str, model_id: str, *, read: int, written: int) -> int:
    """By the catalog's prices, rounded up to a whole micro-dollar."""
    model = load_catalog(None).find(Provider(provider), model_id)
    assert model is not None
    assert model.input_micro_usd_per_mtok
    assert model.output_micro_usd_per_mtok
    exact = read * model.input_micro_usd_per_mtok + written * model.output_micro_usd_per_mtok
    return -(-exact // 1_000_000)


def test_an_answer_is_entered_once_with_all_that_it_used(customer: Owner, market: Market, db: Database) -> None:
    market.openai.script = parse("say=Uno dos tres")
    bot_id = bot_of(customer, *DOCUMENTED)

    answer = post(customer, bot_id, task_type="complex")

    [entry] = entries(db, customer)
    assert (str(entry["id"]), str(entry["bot_id"])) == (answer.headers["x-message-id"], bot_id)
    assert (entry["provider"], entry["model_id"], entry["task_type"]) == ("openai", "gpt-4o", "complex")
    assert (entry["key_source"], entry["finish"]) == ("own", "stop")
    assert (entry["input_tokens"], entry["output_tokens"], entry["tokens_estimated"]) == (PROMPT_TOKENS, 3, False)
    # 11 tokens at 2.50 and 3 at 10 dollars a million: 57.5 micro-dollars.
    assert entry["cost_micro_usd"] == 58 == cost("openai", "gpt-4o", read=PROMPT_TOKENS, written=3)


def test_message_event_ledger_and_sums_say_the_same(customer: Owner, market: Market, db: Database) -> None:
    market.google.script = parse("say=Uno dos tres;think=Hmm")
    bot_id = bot_of(customer, *DOCUMENTED)

    events = customer.ask(bot_id, "Hola", task_type="general")

    [entry] = entries(db, customer)
    _, message = messages(customer, events[0][1]["conversation_id"])
    told = events[-1][1]["usage"]
    written = 3 + THOUGHT_TOKENS
    expected = cost("google", "gemini-flash-latest", read=PROMPT_TOKENS, written=written)
    for said in (entry, message, told):
        assert (said["input_tokens"], said["output_tokens"]) == (PROMPT_TOKENS, written)
        assert said["cost_micro_usd"] == expected
    assert told["estimated"] is message["tokens_estimated"] is entry["tokens_estimated"] is False
    for name in ("provider", "model_id", "task_type", "finish", "first_token_ms", "duration_ms"):
        assert message[name] == entry[name]
    total = usage(customer)["total"]
    dearest = cost("openai", "gpt-4o", read=PROMPT_TOKENS, written=written)
    assert (total["answers"], total["input_tokens"], total["output_tokens"]) == (1, PROMPT_TOKENS, written)
    assert (total["cost_micro_usd"], total["dearest_micro_usd"]) == (expected, dearest)
    assert total["saved_micro_usd"] == dearest - expected > 0


def test_the_sums_have_each_model_and_task_type_apart(customer: Owner, market: Market) -> None:
    market.tell("say=Uno dos tres")
    bot_id = bot_of(customer, *DOCUMENTED)
    for task_type in ("general", "complex", "complex"):
        post(customer, bot_id, task_type=task_type)

    body = usage(customer)

    models = {(one["provider"], one["model_id"]): one["answers"] for one in body["models"]}
    assert models == {("google", "gemini-flash-latest"): 1, ("openai", "gpt-4o"): 2}
    assert {one["task_type"]: one["answers"] for one in body["task_types"]} == {"general": 1, "complex": 2}
    assert [(one["bot_id"], one["answers"]) for one in body["bots"]] == [(bot_id, 3)]
    assert sum(one["cost_micro_usd"] for one in body["models"]) == body["total"]["cost_micro_usd"]


def test_the_times_are_those_of_the_first_word_and_the_last(customer: Owner, db: Database) -> None:
    post(customer, bot_of(customer, config("tokens=4;pace_ms=150")))

    [entry] = entries(db, customer)

    assert 150 <= entry["first_token_ms"] <= entry["duration_ms"] - 400
    assert entry["duration_ms"] >= 600


def test_an_unknown_price_is_null_and_never_zero(customer: Owner, market: Market, db: Database) -> None:
    answer = post(customer, bot_of(customer, config("modelo-nuevo")))

    [entry] = entries(db, customer)
    message = messages(customer, answer.headers["x-conversation-id"])[1]
    assert entry["cost_micro_usd"] is message["cost_micro_usd"] is entry["dearest_micro_usd"] is None
    assert usage(customer)["total"]["answers_cost_unknown"] == 1


def test_a_documents_own_sentences_use_no_tokens_and_cost_nothing(customer: Owner, db: Database) -> None:
    post(
        customer,
        bot_of(customer, config("extractive", "local"), config("gpt-4o", task_type="complex")),
        task_type="general",
    )

    [entry] = entries(db, customer)
    assert (entry["provider"], entry["key_source"], entry["cost_micro_usd"]) == ("local", None, 0)
    assert (entry["input_tokens"], entry["output_tokens"], entry["tokens_estimated"]) == (0, 0, False)


@pytest.mark.parametrize("kind", ["openai", "google"])
def test_tokens_that_we_counted_are_marked_as_such(kind: str, customer: Owner, db: Database) -> None:
    post(customer, bot_of(customer, config("say=Uno dos tres;usage=no", kind)))

    [entry] = entries(db, customer)

    assert entry["tokens_estimated"] is True
    assert min(entry["input_tokens"], entry["output_tokens"]) > 0
    assert usage(customer)["total"]["answers_estimated"] == 1


def test_an_answer_whose_reader_left_is_entered_with_what_was_said(
    customer: Owner, market: Market, db: Database
) -> None:
    market.openai.script = parse("tokens=500;pace_ms=20")
    with asking(customer, bot_of(customer, config("gpt-4o"))) as client:
        read_until(client, b"event: delta")

    wait_until(lambda: bool(entries(db, customer)))
    [entry] = entries(db, customer)
    assert (entry["finish"], entry["tokens_estimated"]) == ("interrupted", True)
    assert 0 < entry["output_tokens"] < 1_000
    assert entry["cost_micro_usd"] == cost(
        "openai", "gpt-4o", read=entry["input_tokens"], written=entry["output_tokens"]
    )


@pytest.mark.parametrize("fault", ["cut_after", "error_after", "garbage_after"])
def test_an_answer_that_broke_off_is_entered(fault: str, customer: Owner, db: Database) -> None:
    customer.ask(bot_of(customer, config(f"tokens=9;{fault}=5")), "Hola")

    [entry] = entries(db, customer)

    assert entry["finish"] == "error"
    assert entry["output_tokens"] > 0


def test_a_vendor_that_said_nothing_is_not_entered(customer: Owner, db: Database) -> None:
    post(
        customer,
        bot_of(customer, config("fail=400"), config("say=Yo", "google", task_type="complex")),
        task_type="general",
    )
    post(customer, bot_of(customer, config("fail=400")))

    assert [entry["provider"] for entry in entries(db, customer)] == ["google"]


@pytest.mark.parametrize("goes", ["conversation", "bot"])
def test_what_is_deleted_keeps_its_entry(goes: str, customer: Owner, db: Database) -> None:
    bot_id = bot_of(customer, config("gpt-4o"))
    conversation_id = post(customer, bot_id).headers["x-conversation-id"]
    before, sums = entries(db, customer), usage(customer)["total"]
    path = {"conversation": f"/conversations/{conversation_id}", "bot": f"/bots/{bot_id}"}[goes]

    assert customer.http.delete(path).status_code == 204

    assert entries(db, customer) == before
    assert len(before) == 1
    assert usage(customer)["total"] == sums


@pytest.mark.parametrize("goes", ["conversation", "bot"])
def test_what_is_deleted_while_it_is_answered_is_entered_all_the_same(
    goes: str, customer: Owner, market: Market, db: Database
) -> None:
    market.openai.script = parse("tokens=5;pace_ms=200")
    bot_id = bot_of(customer, config("gpt-4o"))
    with customer.http.stream("POST", f"/chat/{bot_id}", json={"query": "Hola"}, headers=SSE) as answer:
        conversation_id = answer.headers["x-conversation-id"]
        path = {"conversation": f"/conversations/{conversation_id}", "bot": f"/bots/{bot_id}"}[goes]
        deleted = customer.http.delete(path).status_code
        answer.read()

    assert deleted == 204
    assert '"code":"conversation_not_found"' in answer.text
    [entry] = entries(db, customer)
    assert (entry["output_tokens"], entry["finish"]) == (5, "stop")
    assert customer.http.get(f"/conversations/{conversation_id}").status_code == 404


def test_an_account_that_is_deleted_takes_its_entries_with_it(customer: Owner, db: Database) -> None:
    post(customer, bot_of(customer, config("gpt-4o")))
    assert entries(db, customer)

    db.run("DELETE FROM users WHERE id = %s", customer.id)

    assert entries(db, customer) == []


def test_the_days_counter_is_the_sum_of_its_entries(customer: Owner, db: Database) -> None:
    bot_id = bot_of(customer, config("gpt-4o"), config("tokens=9;cut_after=4", task_type="complex"))
    for task_type in ("general", "complex", "general"):
        customer.ask(bot_id, "Hola", task_type=task_type)

    [(tokens,)] = db.rows(
        "SELECT tokens FROM usage_days WHERE owner_id = %s AND day = %s", customer.id, datetime.now(UTC).date()
    )

    assert tokens == sum(entry["input_tokens"] + entry["output_tokens"] for entry in entries(db, customer)) > 0


def test_another_owner_sees_nothing_of_it(customer: Owner, guest: Owner) -> None:
    bot_id = bot_of(customer, config("gpt-4o"))
    post(customer, bot_id)

    assert usage(guest)["total"]["answers"] == 0
    assert [usage(guest)[name] for name in ("days", "bots", "models", "task_types")] == [[]] * 4
    assert guest.http.get("/usage/", params={"bot_id": bot_id}).status_code == 404
