"""The operator's keys: each owner's share of them in a day, which no crowd of questions spends twice."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from app.chat.catalog import load_catalog
from app.embedded.services import Services
from app.models import Provider
from tests.api.vendors import (
    KINDS,
    SERVER_KEYS,
    SSE,
    Market,
    asking,
    bot_of,
    chats,
    config,
    conversations,
    give_keys,
    key_of,
    person_at,
    post,
    read_until,
)
from tests.platform import Owner, api_process, text_of
from tests.rows import Database
from tests.services import wait_until
from tests.vendors.script import parse
from tests.vendors.wire import PROMPT_TOKENS

pytest_plugins = "tests.api.market"

# Room for four answers of gpt-4o at once: 2,048 tokens at 10 dollars a million are 20,480 micro-dollars.
CAP_USD = 0.1
CAP = 100_000
QUOTA = "server_keys_usd_per_day"


@pytest.fixture(scope="module")
def budget_api(services: Services, logs: Path, open_market: Market) -> Iterator[str]:
    settings = {**open_market.settings, "SERVER_KEYS_USD_PER_OWNER_DAY": str(CAP_USD)}
    with api_process(services, logs, **settings) as (url, _):
        yield url


@pytest.fixture
def spender(budget_api: str, market: Market) -> Iterator[Owner]:
    with person_at(budget_api) as spender:
        yield spender


def today(db: Database, owner: Owner) -> tuple[int, int]:
    """Micro-dollars spent with the server's keys and held of them."""
    found = db.rows(
        "SELECT server_micro_usd,"
        " (SELECT coalesce(sum((hold -> 0)::bigint), 0) FROM jsonb_each(holds) AS held(id, hold))"
        " FROM usage_days WHERE owner_id = %s AND day = %s",
        owner.id,
        datetime.now(UTC).date(),
    )
    return (int(found[0][0]), int(found[0][1])) if found else (0, 0)


def put_day(db: Database, owner: Owner, *, days_ago: int = 0, **values: object) -> None:
    db.insert("usage_days", owner_id=owner.id, day=datetime.now(UTC).date() - timedelta(days=days_ago), **values)


def test_a_share_that_is_spent_is_told_with_its_size_and_when_there_is_more(
    spender: Owner, market: Market, db: Database
) -> None:
    put_day(db, spender, server_micro_usd=CAP)
    bot_id = bot_of(spender, config("gpt-4o"))

    answer = post(spender, bot_id)

    body = answer.json()
    assert (answer.status_code, body["code"]) == (429, "quota_exceeded")
    assert (body["quota"], body["limit"]) == (QUOTA, CAP_USD)
    assert 0 < body["retry_after_s"] <= 86_400
    assert answer.headers["retry-after"] == str(body["retry_after_s"])
    assert "0.1 dólares al día con las claves del servidor" in body["detail"]
    assert conversations(spender, bot_id) == []
    assert chats(market.openai) == []
    assert today(db, spender) == (CAP, 0)


def test_a_share_that_is_spent_is_told_in_english_too(spender: Owner, db: Database) -> None:
    put_day(db, spender, server_micro_usd=CAP)

    spender.http.headers["Accept-Language"] = "en"

    assert (
        "0.1 dollars a day with the server's keys"
        in post(spender, bot_of(spender, config("gpt-4o"))).json()["detail"]
    )


def test_what_an_answer_may_cost_must_be_left_and_not_only_something(spender: Owner, db: Database) -> None:
    put_day(db, spender, server_micro_usd=CAP - 1_000)

    assert post(spender, bot_of(spender, config("gpt-4o"))).status_code == 429


def test_with_an_own_key_there_is_no_share(spender: Owner, market: Market, db: Database) -> None:
    put_day(db, spender, server_micro_usd=CAP)
    keys = give_keys(spender)

    answer = post(spender, bot_of(spender, config("gpt-4o")))

    assert answer.status_code == 200
    assert key_of(chats(market.openai)[0]) == keys["openai"]
    assert today(db, spender) == (CAP, 0)


def test_a_model_that_costs_the_operator_nothing_answers_when_the_share_is_spent(
    spender: Owner, market: Market, db: Database
) -> None:
    put_day(db, spender, server_micro_usd=CAP)
    give_keys(spender)
    assert spender.http.delete("/providers/openai/key").status_code == 204
    bot_id = bot_of(spender, config("gpt-4o"), config("say=Con la mía", "google", task_type="complex"))

    events = spender.ask(bot_id, "Hola", task_type="general")

    assert text_of(events) == "Con la mía"
    assert chats(market.openai) == []


