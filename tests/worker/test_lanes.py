"""Two lanes: what is slow to embed keeps nobody's words waiting, and is dropped when nobody wants it any more."""

import uuid

from tests.knowledge.library import many_chunks
from tests.platform import Owner, Running
from tests.services import wait_until


def test_words_never_wait_for_vectors_and_a_deleted_document_stops_its_training_job_6(
    owner: Owner, workers: list[Running]
) -> None:
    bot_id, other_bot_id = owner.new_bot()["id"], owner.new_bot()["id"]
    long = owner.upload(bot_id, many_chunks(2_000, word=f"largo{uuid.uuid4().hex[:6]}x")).json()["id"]
    wait_until(lambda: owner.document(bot_id, long)["chunks_embedded"] > 0, within_s=60)

    short = owner.upload(other_bot_id, "El faro de Salmera se visita los jueves.").json()["id"]
    wait_until(lambda: bool(owner.document(other_bot_id, short)["searchable"]), within_s=20)

    assert owner.document(bot_id, long)["status"] == "processing"
    assert owner.http.delete(f"/bots/{bot_id}/documents/{long}").status_code == 204
    wait_until(lambda: owner.document(other_bot_id, short)["status"] == "ready", within_s=30)


def test_a_long_document_keeps_nobodys_vectors_waiting(
    owner: Owner, stranger: Owner, workers: list[Running]
) -> None:
    bot_id, other_bot_id = owner.new_bot()["id"], stranger.new_bot()["id"]
    long = owner.upload(bot_id, many_chunks(2_000, word=f"largo{uuid.uuid4().hex[:6]}x")).json()["id"]
    wait_until(lambda: owner.document(bot_id, long)["chunks_embedded"] > 0, within_s=60)

    short = stranger.upload(other_bot_id, "El faro de Salmera se visita los jueves.").json()["id"]
    wait_until(lambda: stranger.document(other_bot_id, short)["status"] == "ready", within_s=30)

    assert owner.document(bot_id, long)["status"] == "processing"
    assert owner.http.delete(f"/bots/{bot_id}/documents/{long}").status_code == 204
