"""Statements on users and their sessions."""

import unicodedata
import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import new_id, now
from app.core.errors import (
    EmailTaken,
    NotAuthenticated,
    SessionNotFound,
    UserNotFound,
    WrongCredentials,
)
from app.models import (
    Session,
    User,
)

# Of one account at once.
MOST_SESSIONS = 100
# What deleting an account waits for at most, each time that it has to wait.
_REMOVAL_LOCK_TIMEOUT_MS = 200
# A gigabyte of documents is millions of rows.
_REMOVAL_TIMEOUT_MS = 600_000


def email_key(email: str) -> str:
    """The form in which e-mails are compared: case and the way of writing an accent make no difference."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email.strip()).casefold())


async def add_user(session: AsyncSession, *, email: str, password_hash: str) -> User:
    """Raises `EmailTaken`, also when two requests race."""
    row = await session.execute(
        pg_insert(User)
        .values(id=new_id(), email=email.strip(), email_key=email_key(email), password_hash=password_hash)
        .on_conflict_do_nothing(index_elements=[User.email_key])
        .returning(User)
    )
    user = row.scalar_one_or_none()
    if user is None:
        raise EmailTaken
    return user


async def find_user_by_email(session: AsyncSession, email: str) -> User | None:
    return await session.scalar(select(User).where(User.email_key == email_key(email)))


async def get_user_by_email(session: AsyncSession, email: str) -> User:
    user = await find_user_by_email(session, email)
    if user is None:
        raise UserNotFound
    return user


async def list_users(session: AsyncSession) -> list[User]:
    return list(await session.scalars(select(User).order_by(User.id)))


async def add_session(
    session: AsyncSession, *, owner_id: uuid.UUID, password_hash: str, lifetime: timedelta, user_agent: str = ""
) -> Session:
    """A login with the password whose hash this is; of more than `MOST_SESSIONS` the longest unused end.

    Raises `WrongCredentials` where it is the account's no more: a change of password ends every other session, and
    one that began beside it would outlive it.
    """
    held = (
        select(User.id)
        .where(User.id == owner_id, User.password_hash == password_hash, User.is_disabled.is_(False))
        .with_for_update(key_share=True)
    )
    if await session.scalar(held) is None:
        raise WrongCredentials
    kept = (
        select(Session.id)
        .where(Session.owner_id == owner_id, Session.expires_at > now())
        .order_by(Session.last_used_at.desc(), Session.id.desc())
        .limit(MOST_SESSIONS - 1)
    )
    await session.execute(delete(Session).where(Session.owner_id == owner_id, Session.id.not_in(kept)))
    login = Session(owner_id=owner_id, user_agent=user_agent, expires_at=now() + lifetime)
    session.add(login)
    await session.flush()
    return login


async def get_user_of_session(session: AsyncSession, session_id: uuid.UUID, *, hold: bool = False) -> User:
    """The user whose live session this is; with `hold` nobody else changes it. Raises `NotAuthenticated`."""
    query = (
        select(User)
        .join(Session, Session.owner_id == User.id)
        .where(Session.id == session_id, Session.expires_at > now(), User.is_disabled.is_(False))
    )
    user = await session.scalar(query.with_for_update(of=User, key_share=True) if hold else query)
    if user is None:
        raise NotAuthenticated
    return user


_LIVE_SESSIONS = text(
    """
    SELECT sessions.id FROM sessions JOIN users ON users.id = sessions.owner_id
    WHERE sessions.id = ANY(:session_ids) AND sessions.expires_at > :at AND NOT users.is_disabled
    """
)


async def live_sessions(session: AsyncSession, session_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of them a token may still name."""
    return set(await session.scalars(_LIVE_SESSIONS, {"session_ids": list(session_ids), "at": now()}))


async def list_sessions(session: AsyncSession, *, owner_id: uuid.UUID) -> list[Session]:
    """Those in force, the one used last first."""
    return list(
        await session.scalars(
            select(Session)
            .where(Session.owner_id == owner_id, Session.expires_at > now())
            .order_by(Session.last_used_at.desc(), Session.id.desc())
        )
    )


# Nobody waits for a row: whoever holds it is ending the session, or notes the same.
_RENEW_LAST_USE = text(
    """
    UPDATE sessions SET last_used_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM sessions
        WHERE id = ANY(:session_ids) AND expires_at > now() AND last_used_at < now() - CAST(:older_than AS interval)
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    """
)


async def renew_last_use(
    session: AsyncSession, session_ids: Collection[uuid.UUID], *, older_than: timedelta
) -> None:
    """They are used now; writes nothing where that was said less than `older_than` ago."""
    await session.execute(_RENEW_LAST_USE, {"session_ids": list(session_ids), "older_than": older_than})


async def remove_session(session: AsyncSession, session_id: uuid.UUID, *, owner_id: uuid.UUID) -> None:
    """Raises `SessionNotFound`, also where it has run out."""
    gone = await session.scalar(
        delete(Session)
        .where(Session.id == session_id, Session.owner_id == owner_id, Session.expires_at > now())
        .returning(Session.id)
    )
    if gone is None:
        raise SessionNotFound


async def change_user_password(
    session: AsyncSession, user: User, *, password_hash: str, keep_session_id: uuid.UUID | None = None
) -> None:
    """Ends every session but the one to keep."""
    user.password_hash = password_hash
    session.add(user)
    await session.flush()
    await session.execute(
        delete(Session).where(Session.owner_id == user.id, Session.id.is_distinct_from(keep_session_id))
    )


async def change_user_disabled(session: AsyncSession, user: User, *, disabled: bool) -> None:
    """A disabled user's sessions end at once."""
    user.is_disabled = disabled
    session.add(user)
    await session.flush()
    if disabled:
        await session.execute(delete(Session).where(Session.owner_id == user.id))


async def remove_user(session: AsyncSession, *, owner_id: uuid.UUID) -> None:
    """The account and, by cascade, all that it owns.

    It gives up where it would wait for somebody's lock, and is to be done again: whoever asks or trains meanwhile
    takes the same rows the other way round, and of two who wait for each other PostgreSQL would end either.
    """
    limits = {"lock_timeout": _REMOVAL_LOCK_TIMEOUT_MS, "statement_timeout": _REMOVAL_TIMEOUT_MS}
    await session.execute(select(*(func.set_config(name, str(value), True) for name, value in limits.items())))
    await session.execute(delete(User).where(User.id == owner_id))
