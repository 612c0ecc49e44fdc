"""Statements on owners' own provider keys. What is stored is sealed and bound to its row, here and nowhere else."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import now
from app.core.encryption import CannotDecrypt, Keyring, Sealed, key_context
from app.core.errors import ProviderKeyUnreadable
from app.models import Provider, ProviderKey

KeyPlace = tuple[uuid.UUID, Provider]


async def set_provider_key(
    session: AsyncSession,
    provider: Provider,
    *,
    owner_id: uuid.UUID,
    key: str,
    keyring: Keyring,
    checked_at: datetime | None,
) -> ProviderKey:
    """The owner's key for this provider, in the place of one that was there."""
    sealed = keyring.seal(key, context=key_context(owner_id, provider))
    values = {
        "key_id": sealed.key_id,
        "nonce": sealed.nonce,
        "ciphertext": sealed.ciphertext,
        "last4": key[-4:],
        "checked_at": checked_at,
        "updated_at": now(),
    }
    stored = await session.scalars(
        pg_insert(ProviderKey)
        .values(owner_id=owner_id, provider=provider, **values)
        .on_conflict_do_update(index_elements=[ProviderKey.owner_id, ProviderKey.provider], set_=values)
        .returning(ProviderKey),
        execution_options={"populate_existing": True},
    )
    return stored.one()


def sealed_of(row: ProviderKey) -> Sealed:
    return Sealed(row.key_id, row.nonce, row.ciphertext)


def open_provider_key(row: ProviderKey, *, keyring: Keyring) -> str:
    """The key itself. Raises `ProviderKeyUnreadable`."""
    try:
        return keyring.open(sealed_of(row), context=key_context(row.owner_id, row.provider))
    except CannotDecrypt as error:
        raise ProviderKeyUnreadable(provider=row.provider) from error


async def list_provider_keys(session: AsyncSession, *, owner_id: uuid.UUID) -> list[ProviderKey]:
    return list(await session.scalars(select(ProviderKey).where(ProviderKey.owner_id == owner_id)))


async def remove_provider_key(session: AsyncSession, provider: Provider, *, owner_id: uuid.UUID) -> None:
    """Also where there is none."""
    await session.execute(
        delete(ProviderKey).where(ProviderKey.owner_id == owner_id, ProviderKey.provider == provider)
    )


async def list_all_provider_keys(
    session: AsyncSession, *, not_sealed_by: str, after: KeyPlace | None, limit: int
) -> list[ProviderKey]:
    """Everybody's that another encryption key sealed, locked until the transaction ends."""
    place = (ProviderKey.owner_id, ProviderKey.provider)
    statement = select(ProviderKey).where(ProviderKey.key_id != not_sealed_by)
    if after is not None:
        statement = statement.where(tuple_(*place) > after)
    return list(await session.scalars(statement.order_by(*place).limit(limit).with_for_update()))


async def reseal_provider_key(session: AsyncSession, row: ProviderKey, *, keyring: Keyring) -> None:
    """The same key under the current encryption key. The row must be locked. Raises `ProviderKeyUnreadable`."""
    sealed = keyring.seal(open_provider_key(row, keyring=keyring), context=key_context(row.owner_id, row.provider))
    row.key_id, row.nonce, row.ciphertext = sealed.key_id, sealed.nonce, sealed.ciphertext
    session.add(row)
    await session.flush()
