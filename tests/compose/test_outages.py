"""Without the database or the broker (OPS-2, OPS-4, JOB-3)."""

import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.compose.stack import Stack
from tests.platform import Owner
from tests.services import wait_until


@pytest.fixture(scope="module")
def early(stack: Stack) -> Iterator[httpx2.Client]:
    """A client whose connections are made while all is well."""
    with httpx2.Client(base_url=stack.api, timeout=30, trust_env=False) as http:
        yield http


def test_without_database_and_broker_it_lives_and_is_not_ready_ops_2(
    stack: Stack, early: httpx2.Client, owner: Owner
) -> None:
    with stack.stopped("db", "redis"):
        alive = early.get("/health/live")
        wait_until(lambda: early.get("/health/ready").status_code == 503, within_s=10)
        asked = owner.http.get("/bots/")
    wait_until(lambda: early.get("/health/ready").status_code == 200, within_s=10)

    assert alive.status_code == 200
    assert (asked.status_code, asked.headers["retry-after"].isdigit()) == (503, True)
    assert asked.headers["content-type"].startswith("application/problem+json")
    assert owner.http.get("/bots/").status_code == 200


def test_an_upload_without_the_broker_is_taken_at_once_and_done_later_job_3(stack: Stack, owner: Owner) -> None:
    bot_id = owner.new_bot()["id"]

    with stack.stopped("redis"):
        began_at = time.monotonic()
        uploaded = owner.upload(bot_id, "El faro de Salmera se visita los jueves.")
        took_s = time.monotonic() - began_at

    assert uploaded.status_code == 202
    assert took_s < 5
    document_id = uploaded.json()["id"]
    wait_until(lambda: owner.document(bot_id, document_id)["status"] == "ready", within_s=180)


def test_what_was_queued_outlives_the_broker_and_the_database(stack: Stack, owner: Owner) -> None:
    bot_id = owner.new_bot()["id"]

    with stack.stopped("worker"):
        document_id = owner.upload(bot_id, "El faro de Salmera se visita los jueves.").json()["id"]
        stack.compose("restart", "redis", "db")
        stack.wait_healthy("redis", "db")

    wait_until(lambda: owner.document(bot_id, document_id)["status"] == "ready", within_s=180)
