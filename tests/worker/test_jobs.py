"""After the 202 a document is trained exactly once, whatever is killed, frozen, emptied or cut off meanwhile."""

import random
import signal
import time
import uuid
from pathlib import Path

import httpx2
import pytest

from app.core.queue import VECTORS, WORDS, make_celery
from tests.knowledge.library import many_chunks
from tests.platform import api_process, log_in
from tests.services import wait_until
from tests.worker.conftest import HURRIED, Lane, Platform


def test_a_worker_killed_at_ten_random_moments_costs_no_chunk_job_1(platform: Platform) -> None:
    seeded = random.Random(2026)
    uploaded: dict[str, str] = {}
    interrupted = 0
    for round_ in range(10):
        name, lane, longest_s = [("vectors", platform.vectors, 0.3), ("words", platform.words, 0.05)][round_ % 2]
        before = platform.leases(name)
        # The odd rounds' vectors are there already: what they try is done before.
        body = many_chunks(600 + round_ % 2, word=f"ronda{round_ // 2}x")
        document_id = platform.upload(body)
        uploaded[document_id] = body
        taken = new_leases(platform, name, before, document_id)
        # Anywhere in the time for which a lane holds a document.
        time.sleep(seeded.uniform(0, longest_s))
        lane.kill()
        interrupted += bool(taken & platform.leases(name))
        # Whose turn it is is the elder's: one that is killed five times would be taken for poison.
        platform.assert_whole(document_id, body, within_s=120)

    for document_id, body in uploaded.items():
        platform.assert_whole(document_id, body)
    # Nine or ten are; fewer than half would test something else.
    assert interrupted >= 5


def test_postgresql_killed_in_a_training_costs_no_chunk_job_1(platform: Platform) -> None:
    body = many_chunks(100, word=f"corte{uuid.uuid4().hex[:6]}x")
    document_id = platform.upload(body)
    wait_until(lambda: platform.is_searchable(document_id))

    platform.postgresql.kill()
    platform.postgresql.start()

    platform.assert_whole(document_id, body)
    wait_until(lambda: platform.owner.http.get("/bots/").status_code == 200)


def test_the_api_killed_after_its_202_costs_no_document_job_1(
    platform: Platform, body: str, tmp_path: Path
) -> None:
    with api_process(platform.services, tmp_path, **HURRIED) as (url, running):
        headers = dict(platform.owner.http.headers)
        files = {"file": ("notas.txt", body.encode(), "text/plain")}
        answer = httpx2.post(f"{url}/bots/{platform.bot_id}/train", files=files, headers=headers, trust_env=False)
        running.kill()

    assert answer.status_code == 202
    platform.assert_whole(answer.json()["id"], body)


def test_a_broker_killed_with_all_that_it_held_costs_no_document_job_1(platform: Platform, body: str) -> None:
    platform.words.freeze()
    # The first may already be on its way to the frozen worker; the others are the broker's alone.
    bodies = {platform.upload(f"{body} {n}"): f"{body} {n}" for n in range(3)}

    platform.broker.kill()
    platform.empty_broker()
    platform.broker.start()
    platform.words.wake()

    for document_id, text in bodies.items():
        platform.assert_whole(document_id, text)


@pytest.mark.parametrize("fault", ["down", "black hole"])
def test_without_a_broker_an_upload_is_taken_within_a_second_and_trained_once_it_is_back_job_3(
    platform: Platform, body: str, fault: str
) -> None:
    owner, bot_id = platform.owner, platform.bot_id
    break_, mend = {
        "down": (platform.to_broker.close, platform.to_broker.open),
        "black hole": (platform.to_broker.stall, platform.to_broker.flow),
    }[fault]
    assert owner.http.get("/bots/").status_code == 200

    break_()
    try:
        began = time.monotonic()
        answer = owner.upload(bot_id, body)
        took_s = time.monotonic() - began
        with httpx2.Client(base_url=owner.http.base_url, timeout=10, trust_env=False) as somebody:
            token = log_in(somebody, owner.email)
        chat = owner.http.post(f"/chat/{bot_id}", json={"query": "hola"}, timeout=10)
    finally:
        mend()

    assert answer.status_code == 202
    assert took_s < 1
    assert token
    assert chat.status_code == 200
    platform.assert_whole(answer.json()["id"], body)


def test_two_workers_on_one_document_leave_the_rows_of_one_run_job_4(
    platform: Platform, second: tuple[Lane, Lane], body: str
) -> None:
    celery = make_celery(platform.services.redis_url)
    document_id = platform.upload(body)
    for task in [WORDS, VECTORS] * 5:
        celery.send_task(task, args=[document_id])
    platform.assert_whole(document_id, body)
    before = platform.versions(document_id)

    for task in [WORDS, VECTORS] * 5:
        celery.send_task(task, args=[document_id])
    platform.assert_whole(platform.upload(f"{body} fin"), f"{body} fin")

    assert platform.versions(document_id) == before


def test_a_worker_frozen_past_its_lease_writes_nothing_when_it_wakes_job_4(
    platform: Platform, second: tuple[Lane, Lane], body: str
) -> None:
    first, other = platform.vectors, second[1]
    known = platform.leases("vectors")
    other.freeze()
    document_id = platform.upload(body)
    new_leases(platform, "vectors", known, document_id)

    first.freeze()
    said = first.said
    other.wake()
    platform.assert_whole(document_id, body)
    before = platform.versions(document_id)
    first.wake()
    # That its lease is lost, or that the database cut the transaction in which it froze.
    wait_until(lambda: len(first.said) > len(said), within_s=30)

    assert platform.versions(document_id) == before


def test_a_worker_told_to_stop_in_a_long_training_hands_it_to_another_ops_1(
    platform: Platform, second: tuple[Lane, Lane]
) -> None:
    body = many_chunks(1_500, word=f"largo{uuid.uuid4().hex[:6]}x")
    other = second[1]
    other.freeze()
    document_id = platform.upload(body)
    wait_until(lambda: platform.embedded(document_id) > 0, within_s=60)
    stopped = platform.vectors.process

    stopped.send_signal(signal.SIGTERM)

    assert stopped.wait(timeout=30) == 0
    assert platform.status(document_id) == "processing"
    assert 0 < platform.embedded(document_id) < 1_500
    other.wake()
    platform.assert_whole(document_id, body)


def new_leases(platform: Platform, lane: str, before: set[str], document_id: str) -> set[str]:
    """What a lane took since then, as soon as it took something; nothing where it was done before one looked."""
    is_past = {"words": platform.is_searchable, "vectors": platform.is_ready}[lane]
    wait_until(lambda: bool(platform.leases(lane) - before) or is_past(document_id), within_s=60)
    return platform.leases(lane) - before
