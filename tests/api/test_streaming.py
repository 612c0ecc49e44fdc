"""Streams of every kind: how each ends, what is kept of it, and what it holds while it runs."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
import uvicorn
from pydantic import SecretStr

from app.chat.asking import ChatServices
from app.core.config import Settings
from app.embedded.services import Services
from app.main import build
from app.providers.scripted import ScriptedProvider
from tests.platform import Owner, api_process, free_port, parse_events, register, text_of
from tests.services import wait_until

SSE = {"Accept": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class InProcess:
    """The API in a thread of this process, so that a test may look inside."""

    url: str
    chat: ChatServices
    loop: asyncio.AbstractEventLoop

    @property
    def open_streams(self) -> int:
        provider = self.chat.providers.get("openai", key=None)
        assert isinstance(provider, ScriptedProvider)
        return provider.open_streams

    @property
    def tasks(self) -> int:
        return len(asyncio.all_tasks(self.loop))


@contextmanager
def served(services: Services) -> Iterator[InProcess]:
    settings = Settings(
        environment="test",
        secret_key=SecretStr(services.secret_key),
        database_url=SecretStr(services.database_url),
        redis_url=SecretStr(services.redis_url),
        scripted_models=True,
    )
    app, port = build(settings), free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    try:
        yield InProcess(f"http://127.0.0.1:{port}", app.state.services.chat, loops[0])
    finally:
        server.should_exit = True
        thread.join(timeout=15)


@pytest.fixture(scope="module")
def inside(services: Services) -> Iterator[InProcess]:
    with served(services) as inside:
        yield inside


@pytest.fixture(scope="module")
def impatient(services: Services, logs: Path) -> Iterator[Owner]:
    """Somebody at an API that waits for no model, and has two connections to the database."""
    patience = {"FIRST_TOKEN_TIMEOUT_S": "0.5", "TOKEN_GAP_TIMEOUT_S": "0.5", "ANSWER_TIMEOUT_S": "2"}
    with api_process(services, logs, DATABASE_POOL_SIZE="2", **patience) as (url, _):
        owner = register(url)
        yield owner
        owner.http.close()


@pytest.fixture
def insider(inside: InProcess) -> Iterator[Owner]:
    owner = register(inside.url)
    yield owner
    owner.http.close()


def question(owner: Owner, bot: dict[str, Any], **headers: str) -> Any:
    return owner.http.stream("POST", f"/chat/{bot['id']}", json={"query": "Hola"}, headers=headers)


def messages(owner: Owner, conversation_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = owner.http.get(f"/conversations/{conversation_id}").json()["messages"]
    return found


def only_conversation(owner: Owner, bot: dict[str, Any]) -> str:
    [conversation] = owner.http.get(f"/bots/{bot['id']}/conversations/").json()
    return str(conversation["id"])


def answer_of(owner: Owner, conversation_id: str) -> dict[str, Any]:
    """The stored answer, as soon as it is there."""
    wait_until(lambda: len(messages(owner, conversation_id)) == 2)
    return messages(owner, conversation_id)[1]


@pytest.mark.parametrize(
    ("script", "last", "said", "finish"),
    [
        ("say=Hola a todos", ("finished", "stop"), "Hola a todos", "stop"),
        ("say=Hola;finish=length", ("finished", "length"), "Hola", "length"),
        ("say=Hola;finish=blocked", ("finished", "blocked"), "Hola", "blocked"),
        ("say=;finish=blocked", ("finished", "blocked"), "", "blocked"),
        ("tokens=5;fail_after=3", ("error", "answer_cut_short"), "palabra palabra palabra", "error"),
        ("tokens=3;fail_after=3", ("error", "answer_cut_short"), "palabra palabra palabra", "error"),
        ("tokens=5;cut_after=2", ("error", "answer_cut_short"), "palabra palabra", "error"),
        ("tokens=5;hang_after=2", ("error", "answer_cut_short"), "palabra palabra", "error"),
    ],
)
def test_an_event_stream_has_one_end_and_what_was_said_is_kept_str_1(
    impatient: Owner, script: str, last: tuple[str, str], said: str, finish: str
) -> None:
    events = impatient.ask(impatient.scripted_bot(script)["id"], "Hola")

    assert [name for name, _ in events if name in ("finished", "error")] == [last[0]]
    name, data = events[-1]
    assert (name, data.get("finish", data.get("code"))) == last
    assert text_of(events) == said
    stored = messages(impatient, events[0][1]["conversation_id"])[1]
    assert (stored["id"], stored["text"], stored["finish"]) == (events[0][1]["message_id"], said, finish)
    assert stored["error_code"] == (last[1] if last[0] == "error" else None)


@pytest.mark.parametrize("script", ["say=Hola a todos", "say=Hola a todos;finish=length", "say=;finish=blocked"])
def test_a_plain_stream_ends_cleanly_after_the_models_last_word_str_1(owner: Owner, script: str) -> None:
    answer = owner.http.post(f"/chat/{owner.scripted_bot(script)['id']}", json={"query": "Hola"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == ("" if "say=;" in script else "Hola a todos")


@pytest.mark.parametrize("script", ["tokens=5;fail_after=3", "tokens=5;cut_after=3", "tokens=5;hang_after=3"])
def test_a_plain_stream_that_breaks_off_is_cut_and_kept_str_1_law_2(impatient: Owner, script: str) -> None:
    read = []
    with question(impatient, impatient.scripted_bot(script)) as answer, pytest.raises(httpx2.RemoteProtocolError):
        read.extend(answer.iter_text())

    assert answer.status_code == 200
    assert "".join(read) == "palabra palabra palabra"
    stored = messages(impatient, answer.headers["x-conversation-id"])[1]
    assert (stored["text"], stored["finish"], stored["error_code"]) == (
        "palabra palabra palabra",
        "error",
        "answer_cut_short",
    )


def test_an_answer_has_a_longest_time_law_6(impatient: Owner) -> None:
    events = impatient.ask(impatient.scripted_bot("tokens=1000;pace_ms=50")["id"], "Hola")

    assert events[-1][1]["code"] == "answer_cut_short"
    assert messages(impatient, events[0][1]["conversation_id"])[1]["text"] == text_of(events)


@pytest.mark.parametrize(
    ("scripts", "status", "code"),
    [
        (["fail=500"], 503, "provider_unavailable"),
        (["fail=429"], 503, "provider_unavailable"),
        (["fail=connect"], 503, "provider_unavailable"),
        (["cut_after=0"], 503, "provider_unavailable"),
        (["hang_after=0"], 503, "provider_unavailable"),
        (["fail=401"], 409, "provider_key_invalid"),
        (["fail=401", "fail=500"], 503, "provider_unavailable"),
    ],
)
@pytest.mark.parametrize("headers", [{}, SSE], ids=["plain", "events"])
def test_a_failure_before_the_first_word_keeps_its_status_law_1(
    impatient: Owner, scripts: list[str], status: int, code: str, headers: dict[str, str]
) -> None:
    bot = impatient.new_bot(initial_configs=[config(script) for script in scripts])

    answer = impatient.http.post(f"/chat/{bot['id']}", json={"query": "Hola"}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) == (status == 503)
    [stored] = messages(impatient, only_conversation(impatient, bot))
    assert (stored["role"], stored["text"]) == ("user", "Hola")


def config(script: str, *, provider: str = "openai", task_type: str = "general") -> dict[str, str]:
    return {"task_type": task_type, "provider": provider, "model_id": script}


@pytest.mark.parametrize("first", ["fail=500", "fail=401", "fail=connect", "hang_after=0", "cut_after=0"])
def test_the_next_model_answers_while_the_first_is_silent_str_5_law_7(impatient: Owner, first: str) -> None:
    bot = impatient.new_bot(initial_configs=[config(first), config("say=Segundo", provider="google")])

    events = impatient.ask(bot["id"], "Hola")

    assert text_of(events) == "Segundo"
    assert (events[0][1]["provider"], events[0][1]["model"]) == ("google", "say=Segundo")
    [_, stored] = messages(impatient, events[0][1]["conversation_id"])
    assert (stored["provider"], stored["model_id"], stored["text"]) == ("google", "say=Segundo", "Segundo")


@pytest.mark.parametrize("first", ["tokens=5;fail_after=1", "tokens=5;cut_after=1", "tokens=5;hang_after=1"])
def test_no_other_model_answers_once_a_word_was_said_str_5_law_7(impatient: Owner, first: str) -> None:
    bot = impatient.new_bot(initial_configs=[config(first), config("say=Segundo", provider="google")])

    events = impatient.ask(bot["id"], "Hola")

    assert text_of(events) == "palabra"
    assert events[-1][0] == "error"
    assert len(messages(impatient, events[0][1]["conversation_id"])) == 2


def test_a_client_that_leaves_before_the_first_word_frees_the_model_str_3(
    inside: InProcess, insider: Owner
) -> None:
    bot = insider.scripted_bot("hang_after=0")

    with pytest.raises(httpx2.ReadTimeout):
        insider.http.post(f"/chat/{bot['id']}", json={"query": "Hola"}, timeout=httpx2.Timeout(5, read=0.3))

    wait_until(lambda: inside.open_streams == 0, within_s=1)
    [stored] = messages(insider, only_conversation(insider, bot))
    assert stored["text"] == "Hola"


def test_a_client_that_leaves_half_way_frees_the_model_and_loses_nothing_str_3_law_3(
    inside: InProcess, insider: Owner
) -> None:
    bot = insider.scripted_bot("tokens=1000;pace_ms=10")

    with question(insider, bot, **SSE) as answer:
        pieces = answer.iter_text()
        while "event: delta" not in next(pieces):
            pass
        assert inside.open_streams == 1

    wait_until(lambda: inside.open_streams == 0, within_s=1)
    stored = answer_of(insider, answer.headers["x-conversation-id"])
    assert stored["finish"] == "interrupted"
    assert set(stored["text"].split()) == {"palabra"}


def test_a_client_that_leaves_a_plain_stream_loses_nothing_str_2(owner: Owner) -> None:
    with question(owner, owner.scripted_bot("tokens=1000;pace_ms=10")) as answer:
        pieces = answer.iter_text()
        next(pieces)

    assert answer_of(owner, answer.headers["x-conversation-id"])["finish"] == "interrupted"


def test_open_streams_hold_no_database_connection_law_4(impatient: Owner) -> None:
    bot = impatient.scripted_bot("tokens=1000;pace_ms=50")
    with ExitStack() as stack:
        open_streams = [stack.enter_context(question(impatient, bot, **SSE)) for _ in range(6)]
        pieces = [answer.iter_text() for answer in open_streams]
        assert all(map(next, pieces))

        answers = [impatient.http.get("/bots/", timeout=2) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5


def test_what_was_answered_is_committed_law_5(owner: Owner, services: Services) -> None:
    with psycopg.connect(services.database_url, autocommit=True) as database:
        for _ in range(20):
            bot = owner.scripted_bot()
            assert database.execute("SELECT 1 FROM bots WHERE id = %s", [bot["id"]]).fetchone()
        for _ in range(5):
            started, *_ = owner.ask(bot["id"], "Hola")
            message_id = started[1]["message_id"]
            assert database.execute("SELECT 1 FROM messages WHERE id = %s", [message_id]).fetchone()


def test_no_task_is_left_behind(inside: InProcess, insider: Owner) -> None:
    insider.ask(insider.scripted_bot()["id"], "Hola")
    idle = inside.tasks
    for script in ("say=Hola", "fail=500", "tokens=5;fail_after=2", "tokens=5;cut_after=2"):
        bot = insider.scripted_bot(script)
        for headers in ({}, SSE):
            with question(insider, bot, **headers) as answer, suppress(httpx2.RemoteProtocolError):
                answer.read()
    for headers in ({}, SSE):
        with question(insider, insider.scripted_bot("tokens=1000;pace_ms=5"), **headers) as answer:
            pieces = answer.iter_text()
            next(pieces)

    wait_until(lambda: inside.tasks <= idle)
    assert inside.open_streams == 0


def test_a_stopping_server_ends_every_stream_and_keeps_what_was_said_law_8(
    services: Services, logs: Path, owner: Owner
) -> None:
    """OPS-1, STR-2: also a question whose answer has not begun is told."""
    slow, silent = owner.scripted_bot("tokens=1000;pace_ms=20"), owner.scripted_bot("hang_after=0")
    with (
        api_process(services, logs) as (url, running),
        httpx2.Client(base_url=url, headers=owner.http.headers, timeout=30, trust_env=False) as http,
        ThreadPoolExecutor(1) as threads,
        ExitStack() as stack,
    ):
        elsewhere = replace(owner, http=http)
        events, plain = [stack.enter_context(question(elsewhere, slow, **headers)) for headers in (SSE, {})]
        pieces, words = events.iter_text(), plain.iter_text()
        begun = next(pieces) + next(pieces)
        next(words)
        waiting = threads.submit(http.post, f"/chat/{silent['id']}", json={"query": "Hola"})
        wait_until(lambda: bool(owner.http.get(f"/bots/{silent['id']}/conversations/").json()))

        running.process.send_signal(signal.SIGTERM)

        told = parse_events(begun + "".join(pieces))
        with pytest.raises(httpx2.RemoteProtocolError):
            list(words)
        assert (waiting.result().status_code, waiting.result().json()["code"]) == (503, "interrupted")
        assert running.process.wait(timeout=30) == 0
    assert [name for name, _ in told if name in ("finished", "error")] == ["error"]
    assert told[-1][1]["code"] == "interrupted"
    for answer in (events, plain):
        stored = messages(owner, answer.headers["x-conversation-id"])[1]
        assert stored["finish"] == "interrupted"
        assert "palabra" in stored["text"]
    assert messages(owner, events.headers["x-conversation-id"])[1]["text"] == text_of(told)
