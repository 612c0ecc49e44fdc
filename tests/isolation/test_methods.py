"""Other methods and other spellings of a path open nothing that the plain request does not (ISO-1, ISO-2)."""

import http.client
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.isolation.household import Household
from tests.platform import Owner
from tests.routes import OWNED, PROTECTED, ROUTES, Ids, Kind, Route, belongings, ids_of_nothing, name_of, url_of
from tests.rows import Database

METHODS = (
    "GET",
    "HEAD",
    "OPTIONS",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "get",
    "QUERY",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """As it came over the wire."""

    status: int
    text: str


def ask(url: str, method: str, target: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Send the path as it is written: an ordinary client would tidy it first."""
    connection = http.client.HTTPConnection(str(urlsplit(url).hostname), urlsplit(url).port, timeout=30)
    try:
        connection.request(method, target, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, answer.read().decode(errors="replace"))
    finally:
        connection.close()


def by(owner: Owner) -> dict[str, str]:
    return {"Authorization": f"Bearer {owner.token}"}


PATHS = sorted({path for _, path in PROTECTED})


@pytest.mark.parametrize("path", PATHS)
def test_no_method_that_a_path_does_not_know_succeeds(
    path: str, api: str, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-1, ISO-2."""
    target = url_of(path, household.ids)
    unknown = [method for method in METHODS if (method, path) not in ROUTES]
    before = db.all_of(household.owner.id)

    replies = [(method, ask(api, method, target, headers)) for method in unknown for headers in ({}, by(stranger))]

    assert [(method, reply.status) for method, reply in replies if reply.status < 400] == []
    assert not any(household.is_shown_in(reply.text) for _, reply in replies)
    assert db.all_of(household.owner.id) == before


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_a_method_named_in_a_header_or_the_query_is_not_used(
    route: Route, api: str, household: Household, db: Database
) -> None:
    """ISO-1."""
    target = url_of(route[1], household.ids)
    headers = dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), route[0])
    before = db.all_of(household.owner.id)

    replies = [
        ask(api, method, f"{target}?_method={route[0]}", headers)
        for method in ("GET", "POST")
        if ROUTES.get((method, route[1])) is not Kind.PUBLIC
    ]

    assert all(reply.status >= 400 for reply in replies)
    assert db.all_of(household.owner.id) == before


# Another way to write a path; those that a server could take for the plain one, or for one that is public.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "another slash at the end": lambda path: path.removesuffix("/") if path.endswith("/") else f"{path}/",
    "two slashes at the end": lambda path: f"{path}//",
    "two at the beginning": lambda path: f"/{path}",
    "two everywhere": lambda path: path.replace("/", "//"),
    "a dot": lambda path: f"/.{path}",
    "from a public page": lambda path: f"/docs/..{path}",
    "from a public page, escaped": lambda path: f"/docs/%2e%2e{path}",
    "from a public page, all escaped": lambda path: f"/docs-assets/..%2f{path[1:]}",
    "from health": lambda path: f"/health/live/..{path}",
    "behind a public page": lambda path: f"/docs{path}",
    "capitals": lambda path: path.replace("bots", "BOTS").replace("conversations", "Conversations"),
    "escaped letters": lambda path: path.replace("o", "%6f"),
    "escaped twice": lambda path: path.replace("o", "%256f"),
    "escaped slashes": lambda path: f"/{path[1:].replace('/', '%2f')}",
    "backslashes": lambda path: path.replace("/", "%5c"),
    "a parameter of the path": lambda path: f"{path};a=b",
    "a suffix": lambda path: f"{path}.json",
    "NUL": lambda path: f"{path}%00",
    "a space": lambda path: f"{path}%20",
    "a line's end": lambda path: f"{path}%0a",
    "an empty query": lambda path: f"{path}?",
    "a fragment": lambda path: f"{path}%23",
    "whole": lambda path: f"http://127.0.0.1{path}",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_path_opens_it_without_a_token_or_with_anothers(
    spelling: str, api: str, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-1, ISO-2: a path that only another's id makes foreign is among them."""
    before = db.all_of(household.owner.id)

    opened, shown = [], []
    for method, path in PROTECTED:
        target = SPELLINGS[spelling](url_of(path, household.ids))
        replies = [ask(api, method, target)]
        if (method, path) in OWNED:
            replies.append(ask(api, method, target, by(stranger)))
        opened += [(method, target, reply.status) for reply in replies if reply.status < 300]
        shown += [(method, target) for reply in replies if household.is_shown_in(reply.text.replace(target, ""))]

    assert opened == []
    assert shown == []
    assert db.all_of(household.owner.id) == before


# Other ways to write the same id, which a parser may take.
WRITINGS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "no dashes": lambda identity: identity.replace("-", ""),
    "braces": lambda identity: f"%7b{identity}%7d",
    "urn": lambda identity: f"urn:uuid:{identity}",
    "escaped dashes": lambda identity: identity.replace("-", "%2d"),
}


def _written(ids: Ids, writing: str) -> Ids:
    return Ids(*(WRITINGS[writing](str(identity)) for identity in ids.all))


@pytest.mark.parametrize("writing", WRITINGS)
def test_another_writing_of_a_foreign_id_is_that_of_one_that_does_not_exist(
    writing: str, api: str, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-3."""
    before = db.all_of(household.owner.id)
    bodiless = [(method, path) for method, path in OWNED if method in ("GET", "DELETE") or path.endswith("/retry")]

    for method, path in bodiless:
        foreign, missing = (
            ask(api, method, url_of(path, _written(ids, writing)), by(stranger))
            for ids in (household.ids, ids_of_nothing())
        )
        unnamed = ask(api, method, url_of(path, _written(household.ids, writing)))

        assert (foreign.status in (404, 422), unnamed.status) == (True, 401)
        assert foreign == missing
    assert db.all_of(household.owner.id) == before


def test_the_plain_writing_and_capitals_are_one_to_the_owner(api: str, owner: Owner, db: Database) -> None:
    """Or the refusals above would prove nothing."""
    ids = belongings(owner, db)

    replies = [
        ask(api, "GET", url_of("/bots/{bot_id}", there), by(owner)) for there in (ids, _written(ids, "capitals"))
    ]

    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].text == replies[1].text


@pytest.mark.parametrize("nonsense", ["1", "0", "-1", "null", "undefined", "*", "%25", "me", "' OR 1=1 --", "../x"])
def test_what_is_no_id_names_nothing(nonsense: str, stranger: Owner, household: Household) -> None:
    """ISO-3."""
    ids = Ids(*[nonsense] * len(household.ids.all))

    for method, path in OWNED:
        answer = stranger.http.request(method, url_of(path, ids))

        assert answer.status_code in (404, 405, 422), (method, path, answer.status_code)


def test_the_ids_of_others_cannot_be_guessed_from_mine(owner: Owner) -> None:
    """ISO-3: what is not the moment in an id is chance."""
    first, second = (uuid.UUID(owner.new_bot()["id"]) for _ in range(2))

    assert (first.version, second.version) == (7, 7)
    assert (first.int ^ second.int) & ((1 << 62) - 1) > 1 << 32
