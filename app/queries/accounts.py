"""Statements on users and their sessions."""

import unicodedata
import uuid
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import new_id, now
from app.core.errors import (
    EmailTaken,
    NotAuthenticated,
    UserNotFound,
)
from app.models import (
    Session,
    User,
)


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


async def add_session(session: AsyncSession, *, owner_id: uuid.UUID, lifetime: timedelta) -> Session:
    login = Session(owner_id=owner_id, expires_at=now() + lifetime)
    session.add(login)
    await session.execute(delete(Session).where(Session.owner_id == owner_id, Session.expires_at < now()))
    await session.flush()
    return login


async def get_user_of_session(session: AsyncSession, session_id: uuid.UUID) -> User:
    """The user whose live session this is. Raises `NotAuthenticated`."""
    user = await session.scalar(
        select(User)
        .join(Session, Session.owner_id == User.id)
        .where(Session.id == session_id, Session.expires_at > now(), User.is_disabled.is_(False))
    )
    if user is None:
        raise NotAuthenticated
    return user


async def remove_session(session: AsyncSession, session_id: uuid.UUID, *, owner_id: uuid.UUID) -> None:
    await session.execute(delete(Session).where(Session.id == session_id, Session.owner_id == owner_id))


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
    """The account and, by cascade, all that it owns."""
    await session.execute(delete(User).where(User.id == owner_id))
