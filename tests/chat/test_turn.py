"""A turn from the inside: what the model is given, when, and what is stored of what it says."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from jose import jwt
from sqlalchemy import QueuePool, text

from app.api.streaming import LiveStreams, Production
from app.chat.asking import Allowance, Asked, ChatServices
from app.chat.catalog import load_catalog
from app.chat.circuit import Circuits
from app.chat.events import ChatEvent, Delta, Finished, Started
from app.chat.foresight import Foresight
from app.chat.speak import Patience
from app.chat.turn import converse
from app.core.database import Sessions, make_engine, make_sessions, transaction
from app.core.encryption import Keyring
from app.core.errors import BotNotFound, ConversationNotFound, NoModel, ProviderKeyMissing
from app.core.quotas import ChatQuotas
from app.embedded.services import Services
from app.providers import base
from app.providers.base import ChatMessage, ChatProvider, ChatRequest, Role, TextDelta
from app.providers.registry import Providers
from app.providers.scripted import ScriptedProvider
from tests.platform import Owner

PATIENCE = Patience(first_token_s=5, gap_s=5, total_s=5)


@dataclass
class Model:
    """Says these pieces, keeps what it was asked, and does `before` first."""

    pieces: tuple[str, ...] = ("Hola",)
    before: Callable[[], Awaitable[None]] | None = None
    requests: list[ChatRequest] = field(default_factory=list)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | base.Finished]:
        self.requests.append(request)
        if self.before is not None:
            await self.before()
        for piece in self.pieces:
            yield TextDelta(piece)
        yield base.Finished()


class Only(Providers):
    """One model answers for openai, without a key; nobody has a key for google."""

    def __init__(self, model: ChatProvider) -> None:
        self._model = model

    def server_key(self, provider: str) -> str | None:
        return None

    def needs_key(self, provider: str) -> bool:
        return provider == "google"

    def can_call(self, provider: str, model_id: str) -> bool:
        return True

    def get(self, provider: str, *, key: str | None) -> ChatProvider:
        assert (provider, key) == ("openai", None)
        return self._model


def services_with(sessions: Sessions, model: ChatProvider) -> ChatServices:
    return ChatServices(
        sessions=sessions,
        providers=Only(model),
        foresight=Foresight(None),
        patience=PATIENCE,
        circuits=Circuits(),
        catalog=load_catalog(None),
        keyring=Keyring("0123456789abcdef" * 4),
        quotas=ChatQuotas("redis://127.0.0.1:1", chats_per_minute=0, live_streams=0, lease_s=60),
        allowance=Allowance(tokens_a_day=0, server_micro_usd_a_day=0),
    )


def asking(
    owner: Owner, bot_id: str, services: ChatServices, *, question: str = "Hola", conversation: str | None = None
) -> AsyncGenerator[ChatEvent]:
    asked = Asked(
        session_id=session_of(owner),
        bot_id=uuid.UUID(bot_id),
        text=question,
        conversation_id=uuid.UUID(conversation) if conversation else None,
    )
    return converse(asked, services)


def session_of(owner: Owner) -> uuid.UUID:
    return uuid.UUID(str(jwt.get_unverified_claims(owner.token)["sid"]))


async def asked(
    owner: Owner, bot_id: str, services: ChatServices, *, question: str = "Hola", conversation: str | None = None
) -> list[ChatEvent]:
    return await collected(asking(owner, bot_id, services, question=question, conversation=conversation))


def conversation_of(events: list[ChatEvent]) -> str:
    assert isinstance(events[0], Started)
    return str(events[0].conversation_id)


@pytest.mark.anyio
async def test_the_second_question_carries_the_first_and_its_answer(owner: Owner, sessions: Sessions) -> None:
    bot, model = owner.scripted_bot(system_prompt="Eres un pirata."), Model(("¡Al ", "abordaje!"))
    services = services_with(sessions, model)

    events = await asked(owner, bot["id"], services, question="¿Qué vendéis?")
    await asked(owner, bot["id"], services, question="¿Hay cañones?", conversation=conversation_of(events))

    assert model.requests[0].messages == (ChatMessage(Role.USER, "¿Qué vendéis?"),)
    assert model.requests[1].messages == (
        ChatMessage(Role.USER, "¿Qué vendéis?"),
        ChatMessage(Role.ASSISTANT, "¡Al abordaje!"),
        ChatMessage(Role.USER, "¿Hay cañones?"),
    )
    assert model.requests[1].system.startswith("Eres un pirata.")


@pytest.mark.anyio
async def test_a_question_that_leans_is_searched_with_those_that_it_leans_on(
    owner: Owner, sessions: Sessions
) -> None:
    bot, model = owner.scripted_bot(), Model()
    services = services_with(sessions, model)

    events = await asked(owner, bot["id"], services, question="¿Cuánto cuesta el casco Brisa?")
    conversation = conversation_of(events)
    await asked(owner, bot["id"], services, question="¿Y cuánto pesa?", conversation=conversation)
    await asked(owner, bot["id"], services, question="¿Y en azul?", conversation=conversation)

    assert [request.question for request in model.requests] == [
        "¿Cuánto cuesta el casco Brisa?",
        "casco Brisa ¿Y cuánto pesa?",
        "casco Brisa pesa ¿Y en azul?",
    ]
    assert model.requests[2].messages[-1].text == "¿Y en azul?"


@pytest.mark.anyio
async def test_the_question_is_stored_before_the_model_is_called_str_2(owner: Owner, sessions: Sessions) -> None:
    stored: list[str] = []

    async def look() -> None:
        async with transaction(sessions) as session:
            rows = await session.scalars(
                text("SELECT text FROM messages WHERE owner_id = :owner").bindparams(owner=owner.id)
            )
            stored.extend(rows)

    services = services_with(sessions, Model(before=look))

    await asked(owner, owner.scripted_bot()["id"], services, question="¿Hay alguien?")

    assert stored == ["¿Hay alguien?"]


@pytest.mark.anyio
async def test_no_database_connection_is_held_while_a_model_speaks_law_4(owner: Owner, services: Services) -> None:
    engine = make_engine(services.database_url, pool_size=2)
    assert isinstance(engine.pool, QueuePool)
    pool, held = engine.pool, []

    async def look() -> None:
        held.append(pool.checkedout())

    chat = services_with(make_sessions(engine), Model(("a", "b"), before=look))
    bot = owner.scripted_bot()
    async for event in asking(owner, bot["id"], chat):
        if isinstance(event, Delta):
            held.append(pool.checkedout())
    await engine.dispose()

    assert held == [0, 0, 0]


@pytest.mark.anyio
async def test_a_client_that_leaves_while_the_answer_is_stored_loses_nothing_law_3(
    owner: Owner, sessions: Sessions
) -> None:
    async with transaction(sessions) as blocker:

        async def block() -> None:
            await blocker.execute(
                text("SELECT 1 FROM conversations WHERE owner_id = :owner FOR UPDATE").bindparams(owner=owner.id)
            )

        services = services_with(sessions, Model(("Hola",), before=block))
        production = Production(asking(owner, owner.scripted_bot()["id"], services), LiveStreams())
        started = await production.first(stays)
        await storing(sessions)

        leaving = asyncio.create_task(production.stop())
        await asyncio.sleep(0.05)
        assert not leaving.done()
    await leaving

    assert await stored_answer(sessions, started) == ("Hola", "stop")


@pytest.mark.anyio
@pytest.mark.parametrize("events", [1, 2, 3])
async def test_wherever_the_reader_stops_the_model_is_freed_and_the_rest_kept_str_3(
    owner: Owner, sessions: Sessions, events: int
) -> None:
    bot, model = owner.scripted_bot("tokens=1000;pace_ms=1"), ScriptedProvider()
    reader = asking(owner, bot["id"], services_with(sessions, model))
    started = await anext(reader)
    for _ in range(events - 1):
        await anext(reader)

    await reader.aclose()

    assert model.open_streams == 0
    assert await stored_answer(sessions, started) == (" ".join(["palabra"] * (events - 1)), "interrupted")


async def storing(sessions: Sessions) -> None:
    """Wait until somebody waits for a lock on a row of ours."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND query ~ 'usage_days|conversations'"
    )
    async with asyncio.timeout(5):
        while True:
            async with transaction(sessions) as session:
                if await session.scalar(waiting):
                    return
            await asyncio.sleep(0.01)


