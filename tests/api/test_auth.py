"""Logging in and out: bodies, limits, and the end of every token (AUT-4 to AUT-7)."""

import asyncio
import time
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from jose import jwt

from app.embedded.services import Services
from app.operations import users
from tests.addresses import client_at, needs_addresses, new_address, try_login
from tests.platform import PASSWORD, Owner, api_process, free_port, log_in, register
from tests.routes import PROTECTED, Ids, Route, belongings, call, name_of
from tests.rows import Database

WRONG = {
    "type": "urn:bytchat:problem:wrong_credentials",
    "title": "Unauthorized",
    "status": 401,
    "detail": "El correo o la contraseña no son correctos.",
    "code": "wrong_credentials",
}


@pytest.fixture
def anyone(api: str) -> Iterator[httpx2.Client]:
    """Without a token."""
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        yield http


def test_a_login_gives_a_bearer_token_that_names_a_session(owner: Owner, anyone: httpx2.Client) -> None:
    answer = try_login(anyone, owner.email)

    assert answer.status_code == 200
    body = answer.json()
    assert body == {"access_token": body["access_token"], "token_type": "bearer"}
    assert jwt.get_unverified_header(body["access_token"]) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.get_unverified_claims(body["access_token"])
    assert (claims["sub"], claims["typ"]) == (str(owner.id), "access")
    assert claims["exp"] == pytest.approx(time.time() + 7 * 24 * 3600, abs=60)


def test_oauth2s_other_form_fields_are_taken(owner: Owner, anyone: httpx2.Client) -> None:
    fields = {"grant_type": "password", "scope": "", "client_id": "docs", "client_secret": "x"}

    answer = anyone.post("/token", data={"username": owner.email, "password": PASSWORD, **fields})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"username": "a@ejemplo.com"},
        {"password": PASSWORD},
        {"username": "a@ejemplo.com", "password": ""},
        {"username": "a@ejemplo.com", "password": PASSWORD, "grant_type": "client_credentials"},
        {"username": "a@ejemplo.com\x00", "password": PASSWORD},
        {"username": "a" * 255, "password": PASSWORD},
        {"username": "a@ejemplo.com", "password": "x" * 1025},
    ],
    ids=[
        "nothing",
        "no password",
        "no username",
        "empty",
        "another grant",
        "NUL",
        "long username",
        "long password",
    ],
)
def test_a_form_that_does_not_fit_is_422(form: dict[str, str], anyone: httpx2.Client) -> None:
    answer = anyone.post("/token", data=form)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


