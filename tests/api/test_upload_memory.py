"""Many uploads of the largest size at once: they wait for each other before they fill the memory (INP-2)."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.embedded.services import Services
from tests.platform import Owner, Running, api_process, free_port, register

LIMIT_MB = 25
UPLOADS = 20
MOST_MB_EACH = 50

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


@pytest.fixture
def small(services: Services, logs: Path) -> Iterator[tuple[Owner, Running]]:
    """Somebody at an API without a broker: no worker trains such files. 25 MB is its limit by default."""
    settings = {"UPLOAD_LIMIT_MB": str(LIMIT_MB), "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with api_process(services, logs, **settings) as (url, running):
        owner = register(url)
        yield owner, running
        owner.http.close()


def memory_mb(running: Running, figure: str) -> float:
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    found = re.search(rf"{figure}:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def test_twenty_uploads_at_the_limit_at_once_take_less_than_50_mb_each_inp_2(small: tuple[Owner, Running]) -> None:
    owner, running = small
    owner.http.timeout = 300
    bot_ids = [owner.new_bot()["id"] for _ in range(UPLOADS)]
    # Four bytes a character in memory, too.
    data = "👋 ".encode() * (LIMIT_MB * 1024 * 1024 // 5)
    assert owner.upload(bot_ids[0], "La tienda abre a las nueve.").status_code == 202
    before = memory_mb(running, "VmRSS")

    with ThreadPoolExecutor(UPLOADS) as uploading:
        answers = list(uploading.map(lambda bot_id: owner.upload(bot_id, data), bot_ids))

    assert {answer.status_code for answer in answers} == {202}
    assert (memory_mb(running, "VmHWM") - before) / UPLOADS < MOST_MB_EACH
    for bot_id in bot_ids:
        owner.http.delete(f"/bots/{bot_id}")
