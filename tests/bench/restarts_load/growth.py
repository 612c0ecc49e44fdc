"""Three replicas of the API and four of the worker, busy; then one of each is killed."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.bench.restarts_load.stack import Container, Stack, wait_for
from tests.bench.restarts_load.trainings import Digest, digests, holder, is_half_done, long_text, undisturbed
from tests.platform import Owner, register

WEB, WORKER = 3, 4
STREAMS = 18
DOCUMENTS = 8
_WORDS = 500
_PACE_MS = 100
_PARAGRAPHS = 70
_BEGUN_WITHIN_S = 180.0
_READY_WITHIN_S = 420.0


@dataclass(frozen=True, slots=True)
class Replica:
    """`whole` of its `streams` came to their end, and `broken` ended so that nobody takes them for whole."""

    name: str
    was_killed: bool
    streams: int = 0
    whole: int = 0
    broken: int = 0
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Growth:
    api: Sequence[Replica]
    workers: Sequence[Replica]
    exact: int
    ready_after_s: float


def measure(stack: Stack) -> Growth:
    stack.grow(web=WEB, worker=WORKER)
    owner = register(stack.url)
    try:
        return _measure(stack, owner, undisturbed(stack, owner, long_text(_PARAGRAPHS)))
    finally:
        owner.http.delete("/users/me")
        stack.grow()


def _measure(stack: Stack, owner: Owner, whole: Digest) -> Growth:
    bots = [str(owner.scripted_bot(f"tokens={_WORDS};pace_ms={_PACE_MS}")["id"]) for _ in range(STREAMS)]
    began_at = time.time()
    documents = _upload(owner)
    half_done = _first_half_done(owner, documents)
    begun = threading.Semaphore(0)
    with ThreadPoolExecutor(STREAMS) as threads:
        streams = {bot: threads.submit(_stream, owner, bot, begun) for bot in bots}
        for _ in bots:
            begun.acquire(timeout=_BEGUN_WITHIN_S)
        killed = (stack.containers("web")[-1], holder(stack, half_done))
        killed_at = time.monotonic()
        stack.docker("kill", "--signal", "KILL", *(one.id for one in killed))
    wait_for(
        lambda: all(owner.document(*one)["status"] in ("ready", "failed") for one in documents),
        "all documents end",
        within_s=_READY_WITHIN_S,
        look_every_s=1,
    )
    ready_after_s = time.monotonic() - killed_at
    found = digests(stack, [document for _, document in documents])
    return Growth(
        api=_api(stack, killed[0], streams, began_at),
        workers=_workers(stack, killed[1], [document for _, document in documents], began_at),
        exact=sum(one == whole for one in found.values()),
        ready_after_s=ready_after_s,
    )


def _upload(owner: Owner) -> list[tuple[str, str]]:
    """Bot and document of each."""
    bots = [str(owner.new_bot()["id"]) for _ in range(DOCUMENTS)]
    return [(bot, str(owner.upload(bot, long_text(_PARAGRAPHS)).json()["id"])) for bot in bots]


def _first_half_done(owner: Owner, documents: Sequence[tuple[str, str]]) -> str:
    under_way: list[str] = []

    def is_any() -> bool:
        under_way[:] = [document for bot, document in documents if is_half_done(owner, bot, document)]
        return bool(under_way)

    wait_for(is_any, "a training is under way", within_s=_BEGUN_WITHIN_S)
    return under_way[0]


def _stream(owner: Owner, bot: str, begun: threading.Semaphore) -> str:
    """`whole`, `broken` where the connection ended before the stream did, or what else came of it."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {owner.token}"}
    heard = ""
    try:
        with (
            httpx2.Client(base_url=owner.http.base_url, timeout=60, trust_env=False, headers=headers) as http,
            http.stream("POST", f"/chat/{bot}", json={"query": "Cuenta"}) as answer,
        ):
            for piece in answer.iter_text():
                if not heard:
                    begun.release()
                heard += piece
    except httpx2.HTTPError:
        return "broken" if "event: finished" not in heard else "broken after its end"
    return "whole" if "event: finished" in heard and heard.count("palabra") == _WORDS else "cut short"


def _api(stack: Stack, killed: Container, streams: dict[str, Future[str]], since: float) -> list[Replica]:
    """By the address to which nginx sent each."""
    lines = [
        line
        for nginx in stack.containers("nginx")
        for line in stack.events(nginx, "nginx.answered", since=since)
        if line["path"].startswith("/chat/")
    ]
    return [_replica(one, killed, lines, streams) for one in [*stack.containers("web")]]


def _replica(
    container: Container, killed: Container, lines: Sequence[dict[str, Any]], streams: dict[str, Future[str]]
) -> Replica:
    # One that was killed has lost its addresses.
    addresses = killed.addresses if container.id == killed.id else container.addresses
    here = [line["path"].removeprefix("/chat/") for line in lines if line["upstream"].split(":")[0] in addresses]
    ends = Counter(streams[bot].result() for bot in here if bot in streams)
    return Replica(
        container.short_name,
        container.id == killed.id,
        streams=ends.total(),
        whole=ends["whole"],
        broken=ends["broken"],
    )


def _workers(stack: Stack, killed: Container, documents: Sequence[str], since: float) -> list[Replica]:
    return [
        Replica(
            container.short_name,
            container.id == killed.id,
            documents=len(
                {
                    line["document_id"]
                    for line in stack.events(container, "document.claimed", since=since)
                    if line["stage"] == "vectors" and line["document_id"] in documents
                }
            ),
        )
        for container in stack.containers("worker")
    ]
