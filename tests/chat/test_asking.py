"""What a question holds of the server's keys while it is prepared, given back when nothing comes of it."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from jose import jwt
from sqlalchemy import text

from app.chat.asking import Allowance, Asked, ChatServices, between
from app.chat.catalog import load_catalog
from app.chat.circuit import Circuits
from app.chat.foresight import Foresight
from app.chat.speak import Patience
from app.chat.turn import converse
from app.core.config import Settings
from app.core.database import Sessions, transaction
from app.core.encryption import Keyring
from app.core.errors import QuotaExceeded
from app.core.quotas import ChatQuotas
from app.providers.base import Purpose, Vector
from app.providers.registry import Providers
from tests.platform import Owner
from tests.rows import Database
from tests.services import wait_until

pytestmark = pytest.mark.anyio


class Embedder:
    """Hangs, or fails once it was told to."""

    dimensions = 384

    def __init__(self) -> None:
        self.fails = asyncio.Event()

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        await self.fails.wait()
        raise MemoryError


class Lending(Providers):
    """Lends everybody the server's key for openai; nobody is called with it."""

    def __init__(self) -> None:
        super().__init__(Settings(scripted_models=True), None)

    def needs_key(self, provider: str) -> bool:
        return provider != "local"

    def server_key(self, provider: str) -> str | None:
        return "sk-servidor" if provider == "openai" else None


@pytest.fixture
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def chat(sessions: Sessions, embedder: Embedder) -> ChatServices:
    return ChatServices(
        sessions=sessions,
        providers=Lending(),
        foresight=Foresight(embedder),
        patience=Patience(first_token_s=5, gap_s=5, total_s=5),
        circuits=Circuits(),
        catalog=load_catalog(None),
        keyring=Keyring("0123456789abcdef" * 4),
        quotas=ChatQuotas("redis://127.0.0.1:1", chats_per_minute=0, live_streams=0, lease_s=60),
        allowance=Allowance(tokens_a_day=0, server_micro_usd_a_day=1_000_000),
    )


def asked_of(owner: Owner) -> Asked:
    """A question to a bot with a document, so that it is embedded."""
    bot_id = owner.new_bot(initial_configs=[{"task_type": "general", "provider": "openai", "model_id": "gpt-4o"}])[
        "id"
    ]
    assert owner.upload(bot_id, "La tienda abre a las nueve.").status_code == 202
    session_id = uuid.UUID(jwt.get_unverified_claims(owner.token)["sid"])
    return Asked(session_id=session_id, bot_id=uuid.UUID(bot_id), text="¿A qué hora abre la tienda?")


def held(db: Database, owner: Owner) -> int:
    """Micro-dollars."""
    days = db.rows("SELECT holds FROM usage_days WHERE owner_id = %s", owner.id)
    return sum(micro_usd for (holds,) in days for micro_usd, _ in holds.values())


async def until(is_so: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, is_so)


async def beginning(asked: Asked, chat: ChatServices) -> None:
    async with asyncio.timeout(20):
        await anext(converse(asked, chat))


async def test_a_client_that_leaves_while_its_question_is_embedded_gives_back_what_it_held(
    owner: Owner, chat: ChatServices, db: Database
) -> None:
    asking = asyncio.create_task(beginning(asked_of(owner), chat))
    await until(lambda: held(db, owner) > 0)

    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert held(db, owner) == 0


async def test_a_question_that_cannot_be_embedded_gives_back_what_it_held(
    owner: Owner, chat: ChatServices, embedder: Embedder, db: Database
) -> None:
    asking = asyncio.create_task(beginning(asked_of(owner), chat))
    await until(lambda: held(db, owner) > 0)

    embedder.fails.set()

    with pytest.raises(MemoryError):
        await asking
    assert held(db, owner) == 0


async def test_an_embedding_that_fails_before_the_question_is_stored_leaves_nothing_held(
    owner: Owner, chat: ChatServices, embedder: Embedder, sessions: Sessions, db: Database
) -> None:
    """What is given back must not be overtaken by what is still to be held."""
    asked = asked_of(owner)
    embedder.fails.set()
    async with transaction(sessions) as blocker:
        await blocker.execute(text("SELECT FROM users WHERE id = :id FOR UPDATE").bindparams(id=owner.id))
        asking = asyncio.create_task(beginning(asked, chat))
        await until(lambda: db.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'") != [])
        # Whatever is not kept waiting by that lock has had its time.
        await asyncio.wait({asking}, timeout=0.3)

    with pytest.raises(MemoryError):
        await asking
    await until(lambda: db.count("messages", owner.id) == 1)
    assert held(db, owner) == 0


async def test_nothing_is_held_where_the_share_is_spent(owner: Owner, chat: ChatServices, db: Database) -> None:
    poor = replace(chat, allowance=Allowance(tokens_a_day=0, server_micro_usd_a_day=1_000))

    with pytest.raises(QuotaExceeded, match="dollars a day"):
        await beginning(asked_of(owner), poor)

    assert db.count("usage_days", owner.id) == db.count("conversations", owner.id) == 0


def test_a_question_that_leans_looks_halfway_between_itself_and_its_context() -> None:
    assert between([1.0, 0.0], [0.0, 1.0]) == pytest.approx([0.5**0.5, 0.5**0.5])
    assert between([1.0, 0.0], [-1.0, 0.0]) == [-1.0, 0.0]
