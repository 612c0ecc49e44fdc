"""How much an owner may ask: in a minute, at once and in a day. What is refused is not stored."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.embedded.services import Services
from tests.api.vendors import SSE, asking, conversations, person_at, post, read_until
from tests.platform import Owner, api_process, text_of
from tests.rows import Database
from tests.services import wait_until

CHATS, STREAMS, TOKENS = 3, 2, 100


@pytest.fixture(scope="module")
def strict_api(services: Services, logs: Path) -> Iterator[str]:
    quotas = {"CHATS_PER_MINUTE": CHATS, "LIVE_STREAMS_PER_OWNER": STREAMS, "TOKENS_PER_DAY": TOKENS}
    with api_process(services, logs, **{name: str(value) for name, value in quotas.items()}) as (url, _):
        yield url


@pytest.fixture
def asker(strict_api: str) -> Iterator[Owner]:
    with person_at(strict_api) as asker:
        yield asker


@pytest.fixture
def other(strict_api: str) -> Iterator[Owner]:
    with person_at(strict_api) as other:
        yield other


def told(answer: httpx2.Response) -> dict[str, Any]:
    """The problem of a refusal, whose header says the same."""
    assert answer.status_code == 429, answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == "quota_exceeded"
    assert answer.headers["retry-after"] == str(body["retry_after_s"])
    return body


def test_the_chat_past_the_minutes_limit_is_refused_with_which_how_much_and_when(
    asker: Owner, other: Owner
) -> None:
    bot_id = asker.scripted_bot("say=Sí")["id"]
    answered = [post(asker, bot_id).status_code for _ in range(CHATS)]

    body = told(post(asker, bot_id))

    assert answered == [200] * CHATS
    assert (body["quota"], body["limit"]) == ("chats_per_minute", CHATS)
    assert 0 < body["retry_after_s"] <= 60
    assert body["detail"].startswith("Has llegado al límite de 3 preguntas por minuto.")
    assert len(conversations(asker, bot_id)) == CHATS
    assert post(other, other.scripted_bot()["id"]).status_code == 200


def test_the_refusal_is_english_for_an_english_reader(asker: Owner) -> None:
    bot_id = asker.scripted_bot("say=Yes")["id"]
    for _ in range(CHATS):
        post(asker, bot_id)
    asker.http.headers["Accept-Language"] = "en"

    assert told(post(asker, bot_id))["detail"].startswith("You have reached the limit of 3 questions a minute.")


def test_an_answer_again_is_a_chat_too(asker: Owner) -> None:
    bot_id = asker.scripted_bot("say=Sí")["id"]
    first, *_ = [post(asker, bot_id) for _ in range(CHATS)]

    again = asker.http.post(f"/messages/{first.headers['x-message-id']}/retry")

    assert told(again)["quota"] == "chats_per_minute"


@pytest.mark.parametrize("goes", ["by its end", "by its client"])
def test_the_answer_past_the_live_limit_is_refused_until_one_goes(goes: str, asker: Owner, other: Owner) -> None:
    slow = asker.scripted_bot("tokens=30;pace_ms=100" if goes == "by its end" else "tokens=5;hang_after=1")["id"]
    quick = asker.scripted_bot("say=Ya")["id"]
    with ExitStack() as stack:
        first = stack.enter_context(asking(asker, slow))
        second = stack.enter_context(asking(asker, slow))
        for client in (first, second):
            read_until(client, b"event: delta")

        body = told(post(asker, quick))

        assert (body["quota"], body["limit"]) == ("live_streams", STREAMS)
        assert body["detail"].startswith("Has llegado al límite de 2 respuestas a la vez.")
        assert conversations(asker, quick) == []
        assert post(other, other.scripted_bot()["id"]).status_code == 200
        if goes == "by its end":
            read_until(first, b"event: finished")
        else:
            first.close()
        wait_until(lambda: post(asker, quick).status_code == 200, within_s=2)


@pytest.mark.parametrize("script", ["fail=400", "fail=401", "tokens=5;cut_after=2", "say="])
def test_an_answer_that_failed_is_not_live_any_more(script: str, asker: Owner) -> None:
    bot_id = asker.scripted_bot(script)["id"]
    for _ in range(STREAMS):
        asker.http.post(f"/chat/{bot_id}", json={"query": "Hola"}, headers=SSE)

    assert post(asker, asker.scripted_bot("say=Ya")["id"]).status_code == 200


def test_a_chat_that_is_refused_for_another_reason_takes_no_seat(asker: Owner) -> None:
    empty = asker.new_bot(initial_configs=[])["id"]
    refused = [post(asker, empty).status_code for _ in range(STREAMS)]

    assert refused == [409] * STREAMS
    assert post(asker, asker.scripted_bot("say=Ya")["id"]).status_code == 200


def test_the_tokens_of_a_day_are_an_end_until_the_day_is(asker: Owner, other: Owner, db: Database) -> None:
    long, short = asker.scripted_bot(f"tokens={TOKENS}")["id"], asker.scripted_bot("say=Ya")["id"]
    whole = asker.ask(long, "Hola")

    body = told(post(asker, short))

    assert len(text_of(whole).split()) == TOKENS
    assert (body["quota"], body["limit"]) == ("tokens_per_day", TOKENS)
    assert body["detail"].startswith("Has llegado al límite de 100 tokens al día.")
    now = datetime.now(UTC)
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    assert abs(body["retry_after_s"] - (midnight - now).total_seconds()) < 60
    assert conversations(asker, short) == []
    assert post(other, other.scripted_bot("say=Ya")["id"]).status_code == 200


def test_yesterdays_tokens_do_not_count(asker: Owner, db: Database) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    db.insert("usage_days", owner_id=asker.id, day=yesterday, tokens=10 * TOKENS)

    assert post(asker, asker.scripted_bot("say=Ya")["id"]).status_code == 200


def test_the_tokens_of_an_answer_that_was_broken_off_count(asker: Owner) -> None:
    bot_id = asker.scripted_bot(f"tokens={TOKENS + 50};cut_after={TOKENS + 40}")["id"]
    asker.ask(bot_id, "Hola")

    assert told(post(asker, bot_id))["quota"] == "tokens_per_day"