def test_json_instead_of_a_form_is_422(owner: Owner, anyone: httpx2.Client) -> None:
    answer = anyone.post("/token", json={"username": owner.email, "password": PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


@pytest.mark.parametrize("spelling", ["JOSÉ.ÑU@EJEMPLO.COM", "josé.ñu@Ejemplo.com", "  josé.ñu@ejemplo.com "])
def test_case_and_the_writing_of_accents_make_no_difference_to_the_email(
    spelling: str, anyone: httpx2.Client
) -> None:
    tag = uuid.uuid4().hex
    body = {"email": f"{tag}josé.ñu@ejemplo.com", "password": PASSWORD}
    assert anyone.post("/users/", json=body).status_code == 200
    at_login = spelling.replace("jos", f"{tag}jos").replace("JOS", f"{tag.upper()}JOS")

    answers = [try_login(anyone, unicodedata.normalize(form, at_login)) for form in ("NFC", "NFD")]

    assert [answer.status_code for answer in answers] == [200, 200]


@needs_addresses
def test_a_wrong_login_answers_the_same_for_a_known_an_unknown_and_a_disabled_account(
    api: str, owner: Owner, services: Services
) -> None:
    """AUT-4."""
    disabled = register(api)
    asyncio.run(users.disable(services.database_url, disabled.email))

    with client_at(api) as http:
        answers = [
            try_login(http, owner.email, "no-es-esta-clave"),
            try_login(http, f"{uuid.uuid4().hex}@ejemplo.com"),
            try_login(http, disabled.email),
        ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert [answer.json() for answer in answers] == [WRONG] * 3
    assert len({frozenset(_lasting_headers(answer)) for answer in answers}) == 1
    assert answers[0].headers["WWW-Authenticate"] == "Bearer"


def test_logging_out_ends_this_token_and_no_other(owner: Owner, anyone: httpx2.Client) -> None:
    """AUT-6."""
    other = log_in(anyone, owner.email)

    answer = owner.http.post("/token/revoke")

    assert (answer.status_code, answer.content) == (204, b"")
    assert owner.http.get("/users/me").status_code == 401
    assert owner.http.post("/token/revoke").status_code == 401
    assert anyone.get("/users/me", headers={"Authorization": f"Bearer {other}"}).status_code == 200


@pytest.fixture(scope="module")
def ended(api: str, services: Services, db: Database) -> dict[str, tuple[str, Ids]]:
    """Tokens that were ended from elsewhere, and what their owners have."""
    changed, deleted, disabled, reset = (register(api) for _ in range(4))
    had = {"password change": changed, "deletion": deleted, "users disable": disabled, "users set-password": reset}
    tokens = {way: (owner.token, belongings(owner, db)) for way, owner in had.items()}
    for owner in (changed, deleted):
        owner.http.headers["Authorization"] = f"Bearer {log_in(owner.http, owner.email)}"
    change = {"password": PASSWORD, "new_password": "otra-clave-segura"}
    assert changed.http.patch("/users/me", json=change).status_code == 200
    assert deleted.http.delete("/users/me").status_code == 204
    asyncio.run(users.disable(services.database_url, disabled.email))
    asyncio.run(users.set_password(services.database_url, reset.email, password="otra-clave-segura"))
    return tokens


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_a_token_that_was_ended_elsewhere_works_on_no_route(
    route: Route, ended: dict[str, tuple[str, Ids]], anyone: httpx2.Client
) -> None:
    """AUT-6."""
    answers = {}
    for way, (token, ids) in ended.items():
        anyone.headers["Authorization"] = f"Bearer {token}"
        answers[way] = call(anyone, route, ids)

    assert {way: (answer.status_code, answer.json()["code"]) for way, answer in answers.items()} == dict.fromkeys(
        ended, (401, "not_authenticated")
    )


def test_an_account_that_is_enabled_again_logs_in_but_its_old_token_stays_dead(
    owner: Owner, anyone: httpx2.Client, services: Services
) -> None:
    asyncio.run(users.disable(services.database_url, owner.email))
    asyncio.run(users.enable(services.database_url, owner.email))

    assert owner.http.get("/users/me").status_code == 401
    assert try_login(anyone, owner.email).status_code == 200


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "bearer-token", "Token abc", "Bearer a b"])
def test_an_authorization_that_is_no_bearer_token_is_401(header: str, anyone: httpx2.Client) -> None:
    answer = anyone.get("/users/me", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_token_is_read_from_no_query_and_no_cookie(owner: Owner, anyone: httpx2.Client) -> None:
    token = owner.token

    in_query = anyone.get("/users/me", params={"access_token": token, "token": token})
    in_cookie = anyone.get("/users/me", headers={"Cookie": f"access_token={token}; token={token}"})

    assert (in_query.status_code, in_cookie.status_code) == (401, 401)


def test_a_token_of_the_account_before_opens_nothing_of_the_one_after(owner: Owner, anyone: httpx2.Client) -> None:
    """AUT-6: the same e-mail registered again is another account."""
    assert owner.http.delete("/users/me").status_code == 204
    assert anyone.post("/users/", json={"email": owner.email, "password": PASSWORD}).status_code == 200

    assert owner.http.get("/users/me").status_code == 401


@needs_addresses
def test_after_ten_failures_for_an_account_from_one_address_even_the_right_password_waits(
    api: str, owner: Owner
) -> None:
    """AUT-5."""
    with client_at(api) as http:
        failures = [try_login(http, owner.email, "no-es-esta-clave").status_code for _ in range(10)]
        answer = try_login(http, owner.email)

    assert failures == [401] * 10
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 300
    assert answer.headers["Retry-After"] in answer.json()["detail"]


@needs_addresses
def test_one_address_locks_nobody_out_at_another(api: str, owner: Owner) -> None:
    """AUT-5."""
    with client_at(api) as attacker:
        for _ in range(11):
            last = try_login(attacker, owner.email, "no-es-esta-clave")

    with client_at(api) as http:
        answer = try_login(http, owner.email)

    assert (last.status_code, answer.status_code) == (429, 200)


@needs_addresses
def test_case_variants_of_an_email_share_its_limit(api: str, owner: Owner) -> None:
    """AUT-5."""
    with client_at(api) as http:
        for spelling in (owner.email, owner.email.upper()) * 5:
            try_login(http, spelling, "no-es-esta-clave")
        answer = try_login(http, owner.email.title(), "no-es-esta-clave")

    assert answer.status_code == 429


@needs_addresses
def test_an_unknown_account_is_limited_like_a_known_one(api: str) -> None:
    """AUT-4, AUT-5: the limit does not tell either whether the account exists."""
    with client_at(api) as http:
        email = f"{uuid.uuid4().hex}@ejemplo.com"
        statuses = [try_login(http, email).status_code for _ in range(11)]

    assert statuses == [401] * 10 + [429]


@needs_addresses
def test_logins_that_succeed_count_for_nothing(api: str, owner: Owner) -> None:
    """AUT-5."""
    with client_at(api) as http:
        statuses = {try_login(http, owner.email).status_code for _ in range(12)}

    assert statuses == {200}


@needs_addresses
def test_of_many_failures_at_once_ten_are_tried(api: str, owner: Owner) -> None:
    """AUT-5: what comes in parallel slips past no limit."""
    with client_at(api) as http, ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: try_login(http, owner.email, "no-es-esta-clave"), range(40)))

    assert Counter(answer.status_code for answer in answers) == {401: 10, 429: 30}


