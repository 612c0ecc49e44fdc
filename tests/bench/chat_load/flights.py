"""How often the API waits for PostgreSQL before the first token, counted on the wire between the two."""

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from sqlalchemy import make_url

from app.embedded.services import Services
from tests.bench.chat_load import corpus, stub
from tests.bench.chat_load.client import BYTCHAT, Heard, Load, whole
from tests.bench.chat_load.figures import Budget, Section, table
from tests.bench.chat_load.scene import PACE_MS, SHORT_TOKENS, Scene, port_of
from tests.platform import api_process
from tests.proxy import Proxy

_WARM_UP = 80
_SAMPLES = 20
_ALLOWED = 4
_CONVERSATION = re.compile(rb'"conversation_id":"([0-9a-f-]{36})"')


class _Sight(NamedTuple):
    """Bytes that passed at this time, in nanoseconds of the monotonic clock."""

    at: int
    connection: int
    is_question: bool


class _WatchedProxy(Proxy):
    """Notes when something passes, and which way."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.seen: list[_Sight] = []
        super().__init__(target)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        is_question = sink.getpeername() == self._target
        connection = (sink if is_question else source).getsockname()[1]
        with suppress(OSError):
            while data := source.recv(65536):
                self.seen.append(_Sight(time.monotonic_ns(), connection, is_question))
                sink.sendall(data)

    def round_trips(self, since: int, until: int) -> int:
        """All that one connection sends before it is answered is one."""
        is_waiting: dict[int, bool] = {}
        count = 0
        for sight in sorted(self.seen):
            begins = sight.is_question and not is_waiting.get(sight.connection, False)
            count += begins and since <= sight.at <= until
            is_waiting[sight.connection] = sight.is_question
        return count


def measure(scene: Scene) -> Section:
    with (
        _watched_database(scene.services) as (proxy, services),
        api_process(services, scene.logs, **scene.settings) as (url, _),
    ):
        return _section(_count(scene, proxy, port_of(url)))


def _count(scene: Scene, proxy: _WatchedProxy, port: int) -> dict[str, list[int]]:
    # Those of the middle: others are asked elsewhere.
    unasked = islice(corpus.questions(), 3_500, None)
    plain = scene.plain_bot(stub.model_id(SHORT_TOKENS, pace_ms=PACE_MS))

    def ask(bot_id: str, count: int, **fields: str) -> Sequence[Heard]:
        requests = [scene.chat(bot_id, text, **fields) for text in islice(unasked, count)]
        return whole(scene.client.ask(Load(port, requests)), BYTCHAT.last)

    # Until every connection has prepared its statements.
    warm = ask(scene.trained_bot, _WARM_UP)
    found = _CONVERSATION.search(warm[0].text)
    assert found is not None
    going = found[1].decode()
    ask(scene.trained_bot, _WARM_UP, conversation_id=going)
    ask(plain, _WARM_UP)
    return {
        "documents, new conversation": _trips(proxy, ask(scene.trained_bot, _SAMPLES)),
        "documents, going conversation": _trips(proxy, ask(scene.trained_bot, _SAMPLES, conversation_id=going)),
        "no documents, new conversation": _trips(proxy, ask(plain, _SAMPLES)),
    }


def _trips(proxy: _WatchedProxy, answers: Sequence[Heard]) -> list[int]:
    return [
        proxy.round_trips(heard.sent_at, heard.sent_at + round(1e6 * heard.until_ms(BYTCHAT.first)))
        for heard in answers
    ]


@contextmanager
def _watched_database(services: Services) -> Iterator[tuple[_WatchedProxy, Services]]:
    url = make_url(services.database_url)
    assert url.host is not None
    assert url.port is not None
    proxy = _WatchedProxy((url.host, url.port))
    try:
        watched = url.set(port=proxy.port).render_as_string(hide_password=False)
        yield proxy, replace(services, database_url=watched)
    finally:
        proxy.close()


def _section(counts: dict[str, list[int]]) -> Section:
    text = f"""
Questions that went to PostgreSQL and were waited for between a request and its first `delta` event, seen by a proxy
between the two: {_SAMPLES} chats of each kind, after {_WARM_UP} that prepared the statements.

{table(("chat", "fewest", "most"), [(name, str(min(seen)), str(max(seen))) for name, seen in counts.items()])}
"""
    most = max(max(seen) for seen in counts.values())
    return Section(
        "Round trips to the database before the first token",
        text,
        (Budget("round trips to PostgreSQL before the first token", most, _ALLOWED, ""),),
    )
