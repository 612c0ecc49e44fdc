"""Rotation: what the old encryption key sealed is sealed with the new one, and then the old one can go (SEC-1)."""

import secrets
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from app import crud
from app.core.config import Settings
from app.core.database import Sessions, make_engine, make_sessions, now, transaction
from app.core.encryption import Keyring
from app.core.errors import ConfigurationError, ProviderKeyUnreadable
from app.embedded.services import Services
from app.models import Provider, ProviderKey
from app.operations import migrate
from app.operations.keys import Rotation, locate_keyring, reseal_all
from tests.platform import ROOT, environment
from tests.services import fresh_database

pytestmark = pytest.mark.anyio

A, B, LOST = (secrets.token_hex(32) for _ in range(3))
VENDORS = (Provider.GOOGLE, Provider.OPENAI)


@pytest.fixture
def services(services: Services) -> Iterator[Services]:
    """A database of the test's own: a rotation acts on everybody's keys."""
    with fresh_database(services) as fresh:
        migrate.upgrade(fresh.database_url)
        yield fresh


@pytest.fixture
async def sessions(services: Services) -> AsyncIterator[Sessions]:
    engine = make_engine(services.database_url, pool_size=5)
    yield make_sessions(engine)
    await engine.dispose()


async def store(session: AsyncSession, secret: str, owners: int) -> dict[tuple[uuid.UUID, Provider], str]:
    """A key of each vendor for each of so many new owners, sealed with `secret`."""
    stored = {}
    for _ in range(owners):
        user = await crud.add_user(session, email=f"{uuid.uuid4().hex}@ejemplo.com", password_hash="x")
        for vendor in VENDORS:
            key = stored[user.id, vendor] = f"sk-{uuid.uuid4().hex}"
            await crud.set_provider_key(
                session, vendor, owner_id=user.id, key=key, keyring=Keyring(secret), checked_at=now()
            )
    return stored


async def rows(sessions: Sessions, owner_ids: Sequence[uuid.UUID]) -> list[ProviderKey]:
    async with transaction(sessions) as session:
        return [row for owner in owner_ids for row in await crud.list_provider_keys(session, owner_id=owner)]


async def test_while_rotating_what_the_previous_key_sealed_still_opens(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        stored = await store(session, A, owners=1)

    found = await rows(sessions, [owner for owner, _ in stored][:1])

    rotating = Keyring(B, A)
    assert {(row.owner_id, row.provider): crud.open_provider_key(row, keyring=rotating) for row in found} == stored


@pytest.mark.parametrize("batch", [1, 3, 100])
async def test_after_a_rotation_the_new_key_alone_opens_everything(batch: int, sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        stored = await store(session, A, owners=3)

    done = await reseal_all(sessions, Keyring(B, A), batch=batch)

    found = await rows(sessions, list(dict.fromkeys(owner for owner, _ in stored)))
    assert done == Rotation(resealed=6)
    assert {
        (row.owner_id, row.provider): crud.open_provider_key(row, keyring=Keyring(B)) for row in found
    } == stored


async def test_a_second_rotation_has_nothing_to_do_and_changes_nothing(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        stored = await store(session, A, owners=2)
    await reseal_all(sessions, Keyring(B, A))
    before = [row.ciphertext for row in await rows(sessions, [owner for owner, _ in stored])]

    done = await reseal_all(sessions, Keyring(B, A))

    assert done == Rotation()
    assert [row.ciphertext for row in await rows(sessions, [owner for owner, _ in stored])] == before


async def test_keys_that_nothing_opens_are_counted_and_hold_up_none(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        await store(session, LOST, owners=2)
        stored = await store(session, A, owners=2)

    done = await reseal_all(sessions, Keyring(B, A), batch=2)

    assert done == Rotation(resealed=4, unreadable=4)
    for row in await rows(sessions, [owner for owner, _ in stored]):
        assert crud.open_provider_key(row, keyring=Keyring(B)) in stored.values()


async def test_what_else_a_row_says_stays(sessions: Sessions) -> None:
    def facts(row: ProviderKey) -> tuple[str, datetime | None, datetime]:
        return row.last4, row.checked_at, row.updated_at

    async with transaction(sessions) as session:
        owners = [owner for owner, _ in await store(session, A, owners=1)]
    before = [facts(row) for row in await rows(sessions, owners)]

    await reseal_all(sessions, Keyring(B, A))

    assert [facts(row) for row in await rows(sessions, owners)] == before


@pytest.mark.parametrize("column", ["owner_id", "provider"])
async def test_a_row_that_was_moved_does_not_open(column: str, sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        [mine, _] = await store(session, A, owners=1)
        [other, _] = await store(session, A, owners=1)
    [row] = [one for one in await rows(sessions, mine[:1]) if one.provider is mine[1]]

    moved = {"owner_id": other[0], "provider": Provider.OPENAI}
    setattr(row, column, moved[column])

    with pytest.raises(ProviderKeyUnreadable):
        crud.open_provider_key(row, keyring=Keyring(A))


async def test_the_command_prints_how_many_and_the_old_key_can_go(services: Services, sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        stored = await store(session, A, owners=1)
    rotating = {"ENCRYPTION_KEY": B, "ENCRYPTION_KEY_PREVIOUS": A, "LC_ALL": "en_GB.UTF-8"}

    first, again = (rotate(services, **rotating) for _ in range(2))

    assert (first.returncode, again.returncode) == (0, 0)
    assert "Keys sealed anew: 2." in first.stdout
    assert "Keys sealed anew: 0." in again.stdout
    for row in await rows(sessions, [owner for owner, _ in stored]):
        assert crud.open_provider_key(row, keyring=Keyring(B)) in stored.values()
    for said in (first, again):
        assert not any(secret in said.stdout + said.stderr for secret in (A, B, *stored.values()))


async def test_the_command_fails_where_keys_stay_unreadable(services: Services, sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        await store(session, LOST, owners=1)

    said = rotate(services, ENCRYPTION_KEY=B, ENCRYPTION_KEY_PREVIOUS=A, LC_ALL="en_GB.UTF-8")

    assert said.returncode == 1
    assert "Cannot be decrypted: 2." in said.stdout


def test_without_an_encryption_key_the_variable_is_named(tmp_path: Path) -> None:
    nothing = Settings(_env_file=None, encryption_key=SecretStr(""), bytchat_home=tmp_path)

    with pytest.raises(ConfigurationError, match="ENCRYPTION_KEY"):
        locate_keyring(nothing)


def rotate(services: Services, **settings: str) -> subprocess.CompletedProcess[str]:
    """`bytchat keys rotate`."""
    command = [sys.executable, "-m", "app.cli", "keys", "rotate"]
    env = environment(services, **settings)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