def test_another_owner_has_a_share_of_its_own(spender: Owner, budget_api: str, db: Database) -> None:
    put_day(db, spender, server_micro_usd=CAP)

    with person_at(budget_api) as other:
        assert post(other, bot_of(other, config("gpt-4o"))).status_code == 200
    assert post(spender, bot_of(spender, config("gpt-4o"))).status_code == 429


def test_whoever_has_spent_more_than_the_share_still_has_the_models_that_cost_the_server_nothing(
    spender: Owner, db: Database
) -> None:
    """The price of an answer that was made can be more than was held for it."""
    put_day(db, spender, server_micro_usd=CAP + 1)
    spender.http.put("/providers/openai/key", json={"key": "sk-una-clave-propia"}).raise_for_status()

    assert post(spender, bot_of(spender, config("gpt-4o"))).status_code == 200


def test_what_was_spent_yesterday_does_not_count(spender: Owner, db: Database) -> None:
    put_day(db, spender, server_micro_usd=CAP, days_ago=1)

    assert post(spender, bot_of(spender, config("gpt-4o"))).status_code == 200


@pytest.mark.parametrize(("until_s", "status"), [(-1, 200), (60, 429)])
def test_what_a_process_held_when_it_died_is_free_once_no_answer_can_still_be_made(
    until_s: int, status: int, spender: Owner, db: Database
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=until_s)
    put_day(db, spender, holds=Jsonb({"gone": [CAP, until.timestamp()]}))

    assert post(spender, bot_of(spender, config("gpt-4o"))).status_code == status


def test_what_a_dead_process_held_is_free_in_time_also_for_somebody_who_keeps_asking(
    spender: Owner, market: Market, db: Database
) -> None:
    """Each question holds something of its own, and must not hold on to what is dead."""
    soon = datetime.now(UTC) + timedelta(seconds=2)
    put_day(db, spender, holds=Jsonb({"gone": [CAP - 25_000, soon.timestamp()]}))
    bot_id = bot_of(spender, config("gpt-4o"))
    assert post(spender, bot_id).status_code == 200
    wait_until(lambda: datetime.now(UTC) > soon)

    market.openai.script = parse("tokens=5;hang_after=1")
    with asking(spender, bot_id) as client:
        read_until(client, b"event: delta")
        market.openai.script = parse("say=Yo")
        beside = post(spender, bot_id)

    assert beside.status_code == 200, beside.text


@pytest.mark.parametrize(
    ("script", "status"),
    [("say=a b c", 200), ("tokens=5;cut_after=2", 200), ("fail=400", 503), ("fail=401", 409)],
)
def test_what_was_held_is_given_back_however_the_answer_ends(
    script: str, status: int, spender: Owner, market: Market, db: Database
) -> None:
    market.openai.script = parse(script)

    answer = spender.http.post(f"/chat/{bot_of(spender, config('gpt-4o'))}", json={"query": "Hola"}, headers=SSE)

    assert answer.status_code == status
    # The day's row is made by what holds.
    assert db.count("usage_days", spender.id) == 1
    assert today(db, spender)[1] == 0


