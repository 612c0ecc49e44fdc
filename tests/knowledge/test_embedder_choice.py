"""Whose key embeds a document: the owner's own before the server's, and the server's within its daily limit."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text

from app import crud
from app.core.config import Settings
from app.core.database import new_id, now, transaction
from app.core.encryption import Keyring
from app.core.errors import ProviderError, ProviderKeyInvalid, ProviderKeyMissing, QuotaExceeded
from app.crud import Lease
from app.knowledge.embedder_choice import EmbedderChoice
from app.models import EmbeddingModel, Provider
from app.providers.base import Embedder, Purpose, Vector
from app.providers.embedders import Embedders
from app.providers.embedding_prices import embedding_micro_usd
from tests.knowledge.library import HashEmbedder, Shelf

pytestmark = pytest.mark.anyio

KEYRING = Keyring("una clave de cifrado para las pruebas 0123456789")
# Of the server's keys: 1,000 characters cost a third of 20 micro-dollars, rounded up.
TEXTS = ["a" * 1_000]


class Vendors(Embedders):
    """Every key works but `refused`, and each is noted."""

    def __init__(self, local: Embedder | None = None) -> None:
        super().__init__(Settings(_env_file=None), local)
        self.keys: list[str | None] = []

    def get(self, model: str, *, key: str | None) -> Embedder | None:
        if model == "local":
            return super().get(model, key=key)
        self.keys.append(key)
        return Refusing() if key == "refused" else HashEmbedder()


class Refusing(HashEmbedder):
    async def embed(self, texts: Any, *, purpose: Purpose) -> list[Vector]:
        raise ProviderError(cause="it refused the key", status=401)


def choice(
    shelf: Shelf, vendors: Vendors, *, server_key: str | None = None, cap: int = 1_000_000
) -> EmbedderChoice:
    return EmbedderChoice(
        sessions=shelf.sessions,
        embedders=vendors,
        keyring=KEYRING,
        server_key=lambda model: server_key,
        server_micro_usd_a_day=cap,
    )


def lease(shelf: Shelf, model: EmbeddingModel = EmbeddingModel.OPENAI) -> Lease:
    return Lease(new_id(), shelf.bot_id, shelf.owner_id, new_id(), attempts=1, model=model)


async def keep_key(shelf: Shelf, key: str) -> None:
    async with transaction(shelf.sessions) as session:
        await crud.set_provider_key(
            session, Provider.OPENAI, owner_id=shelf.owner_id, key=key, keyring=KEYRING, checked_at=None
        )


async def spent(shelf: Shelf) -> int:
    async with transaction(shelf.sessions) as session:
        found = await session.scalar(
            text("SELECT sum(server_micro_usd) FROM usage_days WHERE owner_id = :id"), {"id": shelf.owner_id}
        )
        return int(found or 0)


async def embed(shelf: Shelf, vendors: Vendors, **options: Any) -> list[Vector]:
    chosen = await choice(shelf, vendors, **options)(lease(shelf))
    assert chosen is not None
    return await chosen.embed(TEXTS)


async def test_local_needs_no_key_and_none_where_there_is_no_wheel(shelf: Shelf) -> None:
    local = lease(shelf, EmbeddingModel.LOCAL)

    there = await choice(shelf, Vendors(HashEmbedder()))(local)
    nowhere = await choice(shelf, Vendors(None))(local)

    assert there is not None
    assert nowhere is None


async def test_an_owners_own_key_goes_before_the_servers_and_costs_the_server_nothing(shelf: Shelf) -> None:
    vendors = Vendors()
    await keep_key(shelf, "own-key")

    vectors = await embed(shelf, vendors, server_key="servers")

    assert len(vectors) == 1
    assert vendors.keys == ["own-key"]
    assert await spent(shelf) == 0


async def test_without_any_key_nothing_is_embedded(shelf: Shelf) -> None:
    with pytest.raises(ProviderKeyMissing):
        await embed(shelf, Vendors())


async def test_a_refused_key_is_told_as_such(shelf: Shelf) -> None:
    await keep_key(shelf, "refused")

    with pytest.raises(ProviderKeyInvalid):
        await embed(shelf, Vendors())


async def test_what_the_servers_key_embeds_is_counted_up_to_the_daily_limit(shelf: Shelf) -> None:
    vendors, cost = Vendors(), embedding_micro_usd("openai", TEXTS)

    for _ in range(2):
        await embed(shelf, vendors, server_key="servers", cap=2 * cost)
    with pytest.raises(QuotaExceeded):
        await embed(shelf, vendors, server_key="servers", cap=2 * cost)

    assert cost == 7
    assert await spent(shelf) == 2 * cost


async def test_a_limit_below_one_batch_lets_nothing_through(shelf: Shelf) -> None:
    with pytest.raises(QuotaExceeded):
        await embed(shelf, Vendors(), server_key="servers", cap=1)

    assert await spent(shelf) == 0


async def test_what_is_held_for_answers_counts_against_the_same_limit(shelf: Shelf) -> None:
    async with transaction(shelf.sessions) as session:
        await session.execute(
            text(
                "INSERT INTO usage_days (owner_id, day, holds) VALUES (:id, :day,"
                " jsonb_build_object('m', jsonb_build_array(95, extract(epoch FROM now()) + 60)))"
            ),
            {"id": shelf.owner_id, "day": now().date()},
        )

    with pytest.raises(QuotaExceeded):
        await embed(shelf, Vendors(), server_key="servers", cap=100)


async def test_a_document_over_the_limit_fails_and_is_found_by_its_words(shelf: Shelf) -> None:
    body = f"El faro {uuid.uuid4().hex} abre a las nueve."
    async with transaction(shelf.sessions) as session:
        await session.execute(
            text("UPDATE bots SET embedding_model = 'openai' WHERE id = :id"), {"id": shelf.bot_id}
        )
    document_id = await shelf.add(body)

    wanted = await shelf.words(document_id, will_embed=False)
    await shelf.vectors_by(choice(shelf, Vendors(), server_key="servers", cap=0), document_id)

    document = await shelf.document(document_id)
    assert wanted
    assert (document.status, document.error) == ("failed", "quota_exceeded")
    assert [passage.text for passage in await shelf.search("faro")] == [body]
