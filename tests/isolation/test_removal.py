"""What is deleted is out of answers at once, and within a minute no row and no key holds its id (ISO-7)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from app.embedded.services import Services
from tests.isolation.broker import mentions
from tests.knowledge.library import many_chunks
from tests.platform import Owner, api_process, parse_events, register
from tests.rows import Database
from tests.services import wait_until

pytestmark = pytest.mark.usefixtures("workers")

WITHIN_S = 60
TEXT = "El casco Umbral cuesta 74,50 € y lleva una luz trasera de Valdearce."
QUESTION = "¿Cuánto cuesta el casco Umbral?"
SSE = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def counting_api(services: Services, logs: Path) -> Iterator[str]:
    """With the quotas that Redis counts, as a server has them."""
    with api_process(services, logs, CHATS_PER_MINUTE="60", LIVE_STREAMS_PER_OWNER="20") as (url, _):
        yield url


@pytest.fixture(scope="module")
def redis(services: Services) -> Iterator[Redis]:
    with Redis.from_url(services.redis_url) as redis:
        yield redis


@dataclass(frozen=True, slots=True)
class Shop:
    """An owner with a bot that has read one document and speaks slowly of it."""

    owner: Owner
    bot: dict[str, Any]
    document_id: str

    @property
    def url(self) -> str:
        return f"/bots/{self.bot['id']}"

    def remove(self, what: str) -> None:
        paths = {"document": f"{self.url}/documents/{self.document_id}", "bot": self.url, "account": "/users/me"}
        assert self.owner.http.delete(paths[what]).status_code == 204

    def found(self) -> list[str]:
        """The ids of the documents that a search finds."""
        answer = self.owner.http.post(f"{self.url}/search", json={"query": QUESTION})
        return [passage["document_id"] for passage in answer.json()["passages"]]

    def sources(self) -> list[str]:
        """The ids of the documents that an answer rests on."""
        events = self.owner.ask(self.bot["id"], QUESTION)
        return [
            passage["document_id"] for name, data in events if name == "sources" for passage in data["passages"]
        ]


@pytest.fixture
def shop(counting_api: str) -> Iterator[Shop]:
    owner = register(counting_api)
    bot = owner.scripted_bot("say=Cuesta 74,50 euros, dice el catálogo [1].;pace_ms=150")
    document = owner.train(bot["id"], TEXT)
    yield Shop(owner, bot, document["id"])
    owner.http.close()


@contextmanager
def open_chat(shop: Shop) -> Iterator[Iterator[str]]:
    """The lines of an answer that has begun and rests on the document."""
    with shop.owner.http.stream("POST", f"/chat/{shop.bot['id']}", json={"query": QUESTION}, headers=SSE) as answer:
        lines = answer.iter_lines()
        assert any(line == "event: sources" for line in lines)
        assert shop.document_id in next(lines)
        yield lines


def rest_of(lines: Iterator[str]) -> list[tuple[str, dict[str, Any]]]:
    return parse_events("\n".join(lines).strip("\n") + "\n\n")


def test_a_document_removed_in_a_chat_is_in_no_other_answer_and_its_citation_loses_it(shop: Shop) -> None:
    """ISO-7."""
    assert shop.found() == shop.sources() == [shop.document_id]

    with open_chat(shop) as lines:
        shop.remove("document")
        after = shop.found(), shop.sources()
        events = rest_of(lines)

    assert after == ([], [])
    assert [name for name, _ in events if name in ("finished", "error")] == ["finished"]
    cited = citations(shop)
    assert [(one["document_id"], one["quote"]) for one in cited] == [(None, TEXT)] * 2
    assert shop.document_id not in json.dumps(cited)


def citations(shop: Shop) -> list[dict[str, Any]]:
    """Of all that was ever answered."""
    http = shop.owner.http
    talks = [
        http.get(f"/conversations/{talk['id']}").json() for talk in http.get(f"{shop.url}/conversations/").json()
    ]
    return [cited for talk in talks for message in talk["messages"] for cited in message["citations"]]


def test_a_bot_removed_in_a_chat_answers_nothing_more_and_leaves_its_count_alone(
    shop: Shop, db: Database, redis: Redis
) -> None:
    """ISO-7: what was used must outlive the bot, or deleting one would reset a quota."""
    shop.sources()
    with open_chat(shop) as lines:
        shop.remove("bot")
        after = [shop.owner.http.post(f"{path}", json={"query": QUESTION}) for path in asked(shop)]
        events = rest_of(lines)

    assert [(answer.status_code, answer.json()["code"]) for answer in after] == [(404, "bot_not_found")] * 2
    assert len([name for name, _ in events if name in ("finished", "error")]) == 1
    wait_until(lambda: set(db.mentions(shop.bot["id"])) == {"ledger"}, within_s=WITHIN_S)
    configs = [config["id"] for config in shop.bot["configs"]]
    assert db.mentions(shop.document_id, *configs) == {}
    assert lasting(redis, shop.bot["id"], shop.document_id) == {}


def asked(shop: Shop) -> list[str]:
    return [f"/chat/{shop.bot['id']}", f"{shop.url}/search"]


def test_an_account_removed_in_a_chat_leaves_no_row_and_no_key_with_its_id(
    shop: Shop, db: Database, redis: Redis
) -> None:
    """ISO-7."""
    shop.sources()
    owner_id = shop.owner.id
    held = [str(row) for table in db.ids_of(owner_id).values() for row in table]
    with open_chat(shop) as lines:
        # The question of this chat too.
        held += [str(row) for table in db.ids_of(owner_id).values() for row in table]
        known = db.mentions(owner_id), mentions(redis, owner_id)
        shop.remove("account")
        after = [shop.owner.http.post(path, json={"query": QUESTION}).status_code for path in asked(shop)]
        events = rest_of(lines)

    assert after == [401, 401]
    assert len([name for name, _ in events if name in ("finished", "error")]) == 1
    assert all(known)
    assert shop.document_id in held
    wait_until(lambda: db.mentions(owner_id, shop.owner.email, *held) == {}, within_s=WITHIN_S)
    assert lasting(redis, owner_id, shop.owner.email, *held) == {}


@pytest.mark.parametrize("what", ["document", "bot", "account"])
@pytest.mark.parametrize("moment", ["queued", "searchable"])
def test_what_is_removed_in_its_training_comes_back_from_no_worker(
    what: str, moment: str, shop: Shop, db: Database, redis: Redis
) -> None:
    """ISO-7, JOB-6."""
    body = many_chunks(60, word=f"corte{shop.document_id[-12:]}x")
    document_id = shop.owner.upload(shop.bot["id"], body).json()["id"]
    if moment == "searchable":
        wait_until(lambda: shop.owner.document(shop.bot["id"], document_id)["searchable"], within_s=WITHIN_S)
    training = Shop(shop.owner, shop.bot, document_id)

    training.remove(what)

    # Whoever has it in hand ends, and then as before.
    wait_until(lambda: lasting(redis, document_id) == {}, within_s=WITHIN_S)
    assert db.mentions(document_id) == {}
    names = {"document": [], "bot": [shop.bot["id"]], "account": [shop.owner.id, shop.bot["id"]]}[what]
    assert db.mentions(*names) == {}


def lasting(redis: Redis, *words: object) -> dict[str, int]:
    """The keys that hold one of the words and do not go by themselves within the minute."""
    found = mentions(redis, *words)
    return {key: lives_ms for key, lives_ms in found.items() if not 0 <= lives_ms <= WITHIN_S * 1000}
