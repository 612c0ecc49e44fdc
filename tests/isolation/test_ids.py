"""Wherever a request can hold an id, another's is as one that does not exist (ISO-1, ISO-3)."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from app.api.pages import encode_cursor
from app.core.database import new_id
from tests.isolation.household import Household
from tests.isolation.places import BESIDE_PATHS, CURSORS, IN_PATHS, Place, places_in
from tests.platform import Owner
from tests.routes import (
    OWNED,
    PROTECTED,
    Ids,
    Route,
    belongings,
    call,
    content_of,
    ids_of_nothing,
    name_of,
    url_of,
)
from tests.rows import Database


def test_every_place_for_an_id_in_the_openapi_document_is_classified(anyone: httpx2.Client) -> None:
    """ISO-3: a parameter or field that names a row fails here until it is tried below."""
    found = set(places_in(anyone.get("/openapi.json").json()))

    assert found == {*IN_PATHS, *BESIDE_PATHS, *CURSORS}


@pytest.mark.parametrize("place", IN_PATHS, ids=str)
def test_one_foreign_id_among_mine_in_a_path_is_the_404_of_one_that_does_not_exist(
    place: Place, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-3."""
    mine = belongings(stranger, db)
    foreign, missing = (
        replace(mine, **{place.name: getattr(there, place.name)}) for there in (household.ids, ids_of_nothing())
    )
    before = db.all_of(stranger.id), db.all_of(household.owner.id)

    answer = call(stranger.http, place.route, foreign)

    assert answer.status_code == 404
    assert answer.json() == call(stranger.http, place.route, missing).json()
    assert not household.is_shown_in(answer.text)
    assert (db.all_of(stranger.id), db.all_of(household.owner.id)) == before


