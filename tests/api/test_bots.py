"""Bots over HTTP: the documentation's bodies, pages, and changes of the named fields alone."""

import uuid
from typing import Any

import httpx2
import pytest

from tests.platform import Owner
from tests.routes import belongings
from tests.rows import OF_THE_ACCOUNT, OWNED_TABLES, Database

# The documentation's own example.
DOCUMENTED = {
    "name": "Mi Nuevo Asistente",
    "description": "Un bot para pruebas.",
    "initial_configs": [{"task_type": "general", "provider": "google", "model_id": "gemini-1.5-flash-latest"}],
}


def test_the_documentations_bot_is_made_as_it_says(owner: Owner) -> None:
    answer = owner.http.post("/bots/", json=DOCUMENTED)

    assert answer.status_code == 200
    bot = answer.json()
    [config] = bot["configs"]
    assert bot == {
        "id": bot["id"],
        "name": "Mi Nuevo Asistente",
        "description": "Un bot para pruebas.",
        "system_prompt": "",
        "grounding": "open",
        "min_score": 0.5,
        "refusal": "",
        "embedding_model": "local",
        "embedding_change": None,
        "configs": [
            {
                "id": config["id"],
                "task_type": "general",
                "provider": "google",
                "model_id": "gemini-1.5-flash-latest",
                "description": "",
                "created_at": config["created_at"],
            }
        ],
        "created_at": bot["created_at"],
        "updated_at": bot["updated_at"],
    }
    assert uuid.UUID(bot["id"]).version == uuid.UUID(config["id"]).version == 7


def test_what_was_made_is_read_back_the_same(owner: Owner) -> None:
    bot = owner.http.post("/bots/", json={**DOCUMENTED, "system_prompt": "Sé breve."}).json()

    assert owner.http.get(f"/bots/{bot['id']}").json() == bot
    assert owner.http.get("/bots/").json() == [bot]


@pytest.mark.parametrize("body", [{"name": "Bot"}, {"name": "Bot", "initial_configs": None}])
def test_a_bot_without_initial_configs_gets_the_keyless_local_model(body: dict[str, Any], owner: Owner) -> None:
    [config] = owner.http.post("/bots/", json=body).json()["configs"]

    assert (config["task_type"], config["provider"], config["model_id"]) == ("general", "local", "extractive")


def test_an_empty_list_of_configs_leaves_the_toolbox_empty(owner: Owner) -> None:
    assert owner.new_bot(initial_configs=[])["configs"] == []


def test_configs_keep_the_order_in_which_they_were_given(owner: Owner) -> None:
    given = [{"task_type": "general", "provider": "openai", "model_id": f"m{n}"} for n in range(32)]

    bot = owner.new_bot(initial_configs=given)

    assert [config["model_id"] for config in bot["configs"]] == [config["model_id"] for config in given]


