"""What is killed comes back, and what it did is done (JOB-1, OPS-1)."""

import json
import uuid

from tests.compose.stack import Stack
from tests.knowledge.library import many_chunks
from tests.platform import Owner
from tests.services import wait_until

# Of the processes inside: the lanes, and the one that forks them.
_LANES = """
import json, pathlib
found = {}
for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
    if (stat.parent / "cmdline").read_bytes().startswith(b"python\\0-m\\0worker"):
        found[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
print(json.dumps([pid for pid, parent in found.items() if parent in found]))
"""


def test_a_training_whose_worker_dies_ends_ready_job_1(stack: Stack, owner: Owner) -> None:
    bot_id, document_id = _long_training(owner)
    restarts = stack.container("worker")["RestartCount"]

    stack.crash("worker")

    _wait_for_ready(owner, bot_id, document_id)
    assert stack.container("worker")["RestartCount"] == restarts + 1


def test_a_training_whose_only_worker_the_engine_kills_ends_ready_by_beat_job_1(stack: Stack, owner: Owner) -> None:
    bot_id, document_id = _long_training(owner)

    stack.compose("kill", "-s", "KILL", "worker")
    try:
        _wait_for_ready(owner, bot_id, document_id)
        assert stack.container("worker")["State"]["Status"] == "exited"
    finally:
        stack.compose("start", "worker")
        stack.wait_healthy("worker")

    assert any("worker.standby_started" in line for line in stack.lines("beat"))


def test_a_lane_that_dies_is_forked_anew_and_the_container_goes_on_job_1(stack: Stack, owner: Owner) -> None:
    bot_id, document_id = _long_training(owner)
    began_at, lanes = stack.container("worker")["State"]["StartedAt"], _lanes(stack)

    for pid in lanes:
        stack.python("worker", "import os, sys; os.kill(int(sys.argv[1]), 9)", str(pid))

    wait_until(lambda: len(set(_lanes(stack)) - set(lanes)) == 2, within_s=60)
    _wait_for_ready(owner, bot_id, document_id)
    assert stack.container("worker")["State"]["StartedAt"] == began_at


def test_a_worker_that_is_stopped_hands_back_and_exits_with_0_ops_1(stack: Stack, owner: Owner) -> None:
    bot_id, document_id = _long_training(owner)

    with stack.stopped("worker"):
        state = stack.container("worker")["State"]
        status_meanwhile = owner.document(bot_id, document_id)["status"]

    _wait_for_ready(owner, bot_id, document_id)
    assert (state["ExitCode"], state["OOMKilled"]) == (0, False)
    assert status_meanwhile in {"processing", "queued"}


def test_beat_that_is_stopped_exits_with_0_ops_1(stack: Stack) -> None:
    with stack.stopped("beat"):
        state = stack.container("beat")["State"]

    assert state["ExitCode"] == 0


def _long_training(owner: Owner) -> tuple[str, str]:
    """A bot, and its document that is half done."""
    bot_id = owner.new_bot()["id"]
    text = many_chunks(300, word=f"largo{uuid.uuid4().hex[:6]}x")
    document_id = owner.upload(bot_id, text).json()["id"]
    wait_until(lambda: owner.document(bot_id, document_id)["chunks_embedded"] > 0, within_s=120)
    return bot_id, document_id


def _wait_for_ready(owner: Owner, bot_id: str, document_id: str) -> None:
    wait_until(lambda: owner.document(bot_id, document_id)["status"] in {"ready", "failed"}, within_s=180)
    document = owner.document(bot_id, document_id)
    assert (document["status"], document["chunks_embedded"]) == ("ready", document["chunks"])


def _lanes(stack: Stack) -> list[int]:
    return [int(pid) for pid in json.loads(stack.python("worker", _LANES))]
