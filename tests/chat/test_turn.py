"""A turn from the inside: what the model is given, when, and what is stored of what it says."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import QueuePool, text

from app.api.streaming import LiveStreams, Production
from app.chat.events import ChatEvent, Delta, Finished, Started
from app.chat.speak import Patience
from app.chat.turn import ChatServices, Turn, answer, open_turn
from app.core.database import Sessions, make_engine, make_sessions, transaction
from app.core.errors import BotNotFound, ConversationNotFound, NoModel, ProviderKeyMissing
from app.embedded.services import Services
from app.providers import base
from app.providers.base import ChatMessage, ChatRequest, Role, TextDelta
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


def services_with(sessions: Sessions, model: Model) -> ChatServices:
    return ChatServices(sessions=sessions, providers={"openai": model}, embedder=None, patience=PATIENCE)


async def opened(
    owner: Owner, bot_id: str, services: ChatServices, *, question: str = "Hola", conversation: str | None = None
) -> Turn:
    return await open_turn(
        owner_id=owner.id,
        bot_id=uuid.UUID(bot_id),
        question=question,
        conversation_id=uuid.UUID(conversation) if conversation else None,
        task_type=None,
        language="es",
        services=services,
    )


async def asked(
    owner: Owner, bot_id: str, services: ChatServices, *, question: str = "Hola", conversation: str | None = None
) -> list[ChatEvent]:
    turn = await opened(owner, bot_id, services, question=question, conversation=conversation)
    return [event async for event in answer(turn, services)]


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
        "¿Cuánto cuesta el casco Brisa? ¿Y cuánto pesa?",
        "¿Cuánto cuesta el casco Brisa? ¿Y cuánto pesa? ¿Y en azul?",
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
    turn = await opened(owner, bot["id"], chat)
    async for event in answer(turn, chat):
        if isinstance(event, Delta):
            held.append(pool.checkedout())
    await engine.dispose()

    assert held == [0, 0, 0]


@pytest.mark.anyio
async def test_a_client_that_leaves_while_the_answer_is_stored_loses_nothing_law_3(
    owner: Owner, sessions: Sessions
) -> None:
    services = services_with(sessions, Model(("Hola",)))
    turn = await opened(owner, owner.scripted_bot()["id"], services)
    async with transaction(sessions) as blocker:
        await blocker.execute(
            text("SELECT 1 FROM conversations WHERE id = :id FOR UPDATE").bindparams(id=turn.conversation_id)
        )
        production = Production(answer(turn, services), LiveStreams())
        await production.first(stays)
        await storing(sessions, turn)

        leaving = asyncio.create_task(production.stop())
        await asyncio.sleep(0.05)
        assert not leaving.done()
    await leaving

    assert await stored_answer(sessions, turn) == ("Hola", "stop")


@pytest.mark.anyio
@pytest.mark.parametrize("events", [1, 2, 3])
async def test_wherever_the_reader_stops_the_model_is_freed_and_the_rest_kept_str_3(
    owner: Owner, sessions: Sessions, events: int
) -> None:
    bot, model = owner.scripted_bot("tokens=1000;pace_ms=1"), ScriptedProvider()
    services = ChatServices(sessions=sessions, providers={"openai": model}, embedder=None, patience=PATIENCE)
    turn = await opened(owner, bot["id"], services)
    reader = answer(turn, services)
    for _ in range(events):
        await anext(reader)

    await reader.aclose()

    assert model.open_streams == 0
    assert await stored_answer(sessions, turn) == (" ".join(["palabra"] * (events - 1)), "interrupted")


async def storing(sessions: Sessions, turn: Turn) -> None:
    """Wait until somebody waits for a lock on a row of ours."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'conversations'"
    )
    async with asyncio.timeout(5):
        while True:
            async with transaction(sessions) as session:
                if await session.scalar(waiting):
                    return
            await asyncio.sleep(0.01)


async def stored_answer(sessions: Sessions, turn: Turn) -> tuple[str, str]:
    async with transaction(sessions) as session:
        query = text("SELECT text, finish FROM messages WHERE id = :id").bindparams(id=turn.message_id)
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

    turn = await opened(owner, owner.scripted_bot()["id"], services)
    events = [event async for event in answer(turn, services)]

    assert [event.text for event in events if isinstance(event, Delta)] == ["Ho", "�la"]
    assert await stored_answer(sessions, turn) == ("Ho�la", "stop")


@pytest.mark.anyio
async def test_a_fault_of_our_own_is_stored_as_an_error(owner: Owner, sessions: Sessions) -> None:
    class Broken(Model):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | base.Finished]:
            yield TextDelta("Hola")
            raise ZeroDivisionError

    services = services_with(sessions, Broken())
    turn = await opened(owner, owner.scripted_bot()["id"], services)

    with pytest.raises(ZeroDivisionError):
        await collected(answer(turn, services))

    assert await stored_answer(sessions, turn) == ("Hola", "error")


async def collected(events: AsyncIterator[ChatEvent]) -> list[ChatEvent]:
    return [event async for event in events]


@pytest.mark.anyio
async def test_an_answer_whose_conversation_was_deleted_says_so(owner: Owner, sessions: Sessions) -> None:
    services = services_with(sessions, Model())
    turn = await opened(owner, owner.scripted_bot()["id"], services)
    owner.http.delete(f"/conversations/{turn.conversation_id}")

    with pytest.raises(ConversationNotFound):
        await collected(answer(turn, services))


@pytest.mark.anyio
async def test_what_cannot_be_answered_is_not_stored(owner: Owner, stranger: Owner, sessions: Sessions) -> None:
    services = services_with(sessions, Model())
    other_bot, own = stranger.scripted_bot()["id"], owner.scripted_bot()["id"]
    foreign = conversation_of(await asked(stranger, other_bot, services))
    elsewhere = conversation_of(await asked(owner, owner.scripted_bot()["id"], services))
    empty = owner.new_bot(initial_configs=[])["id"]
    keyless = owner.new_bot(initial_configs=[{"task_type": "general", "provider": "google", "model_id": "gemini"}])

    with pytest.raises(BotNotFound):
        await opened(owner, other_bot, services)
    for conversation in (foreign, elsewhere, str(uuid.uuid4())):
        with pytest.raises(ConversationNotFound):
            await opened(owner, own, services, conversation=conversation)
    with pytest.raises(NoModel):
        await opened(owner, empty, services)
    with pytest.raises(ProviderKeyMissing):
        await opened(owner, keyless["id"], services)

    for bot_id in (own, empty, keyless["id"]):
        assert owner.http.get(f"/bots/{bot_id}/conversations/").json() == []
    assert len(owner.http.get(f"/conversations/{elsewhere}").json()["messages"]) == 2


@pytest.mark.anyio
async def test_the_last_event_comes_after_the_answer_is_stored_law_5(owner: Owner, sessions: Sessions) -> None:
    services = services_with(sessions, Model())
    turn = await opened(owner, owner.scripted_bot()["id"], services)

    async for event in answer(turn, services):
        if isinstance(event, Finished):
            assert await stored_answer(sessions, turn) == ("Hola", "stop")
            return
    pytest.fail("There was no last event.")
