"""An answer that is stored exactly while its bot or document is removed, or stored twice."""

import asyncio
import uuid

import pytest
from sqlalchemy import text

from app import crud
from app.core.database import Sessions, new_id, now, statement, transaction
from app.core.errors import ConversationNotFound
from app.models import Finish, Provider
from app.queries.answers import NewAnswer, NewQuestion, Reservation
from tests.knowledge.library import Shelf, new_shelf

PAST = Reservation(message_id=uuid.UUID(int=0), day=now().date(), micro_usd=0, cap_micro_usd=0, until=0)


async def asked(shelf: Shelf) -> NewQuestion:
    question = NewQuestion(id=new_id(), bot_id=shelf.bot_id, conversation_id=new_id(), title="Hola", text="Hola")
    async with statement(shelf.sessions) as session:
        await crud.add_question(session, question, PAST, owner_id=shelf.owner_id)
    return question


async def answered(
    shelf: Shelf, question: NewQuestion, document_id: uuid.UUID, *, id: uuid.UUID | None = None
) -> None:
    answer = NewAnswer(
        id=id or new_id(),
        bot_id=shelf.bot_id,
        conversation_id=question.conversation_id,
        question_id=question.id,
        text="Hola [1]",
        finish=Finish.STOP,
        error_code=None,
        provider=Provider.LOCAL,
        model_id="extractive",
        task_type="general",
        reason="",
        key_source=None,
        input_tokens=3,
        output_tokens=2,
        tokens_estimated=False,
        cost_micro_usd=0,
        dearest_micro_usd=0,
        server_micro_usd=0,
        first_token_ms=0,
        duration_ms=0,
        day=PAST.day,
    )
    citation = {"n": 1, "document_id": document_id, "filename": "a.txt", "start": 0, "end": 4, "quote": "Hola"}
    async with statement(shelf.sessions) as session:
        await crud.add_answer(session, answer, [citation], owner_id=shelf.owner_id)


async def removed(shelf: Shelf) -> None:
    async with transaction(shelf.sessions) as session:
        await crud.remove_bot(session, shelf.bot_id, owner_id=shelf.owner_id)


async def waiting_for_locks(sessions: Sessions, count: int) -> None:
    async with asyncio.timeout(10):
        while True:
            async with statement(sessions) as session:
                waiting = await session.scalar(
                    text(
                        "SELECT count(*) FROM pg_stat_activity"
                        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
                    )
                )
            if waiting >= count:
                return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("held", ["FOR KEY SHARE", "FOR UPDATE"])
@pytest.mark.anyio
async def test_a_bot_that_is_removed_while_its_cited_answer_is_stored_does_not_wait_for_it_in_a_circle(
    held: str, sessions: Sessions
) -> None:
    shelf = await new_shelf(sessions)
    document_id = await shelf.add("Hola")
    question = await asked(shelf)

    async with transaction(sessions) as holding:
        # The removal is held up at the document, and has what it takes before it.
        await holding.execute(text(f"SELECT FROM documents WHERE id = :id {held}"), {"id": document_id})
        removing = asyncio.create_task(removed(shelf))
        await waiting_for_locks(sessions, 1)
        answering = asyncio.create_task(answered(shelf, question, document_id))
        await waiting_for_locks(sessions, 2)

    await removing
    with pytest.raises(ConversationNotFound):
        await answering


@pytest.mark.anyio
async def test_a_document_that_is_removed_while_its_answer_is_stored_leaves_its_quote(sessions: Sessions) -> None:
    shelf = await new_shelf(sessions)
    document_id = await shelf.add("Hola")
    question = await asked(shelf)

    await shelf.remove(document_id)
    await answered(shelf, question, document_id)

    async with transaction(sessions) as session:
        messages = await crud.list_messages(session, question.conversation_id, owner_id=shelf.owner_id)
    [citation] = messages[-1].citations
    assert (citation.document_id, citation.quote) == (None, "Hola")


@pytest.mark.anyio
async def test_a_turn_that_is_stored_twice_is_there_and_counted_once(sessions: Sessions) -> None:
    """The word that it was stored may be lost on its way."""
    shelf = await new_shelf(sessions)
    document_id = await shelf.add("Hola")
    question, answer_id = await asked(shelf), new_id()
    await answered(shelf, question, document_id, id=answer_id)

    async with statement(sessions) as session:
        assert await crud.add_question(session, question, PAST, owner_id=shelf.owner_id)
    await answered(shelf, question, document_id, id=answer_id)

    async with transaction(sessions) as session:
        messages = await crud.list_messages(session, question.conversation_id, owner_id=shelf.owner_id)
        tokens = await session.scalar(
            text("SELECT tokens FROM usage_days WHERE owner_id = :id"), {"id": shelf.owner_id}
        )
    assert [message.id for message in messages] == [question.id, answer_id]
    assert tokens == 5
