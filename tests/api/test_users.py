"""Accounts over HTTP: registration, who am I, a new password, deletion (AUT-1, AUT-2, AUT-6)."""

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tests.addresses import client_at, needs_addresses, try_login
from tests.platform import PASSWORD, Owner, log_in
from tests.routes import belongings
from tests.rows import OWNED_TABLES, Database

NEW_PASSWORD = "otra-clave-segura"


@pytest.fixture
def anyone(api: str) -> Iterator[httpx2.Client]:
    """Without a token."""
    with httpx2.Client(base_url=api, timeout=60, trust_env=False) as http:
        yield http


def new_email() -> str:
    return f"{uuid.uuid4().hex}@ejemplo.com"


def test_registration_answers_the_user_without_the_password(anyone: httpx2.Client) -> None:
    email = new_email()

    answer = anyone.post("/users/", json={"email": email, "password": PASSWORD})

    assert answer.status_code == 200
    body = answer.json()
    assert body == {"id": body["id"], "email": email, "created_at": body["created_at"]}
    assert uuid.UUID(body["id"]).version == 7
    assert abs((datetime.now(UTC) - datetime.fromisoformat(body["created_at"])).total_seconds()) < 60


def test_a_password_is_stored_as_an_argon2id_hash_alone(owner: Owner, db: Database) -> None:
    """AUT-3."""
    [(password_hash,)] = db.rows("SELECT password_hash FROM users WHERE id = %s", owner.id)

    assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in str(db.all_of(owner.id))


@pytest.mark.parametrize("spell", [str, str.upper, str.title, lambda email: f" {email} "])
def test_a_taken_email_is_409_in_any_spelling(spell: Any, owner: Owner, anyone: httpx2.Client) -> None:
    answer = anyone.post("/users/", json={"email": spell(owner.email), "password": PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


def test_fifty_registrations_of_one_email_at_once_make_one_user(anyone: httpx2.Client, db: Database) -> None:
    """AUT-2."""
    email = new_email()
    spellings = [email.upper() if n % 2 else email.title() if n % 3 else email for n in range(50)]

    def register(spelling: str) -> int:
        return anyone.post("/users/", json={"email": spelling, "password": PASSWORD}).status_code

    with ThreadPoolExecutor(50) as threads:
        statuses = Counter(threads.map(register, spellings))

    assert statuses == {200: 1, 409: 49}
    assert db.rows("SELECT count(*) FROM users WHERE lower(email) = %s", email) == [(1,)]


@pytest.mark.parametrize(
    "field", ["id", "role", "is_admin", "is_disabled", "email_key", "password_hash", "created_at", "owner_id", "_x"]
)
def test_registration_refuses_every_other_field(field: str, anyone: httpx2.Client, db: Database) -> None:
    """AUT-1."""
    email = new_email()

    answer = anyone.post("/users/", json={"email": email, "password": PASSWORD, field: str(uuid.uuid4())})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"location": ["body", field], "message": "Extra inputs are not permitted", "type": "extra_forbidden"}
    ]
    assert db.rows("SELECT count(*) FROM users WHERE email = %s", email) == [(0,)]


@pytest.mark.parametrize(
    "email",
    ["", "ana", "ana@", "@ejemplo.com", "ana@ejemplo", "a na@ejemplo.com", "a" * 250 + "@ejemplo.com", None, 7],
)
def test_what_is_no_email_is_422(email: object, anyone: httpx2.Client) -> None:
    answer = anyone.post("/users/", json={"email": email, "password": PASSWORD})

    assert (answer.status_code, answer.json()["errors"][0]["location"]) == (422, ["body", "email"])


@pytest.mark.parametrize("password", ["", "siete77", "x" * 1025, None, 12345678, ["una-clave-segura"]])
def test_a_password_of_the_wrong_length_or_kind_is_422(password: object, anyone: httpx2.Client) -> None:
    answer = anyone.post("/users/", json={"email": new_email(), "password": password})

    assert (answer.status_code, answer.json()["errors"][0]["location"]) == (422, ["body", "password"])