@pytest.mark.parametrize("place", BESIDE_PATHS, ids=str)
def test_a_foreign_id_in_a_body_or_query_is_the_404_of_one_that_does_not_exist(
    place: Place, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-3."""
    mine = belongings(stranger, db)
    before = db.all_of(stranger.id), db.all_of(household.owner.id)

    foreign, missing = (
        _call_with(stranger.http, place, mine, str(getattr(there, place.name)))
        for there in (household.ids, ids_of_nothing())
    )

    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json()
    assert not household.is_shown_in(foreign.text)
    assert (db.all_of(stranger.id), db.all_of(household.owner.id)) == before


@pytest.mark.parametrize("place", BESIDE_PATHS, ids=str)
def test_the_same_id_in_a_body_or_query_is_found_by_its_owner(place: Place, owner: Owner, db: Database) -> None:
    """Or the refusals above would prove nothing."""
    mine = belongings(owner, db)

    answer = _call_with(owner.http, place, mine, str(getattr(mine, place.name)))

    assert answer.is_success, answer.text


def _bot_cursor(db: Database, ids: Ids, shift: int) -> str:
    return encode_cursor(_shifted(ids.bot_id, shift))


def _document_cursor(db: Database, ids: Ids, shift: int) -> str:
    return encode_cursor(_shifted(ids.document_id, shift))


def _conversation_cursor(db: Database, ids: Ids, shift: int) -> str:
    [(at,)] = db.rows("SELECT updated_at FROM conversations WHERE id = %s", ids.conversation_id)
    assert isinstance(at, datetime)
    return encode_cursor((at + timedelta(microseconds=shift)).isoformat(), str(ids.conversation_id))


def _shifted(identity: uuid.UUID | str, shift: int) -> str:
    return str(uuid.UUID(int=uuid.UUID(str(identity)).int + shift))


MAKE_CURSOR: dict[str, Callable[[Database, Ids, int], str]] = {
    "/bots/": _bot_cursor,
    "/documents/": _document_cursor,
    "/bots/{bot_id}/conversations/": _conversation_cursor,
}


@pytest.mark.parametrize("place", CURSORS, ids=str)
def test_a_cursor_made_of_anothers_row_is_a_moment_like_any_other_and_shows_only_mine(
    place: Place, household: Household, stranger: Owner, db: Database
) -> None:
    """ISO-3: the page is the one of a row that does not exist and would stand beside it."""
    mine = belongings(stranger, db)
    younger = belongings(household.owner, db)
    make = MAKE_CURSOR[place.path]

    # Mine is older than the one and younger than the other.
    for ids, shows_mine in ((younger, True), (household.ids, False)):
        answers = [_call_with(stranger.http, place, mine, make(db, ids, shift)) for shift in (0, 1)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert bool(answers[0].json()) is shows_mine
        assert not household.is_shown_in(answers[0].text)
        assert not any(str(one) in answers[0].text for one in ids.all)


NESTED = [route for route in OWNED if "{config_id}" in route[1] or "{document_id}" in route[1]]


@pytest.mark.parametrize("route", NESTED, ids=name_of)
def test_one_of_my_bots_does_not_open_what_is_in_my_other(route: Route, owner: Owner, db: Database) -> None:
    """ISO-3."""
    first, second = belongings(owner, db), belongings(owner, db)
    before = db.all_of(owner.id)

    answer = call(owner.http, route, replace(second, bot_id=first.bot_id))

    assert answer.status_code == 404
    assert db.all_of(owner.id) == before


def test_a_conversation_of_my_other_bot_is_not_continued(owner: Owner, db: Database) -> None:
    """ISO-3."""
    first, second = belongings(owner, db), belongings(owner, db)

    answer = owner.http.post(
        f"/chat/{first.bot_id}", json={"query": "Hola", "conversation_id": str(second.conversation_id)}
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "conversation_not_found")


JSON = [route for route in PROTECTED if "json" in content_of(route)]
NAMED_IN_VAIN = ("id", "owner_id", "user_id", "bot_id", "session_id")


@pytest.mark.parametrize("field", NAMED_IN_VAIN)
@pytest.mark.parametrize("route", JSON, ids=name_of)
def test_a_body_that_names_whose_it_is_is_refused(
    route: Route, field: str, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-3: nobody writes in another's name."""
    mine = belongings(stranger, db)
    before = db.all_of(stranger.id), db.all_of(household.owner.id)
    theirs = {"id": household.owner.id, "owner_id": household.owner.id, "user_id": household.owner.id}
    body = {**content_of(route)["json"], field: str(theirs.get(field) or getattr(household.ids, field))}

    answer = stranger.http.request(route[0], url_of(route[1], mine), json=body)

    assert answer.status_code == 422
    assert (db.all_of(stranger.id), db.all_of(household.owner.id)) == before


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_an_owner_named_in_the_query_or_a_header_is_nobody(
    route: Route, stranger: Owner, household: Household, db: Database
) -> None:
    """ISO-3."""
    mine = belongings(stranger, db)
    before = db.all_of(household.owner.id)
    theirs = str(household.owner.id)

    answer = stranger.http.request(
        route[0],
        url_of(route[1], mine),
        params={"owner_id": theirs, "user_id": theirs},
        headers={"X-Owner-Id": theirs, "X-User-Id": theirs, "X-Request-Id": theirs},
        **content_of(route),
    )

    assert answer.is_success or answer.status_code == 422, answer.text
    assert not household.is_shown_in(answer.text)
    assert db.all_of(household.owner.id) == before


def test_the_bytes_that_another_has_trained_are_new_to_me(owner: Owner, stranger: Owner) -> None:
    """ISO-3: whether somebody else has a document cannot be asked by uploading it."""
    text = f"El secreto {new_id().hex} de la tienda."
    theirs = owner.upload(owner.new_bot()["id"], text)

    answer = stranger.upload(stranger.new_bot()["id"], text)

    assert (theirs.status_code, answer.status_code) == (202, 202)
    assert answer.json()["id"] != theirs.json()["id"]


def test_a_form_field_that_names_a_bot_moves_no_upload(stranger: Owner, household: Household, db: Database) -> None:
    """ISO-3."""
    mine = belongings(stranger, db)
    before = db.all_of(household.owner.id)

    answer = stranger.http.post(
        f"/bots/{mine.bot_id}/train",
        files={"file": ("otras.txt", b"Otras notas.", "text/plain")},
        data={"bot_id": str(household.ids.bot_id)},
    )

    assert answer.status_code in (202, 422)
    assert db.all_of(household.owner.id) == before


def _call_with(http: httpx2.Client, place: Place, ids: Ids, value: str) -> httpx2.Response:
    """A sound request with this value in that place."""
    content: dict[str, Any] = content_of(place.route)
    if place.where == "body":
        content["json"] = {**content["json"], place.name: value}
    else:
        content["params"] = {place.name: value, **({"limit": "5"} if place.name == "cursor" else {})}
    return http.request(place.method, url_of(place.path, ids), **content)
