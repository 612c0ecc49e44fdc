"""Passwords are hashed as promised, and no token but our own sound one opens a session (AUT-3, AUT-7)."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jose import jwt

from app.core import security
from app.core.errors import NotAuthenticated

KEY = "k" * 40
USER, SESSION = uuid.UUID(int=1), uuid.UUID(int=2)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
CLAIMS = {"sub": str(USER), "sid": str(SESSION), "typ": "access", "exp": LATER}
COMMON_PASSWORDS = (
    Path(security.__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").splitlines()
)


def signed(claims: dict[str, object], *, key: str = KEY, algorithm: str = "HS256") -> str:
    return str(jwt.encode(claims, key, algorithm=algorithm))


def without(name: str) -> dict[str, object]:
    return {claim: value for claim, value in CLAIMS.items() if claim != name}


def test_a_token_names_its_session() -> None:
    token = security.make_token(user_id=USER, session_id=SESSION, expires_at=LATER, secret_key=KEY)

    assert security.read_token(token, secret_key=KEY) == SESSION


# {"alg":"none","typ":"JWT"} over a full set of sound claims, with no signature.
UNSIGNED = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + signed({**CLAIMS}).split(".")[1] + "."


@pytest.mark.parametrize(
    "token",
    [
        UNSIGNED,
        UNSIGNED.rstrip("."),
        signed({**CLAIMS}, algorithm="HS384"),
        signed({**CLAIMS}, algorithm="HS512"),
        signed({**CLAIMS}, key="x" * 40),
        signed(without("exp")),
        signed(without("sub")),
        signed(without("sid")),
        signed(without("typ")),
        signed({**CLAIMS, "exp": datetime.now(UTC) - timedelta(seconds=1)}),
        signed({**CLAIMS, "typ": "refresh"}),
        signed({**CLAIMS, "typ": 1}),
        signed({**CLAIMS, "sid": "not-a-uuid"}),
        signed({**CLAIMS, "sid": 7}),
        signed({**CLAIMS, "sid": None}),
        signed({**CLAIMS, "sid": ["a"]}),
        signed({**CLAIMS, "sub": 7}),
        signed({**CLAIMS})[:-3],
        signed({**CLAIMS}) + "x",
        "",
        "garbage",
        "a.b.c",
        "..",
        "ñ.ñ.ñ",
        "\x00",
    ],
)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        security.read_token(token, secret_key=KEY)


def test_a_hash_is_argon2id_with_19_mib_two_passes_and_one_lane() -> None:
    password_hash = security.hash_password("una-clave-segura")

    assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert security.NOBODYS_HASH.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_verifies_against_its_own_hash_alone() -> None:
    password_hash = security.hash_password("una-clave-segura")

    assert security.verify_password("una-clave-segura", password_hash)
    assert not security.verify_password("Una-clave-segura", password_hash)
    assert not security.verify_password("", password_hash)


def test_the_same_password_has_another_hash_each_time() -> None:
    assert security.hash_password("una-clave-segura") != security.hash_password("una-clave-segura")


def test_a_password_over_the_limit_never_verifies() -> None:
    too_long = "a" * (security.MAX_PASSWORD_CHARACTERS + 1)

    assert not security.verify_password(too_long, "not even a hash")


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PASSWORD",
        "password1!",
        "Password2024",
        "12345678",
        "123456789a",
        "qwertyuiop",
        "contraseña",
        "Contraseña123",
        "contrasena!!",
        "barcelona",
        "RealMadrid7",
        "teamomucho",
        "iloveyou",
    ],
)
def test_the_commonest_passwords_are_known_in_any_dress(password: str) -> None:
    assert security.is_common_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "una-clave-segura",
        "correct horse battery",
        "perro-lluvia-94-tren",
        "Zx9!kq2#vB",
        "!!!!!!!!!??",
        "ñandú volador",
    ],
)
def test_a_password_of_ones_own_is_not_common(password: str) -> None:
    assert not security.is_common_password(password)


def test_the_list_is_folded_unique_and_of_passwords_that_pass_the_length_rule() -> None:
    assert len(COMMON_PASSWORDS) == len(set(COMMON_PASSWORDS)) == 5_000
    assert all(len(password) >= 8 for password in COMMON_PASSWORDS)
    assert all(password == password.casefold() for password in COMMON_PASSWORDS)
    assert not any(character.isspace() for password in COMMON_PASSWORDS for character in password)
    assert "una-clave-segura" not in COMMON_PASSWORDS
