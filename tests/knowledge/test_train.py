"""A document's way from its row to its chunks: one run's rows, whatever runs twice, freezes, fails or goes."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from app import crud
from app.core.database import make_engine, make_sessions, now, transaction
from app.core.errors import DocumentNotFailed, LeaseLost
from app.knowledge import train
from app.knowledge.chunk import chunk
from app.knowledge.embedder_choice import EMBED_BATCH
from app.models import Document, DocumentStatus
from tests.knowledge.library import HashEmbedder, Shelf, always, lease_over, many_chunks

pytestmark = pytest.mark.anyio

SHORT = "La tienda abre a las nueve.\n\nEl casco Brisa cuesta 39,90 €."
BRIEF_LEASE_S = 0.1


@pytest.fixture(scope="module")
def database_url(unworked_database_url: str) -> str:
    return unworked_database_url


async def assert_whole(shelf: Shelf, document_id: uuid.UUID, body: str) -> None:
    """Ready, with exactly the chunks of its text, each with its vector."""
    document, rows = await shelf.document(document_id), await shelf.chunks(document_id)
    assert (document.status, document.error, document.lease_token) == (DocumentStatus.READY, None, None)
    assert document.chunks == document.chunks_embedded == len(rows)
    assert [vector.position for vector in await shelf.vector_rows(document_id)] == [row.position for row in rows]
    found = [(row.position, row.start, row.end, row.text, row.heading) for row in rows]
    assert found == [(one.position, one.start, one.end, one.text, one.heading) for one in chunk(body)]


async def give_up(shelf: Shelf, document_id: uuid.UUID, *, searchable: bool) -> None:
    """Claim it as a worker that is killed at once."""
    async with transaction(shelf.sessions) as session:
        assert await crud.claim_document(session, document_id, searchable=searchable, lease_s=0)


async def test_words_come_first_and_vectors_behind(shelf: Shelf) -> None:
    document_id = await shelf.add(SHORT)

    wants_vectors = await shelf.words(document_id)

    document = await shelf.document(document_id)
    assert wants_vectors
    assert (document.status, document.searchable, document.language) == ("processing", True, "es")
    assert (document.chunks, document.chunks_embedded) == (1, 0)
    assert [passage.text for passage in await shelf.search("casco")] == [SHORT]

    assert not await shelf.vectors(document_id, HashEmbedder())
    await assert_whole(shelf, document_id, SHORT)


async def test_without_an_embedder_a_document_is_ready_with_its_words(shelf: Shelf) -> None:
    document_id = await shelf.add(SHORT)

    wants_vectors = await shelf.words(document_id, will_embed=False)

    assert not wants_vectors
    document = await shelf.document(document_id)
    assert document.status is DocumentStatus.READY
    assert document.ready_at is not None


async def test_vectors_asked_for_where_the_embedder_is_gone_end_ready(shelf: Shelf) -> None:
    document_id = await shelf.add(many_chunks(1))
    await shelf.words(document_id)

    await shelf.vectors(document_id, None)

    document = await shelf.document(document_id)
    assert (document.status, document.chunks_embedded) == ("ready", 0)


async def test_a_job_run_twice_at_once_leaves_the_rows_of_one_run_job_4(shelf: Shelf) -> None:
    body = many_chunks(50)
    for round_ in range(5):
        document_id = await shelf.add(f"{body} {round_}")

        wanted = await asyncio.gather(*(shelf.words(document_id) for _ in range(2)))
        await asyncio.gather(*(shelf.vectors(document_id, HashEmbedder()) for _ in range(2)))

        assert sorted(wanted) == [False, True]
        await assert_whole(shelf, document_id, f"{body} {round_}")


async def test_a_job_run_five_times_in_a_row_leaves_the_rows_of_one_run_job_4(shelf: Shelf) -> None:
    body = many_chunks(50)
    document_id = await shelf.add(body)

    wanted = [await shelf.words(document_id) for _ in range(5)]
    for _ in range(5):
        await shelf.vectors(document_id, HashEmbedder())

    assert wanted == [True, False, False, False, False]
    await assert_whole(shelf, document_id, body)


async def test_a_worker_frozen_past_its_lease_stores_no_vector_when_it_wakes_job_4(shelf: Shelf) -> None:
    body = many_chunks(50)
    document_id = await shelf.add(body)
    await shelf.words(document_id)

    async def another_finishes() -> None:
        await lease_over(BRIEF_LEASE_S)
        await shelf.vectors(document_id, HashEmbedder())

    before: list[tuple[str, ...]] = []

    async def freeze() -> None:
        await another_finishes()
        before[:] = await versions(shelf, document_id)

    await shelf.vectors(document_id, HashEmbedder(freeze), lease_s=BRIEF_LEASE_S)

    assert await versions(shelf, document_id) == before
    await assert_whole(shelf, document_id, body)


async def test_a_worker_frozen_past_its_lease_stores_no_words_when_it_wakes_job_4(shelf: Shelf) -> None:
    document_id = await shelf.add(SHORT)
    async with transaction(shelf.sessions) as session:
        frozen = await crud.claim_document(session, document_id, searchable=False, lease_s=0)
    assert frozen is not None
    await shelf.words(document_id)
    other = "Otra cosa."

    with pytest.raises(LeaseLost):
        await train._store_words(frozen, "es", chunk(other), other, sessions=shelf.sessions, will_embed=True)

    assert [row.text for row in await shelf.chunks(document_id)] == [SHORT]


async def test_a_worker_frozen_inside_a_transaction_holds_nobody_up_job_4(database_url: str, shelf: Shelf) -> None:
    document_id = await shelf.add(SHORT)
    engine = make_engine(database_url, pool_size=1, idle_in_transaction_s=0.3)
    frozen_sessions = make_sessions(engine)
    async with transaction(frozen_sessions) as session:
        frozen = await crud.claim_document(session, document_id, searchable=False, lease_s=0)
    assert frozen is not None

    async def freeze_while_another_works() -> None:
        async with transaction(frozen_sessions) as session:
            await crud.change_leased_document(session, frozen, language="es")
            await crud.add_chunks(session, frozen, [(0, 0, 4, 0, "Otra", "", None, b"key")])
            async with asyncio.timeout(20):
                await shelf.words(document_id)
            await crud.release_document(session, frozen)

    with pytest.raises(DBAPIError):
        await freeze_while_another_works()

    assert [row.text for row in await shelf.chunks(document_id)] == [SHORT]
    await engine.dispose()


@pytest.mark.parametrize("searchable", [False, True], ids=["words", "vectors"])
async def test_a_document_whose_worker_died_five_times_fails_and_others_go_on_job_5(
    shelf: Shelf, searchable: bool
) -> None:
    poison = await shelf.add("Veneno.")
    if searchable:
        await shelf.words(poison)
    for _ in range(5):
        await give_up(shelf, poison, searchable=searchable)
        assert (await shelf.document(poison)).status is DocumentStatus.PROCESSING

    again = await (shelf.vectors(poison, HashEmbedder()) if searchable else shelf.words(poison))

    document = await shelf.document(poison)
    assert not again
    assert (document.status, document.error, document.lease_until) == ("failed", "too_many_attempts", None)
    other = await shelf.train(SHORT, HashEmbedder())
    await assert_whole(shelf, other, SHORT)


async def test_a_document_that_no_embedder_gets_through_fails_after_five_attempts_job_5(shelf: Shelf) -> None:
    document_id = await shelf.add(many_chunks(3))
    await shelf.words(document_id)

    async def crash() -> None:
        raise RuntimeError("crash")

    for _ in range(5):
        with pytest.raises(RuntimeError, match="crash"):
            await shelf.vectors(document_id, HashEmbedder(crash))
    await shelf.vectors(document_id, HashEmbedder())

    document = await shelf.document(document_id)
    assert (document.status, document.error) == ("failed", "too_many_attempts")


async def test_after_a_failure_nobody_tries_again_before_the_pause_is_over(shelf: Shelf) -> None:
    document_id = await shelf.add(many_chunks(3))
    await shelf.words(document_id)

    async def crash() -> None:
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        await train.make_vectors(
            document_id, sessions=shelf.sessions, choose=always(HashEmbedder(crash)), lease_s=60, pause_s=60
        )
    await shelf.vectors(document_id, HashEmbedder())

    document = await shelf.document(document_id)
    assert (document.status, document.attempts, document.lease_token) == ("processing", 1, None)


async def test_a_document_that_moves_on_between_crashes_does_not_fail_job_5(shelf: Shelf) -> None:
    body = many_chunks(EMBED_BATCH * 8)
    document_id = await shelf.add(body)
    await shelf.words(document_id)
    calls = 0

    async def every_second_call_fails() -> None:
        nonlocal calls
        calls += 1
        if calls % 2 == 0:
            raise RuntimeError("crash")

    for _ in range(7):
        with pytest.raises(RuntimeError, match="crash"):
            await shelf.vectors(document_id, HashEmbedder(every_second_call_fails))

    await shelf.vectors(document_id, HashEmbedder())
    await assert_whole(shelf, document_id, body)


async def test_a_worker_told_to_stop_hands_the_rest_back(shelf: Shelf) -> None:
    body = many_chunks(EMBED_BATCH + 10)
    document_id = await shelf.add(body)
    await shelf.words(document_id)

    unfinished = await shelf.vectors(document_id, HashEmbedder(), must_stop=lambda: True)

    document = await shelf.document(document_id)
    assert unfinished
    assert (document.status, document.chunks_embedded) == ("processing", EMBED_BATCH)
    assert (document.attempts, document.lease_token) == (0, None)
    await shelf.vectors(document_id, HashEmbedder())
    await assert_whole(shelf, document_id, body)


async def test_deleting_a_document_while_it_is_embedded_leaves_no_chunk_job_6(shelf: Shelf) -> None:
    document_id = await shelf.add(many_chunks(3))
    await shelf.words(document_id)

    unfinished = await shelf.vectors(document_id, HashEmbedder(lambda: shelf.remove(document_id)))

    assert not unfinished
    assert await shelf.chunks(document_id) == []


async def test_deleting_a_document_while_its_words_are_stored_leaves_no_chunk_job_6(shelf: Shelf) -> None:
    for delay_ms in range(0, 60, 6):
        document_id = await shelf.add(many_chunks(400, gap=501, word=f"p{delay_ms}x"))
        storing = asyncio.create_task(shelf.words(document_id))
        await asyncio.sleep(delay_ms / 1000)

        await shelf.remove(document_id)

        await storing
        assert await shelf.chunks(document_id) == []


async def test_no_reader_ever_sees_a_part_of_the_chunks_job_2(shelf: Shelf) -> None:
    body = "\n\n".join(f"Artículo {n}. El plazo de devolución es de {n} días." * 8 for n in range(900))
    document_id = await shelf.add(body)
    for _ in range(6):
        await give_up_if_possible(shelf, document_id)
    await shelf.retry(document_id)
    seen: set[tuple[bool, int]] = set()
    storing = asyncio.create_task(shelf.words(document_id))

    while not storing.done():
        seen.add(await state(shelf, document_id))
    seen.add(await state(shelf, document_id))

    whole = len(chunk(body))
    assert len(body) > 300_000
    assert seen == {(False, 0), (True, whole)}


async def test_only_a_failed_document_can_be_tried_again(shelf: Shelf) -> None:
    document_id = await shelf.add(SHORT)

    with pytest.raises(DocumentNotFailed):
        await shelf.retry(document_id)


async def test_a_failed_document_tried_again_keeps_its_words_and_gets_its_vectors(shelf: Shelf) -> None:
    document_id = await shelf.add(SHORT)
    await shelf.words(document_id)
    for _ in range(5):
        await give_up(shelf, document_id, searchable=True)
    await shelf.vectors(document_id, HashEmbedder())

    await shelf.retry(document_id)

    document = await shelf.document(document_id)
    assert (document.status, document.error, document.attempts) == ("queued", None, 0)
    assert await shelf.search("casco")
    await shelf.vectors(document_id, HashEmbedder())
    await assert_whole(shelf, document_id, SHORT)


async def test_the_sweep_finds_what_nobody_works_on_and_nothing_else_law_9(shelf: Shelf) -> None:
    long_ago = now() - timedelta(seconds=60)
    queued, wordless, fresh, held, ready = [await shelf.add(f"{SHORT} {n}") for n in range(5)]
    async with transaction(shelf.sessions) as session:
        assert await crud.claim_document(session, held, searchable=False, lease_s=60)
    await give_up(shelf, wordless, searchable=False)
    await shelf.words(ready, will_embed=False)
    half_done = await shelf.add(many_chunks(3))
    await shelf.words(half_done)
    async with transaction(shelf.sessions) as session:
        others = [queued, wordless, held, ready, half_done]
        await session.execute(update(Document).where(Document.id.in_(others)).values(published_at=long_ago))

    found = await train.sweep(sessions=shelf.sessions, lost_after_s=30)
    again = await train.sweep(sessions=shelf.sessions, lost_after_s=30)

    assert sorted(found) == sorted([(queued, False), (wordless, False), (half_done, True)])
    assert fresh not in dict(found)
    assert again == []


async def give_up_if_possible(shelf: Shelf, document_id: uuid.UUID) -> None:
    """One more attempt that ends in nothing; the sixth makes the document fail."""
    lease = await train._claim(document_id, sessions=shelf.sessions, lease_s=0, searchable=False)
    assert lease is None or lease.attempts <= train.MAX_ATTEMPTS


async def state(shelf: Shelf, document_id: uuid.UUID) -> tuple[bool, int]:
    """In one statement: whether it says that it is searchable, and how many chunks there are."""
    async with transaction(shelf.sessions) as session:
        row = await session.execute(
            text(
                "SELECT searchable_at IS NOT NULL, (SELECT count(*) FROM chunks WHERE document_id = documents.id) "
                "FROM documents WHERE id = :id"
            ),
            {"id": document_id},
        )
        searchable, chunks = row.one()
        return searchable, chunks


async def versions(shelf: Shelf, document_id: uuid.UUID) -> list[tuple[str, ...]]:
    """Changes whenever anybody writes to the document or its chunks."""
    async with transaction(shelf.sessions) as session:
        rows = await session.execute(
            text(
                "SELECT 'document', xmin::text FROM documents WHERE id = :id UNION ALL "
                "SELECT 'chunk ' || position, xmin::text FROM chunks WHERE document_id = :id UNION ALL "
                "SELECT 'word ' || lexeme, xmin::text FROM postings WHERE document_id = :id UNION ALL "
                "SELECT 'vector ' || position, xmin::text FROM vectors WHERE document_id = :id ORDER BY 1"
            ),
            {"id": document_id},
        )
        return [tuple(row) for row in rows]
