"""Which embedder makes a document's vectors, with whose key, and who pays for it."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from app import crud
from app.core.database import Sessions, now, statement, transaction
from app.core.encryption import Keyring
from app.core.errors import (
    ProviderError,
    ProviderKeyInvalid,
    ProviderKeyMissing,
    ProviderKeyUnreadable,
    QuotaExceeded,
)
from app.core.quotas import server_budget_spent
from app.crud import Lease
from app.models import EmbeddingModel, Provider
from app.providers.base import Embedder, Purpose, Vector
from app.providers.embedders import Embedders
from app.providers.embedding_prices import embedding_micro_usd

log = structlog.get_logger()

# What no waiting mends: with its code the document fails, or the bot's change of model is given up.
CANNOT_EMBED = (ProviderKeyMissing, ProviderKeyInvalid, QuotaExceeded)
# A stored batch is what a crash can cost, and what progress is shown by.
EMBED_BATCH = 64
# As many as a request of any vendor takes.
_VENDOR_BATCH = 96


@dataclass(frozen=True, slots=True)
class Chosen:
    """Makes passages' vectors, so many at once. `embed` raises `ProviderError` or one of `CANNOT_EMBED`."""

    embed: Callable[[Sequence[str]], Awaitable[list[Vector]]]
    batch: int = EMBED_BATCH


# None where nobody here embeds by the lease's model. Raises one of `CANNOT_EMBED`.
Choose = Callable[[Lease], Awaitable[Chosen | None]]


def passages_by(embedder: Embedder) -> Chosen:
    """By an embedder that needs no key."""
    return Chosen(lambda texts: embedder.embed(texts, purpose=Purpose.PASSAGE))


class EmbedderChoice:
    """Chooses by a lease's model; an owner's own key goes before the server's, which has a daily limit."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        embedders: Embedders,
        keyring: Keyring,
        server_key: Callable[[str], str | None],
        server_micro_usd_a_day: int,
    ) -> None:
        self._sessions = sessions
        self._embedders = embedders
        self._keyring = keyring
        self._server_key = server_key
        self._cap_micro_usd = server_micro_usd_a_day

    async def __call__(self, lease: Lease) -> Chosen | None:
        model = lease.model or EmbeddingModel.LOCAL
        if model is EmbeddingModel.LOCAL:
            local = self._embedders.get(model, key=None)
            return passages_by(local) if local else None
        own = await self._own_key(lease.owner_id, Provider(model))
        server = None if own else self._server_key(model)
        if not own and not server and self._embedders.needs_key(model):
            raise ProviderKeyMissing(providers=model)
        embedder = self._embedders.get(model, key=own or server)
        if embedder is None:
            return None

        async def embed(texts: Sequence[str]) -> list[Vector]:
            if server:
                await self._pay(lease.owner_id, embedding_micro_usd(model, texts))
            try:
                return await embedder.embed(texts, purpose=Purpose.PASSAGE)
            except ProviderError as error:
                if error.refuses_key:
                    raise ProviderKeyInvalid(provider=model) from error
                raise

        return Chosen(embed, _VENDOR_BATCH)

    async def _own_key(self, owner_id: uuid.UUID, provider: Provider) -> str | None:
        async with transaction(self._sessions) as session:
            stored = await crud.list_provider_keys(session, owner_id=owner_id)
        for row in stored:
            if row.provider is provider:
                try:
                    return crud.open_provider_key(row, keyring=self._keyring)
                except ProviderKeyUnreadable:
                    log.error("provider_key.unreadable", provider=provider)
        return None

    async def _pay(self, owner_id: uuid.UUID, micro_usd: int) -> None:
        """Before the vendor is asked, so that no crash makes it free. Raises `QuotaExceeded`."""
        at = now()
        async with statement(self._sessions, once=True) as session:
            is_within = await crud.spend_server_key(
                session, owner_id=owner_id, day=at.date(), micro_usd=micro_usd, cap_micro_usd=self._cap_micro_usd
            )
        if not is_within:
            raise server_budget_spent(self._cap_micro_usd, at)
