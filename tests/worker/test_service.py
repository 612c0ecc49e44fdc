"""The worker as a server runs it: one process that forks both lanes, and the probe that watches it."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app import probe
from app.embedded.services import Services
from tests.platform import Owner, Running, api_process, environment, register, started
from tests.services import migrated_services, wait_until
from worker.lane import FIRST_PAUSE_S, LONGEST_PAUSE_S, Lane


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with migrated_services() as services:
        yield services


@pytest.fixture(scope="module")
def api(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with api_process(services, tmp_path_factory.mktemp("api")) as (url, _):
        yield url


@pytest.fixture
def owner(api: str) -> Iterator[Owner]:
    owner = register(api)
    yield owner
    owner.http.close()


@pytest.fixture
def service(services: Services, tmp_path: Path) -> Iterator[Running]:
    env = environment(
        services, BYTCHAT_HOME=str(tmp_path), SWEEP_EVERY_S="1", JOB_LEASE_S="2", JOB_LOST_AFTER_S="1"
    )
    with started([sys.executable, "-m", "worker.lanes"], env, tmp_path / "worker.log") as running:
        wait_until(lambda: probe.worker(tmp_path), within_s=60)
        yield running


def lanes(service: Running) -> list[int]:
    return sorted(child.pid for child in psutil.Process(service.process.pid).children())


def test_both_lanes_work_and_a_stop_leaves_no_process(service: Running, owner: Owner) -> None:
    document = owner.train(owner.new_bot()["id"], "El faro de Salmera se visita los jueves.")
    children = lanes(service)

    service.process.send_signal(signal.SIGTERM)

    assert service.process.wait(timeout=20) == 0
    assert document["chunks_embedded"] == document["chunks"] == 1
    assert len(children) == 2
    assert not any(psutil.pid_exists(child) for child in children)


def test_a_lane_that_is_killed_is_forked_anew_and_the_other_works_on(service: Running, owner: Owner) -> None:
    killed, kept = lanes(service)

    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(lanes(service)) == 2 and killed not in lanes(service), within_s=20)

    assert kept in lanes(service)
    assert owner.train(owner.new_bot()["id"], "El mercado abre a las siete.")["status"] == "ready"


def test_a_lane_that_ends_soon_waits_longer_each_time_and_one_that_lived_starts_at_once() -> None:
    lane = Lane("words", began_at=100.0)
    pauses = []
    for _ in range(7):
        lane.ended(now=101.0)
        pauses.append(lane.pause_s)
    lane.ended(now=100.0 + 3600)

    assert pauses == [2, 4, 8, 16, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert lane.pause_s == FIRST_PAUSE_S
    assert lane.starts_at == 3700.0 + FIRST_PAUSE_S


def test_a_worker_one_of_whose_lanes_is_silent_is_not_well(tmp_path: Path) -> None:
    words, vectors = tmp_path / "lane-words", tmp_path / "lane-vectors"
    words.touch()
    assert not probe.worker(tmp_path)

    vectors.touch()
    assert probe.worker(tmp_path)

    long_ago = time.time() - 600
    os.utime(words, (long_ago, long_ago))
    assert not probe.worker(tmp_path)


@pytest.mark.parametrize("name", ["beat", "beat.db", "beat-wal"])
def test_beat_is_well_while_it_writes_whichever_file_its_dbm_has(tmp_path: Path, name: str) -> None:
    assert not probe.beat(tmp_path)

    (tmp_path / name).touch()

    assert probe.beat(tmp_path)