@pytest.mark.parametrize("script", ["hang=headers", "tokens=500;pace_ms=50"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_held_is_given_back_when_the_client_leaves(
    kind: str, script: str, spender: Owner, market: Market, db: Database
) -> None:
    market.vendor(kind).script = parse(script)
    model_id = {"openai": "gpt-4o", "google": "gemini-flash-latest"}[kind]
    with asking(spender, bot_of(spender, config(model_id, kind))) as client:
        wait_until(lambda: market.vendor(kind).streams == 1)
        if "tokens" in script:
            read_until(client, b"event: delta")
        held = today(db, spender)[1]

    assert 0 < held <= CAP
    wait_until(lambda: today(db, spender)[1] == 0)


def test_thirty_questions_at_once_never_spend_more_than_the_share(
    spender: Owner, market: Market, db: Database
) -> None:
    market.openai.script = parse("tokens=20;pace_ms=20")
    bot_id, seen = bot_of(spender, config("gpt-4o")), [(0, 0)]

    with ThreadPoolExecutor(30) as threads:
        asked = [threads.submit(post, spender, bot_id) for _ in range(30)]
        while not all(one.done() for one in asked):
            seen.append(today(db, spender))

    statuses = Counter(one.result().status_code for one in asked)
    assert set(statuses) == {200, 429}
    assert max(spent + held for spent, held in seen) <= CAP
    assert max(held for _, held in seen) > CAP / 2
    one_answer = -(-(PROMPT_TOKENS * 2_500_000 + 20 * 10_000_000) // 1_000_000)
    assert today(db, spender) == (statuses[200] * one_answer, 0)
    assert len(conversations(spender, bot_id)) == statuses[200] == len(chats(market.openai))


def test_an_answer_as_long_as_a_model_may_give_costs_no_more_than_was_held_for_it(
    spender: Owner, market: Market, db: Database
) -> None:
    """The vendor counts what it is sent: also the rules, and a few tokens around each message."""
    market.openai.script = parse("tokens=2048;pace_ms=1")
    with asking(spender, bot_of(spender, config("gpt-4o"))) as client:
        read_until(client, b"event: delta")
        held = today(db, spender)[1]
        read_until(client, b"event: finished")

    wait_until(lambda: today(db, spender)[1] == 0)
    assert today(db, spender)[0] <= held


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_without_a_price_counts_as_the_dearest_of_its_vendor(
    kind: str, guest: Owner, market: Market, db: Database
) -> None:
    known = load_catalog(None).known(Provider(kind))
    reading = max(model.input_micro_usd_per_mtok or 0 for model in known)
    writing = max(model.output_micro_usd_per_mtok or 0 for model in known)

    events = guest.ask(bot_of(guest, config("say=a b c", kind)), "Hola")

    assert key_of(chats(market.vendor(kind))[0]) == SERVER_KEYS[kind]
    assert events[-1][1]["usage"]["cost_micro_usd"] is None
    assert today(db, guest) == (-(-(PROMPT_TOKENS * reading + 3 * writing) // 1_000_000), 0)


def test_a_model_that_costs_too_much_for_the_share_is_refused_before_it_is_asked(
    spender: Owner, market: Market
) -> None:
    """Without a price it may be the dearest: 2,048 tokens of that are more than a tenth of a dollar."""
    answer = post(spender, bot_of(spender, config("no-se-sabe-que-cuesta")))

    assert (answer.status_code, answer.json()["quota"]) == (429, QUOTA)
    assert chats(market.openai) == []


def test_an_answer_again_spends_of_the_same_share(spender: Owner, market: Market, db: Database) -> None:
    first = post(spender, bot_of(spender, config("gpt-4o")))
    spent = today(db, spender)[0]
    message = first.headers["x-message-id"]

    again = spender.http.post(f"/messages/{message}/retry")
    db.run("UPDATE usage_days SET server_micro_usd = %s WHERE owner_id = %s", CAP, spender.id)
    refused = spender.http.post(f"/messages/{message}/retry").json()

    assert again.status_code == 200
    assert spent > 0
    assert refused["quota"] == QUOTA


def test_parallel_questions_in_one_conversation_do_not_wait_for_each_other_for_ever(
    spender: Owner, market: Market, db: Database
) -> None:
    """Questions and answers take the day's row and the conversation's in one order, or PostgreSQL kills one."""
    market.openai.script = parse("say=ok")
    bot_id = bot_of(spender, config("gpt-4o-mini"))
    conversation_id = spender.ask(bot_id, "Hola")[0][1]["conversation_id"]

    def ask(n: int) -> str:
        return spender.ask(bot_id, f"Pregunta {n}", conversation_id=conversation_id)[-1][0]

    with ThreadPoolExecutor(10) as threads:
        last_events = list(threads.map(ask, range(60)))

    assert last_events == ["finished"] * 60
    assert today(db, spender)[1] == 0
    assert len(spender.http.get(f"/conversations/{conversation_id}").json()["messages"]) == 122


def test_whoever_leaves_a_thinking_model_in_silence_pays_for_what_it_may_have_thought(
    spender: Owner, market: Market, db: Database
) -> None:
    market.openai.script = parse("hang=headers")
    with asking(spender, bot_of(spender, config("gpt-5-nano"))):
        wait_until(lambda: len(chats(market.openai)) > 0)

    wait_until(lambda: today(db, spender)[1] == 0)
    assert today(db, spender)[0] >= 8_192 * 0.4
