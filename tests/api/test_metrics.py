"""What Prometheus reads: what is counted, under which labels, and a page that comes whatever is down (OPS-2)."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app import crud
from app.api.metrics import Metrics
from app.api.readiness import Probe, Probes
from app.core.database import now
from app.embedded.services import Services
from app.models import DocumentStatus
from app.queries.backlog import Backlog
from tests.platform import Owner, api_process, register
from tests.proxy import Proxy, proxy_to
from tests.rows import Database
from tests.services import wait_until

Labels = dict[str, str]


class Page:
    """The samples of one scrape."""

    def __init__(self, body: str) -> None:
        self.families = list(text_string_to_metric_families(body))
        self._values = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families
            for sample in family.samples
        }

    def __contains__(self, name: str) -> bool:
        return any(known == name for known, _ in self._values)

    def value(self, name: str, **labels: str) -> float:
        return self._values.get((name, frozenset(labels.items())), 0.0)


def scrape(url: str) -> Page:
    answer = httpx2.get(f"{url}/metrics", timeout=10, trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return Page(answer.text)


def test_a_request_is_counted_under_the_template_of_its_route(owner: Owner, api: str) -> None:
    labels = {"method": "GET", "route": "/bots/{bot_id}"}
    before = scrape(api)

    owner.http.get(f"/bots/{uuid.uuid4()}")

    after = scrape(api)
    for name, more in (
        ("bytchat_http_requests_total", {"status": "404"}),
        ("bytchat_http_request_duration_seconds_count", {}),
    ):
        assert after.value(name, **labels, **more) == before.value(name, **labels, **more) + 1


def test_nothing_that_a_stranger_types_becomes_a_label(owner: Owner, api: str) -> None:
    canary = f"canario{uuid.uuid4().hex}"

    owner.http.request("PROPFIND", f"/{canary}", params={canary: canary}, headers={canary: canary})
    owner.http.get(f"/bots/{canary}")
    owner.http.get(f"/docs-assets/{canary}")
    owner.ask(owner.scripted_bot(f"say={canary}", name=canary)["id"], canary, task_type="general")

    page = scrape(api)
    labels = {value for family in page.families for sample in family.samples for value in sample.labels.values()}
    assert not [value for value in labels if canary in value.lower()]
    assert page.value("bytchat_http_requests_total", method="OTHER", route="-", status="404") >= 1


def test_an_answer_counts_with_its_tokens_and_how_soon_it_began(owner: Owner, api: str) -> None:
    bot = owner.scripted_bot("say=Hola a todos")
    before = scrape(api)

    events = owner.ask(bot["id"], "¿Hola?")

    after, usage = scrape(api), events[-1][1]["usage"]

    def gained(name: str, **labels: str) -> float:
        return after.value(name, provider="openai", **labels) - before.value(name, provider="openai", **labels)

    assert gained("bytchat_answers_total", finish="stop") == 1
    assert gained("bytchat_tokens_total", direction="input") == usage["input_tokens"]
    assert gained("bytchat_tokens_total", direction="output") == usage["output_tokens"]
    assert gained("bytchat_first_token_seconds_count") == 1


def test_a_stream_is_open_until_its_client_leaves_and_counts_as_interrupted(owner: Owner, api: str) -> None:
    bot = owner.scripted_bot("tokens=1000;pace_ms=20")
    before = scrape(api)
    with owner.http.stream("POST", f"/chat/{bot['id']}", json={"query": "Hola"}) as answer:
        words = answer.iter_text()
        next(words)
        during = scrape(api)

    open_before = before.value("bytchat_streams_open")
    assert during.value("bytchat_streams_open") == open_before + 1
    wait_until(lambda: scrape(api).value("bytchat_streams_open") == open_before)
    interrupted = {"provider": "openai", "finish": "interrupted"}
    wait_until(
        lambda: (
            scrape(api).value("bytchat_answers_total", **interrupted)
            == before.value("bytchat_answers_total", **interrupted) + 1
        )
    )


def test_documents_are_told_by_status_and_the_unfinished_by_age(owner: Owner, api: str, db: Database) -> None:
    document_id = db.add_document(owner.id, uuid.UUID(owner.new_bot()["id"]))
    # Before all that other tests upload, and held by somebody, so that no worker takes it.
    db.run(
        "UPDATE documents SET status = 'processing', created_at = %s, lease_until = %s WHERE id = %s",
        now() - timedelta(days=2),
        now() + timedelta(days=1),
        document_id,
    )

    def oldest_s() -> float:
        return scrape(api).value("bytchat_oldest_unfinished_document_seconds", status="processing")

    wait_until(lambda: oldest_s() >= 2 * 86400, within_s=15)
    page = scrape(api)
    db.run("DELETE FROM documents WHERE id = %s", document_id)
    assert page.value("bytchat_documents", status="processing") >= 1
    documents = next(family for family in page.families if family.name == "bytchat_documents")
    assert {sample.labels["status"] for sample in documents.samples} == {
        "queued",
        "processing",
        "ready",
        "failed",
    }
    wait_until(lambda: oldest_s() < 86400, within_s=15)


@pytest.mark.anyio
async def test_many_ready_documents_are_estimated_and_the_others_counted_all_the_same(
    owner: Owner, session: AsyncSession, db: Database
) -> None:
    bot_id = uuid.UUID(owner.new_bot()["id"])
    ids = [db.add_document(owner.id, bot_id) for _ in range(3)]
    db.run("UPDATE documents SET status = 'ready' WHERE id = ANY(%s)", ids[:2])
    db.run("ANALYZE documents")
    everything = db.count("documents", owner.id)

    counted, estimated = await crud.get_backlog(session), await crud.get_backlog(session, counted_up_to=0)

    assert counted.documents[DocumentStatus.READY] >= 2
    assert counted.documents[DocumentStatus.FAILED] >= everything - 2
    assert estimated == replace(counted, oldest_s=estimated.oldest_s)


def test_every_metric_of_ours_says_what_it_is_and_the_process_is_told_too(api: str) -> None:
    page = scrape(api)

    ours = [family for family in page.families if family.name.startswith("bytchat_")]
    assert {family.name.removeprefix("bytchat_") for family in ours} == {
        "answers",
        "broker_up",
        "database_up",
        "documents",
        "first_token_seconds",
        "http_request_duration_seconds",
        "http_requests",
        "oldest_unfinished_document_seconds",
        "queue_jobs",
        "streams_open",
        "tokens",
    }
    assert all(family.documentation.endswith(".") for family in ours)
    assert "process_resident_memory_bytes" in page
    assert page.value("bytchat_database_up") == page.value("bytchat_broker_up") == 1
    assert {"words", "vectors"} == {
        sample.labels["queue"]
        for family in page.families
        if family.name == "bytchat_queue_jobs"
        for sample in family.samples
    }


@dataclass(frozen=True, slots=True)
class Cut:
    """An API, and the network between it and what it stands on."""

    url: str
    database: Proxy
    broker: Proxy
    owner: Owner

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(f"{self.url}{path}", timeout=10, trust_env=False)


@pytest.fixture(scope="module")
def _cut(services: Services, logs: Path) -> Iterator[Cut]:
    database, broker = make_url(services.database_url), make_url(services.redis_url)
    with (
        proxy_to(str(database.host), int(database.port or 0)) as to_database,
        proxy_to(str(broker.host), int(broker.port or 0)) as to_broker,
    ):
        through = {
            "DATABASE_URL": database.set(host="127.0.0.1", port=to_database.port),
            "REDIS_URL": broker.set(host="127.0.0.1", port=to_broker.port),
        }
        settings = {name: url.render_as_string(hide_password=False) for name, url in through.items()}
        with api_process(services, logs, **settings) as (url, _):
            owner = register(url)
            yield Cut(url, to_database, to_broker, owner)
            owner.http.close()


@pytest.fixture
def cut(_cut: Cut) -> Iterator[Cut]:
    """Whole again afterwards."""
    yield _cut
    for proxy in (_cut.database, _cut.broker):
        proxy.flow()
        proxy.close()
        proxy.open()
    wait_until(lambda: parts_of(_cut) == {"database": "ok", "broker": "ok"}, within_s=30)


def parts_of(cut: Cut) -> dict[str, str]:
    parts: dict[str, str] = cut.get("/health/ready").json()["parts"]
    return parts


@pytest.mark.parametrize("fault", ["down", "silent"])
def test_without_database_and_broker_the_process_lives_and_its_page_comes_in_time_ops_2(
    cut: Cut, fault: str
) -> None:
    for proxy in (cut.database, cut.broker):
        proxy.close() if fault == "down" else proxy.stall()
    wait_until(lambda: scrape(cut.url).value("bytchat_broker_up") == 0, within_s=15)
    wait_until(lambda: cut.get("/health/ready").status_code == 503, within_s=10)

    began = time.monotonic()
    page, live = scrape(cut.url), cut.get("/health/live")
    took_s = time.monotonic() - began

    assert live.status_code == 200
    assert took_s < 5
    assert page.value("bytchat_database_up") == 0
    wait_until(lambda: "bytchat_documents" not in scrape(cut.url), within_s=15)
    assert "bytchat_queue_jobs" not in scrape(cut.url)
    assert "bytchat_http_requests_total" in page


def test_without_a_broker_the_api_is_ready_and_says_what_is_missing_ops_2(cut: Cut) -> None:
    cut.broker.close()
    wait_until(lambda: parts_of(cut)["broker"] != "ok", within_s=15)

    ready = cut.get("/health/ready")
    upload = cut.owner.upload(cut.owner.new_bot()["id"], f"Notas {uuid.uuid4()}")

    assert (ready.status_code, ready.json()["status"], ready.json()["parts"]["database"]) == (200, "ok", "ok")
    assert upload.status_code == 202


def test_readiness_follows_the_database_within_ten_seconds_ops_2(cut: Cut) -> None:
    assert cut.get("/health/ready").status_code == 200

    cut.database.stall()
    wait_until(lambda: cut.get("/health/ready").status_code == 503, within_s=10)

    assert cut.get("/health/live").status_code == 200
    cut.database.flow()
    wait_until(lambda: cut.get("/health/ready").status_code == 200, within_s=10)


@pytest.mark.anyio
async def test_a_probe_asks_once_for_all_who_want_to_know_and_keeps_the_answer() -> None:
    asked, may_answer = 0, asyncio.Event()

    async def ask() -> int:
        nonlocal asked
        asked += 1
        await may_answer.wait()
        return asked

    probe = Probe(ask, within_s=30, keep_s=3600)
    many = [asyncio.create_task(probe.find()) for _ in range(20)]
    await asyncio.sleep(0)
    may_answer.set()

    assert await asyncio.gather(*many) == [1] * 20
    assert await probe.find() == 1


@pytest.mark.anyio
async def test_a_probe_keeps_a_failure_too_and_leaves_the_silent_alone() -> None:
    asked, may_answer = 0, asyncio.Event()

    async def ask() -> None:
        nonlocal asked
        asked += 1
        await may_answer.wait()
        raise ConnectionError

    probe = Probe(ask, within_s=0.01, keep_s=3600)

    silent = [await probe.state() for _ in range(3)]
    may_answer.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert silent == ["TimeoutError"] * 3
    assert await probe.state() == "ConnectionError"
    assert asked == 1


@pytest.mark.anyio
async def test_who_asks_while_the_silence_lasts_waits_no_longer_than_the_first() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    def probe() -> Probe[None]:
        return Probe(never, within_s=0.05)

    async def lost() -> Backlog:
        raise ConnectionError

    async def full() -> dict[str, int]:
        return {"words": 3}

    page = await Metrics().exposition(Probes(database=probe(), backlog=Probe(lost), queues=Probe(full)))

    found = Page(page.decode())
    assert found.value("bytchat_database_up") == 0
    assert found.value("bytchat_queue_jobs", queue="words") == 3
    assert "bytchat_documents" not in found
