"""Beat works where no worker answers, and leaves off when one does."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.embedded.services import Services
from tests.platform import Owner, Running, api_process, register, worker_process
from tests.services import migrated_services, wait_until
from worker.standby import Watch

HURRIED = {"STANDBY_AFTER_S": "3", "SWEEP_EVERY_S": "1", "JOB_LOST_AFTER_S": "1", "JOB_LEASE_S": "2"}
BOTH = ["words@elsewhere", "vectors@elsewhere"]


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with migrated_services() as services:
        yield services


@pytest.fixture
def owner(services: Services, tmp_path: Path) -> Iterator[Owner]:
    with api_process(services, tmp_path) as (url, _):
        owner = register(url)
        yield owner
        owner.http.close()


def works(beat: Running) -> bool:
    return bool(psutil.Process(beat.process.pid).children())


def test_without_any_worker_beat_trains_and_with_one_it_leaves_off(
    services: Services, owner: Owner, tmp_path: Path
) -> None:
    settings = HURRIED | {"BYTCHAT_HOME": str(tmp_path)}
    with worker_process(services, tmp_path, "beat", **settings) as beat:
        document = owner.train(owner.new_bot()["id"], "El faro de Salmera se visita los jueves.", within_s=120)
        assert works(beat)

        with (
            worker_process(services, tmp_path, "words", name="words@elsewhere", **settings),
            worker_process(services, tmp_path, "vectors", name="vectors@elsewhere", **settings),
        ):
            wait_until(lambda: not works(beat), within_s=90)

    assert document["chunks_embedded"] == document["chunks"] == 1


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(BOTH, False, id="both lanes answer"),
        pytest.param([], True, id="nobody answers"),
        pytest.param(["words@elsewhere"], True, id="one lane is missing"),
        pytest.param(["words@here", "vectors@here"], True, id="only the stand-in itself answers"),
        pytest.param(None, None, id="nobody could be asked"),
    ],
)
def test_who_answers_decides_whether_beat_stands_in(names: list[str] | None, expected: bool | None) -> None:
    watch = Watch(after_s=45, heard_at=100.0)

    assert watch.is_needed(names, here="here", now=146.0) is expected


def test_a_short_silence_changes_nothing() -> None:
    watch = Watch(after_s=45, heard_at=100.0)

    assert watch.is_needed([], here="here", now=140.0) is None
    assert watch.is_needed(BOTH, here="here", now=141.0) is False
    assert watch.is_needed([], here="here", now=180.0) is None
    assert watch.is_needed([], here="here", now=187.0) is True
