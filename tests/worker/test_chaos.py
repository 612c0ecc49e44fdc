"""JOB-1 to JOB-7 while parts are killed: every document ends with exactly the rows of an undisturbed training.

`make chaos-training` does the same for as long as one likes.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.core.config import Settings
from app.core.queue import VECTORS, WORDS, make_celery
from tests.chaos.death import Death, Moment
from tests.chaos.rounds import Chaos, chaos
from tests.chaos.stage import LANES, Stage, stage
from tests.platform import Owner, register
from tests.rows import Database
from tests.services import wait_until
from worker.lane import LONGEST_PAUSE_S, Lane

SEED = 2026
# Once each, or where there are many steps at which to die, more often.
ROUNDS = {
    "the words end at a step": ["words die"] * 4,
    "the vectors end at a step": ["vectors die"] * 4,
    "a lane is killed at any moment": ["words killed", "vectors killed", "worker killed", "vectors killed"],
    "a service is killed": ["broker killed", "broker emptied", "postgresql killed", "everything killed"],
    "others are in the way": ["api killed", "words frozen", "document deleted", "vectors frozen"],
    "the model changes": ["model changed"] * 4,
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("stage")) as made:
        yield made


@pytest.fixture(scope="module")
def begun(played: Stage) -> Iterator[Chaos]:
    with chaos(played, seed=SEED) as begun:
        yield begun


@pytest.fixture
def database(played: Stage) -> Iterator[Database]:
    database = Database(played.services)
    yield database
    database.close()


@pytest.fixture
def ana(played: Stage) -> Iterator[Owner]:
    played.start_the_dead()
    played.wait_for_api()
    ana = register(played.url)
    yield ana
    ana.http.close()


@pytest.fixture
def berta(ana: Owner, played: Stage) -> Iterator[Owner]:
    berta = register(played.url)
    yield berta
    berta.http.close()


@pytest.mark.parametrize("faults", ROUNDS.values(), ids=ROUNDS)
def test_whatever_is_killed_each_document_ends_as_an_undisturbed_one_job_1_job_2_job_4_job_6(
    begun: Chaos, faults: list[str]
) -> None:
    done = [begun.round(fault) for fault in faults]

    begun.settle()

    # Fewer hits would test something else: that nothing happens where nothing goes on.
    assert sum(one.hit for one in done) >= 2, [str(one) for one in done]


def test_nobody_who_looked_on_saw_a_half_job_2(begun: Chaos) -> None:
    begun.round("vectors killed")
    begun.settle()
    seen = begun.reader.looks, begun.reader.answers

    begun.check_all()

    assert all(count > 0 for count in seen), seen
    assert begun.reader.violations == []


def test_the_killed_parent_of_both_lanes_and_the_next_one_leave_the_rows_of_one_run_job_1_job_4(
    played: Stage, begun: Chaos
) -> None:
    for lane in LANES:
        played.processes.pop(lane).kill()
    parent = played.start("worker")

    done = begun.is_killed("vectors", parts=["worker"])

    # Its lanes outlive it, and work beside those of the next one.
    begun.settle()
    for worker in (parent, played.processes.pop("worker")):
        worker.kill()
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
    for lane in LANES:
        played.start(lane)
    assert done[1]


def test_a_poison_document_fails_after_five_attempts_and_keeps_no_other_waiting_job_5(
    played: Stage, database: Database, ana: Owner, berta: Owner
) -> None:
    poisoned, bot_id = ana.new_bot(embedding_model="openai")["id"], berta.new_bot(embedding_model="openai")["id"]
    played.processes["words"].kill()
    poison = ana.upload(poisoned, "Veneno.").json()["id"]
    deadly = Death(Moment.STATEMENT, reading=poison)

    def has_failed() -> bool:
        return bool(ana.document(poisoned, poison)["status"] == "failed")

    deaths = 0
    while not has_failed():
        lane = played.start("words", deadly)
        berta.upload(bot_id, f"El faro abre tras {deaths} muertes.")
        wait_until(lambda: not played.processes["words"].lives or has_failed(), within_s=60)
        deaths += not lane.lives
    wait_until(lambda: waiting(database, bot_id, "searchable_at IS NULL") == 0, within_s=60)

    assert ana.document(poisoned, poison)["error"] == "too_many_attempts"
    assert deaths == 5
    assert waiting(database, bot_id, "searchable_at > created_at + interval '30 s'") == 0


def test_five_hundred_documents_of_one_owner_keep_nobody_elses_waiting_job_7(
    played: Stage, database: Database, ana: Owner, berta: Owner
) -> None:
    busy, bot_id = ana.new_bot(embedding_model="openai")["id"], berta.new_bot(embedding_model="openai")["id"]
    for lane in LANES:
        played.processes[lane].kill()
    add_queued(database, ana, busy, count=500)
    celery = make_celery(played.services.redis_url)
    for (document_id,) in database.rows("SELECT id::text FROM documents WHERE bot_id = %s", busy):
        celery.send_task(WORDS, args=[document_id])
    first = berta.upload(bot_id, "El faro de Salmera se visita los jueves.").json()["id"]

    began = time.monotonic()
    for lane in LANES:
        played.start(lane)
    wait_until(lambda: berta.document(bot_id, first)["searchable"], within_s=60)
    searchable_s, wordless = time.monotonic() - began, waiting(database, busy, "searchable_at IS NULL")
    wait_until(lambda: berta.document(bot_id, first)["status"] == "ready", within_s=60)
    unready = waiting(database, busy, "status <> 'ready'")
    ana.http.delete(f"/bots/{busy}").raise_for_status()

    assert searchable_s < 60
    # Nobody's turn comes by the length of the queue before them.
    assert wordless > 450
    assert unready > 400


def test_a_deleted_document_ends_its_training_and_leaves_nothing_job_6(
    played: Stage, database: Database, ana: Owner
) -> None:
    bot_id = ana.new_bot(embedding_model="openai")["id"]
    text = " ".join(f"El expediente {n} de la biblioteca de Salmera caduca pronto." for n in range(3_000))
    document_id = ana.upload(bot_id, text).json()["id"]
    wait_until(lambda: ana.document(bot_id, document_id)["chunks_embedded"] > 0, within_s=60)

    ana.http.delete(f"/bots/{bot_id}/documents/{document_id}").raise_for_status()
    celery = make_celery(played.services.redis_url)
    for task in (WORDS, VECTORS):
        celery.send_task(task, args=[document_id])
    ana.train(bot_id, "El faro de Salmera se visita los jueves.")

    for table in ("chunks", "postings", "vectors"):
        assert database.rows(f"SELECT 1 FROM {table} WHERE document_id = %s LIMIT 1", document_id) == []  # noqa: S608


def test_as_shipped_what_is_lost_goes_on_within_two_of_the_three_minutes_job_1() -> None:
    settings = Settings.model_construct()

    found_s = max(settings.job_lease_s, settings.job_lost_after_s) + settings.sweep_every_s

    assert found_s + LONGEST_PAUSE_S <= 120


def test_as_shipped_a_lane_that_a_poison_document_ends_is_back_within_half_a_minute_job_5() -> None:
    lane = Lane("words", began_at=0)
    now, pauses = 0.0, []
    for _ in range(5):
        # The next attempt is as soon as the lease of the last one is over.
        now += Settings.model_construct().job_lease_s
        lane.ended(now=now)
        pauses.append(lane.pause_s)
        lane.started(1, now=lane.starts_at)

    assert max(pauses) < 25


def add_queued(database: Database, owner: Owner, bot_id: str, *, count: int) -> None:
    """As so many uploads leave them."""
    database.run(
        "INSERT INTO documents (id, owner_id, bot_id, filename, size_bytes, characters, encoding, sha256, text,"
        " status, chunks, chunks_embedded, attempts, published_at, created_at)"
        " SELECT gen_random_uuid(), %s, %s, 'notas.txt', length(body), length(body), 'utf-8',"
        " sha256(convert_to(body, 'UTF8')), body, 'queued', 0, 0, 0, now(), now()"
        " FROM (SELECT 'El expediente ' || n || ' caduca.' AS body FROM generate_series(1, %s) AS n) AS made",
        *(owner.id, bot_id, count),
    )


def waiting(database: Database, bot_id: str, which: str) -> int:
    [(count,)] = database.rows(f"SELECT count(*) FROM documents WHERE bot_id = %s AND {which}", bot_id)  # noqa: S608
    return int(count)