GENERAL = {"task_type": "general", "provider": "openai", "model_id": "gpt-4o"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 101},
        {"name": "a\x00b"},
        {"name": None},
        {"name": ["Bot"]},
        {"name": "Bot", "description": "x" * 2001},
        {"name": "Bot", "description": None},
        {"name": "Bot", "system_prompt": "x" * 20_001},
        {"name": "Bot", "owner_id": str(uuid.uuid4())},
        {"name": "Bot", "id": str(uuid.uuid4())},
        {"name": "Bot", "initial_configs": [GENERAL] * 33},
        {"name": "Bot", "initial_configs": [{**GENERAL, "provider": "anthropic"}]},
        {"name": "Bot", "initial_configs": [{**GENERAL, "task_type": "General"}]},
        {"name": "Bot", "initial_configs": [{**GENERAL, "task_type": "general\n"}]},
        {"name": "Bot", "initial_configs": [{**GENERAL, "model_id": " "}]},
        {"name": "Bot", "initial_configs": [{**GENERAL, "model_id": "x" * 201}]},
        {"name": "Bot", "initial_configs": [{**GENERAL, "api_key": "sk-1"}]},
        {"name": "Bot", "initial_configs": [{"task_type": "general"}]},
        {"name": "Bot", "initial_configs": {}},
    ],
)
def test_a_bot_that_does_not_fit_is_422_and_not_stored(body: dict[str, Any], owner: Owner) -> None:
    answer = owner.http.post("/bots/", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert owner.http.get("/bots/").json() == []


def test_the_same_config_twice_is_409_and_no_bot_is_stored(owner: Owner) -> None:
    answer = owner.http.post("/bots/", json={"name": "Bot", "initial_configs": [GENERAL, GENERAL]})

    assert (answer.status_code, answer.json()["code"]) == (409, "model_config_exists")
    assert owner.http.get("/bots/").json() == []


def test_a_lone_surrogate_is_422(owner: Owner) -> None:
    answer = owner.http.post(
        "/bots/", content=rb'{"name": "a\ud800b"}', headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


def test_names_of_any_script_and_markup_come_back_as_they_are(owner: Owner) -> None:
    for name in ("Ñandú 漢字 🙂", "<script>alert(1)</script>", "'; DROP TABLE bots; --", "%s {0} \\"):
        assert owner.new_bot(name=name)["name"] == name


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u2066\u2069", "\u00ad", "\u0301"])
def test_a_name_that_nobody_can_see_is_refused(name: str, owner: Owner) -> None:
    bot = owner.new_bot(name="Tornavía")

    assert owner.http.post("/bots/", json={"name": name}).status_code == 422
    assert owner.http.put(f"/bots/{bot['id']}", json={"name": name}).status_code == 422
    assert [one["name"] for one in owner.http.get("/bots/").json()] == ["Tornavía"]


def test_bots_are_listed_newest_first(owner: Owner) -> None:
    made = [owner.new_bot(name=f"Bot {n}")["id"] for n in range(3)]

    answer = owner.http.get("/bots/")

    assert [bot["id"] for bot in answer.json()] == made[::-1]
    assert "Link" not in answer.headers


@pytest.mark.parametrize(("count", "limit"), [(0, 2), (2, 2), (3, 2), (5, 2), (3, 1), (3, 200)])
def test_the_next_links_lead_through_every_bot_once(count: int, limit: int, owner: Owner) -> None:
    made = [owner.new_bot()["id"] for _ in range(count)]

    pages = _pages(owner.http, f"/bots/?limit={limit}")

    assert [bot["id"] for page in pages for bot in page] == made[::-1]
    assert len(pages) == max(1, -(-count // limit))


def test_a_bot_made_meanwhile_neither_shifts_nor_repeats_a_page(owner: Owner) -> None:
    made = [owner.new_bot()["id"] for _ in range(3)]
    first = owner.http.get("/bots/?limit=2")
    owner.new_bot()

    second = owner.http.get(first.links["next"]["url"])

    assert [bot["id"] for bot in [*first.json(), *second.json()]] == made[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=-1", f"cursor={'x' * 201}"])
def test_a_page_that_does_not_fit_is_422(query: str, owner: Owner) -> None:
    answer = owner.http.get(f"/bots/?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


@pytest.mark.parametrize("cursor", ["x", "%00", "ñ", "____", "eA", "MTIzfDQ1Ng", "../..", "' OR 1=1"])
def test_a_cursor_that_is_not_ours_is_422(cursor: str, owner: Owner) -> None:
    answer = owner.http.get("/bots/", params={"limit": 1, "cursor": cursor})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_put_changes_the_named_field_and_leaves_the_others(owner: Owner) -> None:
    """The documentation's example."""
    bot = owner.http.post("/bots/", json=DOCUMENTED).json()
    prompt = "Ahora eres un robot pirata que habla como tal."

    answer = owner.http.put(f"/bots/{bot['id']}", json={"system_prompt": prompt})

    assert answer.status_code == 200
    changed = answer.json()
    assert changed == {**bot, "system_prompt": prompt, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > bot["updated_at"]
    assert owner.http.get(f"/bots/{bot['id']}").json() == changed


@pytest.mark.parametrize(
    "changes", [{"name": "Otro"}, {"description": ""}, {"name": "Otro", "description": "Otra"}]
)
def test_put_changes_each_field_that_it_names(changes: dict[str, str], owner: Owner) -> None:
    bot = owner.new_bot(description="Antes", system_prompt="Antes")

    changed = owner.http.put(f"/bots/{bot['id']}", json=changes).json()

    assert changed == {**bot, **changes, "updated_at": changed["updated_at"]}


def test_put_of_nothing_changes_nothing(owner: Owner) -> None:
    bot = owner.new_bot()

    answer = owner.http.put(f"/bots/{bot['id']}", json={})

    assert (answer.status_code, answer.json()) == (200, bot)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"configs": []},
        {"initial_configs": []},
        {"owner_id": "x"},
        {"id": "x"},
        [],
    ],
)
def test_a_change_that_does_not_fit_is_422_and_changes_nothing(changes: object, owner: Owner) -> None:
    bot = owner.new_bot()

    answer = owner.http.put(f"/bots/{bot['id']}", json=changes)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert owner.http.get(f"/bots/{bot['id']}").json() == bot


def test_a_deleted_bot_is_gone_with_all_that_hung_on_it(owner: Owner, db: Database) -> None:
    """Save what it used: the account's own count goes on."""
    kept = owner.new_bot()["id"]
    before = db.all_of(owner.id)
    ids = belongings(owner, db)
    db.add_account_rows(owner.id, uuid.UUID(str(ids.bot_id)))
    for add in (db.add_chunk, db.add_posting, db.add_vector):
        add(owner.id, uuid.UUID(str(ids.bot_id)), uuid.UUID(str(ids.document_id)))
    assert all(db.count(table, owner.id) for table in OWNED_TABLES)

    answer = owner.http.delete(f"/bots/{ids.bot_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    after = db.all_of(owner.id)
    assert {**after, **{table: before[table] for table in OF_THE_ACCOUNT}} == before
    assert all(after[table] for table in OF_THE_ACCOUNT)
    assert [bot["id"] for bot in owner.http.get("/bots/").json()] == [kept]
    again = owner.http.delete(f"/bots/{ids.bot_id}")
    assert (again.status_code, again.json()["code"]) == (404, "bot_not_found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_bot_is_404(method: str, owner: Owner) -> None:
    body = {"json": {"name": "x"}} if method == "PUT" else {}

    answer = owner.http.request(method, f"/bots/{uuid.uuid4()}", **body)  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["code"]) == (404, "bot_not_found")


def test_what_is_no_id_is_422(owner: Owner) -> None:
    for wrong in ("1", "nada", "%20", str(uuid.uuid4())[:-1]):
        assert owner.http.get(f"/bots/{wrong}").status_code == 422


def _pages(http: httpx2.Client, url: str) -> list[list[dict[str, Any]]]:
    """Follow the `Link` headers to the last page."""
    pages = []
    while url:
        answer = http.get(url)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        url = answer.links.get("next", {}).get("url", "")
    return pages


STRICT = {"grounding": "strict", "min_score": 0.3, "refusal": "Eso no lo sé."}


def test_a_bot_is_made_strict_with_a_refusal_of_its_own(owner: Owner) -> None:
    bot = owner.new_bot(**STRICT)

    assert {key: bot[key] for key in STRICT} == STRICT
    assert owner.http.get(f"/bots/{bot['id']}").json() == bot


def test_each_setting_changes_alone(owner: Owner) -> None:
    bot = owner.new_bot(**STRICT)

    changed = owner.http.put(f"/bots/{bot['id']}", json={"min_score": 0.7}).json()

    assert {key: changed[key] for key in STRICT} == {**STRICT, "min_score": 0.7}


@pytest.mark.parametrize(
    "settings",
    [
        {"grounding": "loose"},
        {"min_score": -0.1},
        {"min_score": 1.1},
        {"min_score": "mucho"},
        {"refusal": "x" * 501},
        {"refusal": "nul \x00"},
        {"embedding_model": "e5"},
        {"embedding_change": None},
        {"next_embedding_model": "openai"},
    ],
)
def test_settings_out_of_bounds_are_refused(settings: dict[str, Any], owner: Owner) -> None:
    bot = owner.new_bot()

    assert owner.http.post("/bots/", json={"name": "Bot", **settings}).status_code == 422
    assert owner.http.put(f"/bots/{bot['id']}", json=settings).status_code == 422


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_least_score_that_is_no_number_is_refused(number: str, owner: Owner) -> None:
    body = f'{{"name": "Bot", "min_score": {number}}}'

    answer = owner.http.post("/bots/", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


def test_a_bot_without_documents_changes_its_embedding_model_at_once(owner: Owner) -> None:
    bot = owner.new_bot()

    changed = owner.http.put(f"/bots/{bot['id']}", json={"embedding_model": "google"}).json()

    assert (changed["embedding_model"], changed["embedding_change"]) == ("google", None)


def test_another_owners_bot_keeps_its_embedding_model(owner: Owner, stranger: Owner) -> None:
    bot = owner.new_bot()

    answer = stranger.http.put(f"/bots/{bot['id']}", json={"embedding_model": "google"})

    assert answer.status_code == 404
    assert owner.http.get(f"/bots/{bot['id']}").json()["embedding_model"] == "local"


@pytest.mark.parametrize("least", [1e-46, 1e-320, 5e-324])
def test_a_minimum_too_small_to_be_told_from_nothing_is_nothing(owner: Owner, least: float) -> None:
    bot = owner.new_bot(min_score=least)

    changed = owner.http.put(f"/bots/{bot['id']}", json={"min_score": least})

    assert (bot["min_score"], changed.status_code, changed.json()["min_score"]) == (0, 200, 0)


def test_a_refusal_that_nobody_can_see_is_none(owner: Owner) -> None:
    assert owner.new_bot(refusal=" \n ")["refusal"] == ""
    hidden = owner.http.post("/bots/", json={"name": "Bot", "refusal": "\u200b"})

    assert hidden.status_code == 422