@needs_addresses
def test_after_fifty_failures_an_address_waits_whatever_the_account(api: str, owner: Owner) -> None:
    """AUT-5."""
    with client_at(api) as http:
        emails = [f"{uuid.uuid4().hex}@ejemplo.com" for _ in range(50)]
        failures = Counter(try_login(http, email).status_code for email in emails)
        there = try_login(http, owner.email)
    with client_at(api) as http:
        elsewhere = try_login(http, owner.email)

    assert failures == {401: 50}
    assert (there.status_code, elsewhere.status_code) == (429, 200)


@needs_addresses
def test_after_two_hundred_failures_an_account_waits_at_every_address(
    api: str, owner: Owner, stranger: Owner
) -> None:
    """AUT-5."""

    def fail_ten_times(address: str) -> list[int]:
        with client_at(api, address) as http:
            return [try_login(http, owner.email, "no-es-esta-clave").status_code for _ in range(10)]

    with ThreadPoolExecutor(4) as threads:
        failures = Counter(
            status
            for statuses in threads.map(fail_ten_times, {new_address() for _ in range(20)})
            for status in statuses
        )
    with client_at(api) as http:
        own, others = try_login(http, owner.email), try_login(http, stranger.email)

    assert failures == {401: 200}
    assert (own.status_code, others.status_code) == (429, 200)


@needs_addresses
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP"])
def test_a_client_cannot_name_another_address_for_itself(header: str, api: str, owner: Owner) -> None:
    """AUT-5."""
    with client_at(api) as http:
        statuses = [
            try_login(http, owner.email, "no-es-esta-clave", **{header: f"203.0.113.{n}"}).status_code
            for n in range(11)
        ]

    assert statuses == [401] * 10 + [429]


@pytest.fixture(scope="module")
def lonely_api(services: Services, logs: Path) -> Iterator[str]:
    """Another server on the same database: its broker is down, and its secret its own."""
    nowhere, secret = f"redis://127.0.0.1:{free_port()}/0", uuid.uuid4().hex + uuid.uuid4().hex
    with api_process(services, logs, REDIS_URL=nowhere, SECRET_KEY=secret) as (url, _):
        yield url


@needs_addresses
def test_the_limits_hold_with_redis_down(lonely_api: str) -> None:
    """AUT-5."""
    owner = register(lonely_api)

    with client_at(lonely_api) as http:
        statuses = [try_login(http, owner.email, "no-es-esta-clave").status_code for _ in range(11)]

    assert statuses == [401] * 10 + [429]


def test_guessing_the_old_password_with_a_stolen_token_is_limited(owner: Owner) -> None:
    """AUT-5."""
    body = {"password": "no-es-esta-clave", "new_password": "otra-clave-segura"}

    answers = [owner.http.patch("/users/me", json=body) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


def test_a_token_of_one_server_is_no_token_of_another(lonely_api: str, owner: Owner) -> None:
    """AUT-7: the key is the server's own."""
    answer = httpx2.get(f"{lonely_api}/users/me", headers=owner.http.headers, trust_env=False)

    assert answer.status_code == 401


def test_a_session_that_ran_out_is_gone_at_the_next_login(
    owner: Owner, anyone: httpx2.Client, db: Database
) -> None:
    db.run("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE owner_id = %s", owner.id)

    log_in(anyone, owner.email)

    assert db.count("sessions", owner.id) == 1


def _lasting_headers(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers.items() if name not in ("date", "x-request-id")]
