"""A bot's documents are embedded by its own model, and by another beside it once the bot is told to change."""

from collections.abc import Sequence

from app.core.database import now
from app.core.encryption import Keyring, key_context
from app.embedded.services import Services
from app.models import Provider
from tests.platform import Owner, Running
from tests.rows import Database
from tests.services import wait_until

TEXT = "El casco Brisa cuesta 39,90 €.\n\nLa tienda abre a las nueve."


def vectors(db: Database, bot_id: str) -> list[tuple[str, int]]:
    return db.rows(
        "SELECT model, vector_dims(vector) FROM vectors WHERE bot_id = %s GROUP BY 1, 2 ORDER BY 1", bot_id
    )


def test_a_bot_is_embedded_by_one_model_and_changed_to_another_while_it_is_searched(
    owner: Owner, db: Database, workers: Sequence[Running]
) -> None:
    bot_id = owner.new_bot()["id"]
    owner.http.put(f"/bots/{bot_id}", json={"embedding_model": "openai"}).raise_for_status()
    document_id = owner.upload(bot_id, TEXT).json()["id"]
    wait_until(lambda: owner.document(bot_id, document_id)["status"] == "ready", within_s=60)
    before = vectors(db, bot_id)

    owner.http.put(f"/bots/{bot_id}", json={"embedding_model": "google"}).raise_for_status()
    wait_until(lambda: owner.http.get(f"/bots/{bot_id}").json()["embedding_model"] == "google", within_s=60)

    assert before == [("openai", 1536)]
    assert vectors(db, bot_id) == [("google", 768)]
    assert owner.http.get(f"/bots/{bot_id}").json()["embedding_change"] is None
    assert owner.document(bot_id, document_id)["status"] == "ready"


def test_a_document_whose_key_is_refused_fails_and_keeps_its_words(
    owner: Owner, db: Database, services: Services, workers: Sequence[Running]
) -> None:
    bot_id = owner.new_bot()["id"]
    keep_key(db, services, bot_id, "bad-key-0001")
    owner.http.put(f"/bots/{bot_id}", json={"embedding_model": "openai"}).raise_for_status()

    document_id = owner.upload(bot_id, f"{TEXT} Otra cosa.").json()["id"]
    wait_until(lambda: owner.document(bot_id, document_id)["status"] == "failed", within_s=60)

    document = owner.document(bot_id, document_id)
    assert document["error"] == "provider_key_invalid"
    assert document["searchable"]


def keep_key(db: Database, services: Services, bot_id: str, key: str) -> None:
    """Past the check that a key goes through before it is stored."""
    [(owner_id,)] = db.rows("SELECT owner_id FROM bots WHERE id = %s", bot_id)
    sealed = Keyring(services.encryption_key).seal(key, context=key_context(owner_id, Provider.OPENAI))
    db.insert(
        "provider_keys",
        owner_id=owner_id,
        provider="openai",
        key_id=sealed.key_id,
        nonce=sealed.nonce,
        ciphertext=sealed.ciphertext,
        last4=key[-4:],
        updated_at=now(),
    )
