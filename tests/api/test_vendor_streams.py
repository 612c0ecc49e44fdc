"""Answers of a vendor that break off, and clients and servers that leave while one speaks (STR-2 to STR-6)."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from app.embedded.services import Services
from tests.api.vendors import (
    KINDS,
    OTHER,
    Market,
    asking,
    bot_of,
    chats,
    config,
    conversations,
    give_keys,
    messages,
    person_at,
    read_all,
    read_until,
)
from tests.platform import Owner, api_process, text_of
from tests.services import wait_until

pytest_plugins = "tests.api.market"

BREAKS = ["cut_after", "garbage_after", "error_after", "hang_after", "drip_after", "end_after"]
CROWD = 200


@pytest.fixture(scope="module")
def crowded_api(services: Services, logs: Path, open_market: Market) -> Iterator[str]:
    """An API that waits for everybody, with ten connections to the database."""
    patience = dict.fromkeys(("FIRST_TOKEN_TIMEOUT_S", "TOKEN_GAP_TIMEOUT_S", "CONNECT_TIMEOUT_S"), "120")
    settings = {**open_market.settings, **patience, "ANSWER_TIMEOUT_S": "300", "DATABASE_POOL_SIZE": "10"}
    with api_process(services, logs, **settings) as (url, _):
        yield url


def test_a_whole_answer_arrives_as_it_was_said(customer: Owner, market: Market) -> None:
    said = "Añoro el 🌊, y «el ñandú» también: \\n y 模型."
    for kind in KINDS:
        events = customer.ask(bot_of(customer, config(f"say={said}", kind)), "Hola")

        assert text_of(events) == said


@pytest.mark.parametrize("fault", BREAKS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_breaks_off_is_told_and_kept_and_nobody_else_answers_str_4_str_5(
    kind: str, fault: str, customer: Owner, market: Market
) -> None:
    bot_id = bot_of(customer, config(f"tokens=5;{fault}=2", kind), config("say=Otro", OTHER[kind]))

    events = customer.ask(bot_id, "Hola")

    assert text_of(events) == "palabra0 palabra1"
    assert [name for name, _ in events if name in ("finished", "error")] == ["error"]
    assert events[-1][1]["code"] == "answer_cut_short"
    _, stored = messages(customer, events[0][1]["conversation_id"])
    assert (stored["text"], stored["finish"]) == ("palabra0 palabra1", "error")
    assert (stored["error_code"], stored["provider"]) == ("answer_cut_short", kind)
    assert chats(market.vendor(OTHER[kind])) == []


@pytest.mark.parametrize("fault", BREAKS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_answer_that_breaks_off_is_a_broken_connection_law_2(
    kind: str, fault: str, customer: Owner, market: Market
) -> None:
    bot_id = bot_of(customer, config(f"tokens=5;{fault}=2", kind), config("say=Otro", OTHER[kind]))
    read: list[str] = []

    asked = customer.http.stream("POST", f"/chat/{bot_id}", json={"query": "Hola"})
    with asked as answer, pytest.raises(httpx2.RemoteProtocolError):
        read.extend(answer.iter_text())

    assert (answer.status_code, "".join(read)) == (200, "palabra0 palabra1")
    _, stored = messages(customer, answer.headers["x-conversation-id"])
    assert (stored["text"], stored["error_code"]) == ("palabra0 palabra1", "answer_cut_short")


@pytest.mark.parametrize("fault", BREAKS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_vendor_that_breaks_off_is_let_go(kind: str, fault: str, customer: Owner, market: Market) -> None:
    customer.ask(bot_of(customer, config(f"tokens=5;{fault}=2", kind)), "Hola")

    wait_until(lambda: market.vendor(kind).streams == 0, within_s=1)


@pytest.mark.parametrize("script", ["hang=headers", "hang_after=0", "drip_after=0"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_client_that_leaves_before_the_first_word_frees_the_vendor_str_3(
    kind: str, script: str, customer: Owner, market: Market
) -> None:
    vendor, bot_id = market.vendor(kind), bot_of(customer, config(script, kind))
    left = vendor.left
    with asking(customer, bot_id):
        wait_until(lambda: vendor.streams == 1)

    wait_until(lambda: vendor.streams == 0, within_s=1)
    assert vendor.left == left + 1
    [conversation] = conversations(customer, bot_id)
    assert [message["text"] for message in messages(customer, conversation["id"])] == ["Hola"]


@pytest.mark.parametrize("script", ["tokens=500;pace_ms=50", "tokens=5;hang_after=1", "tokens=5;drip_after=1"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_client_that_leaves_half_way_frees_the_vendor_and_loses_nothing_str_3(
    kind: str, script: str, customer: Owner, market: Market
) -> None:
    vendor, bot_id = market.vendor(kind), bot_of(customer, config(script, kind))
    left = vendor.left
    with asking(customer, bot_id) as client:
        read_until(client, b"event: delta")

    wait_until(lambda: vendor.streams == 0, within_s=1)
    assert vendor.left == left + 1
    [conversation] = conversations(customer, bot_id)
    wait_until(lambda: len(messages(customer, conversation["id"])) == 2)
    stored = messages(customer, conversation["id"])[1]
    assert stored["finish"] == "interrupted"
    assert stored["text"].startswith("palabra0")


def test_a_stopping_server_ends_a_vendors_streams_and_keeps_what_was_said_law_8(
    services: Services, logs: Path, customer: Owner, market: Market
) -> None:
    """OPS-1: also a question that the vendor has not begun to answer is told, and the vendors are let go."""
    slow = [bot_of(customer, config("tokens=1000;pace_ms=20", kind)) for kind in KINDS]
    silent = bot_of(customer, config("hang=headers"))
    patient = {**market.settings, "FIRST_TOKEN_TIMEOUT_S": "60"}
    with api_process(services, logs, **patient) as (url, running), ExitStack() as stack:
        http = stack.enter_context(httpx2.Client(base_url=url, headers=customer.http.headers, trust_env=False))
        elsewhere = Owner(customer.id, customer.email, customer.token, http)
        clients = [stack.enter_context(asking(elsewhere, bot_id)) for bot_id in (*slow, silent)]
        begun = [read_until(client, b"event: delta") for client in clients[:2]]
        wait_until(lambda: market.openai.streams == 2)
        began = time.monotonic()

        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(timeout=30) == 0
        rest = [read_all(client) for client in clients]
    assert time.monotonic() - began < 30
    for said, after in zip(begun, rest, strict=False):
        assert (said + after).count(b"event: error") == 1
        assert b'"code":"interrupted"' in after
    assert b" 503 " in rest[2].splitlines()[0]
    assert b'"code":"interrupted"' in rest[2]
    wait_until(lambda: market.openai.streams + market.google.streams == 0)
    for bot_id in slow:
        [conversation] = conversations(customer, bot_id)
        _, stored = messages(customer, conversation["id"])
        assert stored["finish"] == "interrupted"
        assert stored["text"].startswith("palabra0")


def test_two_hundred_open_answers_leave_the_other_routes_free_str_6(crowded_api: str, market: Market) -> None:
    with person_at(crowded_api) as person, ExitStack() as stack, ThreadPoolExecutor(16) as threads:
        give_keys(person)
        bots = [bot_of(person, config("tokens=5;hang_after=1", kind)) for kind in KINDS]
        clients = [stack.enter_context(asking(person, bots[n % 2])) for n in range(CROWD)]
        begun = list(threads.map(lambda client: read_until(client, b"event: delta"), clients))
        speaking = market.openai.streams + market.google.streams

        answers = [person.http.get("/bots/", timeout=5) for _ in range(20)]

    assert len(begun) == speaking == CROWD
    assert {answer.status_code for answer in answers} == {200}
    wait_until(lambda: market.openai.streams + market.google.streams == 0)
