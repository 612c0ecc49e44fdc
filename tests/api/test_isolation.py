"""Nobody reaches another's things, on any route, by any token or id (ISO-1, ISO-2, ISO-3, AUT-7)."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi.routing import iter_route_contexts
from jose import jwt
from pydantic import SecretStr

from app.core.config import Settings
from app.core.security import make_token
from app.embedded.services import Services
from app.main import build
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
    ids_of_nothing,
    name_of,
)
from tests.rows import Database


@dataclass(frozen=True, slots=True)
class Household:
    """An owner, what it has, and its sound token's claims."""

    owner: Owner
    ids: Ids
    secret_key: str

    def claims(self, **changes: object) -> dict[str, object]:
        claims = {**jwt.get_unverified_claims(self.owner.token), **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, **changes: object) -> str:
        return str(jwt.encode(self.claims(**changes), self.secret_key, algorithm="HS256"))


@pytest.fixture(scope="module")
def household(api: str, db: Database, services: Services) -> Iterator[Household]:
    owner = register(api)
    ids = belongings(owner, db)
    db.add_account_rows(owner.id, uuid.UUID(str(ids.bot_id)))
    yield Household(owner, ids, services.secret_key)
    owner.http.close()


@pytest.fixture(scope="module")
def anyone(api: str) -> Iterator[httpx2.Client]:
    """A client without a token."""
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        yield http


@pytest.fixture(scope="module")
def ended_tokens(household: Household, anyone: httpx2.Client, db: Database) -> dict[str, str]:
    """Tokens of the owner that were sound once."""
    revoked, run_out = (log_in(anyone, household.owner.email) for _ in range(2))
    anyone.post("/token/revoke", headers={"Authorization": f"Bearer {revoked}"})
    session_id = jwt.get_unverified_claims(run_out)["sid"]
    db.run("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = %s", session_id)
    return {"revoked": revoked, "its session has run out": run_out}


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


@pytest.mark.parametrize("route", OWNED, ids=name_of)
def test_another_owner_gets_the_404_of_what_does_not_exist_and_nothing_changes(
    route: Route, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-1, ISO-3."""
    before = db.all_of(household.owner.id)

    answer = call(stranger.http, route, household.ids)

    assert answer.status_code == 404
    assert answer.json() == call(stranger.http, route, ids_of_nothing()).json()
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", MINE, ids=name_of)
def test_what_another_does_to_itself_changes_and_shows_nothing_of_the_owner(
    route: Route, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-1."""
    before = db.all_of(household.owner.id)

    answer = call(stranger.http, route, household.ids)

    assert answer.is_success
    assert household.owner.email not in answer.text
    assert str(household.ids.bot_id) not in answer.text
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


NESTED = [route for route in OWNED if "{config_id}" in route[1] or "{document_id}" in route[1]]


@pytest.mark.parametrize("route", NESTED, ids=name_of)
def test_my_bot_does_not_open_what_is_in_anothers(
    route: Route, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-3."""
    mine = belongings(stranger, db)
    foreign, missing = (replace(there, bot_id=mine.bot_id) for there in (household.ids, ids_of_nothing()))
    before = db.all_of(household.owner.id)

    answer = call(stranger.http, route, foreign)

    assert answer.status_code == 404
    assert answer.json() == call(stranger.http, route, missing).json()
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", NESTED, ids=name_of)
def test_one_of_my_bots_does_not_open_what_is_in_my_other(route: Route, owner: Owner, db: Database) -> None:
    """ISO-3."""
    first, second = belongings(owner, db), belongings(owner, db)
    before = db.all_of(owner.id)

    answer = call(owner.http, route, replace(second, bot_id=first.bot_id))

    assert answer.status_code == 404
    assert db.all_of(owner.id) == before


def test_a_foreign_conversation_in_chats_body_is_the_404_of_one_that_does_not_exist(
    stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-3."""
    mine = belongings(stranger, db)
    before = db.all_of(stranger.id), db.all_of(household.owner.id)

    foreign, missing = (
        stranger.http.post(f"/chat/{mine.bot_id}", json={"query": "Hola", "conversation_id": str(conversation_id)})
        for conversation_id in (household.ids.conversation_id, ids_of_nothing().conversation_id)
    )

    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json()
    assert foreign.json()["code"] == "conversation_not_found"
    assert (db.all_of(stranger.id), db.all_of(household.owner.id)) == before


def test_a_conversation_of_my_other_bot_is_not_continued(owner: Owner, db: Database) -> None:
    """ISO-3."""
    first, second = belongings(owner, db), belongings(owner, db)

    answer = owner.http.post(
        f"/chat/{first.bot_id}", json={"query": "Hola", "conversation_id": str(second.conversation_id)}
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "conversation_not_found")


def test_a_cursor_made_of_anothers_bot_shows_only_my_own(owner: Owner, stranger: Owner) -> None:
    """ISO-3."""
    mine = owner.new_bot()["id"]
    for _ in range(2):
        stranger.new_bot()
    foreign_cursor = stranger.http.get("/bots/", params={"limit": 1}).headers["Link"].split("cursor=")[1]

    answer = owner.http.get("/bots/", params={"limit": 5, "cursor": foreign_cursor.partition(">")[0]})

    assert [bot["id"] for bot in answer.json()] == [mine]


def _call_with(anyone: httpx2.Client, token: str, route: Route, ids: Ids) -> httpx2.Response:
    anyone.headers["Authorization"] = f"Bearer {token}"
    try:
        return call(anyone, route, ids)
    finally:
        del anyone.headers["Authorization"]


def _refusal(answer: httpx2.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers.get("WWW-Authenticate", ""), answer.json()["code"]
