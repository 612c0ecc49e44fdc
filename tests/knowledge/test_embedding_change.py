"""Another embedding model for a bot: the old vectors are searched until the new ones are whole."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from app import crud
from app.core.database import Sessions, now, transaction
from app.core.errors import BotNotFound, ProviderError, ProviderKeyInvalid, ProviderKeyMissing
from app.crud import Lease
from app.knowledge import train
from app.knowledge.embedder_choice import EMBED_BATCH, Choose, Chosen, passages_by
from app.models import Document, DocumentStatus, EmbeddingModel
from tests.knowledge.library import HashEmbedder, Shelf, always, many_chunks, new_shelf

pytestmark = pytest.mark.anyio

LOCAL, OPENAI, GOOGLE = EmbeddingModel.LOCAL, EmbeddingModel.OPENAI, EmbeddingModel.GOOGLE


@pytest.fixture(scope="module")
def database_url(unworked_database_url: str) -> str:
    return unworked_database_url


async def models(shelf: Shelf) -> tuple[EmbeddingModel, EmbeddingModel | None, str | None]:
    bot = await shelf.bot()
    return bot.embedding_model, bot.next_embedding_model, bot.embedding_error


async def counts(shelf: Shelf) -> dict[str, int]:
    """How many vectors the bot holds of each model."""
    async with transaction(shelf.sessions) as session:
        rows = await session.execute(
            text("SELECT model, count(*) AS count FROM vectors WHERE bot_id = :bot_id GROUP BY model"),
            {"bot_id": shelf.bot_id},
        )
        return {row.model: row[1] for row in rows}


def failing(error: Exception) -> Choose:
    async def choose(lease: Lease) -> Chosen | None:
        raise error

    return choose


async def test_a_bot_without_documents_has_the_other_model_at_once(shelf: Shelf) -> None:
    due = await shelf.change_model(OPENAI)

    assert due == []
    assert await models(shelf) == (OPENAI, None, None)


async def test_the_new_vectors_come_beside_the_old_ones_and_switch_when_the_last_is_whole(shelf: Shelf) -> None:
    first = await shelf.train(many_chunks(3), HashEmbedder())
    second = await shelf.train(many_chunks(4), HashEmbedder())

    due = await shelf.change_model(OPENAI)
    await shelf.vectors(first, HashEmbedder())
    half_way = await models(shelf), await counts(shelf), await shelf.document(second)
    await shelf.vectors(second, HashEmbedder())

    assert sorted(due) == sorted([first, second])
    assert half_way[:2] == ((LOCAL, OPENAI, None), {"local": 7, "openai": 3})
    assert (half_way[2].status, half_way[2].embedding_due) == ("ready", True)
    assert await models(shelf) == (OPENAI, None, None)
    assert await counts(shelf) == {"openai": 7}
    document = await shelf.document(first)
    assert (document.status, document.chunks_embedded, document.embedding_due) == ("ready", 3, False)


async def test_a_reader_sees_the_old_vectors_or_the_new_ones_never_none_or_both(shelf: Shelf) -> None:
    documents = [await shelf.train(many_chunks(40), HashEmbedder()) for _ in range(3)]
    seen: set[tuple[str, int]] = set()

    for model in (OPENAI, GOOGLE, LOCAL):
        await shelf.change_model(model)
        changing = asyncio.create_task(embed_all(shelf, documents))
        while not changing.done():
            seen.add(await in_force(shelf))
        await changing
        seen.add(await in_force(shelf))

    assert seen == {("local", 120), ("openai", 120), ("google", 120)}


async def embed_all(shelf: Shelf, documents: list[uuid.UUID]) -> None:
    await asyncio.gather(*(shelf.vectors(document_id, HashEmbedder()) for document_id in documents))


async def in_force(shelf: Shelf) -> tuple[str, int]:
    """In one statement, as a search does."""
    async with transaction(shelf.sessions) as session:
        row = await session.execute(
            text(
                "SELECT embedding_model, (SELECT count(*) FROM vectors WHERE bot_id = bots.id AND model ="
                " bots.embedding_model) FROM bots WHERE id = :bot_id"
            ),
            {"bot_id": shelf.bot_id},
        )
        model, count = row.one()
        return model, count


async def test_a_crash_in_a_change_leaves_the_old_vectors_in_force_and_the_sweep_goes_on(shelf: Shelf) -> None:
    document_id = await shelf.train(many_chunks(EMBED_BATCH + 5), HashEmbedder())
    await shelf.change_model(OPENAI)

    async def crash() -> None:
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        await shelf.vectors(document_id, HashEmbedder(crash))
    before = await models(shelf)
    await published_long_ago(shelf, document_id)
    found = await train.sweep(sessions=shelf.sessions, lost_after_s=30)
    await shelf.vectors(document_id, HashEmbedder())

    assert before == (LOCAL, OPENAI, None)
    assert (document_id, True) in found
    assert await models(shelf) == (OPENAI, None, None)


async def published_long_ago(shelf: Shelf, document_id: uuid.UUID) -> None:
    async with transaction(shelf.sessions) as session:
        long_ago = now() - timedelta(seconds=60)
        await session.execute(update(Document).where(Document.id == document_id).values(published_at=long_ago))


async def test_the_model_in_force_calls_a_change_off(shelf: Shelf) -> None:
    document_id = await shelf.train(many_chunks(EMBED_BATCH + 5), HashEmbedder())
    await shelf.change_model(OPENAI)
    await shelf.vectors(document_id, HashEmbedder(), must_stop=lambda: True)

    due = await shelf.change_model(LOCAL)

    assert due == []
    assert await models(shelf) == (LOCAL, None, None)
    assert await counts(shelf) == {"local": EMBED_BATCH + 5}
    document = await shelf.document(document_id)
    assert (document.embedding_due, document.chunks_embedded_next) == (False, 0)


async def test_a_worker_whose_change_was_called_off_stores_nothing_more(shelf: Shelf) -> None:
    document_id = await shelf.train(many_chunks(EMBED_BATCH + 5), HashEmbedder())
    await shelf.change_model(OPENAI)

    await shelf.vectors(document_id, HashEmbedder(lambda: shelf.change_model(GOOGLE)))

    assert await counts(shelf) == {"local": EMBED_BATCH + 5}
    await shelf.vectors(document_id, HashEmbedder())
    assert await models(shelf) == (GOOGLE, None, None)
    assert await counts(shelf) == {"google": EMBED_BATCH + 5}


async def test_a_key_that_is_missing_gives_a_change_up_and_the_old_vectors_stay(shelf: Shelf) -> None:
    document_id = await shelf.train(many_chunks(3), HashEmbedder())
    await shelf.change_model(OPENAI)

    await shelf.vectors_by(failing(ProviderKeyMissing(providers="openai")), document_id)

    assert await models(shelf) == (LOCAL, None, "provider_key_missing")
    document = await shelf.document(document_id)
    assert (document.status, document.embedding_due, document.lease_token) == ("ready", False, None)
    await shelf.change_model(LOCAL)
    assert await models(shelf) == (LOCAL, None, None)


async def test_a_change_to_a_model_that_nobody_here_embeds_by_is_given_up(shelf: Shelf) -> None:
    document_id = await shelf.train(many_chunks(3), HashEmbedder())
    await shelf.change_model(OPENAI)

    await shelf.vectors(document_id, None)

    assert await models(shelf) == (LOCAL, None, "embedder_missing")
    assert await counts(shelf) == {"local": 3}


async def test_a_change_whose_worker_died_five_times_is_given_up(shelf: Shelf) -> None:
    document_id = await shelf.train(many_chunks(3), HashEmbedder())
    await shelf.change_model(OPENAI)
    for _ in range(5):
        async with transaction(shelf.sessions) as session:
            assert await crud.claim_document(session, document_id, searchable=True, lease_s=0)

    await shelf.vectors(document_id, HashEmbedder())

    assert await models(shelf) == (LOCAL, None, "too_many_attempts")
    assert (await shelf.document(document_id)).status is DocumentStatus.READY


async def test_a_document_that_comes_while_a_change_is_under_way_is_embedded_by_both(shelf: Shelf) -> None:
    first = await shelf.train(many_chunks(3), HashEmbedder())
    await shelf.change_model(OPENAI)
    late = await shelf.train(many_chunks(2), HashEmbedder())
    ready = await shelf.document(late)

    await shelf.vectors(first, HashEmbedder())
    waiting = await models(shelf)
    await shelf.vectors(late, HashEmbedder())

    assert (ready.status, ready.embedding_due, ready.chunks_embedded) == ("ready", True, 2)
    assert waiting == (LOCAL, OPENAI, None)
    assert await models(shelf) == (OPENAI, None, None)
    assert await counts(shelf) == {"openai": 5}


async def test_a_document_that_did_not_see_the_change_begin_holds_up_its_end(shelf: Shelf) -> None:
    first = await shelf.train(many_chunks(3), HashEmbedder())
    unseen = await shelf.train(many_chunks(2), HashEmbedder())
    await shelf.change_model(OPENAI)
    async with transaction(shelf.sessions) as session:
        await session.execute(update(Document).where(Document.id == unseen).values(embedding_due=False))

    await shelf.vectors(first, HashEmbedder())

    assert await models(shelf) == (LOCAL, OPENAI, None)
    await shelf.vectors(unseen, HashEmbedder())
    assert await models(shelf) == (OPENAI, None, None)


async def test_when_the_last_document_that_a_change_waits_for_is_deleted_the_sweep_ends_it(shelf: Shelf) -> None:
    first = await shelf.train(many_chunks(3), HashEmbedder())
    last = await shelf.train(many_chunks(2), HashEmbedder())
    await shelf.change_model(OPENAI)
    await shelf.vectors(first, HashEmbedder())

    await shelf.remove(last)
    await train.sweep(sessions=shelf.sessions, lost_after_s=30)

    assert await models(shelf) == (OPENAI, None, None)


async def test_a_document_embedded_by_a_model_that_is_no_more_in_force_is_embedded_again(shelf: Shelf) -> None:
    document_id = await shelf.add(many_chunks(3))
    await shelf.words(document_id)

    async def the_bot_changes() -> None:
        async with transaction(shelf.sessions) as session:
            await session.execute(
                text("UPDATE bots SET embedding_model = 'openai' WHERE id = :id"), {"id": shelf.bot_id}
            )

    again = await shelf.vectors(document_id, HashEmbedder(the_bot_changes))

    assert again
    assert await counts(shelf) == {}
    assert not await shelf.vectors(document_id, HashEmbedder())
    assert await counts(shelf) == {"openai": 3}


async def test_a_failed_document_is_ready_once_another_model_has_embedded_it(shelf: Shelf) -> None:
    document_id = await shelf.add(many_chunks(3))
    await shelf.words(document_id)
    await shelf.vectors_by(failing(ProviderKeyMissing(providers="openai")), document_id)
    failed = await shelf.document(document_id)

    await shelf.change_model(OPENAI)
    await shelf.vectors(document_id, HashEmbedder())

    document = await shelf.document(document_id)
    assert (failed.status, failed.error) == ("failed", "provider_key_missing")
    assert (document.status, document.error, document.chunks_embedded) == ("ready", None, 3)


async def test_another_owners_bot_does_not_exist(shelf: Shelf) -> None:
    stranger = await new_shelf(shelf.sessions)

    async with transaction(shelf.sessions) as session:
        with pytest.raises(BotNotFound):
            await crud.change_embedding_model(session, shelf.bot_id, owner_id=stranger.owner_id, model=OPENAI)


async def test_a_vendor_that_asks_to_wait_is_left_alone_for_so_long_and_costs_no_attempt(shelf: Shelf) -> None:
    document_id = await shelf.add(many_chunks(3))
    await shelf.words(document_id)
    busy = ProviderError(cause="too many requests", status=429, retry_after_s=300)

    await shelf.vectors_by(failing(busy), document_id)
    await shelf.vectors(document_id, HashEmbedder())

    document = await shelf.document(document_id)
    assert (document.status, document.attempts, document.lease_token) == ("processing", 0, None)
    assert document.lease_until is not None
    assert 250 < (document.lease_until - now()).total_seconds() < 350


async def test_what_the_installation_has_embedded_by_the_same_model_is_not_embedded_again(shelf: Shelf) -> None:
    body, other = many_chunks(3), await new_shelf(shelf.sessions)
    await other.train(body, HashEmbedder())
    again, elsewhere = HashEmbedder(), HashEmbedder()

    copied = await shelf.train(body, again)
    await shelf.change_model(OPENAI)
    await shelf.vectors(copied, elsewhere)

    assert again.asked == []
    assert len(elsewhere.asked) == 3


async def test_a_vendors_vectors_of_another_owner_do_not_make_up_for_a_key_that_is_refused(
    shelf: Shelf, sessions: Sessions
) -> None:
    """Else a refused key would tell that somebody here has exactly this text."""
    body, stranger = many_chunks(2), await new_shelf(sessions)
    for one in (shelf, stranger):
        await one.change_model(OPENAI)
    await shelf.train(body, HashEmbedder())
    guessed = await stranger.add(body)
    await stranger.words(guessed)

    await stranger.vectors_by(failing(ProviderKeyInvalid(provider="openai")), guessed)

    document = await stranger.document(guessed)
    assert (document.status, document.error, document.chunks_embedded) == ("failed", "provider_key_invalid", 0)
    assert await counts(stranger) == {}


async def test_a_text_that_comes_twice_in_a_document_is_embedded_once(shelf: Shelf) -> None:
    word, asked = f"p{uuid.uuid4().hex}", HashEmbedder()

    document_id = await shelf.train((" " * 600).join([word, f"{word}x", word]), asked)

    assert sorted(asked.asked) == [word, f"{word}x"]
    assert [row.position for row in await shelf.vector_rows(document_id)] == [0, 1, 2]
    assert (await shelf.document(document_id)).chunks_embedded == 3


async def test_every_owner_has_their_turn_job_7(sessions: Sessions) -> None:
    flood, other = await new_shelf(sessions), await new_shelf(sessions)
    many = [await flood.add(many_chunks(1)) for _ in range(20)]
    [alone] = [await other.add(many_chunks(1))]

    served = [await next_words(sessions, many[0]) for _ in range(3)]
    embedded = [await next_vectors(sessions, many[0]) for _ in range(2)]

    assert alone in served[:2]
    assert len(set(served)) == 3
    assert {document.owner_id for document in embedded} == {flood.owner_id, other.owner_id}
    await drain(sessions, many)


async def next_words(sessions: Sessions, hint: uuid.UUID) -> uuid.UUID | None:
    """The same of words."""
    return await train.make_words(hint, sessions=sessions, lease_s=60, will_embed=True, is_hint=True)


async def next_vectors(sessions: Sessions, hint: uuid.UUID) -> Document:
    """The document that a job took, whichever it was meant for."""
    taken: list[Lease] = []

    async def choose(lease: Lease) -> Chosen | None:
        taken.append(lease)
        return passages_by(HashEmbedder())

    await train.make_vectors(hint, sessions=sessions, choose=choose, lease_s=60, is_hint=True)
    async with transaction(sessions) as session:
        lease = taken[0]
        return await crud.get_document(session, lease.document_id, bot_id=lease.bot_id, owner_id=lease.owner_id)


async def drain(sessions: Sessions, documents: list[uuid.UUID]) -> None:
    for document_id in documents:
        await train.make_words(document_id, sessions=sessions, lease_s=60, will_embed=True)
        await train.make_vectors(document_id, sessions=sessions, choose=always(HashEmbedder()), lease_s=60)


async def test_a_turn_is_taken_while_the_account_is_held_by_an_answer_or_its_deletion(sessions: Sessions) -> None:
    shelf = await new_shelf(sessions)
    for lock in ("KEY SHARE", "UPDATE"):
        document_id = await shelf.add(many_chunks(1))
        async with transaction(sessions) as session:
            await session.execute(text(f"SELECT FROM users WHERE id = :id FOR {lock}"), {"id": shelf.owner_id})
            async with asyncio.timeout(5), transaction(sessions) as worker:
                lease = await crud.claim_next_document(worker, searchable=False, lease_s=0)
        assert lease is not None
        assert lease.document_id == document_id
        await shelf.words(document_id, will_embed=False)