async def stored_answer(sessions: Sessions, started: ChatEvent) -> tuple[str, str]:
    assert isinstance(started, Started)
    async with transaction(sessions) as session:
        query = text("SELECT text, finish FROM messages WHERE id = :id").bindparams(id=started.message_id)
        row = (await session.execute(query)).one()
        return row.text, row.finish


async def stays() -> dict[str, str]:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.anyio
@pytest.mark.parametrize("character", ["\x00", "\ud83d"], ids=["NUL", "half a pair"])
async def test_a_character_that_cannot_be_stored_does_not_lose_the_answer(
    owner: Owner, sessions: Sessions, character: str
) -> None:
    services = services_with(sessions, Model(("Ho", f"{character}la")))

    events = await asked(owner, owner.scripted_bot()["id"], services)

    assert [event.text for event in events if isinstance(event, Delta)] == ["Ho", "�la"]
    assert await stored_answer(sessions, events[0]) == ("Ho�la", "stop")


@pytest.mark.anyio
async def test_a_fault_of_our_own_is_stored_as_an_error(owner: Owner, sessions: Sessions) -> None:
    class Broken(Model):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | base.Finished]:
            yield TextDelta("Hola")
            raise ZeroDivisionError

    events = asking(owner, owner.scripted_bot()["id"], services_with(sessions, Broken()))
    started = await anext(events)

    with pytest.raises(ZeroDivisionError):
        await collected(events)

    assert await stored_answer(sessions, started) == ("Hola", "error")


