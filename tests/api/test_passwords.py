"""Logging in costs no hash once a limit is used up (AUT-5)."""

import uuid

import pytest

from app.api.passwords import PasswordHasher
from app.core.errors import TooManyRequests, WrongCredentials
from app.core.limits import Limiter
from app.core.security import hash_password
from app.embedded.services import Services

pytestmark = pytest.mark.anyio


async def test_a_limit_that_is_used_up_refuses_before_the_hash_is_looked_at(services: Services) -> None:
    passwords = PasswordHasher(Limiter(services.redis_url))
    who = {"email_key": uuid.uuid4().hex, "address": uuid.uuid4().hex}
    sound = hash_password("una-clave-segura")
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await passwords.log_in(**who, password="no-es-esta-clave", password_hash=sound)

    # Verifying against what is no hash would raise ValueError.
    with pytest.raises(TooManyRequests):
        await passwords.log_in(**who, password="una-clave-segura", password_hash="no hash")


async def test_no_account_is_no_login_even_with_nobodys_password(services: Services) -> None:
    """AUT-4: the hash that unknown accounts are verified against opens nothing."""
    passwords = PasswordHasher(Limiter(services.redis_url))

    with pytest.raises(WrongCredentials):
        await passwords.log_in(
            email_key=uuid.uuid4().hex,
            password="a password that nobody has",
            password_hash=None,
            address=uuid.uuid4().hex,
        )
