"""Passwords and tokens: argon2id through passlib, HS256 through python-jose, and nothing else."""

import re
import uuid
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jose import JWTError, jwt
from passlib.hash import argon2

from app.core.errors import NotAuthenticated

MAX_PASSWORD_CHARACTERS = 1024
_ALGORITHM = "HS256"
# 19 MiB, two passes, one lane: OWASP's first recommendation for argon2id.
_hasher = argon2.using(type="ID", memory_cost=19_456, rounds=2, parallelism=1)
_COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")
# Verified when the account does not exist, so that both cases cost the same.
NOBODYS_HASH: str = _hasher.hash("a password that nobody has")


def hash_password(password: str) -> str:
    """argon2id. About 30 ms of CPU: call it in a thread."""
    return str(_hasher.hash(password))


def verify_password(password: str, password_hash: str) -> bool:
    """About 30 ms of CPU: call it in a thread."""
    return len(password) <= MAX_PASSWORD_CHARACTERS and bool(_hasher.verify(password, password_hash))


def is_common_password(password: str) -> bool:
    """Whether it is on the list of the commonest, also with digits or signs put behind it."""
    folded = password.casefold()
    return folded in _common_passwords() or re.sub(r"[\d\W_]+$", "", folded) in _common_passwords()


@lru_cache
def _common_passwords() -> frozenset[str]:
    return frozenset(_COMMON_PASSWORDS.read_text(encoding="utf-8").split())


def make_token(*, user_id: uuid.UUID, session_id: uuid.UUID, expires_at: datetime, secret_key: str) -> str:
    claims = {"sub": str(user_id), "sid": str(session_id), "typ": "access", "exp": expires_at}
    return str(jwt.encode(claims, secret_key, algorithm=_ALGORITHM))


def read_token(token: str, *, secret_key: str) -> uuid.UUID:
    """The session id that the token names. Raises `NotAuthenticated` for anything but a sound token."""
    try:
        claims = jwt.decode(
            token, secret_key, algorithms=[_ALGORITHM], options={"require_exp": True, "require_sub": True}
        )
        if claims.get("typ") != "access":
            raise NotAuthenticated
        return uuid.UUID(claims["sid"])
    except (JWTError, KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise NotAuthenticated from error