async def collected(events: AsyncIterator[ChatEvent]) -> list[ChatEvent]:
    return [event async for event in events]


@pytest.mark.anyio
async def test_an_answer_whose_conversation_was_deleted_says_so(owner: Owner, sessions: Sessions) -> None:
    events = asking(owner, owner.scripted_bot()["id"], services_with(sessions, Model()))
    started = await anext(events)
    assert isinstance(started, Started)
    owner.http.delete(f"/conversations/{started.conversation_id}")

    with pytest.raises(ConversationNotFound):
        await collected(events)

    async with transaction(sessions) as session:
        query = text("SELECT count(*) FROM ledger WHERE id = :id").bindparams(id=started.message_id)
        assert await session.scalar(query) == 1


@pytest.mark.anyio
async def test_what_cannot_be_answered_is_not_stored(owner: Owner, stranger: Owner, sessions: Sessions) -> None:
    services = services_with(sessions, Model())
    other_bot, own = stranger.scripted_bot()["id"], owner.scripted_bot()["id"]
    foreign = conversation_of(await asked(stranger, other_bot, services))
    elsewhere = conversation_of(await asked(owner, owner.scripted_bot()["id"], services))
    empty = owner.new_bot(initial_configs=[])["id"]
    keyless = owner.new_bot(initial_configs=[{"task_type": "general", "provider": "google", "model_id": "gemini"}])

    with pytest.raises(BotNotFound):
        await asked(owner, other_bot, services)
    for conversation in (foreign, elsewhere, str(uuid.uuid4())):
        with pytest.raises(ConversationNotFound):
            await asked(owner, own, services, conversation=conversation)
    with pytest.raises(NoModel):
        await asked(owner, empty, services)
    with pytest.raises(ProviderKeyMissing):
        await asked(owner, keyless["id"], services)

    for bot_id in (own, empty, keyless["id"]):
        assert owner.http.get(f"/bots/{bot_id}/conversations/").json() == []
    assert len(owner.http.get(f"/conversations/{elsewhere}").json()["messages"]) == 2


@pytest.mark.anyio
async def test_the_last_event_comes_after_the_answer_is_stored_law_5(owner: Owner, sessions: Sessions) -> None:
    services = services_with(sessions, Model())
    events = asking(owner, owner.scripted_bot()["id"], services)
    started = await anext(events)

    async for event in events:
        if isinstance(event, Finished):
            assert await stored_answer(sessions, started) == ("Hola", "stop")
            return
    pytest.fail("There was no last event.")
