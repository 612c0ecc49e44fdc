"""What the operator does to accounts: list them, add one, disable one, give one a new password."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import crud
from app.core.database import make_engine, make_sessions, transaction
from app.core.errors import EmailNotValid, PasswordTooCommon
from app.core.operator_errors import PasswordLengthWrong
from app.core.security import hash_password, is_common_password
from app.models import User
from app.schemas import Email, NewPassword


async def list_all(database_url: str) -> list[User]:
    async with _session(database_url) as session:
        return await crud.list_users(session)


async def add(database_url: str, email: str, *, password: str) -> User:
    """A new account, whoever else may register. The rules of its e-mail and password are registration's."""
    _require_good(password)
    address = _read_email(email)
    password_hash = await asyncio.to_thread(hash_password, password)
    async with _session(database_url) as session:
        return await crud.add_user(session, email=address, password_hash=password_hash)


async def disable(database_url: str, email: str) -> None:
    """The account cannot log in any more, and its sessions end at once."""
    async with _session(database_url) as session:
        user = await crud.get_user_by_email(session, email)
        await crud.change_user_disabled(session, user, disabled=True)


async def enable(database_url: str, email: str) -> None:
    async with _session(database_url) as session:
        user = await crud.get_user_by_email(session, email)
        await crud.change_user_disabled(session, user, disabled=False)


async def set_password(database_url: str, email: str, *, password: str) -> None:
    """A new password under the rules of registration; every session ends."""
    _require_good(password)
    password_hash = await asyncio.to_thread(hash_password, password)
    async with _session(database_url) as session:
        user = await crud.get_user_by_email(session, email)
        await crud.change_user_password(session, user, password_hash=password_hash)


def _require_good(password: str) -> None:
    try:
        TypeAdapter(NewPassword).validate_python(password)
    except ValidationError as error:
        raise PasswordLengthWrong from error
    if is_common_password(password):
        raise PasswordTooCommon


def _read_email(email: str) -> str:
    try:
        return str(TypeAdapter(Email).validate_python(email))
    except ValidationError as error:
        raise EmailNotValid from error


@asynccontextmanager
async def _session(database_url: str) -> AsyncIterator[AsyncSession]:
    engine = make_engine(database_url, pool_size=1, pooled=True)
    try:
        async with transaction(make_sessions(engine)) as session:
            yield session
    finally:
        await engine.dispose()
