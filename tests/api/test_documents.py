"""The documents of all of an owner's bots in one list."""

import uuid
from typing import Any

import pytest

from tests.api.training import assert_problem
from tests.platform import Owner
from tests.rows import Database


def listed(owner: Owner, query: str = "") -> list[dict[str, Any]]:
    answer = owner.http.get(f"/documents/{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def ids(documents: list[dict[str, Any]]) -> list[str]:
    return [document["id"] for document in documents]


@pytest.fixture
def trained(owner: Owner, db: Database) -> list[str]:
    """Two bots with a failed, a processing, a ready and a failed document, the oldest first."""
    first, second = (uuid.UUID(owner.new_bot(name=name)["id"]) for name in ("Tienda", "Taller"))
    made = [db.add_document(owner.id, bot_id) for bot_id in (first, second, first, second)]
    for document_id, status in ((made[1], "processing"), (made[2], "ready")):
        db.run("UPDATE documents SET status = %s WHERE id = %s", status, document_id)
    return [str(document_id) for document_id in made]


def test_a_new_account_has_none(owner: Owner) -> None:
    assert listed(owner) == []


def test_documents_of_all_bots_are_listed_newest_first_with_their_bot(owner: Owner, trained: list[str]) -> None:
    found = listed(owner)

    assert ids(found) == trained[::-1]
    assert [one["bot_name"] for one in found] == ["Taller", "Tienda", "Taller", "Tienda"]


def test_a_document_is_the_one_of_its_bot_with_the_bot_added(owner: Owner, trained: list[str]) -> None:
    found = listed(owner)[0]

    bot = {name: found.pop(name) for name in ("bot_id", "bot_name")}
    assert found == owner.document(bot["bot_id"], trained[-1])
    assert owner.http.get(f"/bots/{bot['bot_id']}").json()["name"] == bot["bot_name"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?status=failed", [3, 0]),
        ("?status=queued", []),
        ("?status=queued&status=processing", [1]),
        ("?status=ready&status=ready", [2]),
    ],
)
def test_only_those_of_a_status_are_listed(
    query: str, expected: list[int], owner: Owner, trained: list[str]
) -> None:
    assert ids(listed(owner, query)) == [trained[n] for n in expected]


def test_pages_hold_each_document_once_and_keep_the_status(owner: Owner, trained: list[str]) -> None:
    url: str | None = "/documents/?limit=1&status=failed&status=ready"
    pages = []
    while url:
        answer = owner.http.get(url)
        pages.append(ids(answer.json()))
        url = answer.links.get("next", {}).get("url")

    assert pages == [[trained[3]], [trained[2]], [trained[0]]]


@pytest.mark.parametrize("query", ["?status=lost", "?status=", "?limit=0", "?limit=201", "?cursor=no"])
def test_what_is_no_status_and_no_page_is_refused(query: str, owner: Owner) -> None:
    code = "invalid_cursor" if "cursor" in query else "validation"
    assert_problem(owner.http.get(f"/documents/{query}"), 422, code)


def test_another_owners_documents_are_not_listed(owner: Owner, stranger: Owner, trained: list[str]) -> None:
    assert listed(stranger) == []
    assert ids(listed(owner)) == trained[::-1]
