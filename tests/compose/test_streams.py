"""An answer on its way through nginx: as it is made, to the end, or visibly broken (STR-1, STR-3, OPS-1)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import httpx2
import pytest

from tests.compose.stack import Stack
from tests.platform import Owner, parse_events
from tests.services import wait_until

# Slow, so that what is seen is the way and not the machine.
TOKENS, PACE_S = 20, 0.2
FORMS = {"plain": "text/plain", "events": "text/event-stream"}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return FORMS[request.param]


def speaking_bot(owner: Owner, *, tokens: int, pace_ms: int) -> str:
    """A bot whose one model says that many words, one at a time."""
    config = {"task_type": "general", "provider": "openai", "model_id": f"tokens={tokens};pace_ms={pace_ms}"}
    return str(owner.new_bot(initial_configs=[config])["id"])


@contextmanager
def asked(door: httpx2.Client, bot_id: str, form: str) -> Iterator[httpx2.Response]:
    headers = {"Accept": form, "Accept-Encoding": "gzip, deflate, br"}
    with door.stream("POST", f"/chat/{bot_id}", json={"query": "¿Qué tal?"}, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        yield answer


def test_an_answer_arrives_word_by_word(door: httpx2.Client, owner: Owner, form: str) -> None:
    bot_id = speaking_bot(owner, tokens=TOKENS, pace_ms=int(PACE_S * 1000))

    with asked(door, bot_id, form) as answer:
        came = [time.monotonic() for piece in answer.iter_raw() for _ in range(piece.count(b"palabra"))]

    gaps = [later - earlier for earlier, later in pairwise(came)]
    close = [gap for gap in gaps if PACE_S / 2 <= gap <= PACE_S * 2]
    assert len(came) == TOKENS
    assert len(close) >= 0.8 * len(gaps), gaps


def test_an_answer_is_not_packed_nor_kept(door: httpx2.Client, owner: Owner, form: str) -> None:
    with asked(door, speaking_bot(owner, tokens=2, pace_ms=1), form) as answer:
        answer.read()

    assert answer.headers["content-type"] == f"{form}; charset=utf-8"
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"].startswith("no-")
    assert answer.http_version == "HTTP/1.1"


def test_a_client_that_leaves_frees_the_vendor_str_3(
    stack: Stack, door: httpx2.Client, owner: Owner, form: str
) -> None:
    bot_id = speaking_bot(owner, tokens=1000, pace_ms=20)

    with asked(door, bot_id, form) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        assert seen_by_vendor(stack)["streams"] == 1
        left_at = time.monotonic()
    wait_until(lambda: seen_by_vendor(stack)["streams"] == 0, within_s=5)
    freed_after_s = time.monotonic() - left_at

    assert freed_after_s < 2
    conversation = owner.http.get(f"/conversations/{answer.headers['x-conversation-id']}").json()
    assert conversation["messages"][-1]["finish"] == "interrupted"


def seen_by_vendor(stack: Stack) -> dict[str, int]:
    told = httpx2.get(f"http://127.0.0.1:{stack.settings['STUB_PORT']}/", trust_env=False)
    return {name: int(count) for name, count in told.json().items()}


def test_a_replica_that_dies_leaves_no_answer_that_looks_whole_str_1(
    stack: Stack, door: httpx2.Client, owner: Owner, form: str
) -> None:
    bot_id = speaking_bot(owner, tokens=1000, pace_ms=20)

    with asked(door, bot_id, form) as answer:
        dying = threading.Thread(target=stack.crash, args=["web"])
        with pytest.raises(httpx2.TransportError):
            _read_while(answer, dying)
    stack.wait_ready()

    assert owner.http.get("/bots/").status_code == 200


def test_a_web_that_is_stopped_says_so_to_open_streams_and_exits_with_0_ops_1(
    stack: Stack, door: httpx2.Client, owner: Owner
) -> None:
    bot_id = speaking_bot(owner, tokens=3000, pace_ms=20)

    with asked(door, bot_id, FORMS["events"]) as answer:
        stopping = threading.Thread(target=stack.compose, args=["stop", "web"])
        said = _read_while(answer, stopping)
    state = stack.container("web")["State"]
    stack.compose("start", "web")
    stack.wait_ready()

    (last, data), count = parse_events(said.decode())[-1], said.count(b"event: error")
    assert (last, data["code"], count) == ("error", "interrupted", 1)
    assert (state["ExitCode"], state["OOMKilled"]) == (0, False)


def test_a_plain_answer_is_cut_where_web_is_stopped_ops_1(stack: Stack, owner: Owner) -> None:
    bot_id = speaking_bot(owner, tokens=3000, pace_ms=20)

    with asked(owner.http, bot_id, FORMS["plain"]) as answer:
        stopping = threading.Thread(target=stack.compose, args=["stop", "web"])
        with pytest.raises(httpx2.TransportError):
            _read_while(answer, stopping)
    stack.compose("start", "web")
    stack.wait_ready()

    conversation = owner.http.get(f"/conversations/{answer.headers['x-conversation-id']}").json()
    assert conversation["messages"][-1]["finish"] == "interrupted"
    assert conversation["messages"][-1]["text"].startswith("palabra0 palabra1")


def _read_while(answer: httpx2.Response, happening: threading.Thread) -> bytes:
    """All of the answer, during which something else happens from its first piece on."""
    said = b""
    try:
        for piece in answer.iter_raw():
            if not said:
                happening.start()
            said += piece
    finally:
        happening.join()
    return said
