"""Nobody reaches another's things, on any route, by any token (ISO-1, ISO-2, AUT-6, AUT-7)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi.routing import iter_route_contexts
from jose import jwt
from pydantic import SecretStr

from app.core.config import Settings
from app.core.security import make_token
from app.embedded.services import Services
from app.main import build
from tests.isolation.household import Household
from tests.platform import Owner, log_in, register
from tests.routes import (
    MINE,
    OWNED,
    PAGES,
    PROTECTED,
    ROUTES,
    Ids,
    Kind,
    Route,
    belongings,
    call,
    content_of,
    ids_of_nothing,
    name_of,
    url_of,
)
from tests.rows import Database


@pytest.fixture(scope="module")
def ended_tokens(household: Household, api: str, anyone: httpx2.Client, db: Database) -> dict[str, str]:
    """Tokens that were sound once. What a new password or the operator ends is in `tests.api.test_auth`."""
    revoked, run_out = (log_in(anyone, household.owner.email) for _ in range(2))
    anyone.post("/token/revoke", headers={"Authorization": f"Bearer {revoked}"})
    session_id = jwt.get_unverified_claims(run_out)["sid"]
    disabled, deleted = register(api), register(api)
    # Its session lives: the account alone must do.
    db.run("UPDATE users SET is_disabled = true WHERE id = %s", disabled.id)
    assert deleted.http.delete("/users/me").status_code == 204
    db.run("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = %s", session_id)
    return {
        "revoked": revoked,
        "its session has run out": run_out,
        "its account is disabled": disabled.token,
        "its account is deleted": deleted.token,
    }


def _expired(household: Household) -> str:
    claims = household.claims()
    return make_token(
        user_id=household.owner.id,
        session_id=claims["sid"],  # type: ignore[arg-type]
        expires_at=datetime.now(UTC) - timedelta(seconds=1),
        secret_key=household.secret_key,
    )


def _unsigned(household: Household) -> str:
    return f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{household.signed().split('.')[1]}."


def _with_key(household: Household) -> str:
    return str(jwt.encode(household.claims(), "x" * 64, algorithm="HS256"))


def _with_algorithm(household: Household) -> str:
    return str(jwt.encode(household.claims(), household.secret_key, algorithm="HS512"))


UNSOUND: dict[str, Callable[[Household], str]] = {
    "garbage": lambda _: "garbage",
    "three empty parts": lambda _: "..",
    "expired": _expired,
    "alg none": _unsigned,
    "another alg": _with_algorithm,
    "another key": _with_key,
    "no exp": lambda household: household.signed(exp=None),
    "another typ": lambda household: household.signed(typ="refresh"),
    "no session": lambda household: household.signed(sid=None),
    "a bot's id as session": lambda household: household.signed(sid=str(household.ids.bot_id)),
    "the user's id as session": lambda household: household.signed(sid=str(household.owner.id)),
}


REFUSED = (401, "Bearer", "not_authenticated")


def test_every_route_of_the_openapi_document_is_classified(anyone: httpx2.Client) -> None:
    """ISO-1."""
    document = anyone.get("/openapi.json").json()

    found = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert found == set(ROUTES)


def test_no_route_hides_from_the_openapi_document_but_the_pages(services: Services) -> None:
    """ISO-2."""
    settings = Settings(
        _env_file=None,
        database_url=SecretStr(services.database_url),
        redis_url=SecretStr(services.redis_url),
        secret_key=SecretStr(services.secret_key),
    )

    paths = {context.path for context in iter_route_contexts(build(settings).routes)}

    assert paths == {path for _, path in ROUTES} | set(PAGES)


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_only_reviewed_routes_answer_without_a_token(
    route: Route, anyone: httpx2.Client, household: Household
) -> None:
    """ISO-2."""
    answer = call(anyone, route, household.ids, email=household.owner.email)

    assert answer.is_success is (ROUTES[route] is Kind.PUBLIC)


@pytest.mark.parametrize("path", ["/docs", "/docs/oauth2-redirect", "/metrics", "/openapi.json", "/redoc"])
def test_the_pages_answer_without_a_token(path: str, anyone: httpx2.Client) -> None:
    assert anyone.get(path).status_code == 200


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_without_a_token_it_is_401_and_nothing_changes(
    route: Route, anyone: httpx2.Client, household: Household, db: Database
) -> None:
    """ISO-1."""
    before = db.all_of(household.owner.id)

    answer = call(anyone, route, household.ids)

    assert _refusal(answer) == REFUSED
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_with_any_unsound_token_it_is_401_and_nothing_changes(
    route: Route, anyone: httpx2.Client, household: Household, db: Database
) -> None:
    """ISO-1, AUT-7."""
    before = db.all_of(household.owner.id)

    answers = {kind: _call_with(anyone, make(household), route, household.ids) for kind, make in UNSOUND.items()}

    assert {kind: _refusal(answer) for kind, answer in answers.items()} == dict.fromkeys(UNSOUND, REFUSED)
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_with_a_token_that_has_ended_it_is_401_and_nothing_changes(
    route: Route, anyone: httpx2.Client, household: Household, ended_tokens: dict[str, str], db: Database
) -> None:
    """ISO-1, AUT-6."""
    before = db.all_of(household.owner.id)

    answers = {kind: _call_with(anyone, token, route, household.ids) for kind, token in ended_tokens.items()}

    assert {kind: _refusal(answer) for kind, answer in answers.items()} == dict.fromkeys(ended_tokens, REFUSED)
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_a_token_counts_in_its_header_alone(
    route: Route, anyone: httpx2.Client, household: Household, db: Database
) -> None:
    """ISO-1."""
    token = household.owner.token
    before = db.all_of(household.owner.id)
    elsewhere: list[dict[str, Any]] = [
        {"params": {"access_token": token, "token": token, "authorization": f"Bearer {token}"}},
        {"headers": {"Cookie": f"access_token={token}; token={token}; session={token}"}},
        {"headers": {"X-Access-Token": token, "X-Forwarded-Authorization": f"Bearer {token}"}},
        {"headers": {"Authorization": f"Basic {token}"}},
        {"headers": {"Authorization": f"Token {token}"}},
        {"headers": {"Authorization": token}},
    ]

    answers = [
        anyone.request(route[0], url_of(route[1], household.ids), **{**content_of(route), **place})
        for place in elsewhere
    ]

    assert [_refusal(answer) for answer in answers] == [REFUSED] * len(elsewhere)
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", OWNED, ids=name_of)
def test_another_owner_gets_the_404_of_what_does_not_exist_and_nothing_changes(
    route: Route, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-1, ISO-3."""
    before = db.all_of(household.owner.id)

    answer = call(stranger.http, route, household.ids)

    assert answer.status_code == 404
    assert answer.json() == call(stranger.http, route, ids_of_nothing()).json()
    assert not household.is_shown_in(answer.text)
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", MINE, ids=name_of)
def test_what_another_does_to_itself_changes_and_shows_nothing_of_the_owner(
    route: Route, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-1."""
    before = db.all_of(household.owner.id)

    answer = call(stranger.http, route, household.ids)

    assert answer.is_success
    assert not household.is_shown_in(answer.text)
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_the_same_requests_succeed_for_the_owner(route: Route, owner: Owner, db: Database) -> None:
    """Or the refusals above would prove nothing."""
    answer = call(owner.http, route, belongings(owner, db))

    assert answer.is_success, answer.text


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_no_browser_keeps_what_is_an_owners(
    route: Route, anyone: httpx2.Client, owner: Owner, db: Database
) -> None:
    ids = belongings(owner, db)

    answers = [call(anyone, route, ids), call(owner.http, route, ids_of_nothing()), call(owner.http, route, ids)]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def _call_with(anyone: httpx2.Client, token: str, route: Route, ids: Ids) -> httpx2.Response:
    anyone.headers["Authorization"] = f"Bearer {token}"
    try:
        return call(anyone, route, ids)
    finally:
        del anyone.headers["Authorization"]


def _refusal(answer: httpx2.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers.get("WWW-Authenticate", ""), answer.json()["code"]
