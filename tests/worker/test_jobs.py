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
from tests.platform import api_process, log_in, worker_process
from tests.services import wait_until
from tests.worker.conftest import HURRIED, Platform


def test_a_worker_killed_at_ten_random_moments_costs_no_chunk_job_1(platform: Platform) -> None:
    seeded = random.Random(2026)
    uploaded: dict[str, str] = {}
    known = platform.leases()
    for round_ in range(10):
        body = many_chunks(40, word=f"ronda{round_}x", gap=20_000)
        document_id = platform.upload(body)
        uploaded[document_id] = body
        lane = platform.words if round_ % 2 else platform.vectors
        if lane is platform.vectors:
            wait_until(lambda document_id=document_id: platform.is_searchable(document_id), within_s=60)
        wait_until(lambda known=known: bool(platform.leases() - known), within_s=60)
        # The moment of the kill: anywhere in the fraction of a second that a lane holds a document for.
        time.sleep(seeded.uniform(0, 0.1 if lane is platform.words else 0.8))
        lane.kill()
        known |= platform.leases()

    for document_id, body in uploaded.items():
        platform.assert_whole(document_id, body, within_s=120)


def test_postgresql_killed_in_a_training_costs_no_chunk_job_1(platform: Platform, body: str) -> None:
    document_id = platform.upload(body)
    wait_until(lambda: platform.is_searchable(document_id))

    platform.postgresql.kill()
    platform.postgresql.start()

    platform.assert_whole(document_id, body)
    assert platform.owner.http.get("/bots/").status_code == 200


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
    document_id = platform.upload(body)

    platform.broker.kill()
    platform.empty_broker()
    platform.broker.start()
    platform.words.wake()

    platform.assert_whole(document_id, body)


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
    platform: Platform, body: str, tmp_path: Path
) -> None:
    with (
        worker_process(platform.services, tmp_path, "words", **HURRIED) as words,
        worker_process(platform.services, tmp_path, "vectors", **HURRIED) as vectors,
    ):
        document_id = platform.upload(body)
        celery = make_celery(platform.services.redis_url)
        for _ in range(5):
            celery.send_task(WORDS, args=[document_id])
            celery.send_task(VECTORS, args=[document_id])
        platform.assert_whole(document_id, body)
        before = platform.versions(document_id)
        for task in [WORDS, VECTORS] * 3:
            celery.send_task(task, args=[document_id])
        other = platform.upload(f"{body} fin")
        platform.assert_whole(other, f"{body} fin")

    assert platform.versions(document_id) == before
    assert words.process.returncode == vectors.process.returncode == 0


def test_a_worker_frozen_past_its_lease_writes_nothing_when_it_wakes_job_4(
    platform: Platform, body: str, tmp_path: Path
) -> None:
    known = platform.leases()
    document_id = platform.upload(body)
    wait_until(lambda: platform.is_searchable(document_id) and bool(platform.leases() - known))
    frozen = platform.vectors
    frozen.freeze()
    with worker_process(platform.services, tmp_path, "vectors", **HURRIED):
        platform.assert_whole(document_id, body)
    before = platform.versions(document_id)

    frozen.wake()
    later = platform.upload(f"{body} fin")
    platform.assert_whole(later, f"{body} fin")

    assert platform.versions(document_id) == before


def test_a_worker_told_to_stop_in_a_long_training_hands_it_back_ops_1(platform: Platform, tmp_path: Path) -> None:
    body = many_chunks(200, word=f"largo{uuid.uuid4().hex[:6]}x")
    document_id = platform.upload(body)
    wait_until(lambda: platform.embedded(document_id) > 0, within_s=60)
    stopped = platform.vectors.process

    stopped.send_signal(signal.SIGTERM)

    assert stopped.wait(timeout=30) == 0
    assert platform.status(document_id) == "processing"
    assert 0 < platform.embedded(document_id) < 200
    platform.assert_whole(document_id, body)
