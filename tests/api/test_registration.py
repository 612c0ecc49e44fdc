"""Registration as the operator wants it: open, closed or by domain; and no more of it than an hour may have."""

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.embedded.services import Services
from tests.addresses import client_at, needs_addresses, new_address, try_login
from tests.platform import PASSWORD, Owner, api_process
from tests.rows import Database

AN_HOUR_HAS = 5


@pytest.fixture(scope="module")
def closed(services: Services, logs: Path) -> Iterator[httpx2.Client]:
    with api_process(services, logs, REGISTRATION="closed") as (url, _), _anyone(url) as http:
        yield http


@pytest.fixture(scope="module")
def by_domain(services: Services, logs: Path) -> Iterator[httpx2.Client]:
    said = "domain:Empresa.com, empresa.org"
    with api_process(services, logs, REGISTRATION=said) as (url, _), _anyone(url) as http:
        yield http


@pytest.fixture(scope="module")
def limited(services: Services, logs: Path) -> Iterator[str]:
    with api_process(services, logs, REGISTRATIONS_PER_HOUR=str(AN_HOUR_HAS)) as (url, _):
        yield url


def _anyone(url: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, timeout=30, trust_env=False)


def new_email(domain: str = "ejemplo.com") -> str:
    return f"{uuid.uuid4().hex}@{domain}"


def register(http: httpx2.Client, email: str, **fields: str) -> httpx2.Response:
    return http.post("/users/", json={"email": email, "password": PASSWORD, **fields})


def told(answer: httpx2.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json().get("code")


def users_of(db: Database, email: str) -> int:
    [(count,)] = db.rows("SELECT count(*) FROM users WHERE lower(email) = lower(%s)", email)
    return int(count)


def test_anybody_can_read_who_may_register(api: str, closed: httpx2.Client, by_domain: httpx2.Client) -> None:
    with _anyone(api) as http:
        modes = [one.get("/users/registration").json() for one in (http, closed, by_domain)]

    assert modes == [
        {"mode": "open", "domains": []},
        {"mode": "closed", "domains": []},
        {"mode": "domain", "domains": ["empresa.com", "empresa.org"]},
    ]


def test_a_closed_registration_says_so_and_makes_nobody(closed: httpx2.Client, db: Database) -> None:
    email = new_email()

    answer = register(closed, email)

    assert told(answer) == (403, "registration_closed")
    assert users_of(db, email) == 0


def test_a_closed_registration_says_it_in_the_clients_language(closed: httpx2.Client) -> None:
    english = closed.post(
        "/users/", json={"email": new_email(), "password": PASSWORD}, headers={"Accept-Language": "en"}
    )

    assert english.json()["detail"] == "Registration is closed. Ask the server's operator for an account."
    assert register(closed, new_email()).json()["detail"].startswith("El registro está cerrado.")


def test_whoever_has_an_account_logs_in_while_registration_is_closed(closed: httpx2.Client, owner: Owner) -> None:
    assert try_login(closed, owner.email).status_code == 200


def test_a_refusal_does_not_tell_a_known_email_from_an_unknown_one(
    closed: httpx2.Client, by_domain: httpx2.Client, owner: Owner
) -> None:
    for http in (closed, by_domain):
        known, unknown = register(http, owner.email), register(http, new_email())

        assert known.status_code == unknown.status_code == 403
        assert known.json() == unknown.json()


def test_a_refusal_comes_before_the_password_is_looked_at(closed: httpx2.Client, by_domain: httpx2.Client) -> None:
    answers = [register(http, new_email(), password="12345678") for http in (closed, by_domain)]

    assert [told(answer) for answer in answers] == [(403, "registration_closed"), (403, "registration_domain")]


@pytest.mark.parametrize("domain", ["empresa.com", "EMPRESA.com", "Empresa.org"])
def test_an_email_of_a_domain_that_may_registers(domain: str, by_domain: httpx2.Client) -> None:
    email = new_email(domain)

    assert register(by_domain, email).status_code == 200
    assert try_login(by_domain, email).status_code == 200


@pytest.mark.parametrize(
    "domain", ["sub.empresa.com", "empresa.com.evil.com", "noempresa.com", "empresa.net", "еmpresa.com"]
)
def test_an_email_of_another_domain_is_refused_by_the_names_of_those_that_may(
    domain: str, by_domain: httpx2.Client, db: Database
) -> None:
    email = new_email(domain)

    answer = register(by_domain, email)

    assert told(answer) == (403, "registration_domain")
    assert "empresa.com, empresa.org" in answer.json()["detail"]
    assert users_of(db, email) == 0


@needs_addresses
def test_one_address_registers_no_more_than_an_hour_has_and_others_go_on(limited: str) -> None:
    with client_at(limited) as here, client_at(limited) as there:
        answers = [register(here, new_email()) for _ in range(AN_HOUR_HAS + 1)]
        elsewhere = register(there, new_email())

    assert [answer.status_code for answer in answers] == [200] * AN_HOUR_HAS + [429]
    assert answers[-1].json()["code"] == "too_many_requests"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert elsewhere.status_code == 200


@needs_addresses
def test_of_many_registrations_at_once_no_more_get_through(limited: str) -> None:
    with client_at(limited, new_address()) as http, ThreadPoolExecutor(20) as threads:
        statuses = Counter(threads.map(lambda _: register(http, new_email()).status_code, range(20)))

    assert statuses == {200: AN_HOUR_HAS, 429: 20 - AN_HOUR_HAS}
