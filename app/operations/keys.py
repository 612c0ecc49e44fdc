"""Rotation of the encryption key: what another one sealed is sealed anew, so that the other can go."""

import asyncio
from dataclasses import dataclass

from app import crud
from app.core.config import Settings
from app.core.database import Sessions, make_engine, make_sessions, transaction
from app.core.encryption import Keyring
from app.core.errors import ConfigurationError, ProviderKeyUnreadable
from app.embedded.home import find_secrets, home_folder
from app.operations.locate import locate_database
from app.queries.keys import KeyPlace

BATCH = 100


@dataclass(frozen=True, slots=True)
class Rotation:
    """`unreadable` keys open with no configured encryption key; their owners must save them again."""

    resealed: int = 0
    unreadable: int = 0


def rotate(settings: Settings) -> Rotation:
    """Seal every owner's key with `ENCRYPTION_KEY`. Running it again, or while the server runs, does no harm."""
    return asyncio.run(_rotate(locate_database(settings), locate_keyring(settings)))


def locate_keyring(settings: Settings) -> Keyring:
    """The settings' encryption keys; the home's own where none is set."""
    kept = find_secrets(home_folder(settings))
    current = settings.encryption_key.get_secret_value() or (kept.encryption_key if kept else "")
    if not current:
        raise ConfigurationError(problem="ENCRYPTION_KEY is not set. Set it as the server has it.")
    return Keyring(current, settings.encryption_key_previous.get_secret_value())


async def _rotate(database_url: str, keyring: Keyring) -> Rotation:
    engine = make_engine(database_url, pool_size=1, pooled=True)
    try:
        return await reseal_all(make_sessions(engine), keyring)
    finally:
        await engine.dispose()


async def reseal_all(sessions: Sessions, keyring: Keyring, *, batch: int = BATCH) -> Rotation:
    """A short transaction a batch: an interrupted rotation keeps what it has done."""
    done, after = Rotation(), None
    while True:
        done, after = await _reseal_batch(sessions, keyring, done=done, after=after, batch=batch)
        if after is None:
            return done


async def _reseal_batch(
    sessions: Sessions, keyring: Keyring, *, done: Rotation, after: KeyPlace | None, batch: int
) -> tuple[Rotation, KeyPlace | None]:
    """What is done by now, and the place from which to go on; none at the end."""
    resealed, unreadable = done.resealed, done.unreadable
    async with transaction(sessions) as session:
        rows = await crud.list_all_provider_keys(
            session, not_sealed_by=keyring.current_id, after=after, limit=batch
        )
        for row in rows:
            try:
                await crud.reseal_provider_key(session, row, keyring=keyring)
                resealed += 1
            except ProviderKeyUnreadable:
                unreadable += 1
    last = (rows[-1].owner_id, rows[-1].provider) if len(rows) == batch else None
    return Rotation(resealed, unreadable), last