def test_a_password_among_the_commonest_is_422_in_any_dress(anyone: httpx2.Client) -> None:
    for password in ("12345678", "Password1", "contraseña"):
        answer = anyone.post("/users/", json={"email": new_email(), "password": password})

        assert (answer.status_code, answer.json()["code"]) == (422, "password_too_common")


@pytest.mark.parametrize("password", ["ocho-8-x", "x ñ 漢字 🙂 " * 80, "a\x00b-clave-larga", "  espacios  "])
def test_a_password_of_any_characters_logs_in_as_it_was_typed(password: str, anyone: httpx2.Client) -> None:
    email = new_email()
    assert anyone.post("/users/", json={"email": email, "password": password}).status_code == 200

    assert try_login(anyone, email, password).status_code == 200


def test_me_is_the_user_of_the_token(owner: Owner) -> None:
    answer = owner.http.get("/users/me")

    assert answer.status_code == 200
    body = answer.json()
    assert body == {"id": str(owner.id), "email": owner.email, "created_at": body["created_at"]}


@needs_addresses
def test_a_new_password_takes_the_old_ones_place_and_ends_all_other_sessions(
    api: str, owner: Owner, anyone: httpx2.Client
) -> None:
    """AUT-6."""
    other = log_in(anyone, owner.email)

    answer = owner.http.patch("/users/me", json={"password": PASSWORD, "new_password": NEW_PASSWORD})

    assert (answer.status_code, answer.json()["id"]) == (200, str(owner.id))
    assert set(answer.json()) == {"id", "email", "created_at"}
    assert owner.http.get("/users/me").status_code == 200
    assert anyone.get("/users/me", headers={"Authorization": f"Bearer {other}"}).status_code == 401
    with client_at(api) as http:
        assert try_login(http, owner.email).status_code == 401
        assert try_login(http, owner.email, NEW_PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"password": "no-es-esta-clave", "new_password": NEW_PASSWORD}, 401, "wrong_credentials"),
        ({"password": PASSWORD, "new_password": "12345678"}, 422, "password_too_common"),
        ({"password": PASSWORD, "new_password": "corta"}, 422, "validation"),
        ({"password": PASSWORD}, 422, "validation"),
        ({"new_password": NEW_PASSWORD}, 422, "validation"),
        ({"password": PASSWORD, "new_password": NEW_PASSWORD, "email": "a@ejemplo.com"}, 422, "validation"),
    ],
)
def test_a_password_change_that_does_not_fit_changes_nothing(
    body: dict[str, str], status: int, code: str, owner: Owner, db: Database
) -> None:
    before = db.all_of(owner.id)

    answer = owner.http.patch("/users/me", json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert db.all_of(owner.id) == before


def test_of_two_password_changes_at_once_one_counts(owner: Owner) -> None:
    passwords = [f"clave-nueva-{n}-larga" for n in range(4)]

    def change(password: str) -> int:
        body = {"password": PASSWORD, "new_password": password}
        return owner.http.patch("/users/me", json=body).status_code

    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(change, passwords))

    assert sorted(statuses) == [200, 401, 401, 401]
    assert try_login(owner.http, owner.email, passwords[statuses.index(200)]).status_code == 200


def test_deleting_the_account_removes_all_that_it_owns_and_frees_the_email(
    owner: Owner, stranger: Owner, anyone: httpx2.Client, db: Database
) -> None:
    """ISO-7."""
    ids = belongings(owner, db)
    db.add_account_rows(owner.id, uuid.UUID(str(ids.bot_id)))
    for add in (db.add_chunk, db.add_posting, db.add_vector):
        add(owner.id, uuid.UUID(str(ids.bot_id)), uuid.UUID(str(ids.document_id)))
    belongings(stranger, db)
    others = db.all_of(stranger.id)
    assert all(db.count(table, owner.id) for table in OWNED_TABLES)

    answer = owner.http.delete("/users/me")

    assert (answer.status_code, answer.content) == (204, b"")
    assert not any(rows for rows in db.all_of(owner.id).values())
    assert db.all_of(stranger.id) == others
    assert anyone.post("/users/", json={"email": owner.email, "password": PASSWORD}).status_code == 200
