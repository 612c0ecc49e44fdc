"""What an account used: sums of its own ledger, which never count as saved what nobody knows (LED-1)."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.core.database import new_id
from tests.platform import Owner
from tests.rows import Database

FIGURES = (
    "answers",
    "input_tokens",
    "output_tokens",
    "answers_estimated",
    "cost_micro_usd",
    "answers_cost_unknown",
    "dearest_micro_usd",
    "saved_micro_usd",
)
NOTHING = dict.fromkeys(FIGURES, 0)


def usage(owner: Owner, **params: str) -> dict[str, Any]:
    """`first` and `last` are the days `from` and `to`."""
    names = {"first": "from", "last": "to"}
    answer = owner.http.get("/usage/", params={names.get(name, name): value for name, value in params.items()})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def today() -> date:
    return datetime.now(UTC).date()


def figures_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in FIGURES}


def test_without_a_question_all_is_zero_and_every_list_empty(owner: Owner) -> None:
    body = usage(owner)

    assert body == {
        "from": (today() - timedelta(days=29)).isoformat(),
        "to": today().isoformat(),
        "total": NOTHING,
        **{name: [] for name in ("days", "bots", "models", "task_types")},
    }


def test_answers_are_summed_by_day_bot_model_and_task_type(owner: Owner, db: Database) -> None:
    shop, office = db.add_bot(owner.id), db.add_bot(owner.id)
    cheap: dict[str, Any] = {"model_id": "gpt-4o-mini", "task_type": "general", "cost_micro_usd": 21}
    db.add_ledger_entry(owner.id, shop, created_at=at("2026-03-01T10:00:00"), **cheap)
    db.add_ledger_entry(owner.id, shop, created_at=at("2026-03-02T10:00:00"), **cheap, tokens_estimated=True)
    db.add_ledger_entry(owner.id, office, created_at=at("2026-03-02T11:00:00"), task_type="complex")

    body = usage(owner, first="2026-03-01", last="2026-03-31")

    one = {**NOTHING, "answers": 1, "input_tokens": 100, "output_tokens": 10, "dearest_micro_usd": 350}
    first = {**one, "cost_micro_usd": 21, "saved_micro_usd": 329}
    both_cheap = {name: 2 * value for name, value in first.items()} | {"answers_estimated": 1}
    dear = {**one, "cost_micro_usd": 350}
    second_day = {name: first[name] + dear[name] for name in FIGURES} | {"answers_estimated": 1}
    assert body["total"] == {name: both_cheap[name] + dear[name] for name in FIGURES}
    assert body["days"] == [{"day": "2026-03-01", **first}, {"day": "2026-03-02", **second_day}]
    assert body["bots"] == [
        {"bot_id": str(shop), "name": "Bot", **both_cheap},
        {"bot_id": str(office), "name": "Bot", **dear},
    ]
    assert body["models"] == [
        {"provider": "openai", "model_id": "gpt-4o-mini", **both_cheap},
        {"provider": "openai", "model_id": "gpt-4o", **dear},
    ]
    assert body["task_types"] == [{"task_type": "general", **both_cheap}, {"task_type": "complex", **dear}]


@pytest.mark.parametrize(
    ("cost", "dearest", "expected"),
    [
        (None, 350, {"cost_micro_usd": 0, "answers_cost_unknown": 1, "dearest_micro_usd": 350}),
        (None, None, {"cost_micro_usd": 0, "answers_cost_unknown": 1, "dearest_micro_usd": 0}),
        (21, None, {"cost_micro_usd": 21, "answers_cost_unknown": 0, "dearest_micro_usd": 0}),
        (350, 350, {"cost_micro_usd": 350, "answers_cost_unknown": 0, "dearest_micro_usd": 350}),
    ],
    ids=["the cost is unknown", "both are unknown", "the dearest is unknown", "the dearest itself answered"],
)
def test_nothing_is_saved_where(
    cost: int | None, dearest: int | None, expected: dict[str, int], owner: Owner, db: Database
) -> None:
    db.add_ledger_entry(owner.id, new_id(), cost_micro_usd=cost, dearest_micro_usd=dearest)

    total = usage(owner)["total"]

    assert {name: total[name] for name in expected} == expected
    assert total["saved_micro_usd"] == 0


def test_what_is_saved_counts_only_the_answers_where_both_are_known(owner: Owner, db: Database) -> None:
    db.add_ledger_entry(owner.id, new_id(), cost_micro_usd=50, dearest_micro_usd=350)
    db.add_ledger_entry(owner.id, new_id(), cost_micro_usd=None, dearest_micro_usd=1_000)

    total = usage(owner)["total"]

    assert (total["cost_micro_usd"], total["dearest_micro_usd"], total["saved_micro_usd"]) == (50, 1_350, 300)


def test_sums_past_32_bits_are_exact(owner: Owner, db: Database) -> None:
    for _ in range(3):
        db.add_ledger_entry(
            *(owner.id, new_id()), input_tokens=2**31 - 1, cost_micro_usd=2**52 + 1, dearest_micro_usd=2**52 + 1
        )

    total = usage(owner)["total"]

    assert (total["input_tokens"], total["cost_micro_usd"]) == (3 * (2**31 - 1), 3 * (2**52 + 1))


def test_a_day_begins_and_ends_at_midnight_utc(owner: Owner, db: Database) -> None:
    for moment in (
        "2026-03-01T23:59:59.999999",
        "2026-03-02T00:00:00",
        "2026-03-03T23:59:59.999999",
        "2026-03-04T00:00:00",
    ):
        db.add_ledger_entry(owner.id, new_id(), created_at=at(moment))

    body = usage(owner, first="2026-03-02", last="2026-03-03")

    assert body["total"]["answers"] == 2
    assert [(day["day"], day["answers"]) for day in body["days"]] == [("2026-03-02", 1), ("2026-03-03", 1)]


def test_by_default_it_is_the_last_thirty_days(owner: Owner, db: Database) -> None:
    for days_ago in (0, 29, 30):
        noon = datetime.combine(today() - timedelta(days=days_ago), datetime.min.time(), UTC) + timedelta(hours=12)
        db.add_ledger_entry(owner.id, new_id(), created_at=noon)

    days = [day["day"] for day in usage(owner)["days"]]

    assert days == [(today() - timedelta(days=days_ago)).isoformat() for days_ago in (29, 0)]


def test_one_bot_alone_can_be_asked_for(owner: Owner, db: Database) -> None:
    shop, office = db.add_bot(owner.id), db.add_bot(owner.id)
    for bot_id in (shop, shop, office):
        db.add_ledger_entry(owner.id, bot_id)

    body = usage(owner, bot_id=str(shop))

    assert body["total"]["answers"] == 2
    assert [bot["bot_id"] for bot in body["bots"]] == [str(shop)]


def test_a_bot_that_never_answered_has_used_nothing(owner: Owner, db: Database) -> None:
    db.add_ledger_entry(owner.id, new_id())

    assert usage(owner, bot_id=str(db.add_bot(owner.id)))["total"] == NOTHING


def test_what_a_deleted_bot_used_still_counts_without_a_name(owner: Owner, db: Database) -> None:
    bot_id = db.add_bot(owner.id)
    db.add_ledger_entry(owner.id, bot_id)
    assert owner.http.delete(f"/bots/{bot_id}").status_code == 204

    everything, of_the_bot = usage(owner), usage(owner, bot_id=str(bot_id))

    [bot] = everything["bots"]
    assert (bot["bot_id"], bot["name"], bot["answers"]) == (str(bot_id), None, 1)
    assert of_the_bot["total"]["answers"] == 1


def test_another_owners_use_is_never_in_the_sums(owner: Owner, stranger: Owner, db: Database) -> None:
    """ISO-1, also where both have rows of the same bot id."""
    bot_id = db.add_bot(stranger.id)
    db.add_ledger_entry(stranger.id, bot_id, cost_micro_usd=10**9)
    db.add_ledger_entry(owner.id, bot_id)

    body = usage(owner)

    assert body["total"]["answers"] == 1
    assert body["bots"] == [{"bot_id": str(bot_id), "name": None, **figures_of(body["total"])}]


def test_another_owners_bot_is_the_404_of_one_that_does_not_exist(
    owner: Owner, stranger: Owner, db: Database
) -> None:
    """ISO-3."""
    foreign = db.add_bot(stranger.id)
    db.add_ledger_entry(stranger.id, foreign)

    answers = [owner.http.get("/usage/", params={"bot_id": str(bot_id)}) for bot_id in (foreign, uuid.uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["code"] == "bot_not_found"


def test_four_hundred_days_can_be_asked_for(owner: Owner) -> None:
    assert usage(owner, first="2026-01-01", last="2027-02-04")["total"] == NOTHING


@pytest.mark.parametrize(
    "params",
    [
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2026-01-01", "to": "2027-02-05"},
        {"from": "2001-01-01"},
        {"from": "9999-12-31"},
        {"from": "2026-02-30"},
        {"to": "ayer"},
        {"to": ""},
        {"to": "1700000000"},
        {"to": "2026-03-01T00:00:00"},
        {"to": "20260301"},
        {"to": "٢٠٢٦-٠٣-٠١"},
        {"bot_id": "1"},
    ],
    ids=str,
)
def test_days_that_make_no_sense_are_422(params: dict[str, str], owner: Owner) -> None:
    answer = owner.http.get("/usage/", params=params)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_of_all_are_days(day: str, owner: Owner) -> None:
    assert usage(owner, last=day)["total"] == NOTHING
