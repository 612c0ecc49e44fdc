"""A bot's toolbox of models over HTTP."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.providers.base import EXTRACTIVE
from tests.platform import Owner

# The documentation's own example.
DOCUMENTED = {"provider": "openai", "model_id": "gpt-4o", "task_type": "complex"}


@pytest.fixture
def models(owner: Owner) -> str:
    """The path of a new bot's toolbox, which is empty."""
    return f"/bots/{owner.new_bot(initial_configs=[])['id']}/models/"


def test_the_documentations_model_is_added_as_it_says(owner: Owner, models: str) -> None:
    answer = owner.http.post(models, json=DOCUMENTED)

    assert answer.status_code == 200
    config = answer.json()
    assert config == {"id": config["id"], **DOCUMENTED, "description": "", "created_at": config["created_at"]}
    assert owner.http.get(models).json() == [config]
    assert owner.http.get(models.removesuffix("models/").rstrip("/")).json()["configs"] == [config]


def add(owner: Owner, models: str, *names: str) -> list[str]:
    """Adds models by task type and id, `complex/o3`, and gives their ids."""
    added = []
    for name in names:
        task_type, _, model_id = name.partition("/")
        provider = "local" if model_id == EXTRACTIVE else "openai"
        body = {"task_type": task_type, "provider": provider, "model_id": model_id}
        added.append(owner.http.post(models, json=body).raise_for_status().json()["id"])
    return added


def order(owner: Owner, models: str) -> list[str]:
    """As the list and the bot have it."""
    listed = owner.http.get(models).json()
    assert owner.http.get(models.removesuffix("models/").rstrip("/")).json()["configs"] == listed
    return [f"{config['task_type']}/{config['model_id']}" for config in listed]


def test_models_are_listed_in_the_order_in_which_they_came(owner: Owner, models: str) -> None:
    came = ["general/m0", "complex/m1", "general/m2"]

    add(owner, models, *came)

    assert order(owner, models) == came


def test_a_new_model_goes_before_the_extractive_one_of_its_task_type(owner: Owner, models: str) -> None:
    add(owner, models, "general/extractive", "complex/m0", "general/m1", "general/m2", "complex/m3")

    assert order(owner, models) == ["general/m1", "general/m2", "general/extractive", "complex/m0", "complex/m3"]


def test_an_extractive_model_goes_behind_the_others(owner: Owner, models: str) -> None:
    add(owner, models, "general/m0", "complex/extractive", "general/extractive")

    assert order(owner, models) == ["general/m0", "complex/extractive", "general/extractive"]


def test_initial_configs_keep_their_order_also_around_an_extractive_one(owner: Owner) -> None:
    extractive = {"task_type": "general", "provider": "local", "model_id": EXTRACTIVE}
    bot = owner.new_bot(initial_configs=[extractive, {**DOCUMENTED, "task_type": "general"}])
    models = f"/bots/{bot['id']}/models/"

    assert order(owner, models) == ["general/extractive", "general/gpt-4o"]

    add(owner, models, "complex/o3")
    assert order(owner, models) == ["general/extractive", "general/gpt-4o", "complex/o3"]


def test_a_model_is_made_the_first_of_its_task_type_and_the_others_keep_their_order(
    owner: Owner, models: str
) -> None:
    *_, last = add(owner, models, "creative/m0", "general/m1", "code/m2", "general/m3", "general/m4")

    answer = owner.http.put(models + last, json={"first": True})

    assert (answer.status_code, answer.json()["model_id"]) == (200, "m4")
    after = ["creative/m0", "general/m4", "general/m1", "code/m2", "general/m3"]
    assert order(owner, models) == after
    owner.http.put(models + last, json={"first": True})
    assert order(owner, models) == after


def test_a_model_that_changes_may_be_made_first_at_once(owner: Owner, models: str) -> None:
    *_, last = add(owner, models, "general/m0", "complex/m1")

    owner.http.put(models + last, json={"task_type": "general", "first": True})

    assert order(owner, models) == ["general/m1", "general/m0"]


def test_a_model_that_gets_another_task_type_goes_before_its_extractive_one(owner: Owner, models: str) -> None:
    *_, last = add(owner, models, "general/extractive", "complex/m0", "complex/m1")

    owner.http.put(models + last, json={"task_type": "general"})

    assert order(owner, models) == ["general/m1", "general/extractive", "complex/m0"]


def test_a_change_leaves_a_model_where_its_owner_put_it(owner: Owner, models: str) -> None:
    extractive, model = add(owner, models, "general/extractive", "general/m0")
    owner.http.put(models + extractive, json={"first": True})

    owner.http.put(models + model, json={"task_type": "general", "model_id": "m1"})

    assert order(owner, models) == ["general/extractive", "general/m1"]


@pytest.mark.parametrize("first", [False, 0, "yes"])
def test_a_model_is_made_first_or_not_asked_about(first: object, owner: Owner, models: str) -> None:
    [config] = add(owner, models, "general/m0")

    assert owner.http.put(models + config, json={"first": first}).status_code == 422


def test_models_that_are_added_and_made_first_at_once_all_have_a_place(owner: Owner, models: str) -> None:
    names = [f"general/m{n}" for n in range(8)]
    [_, *there] = add(owner, models, "general/extractive", *names[:4])

    with ThreadPoolExecutor(8) as threads:
        put = threads.map(lambda one: owner.http.put(models + one, json={"first": True}).status_code, there)
        posted = threads.map(lambda one: add(owner, models, one), names[4:])
        assert [*put] == [200] * 4
        assert len([*posted]) == 4

    *ordered, last = order(owner, models)
    assert (sorted(ordered), last) == (names, "general/extractive")


def test_the_first_of_the_order_is_the_one_that_answers(owner: Owner) -> None:
    bot = owner.new_bot()["id"]
    models = f"/bots/{bot}/models/"
    _, last = add(owner, models, "general/say=Uno", "general/say=Dos")

    def heard() -> str:
        return owner.http.post(f"/chat/{bot}", json={"query": "¿Quién responde?"}).text

    assert heard() == "Uno"
    owner.http.put(models + last, json={"first": True})
    assert heard() == "Dos"


def test_the_same_triple_twice_is_409(owner: Owner, models: str) -> None:
    config = owner.http.post(models, json=DOCUMENTED).json()

    answer = owner.http.post(models, json=DOCUMENTED)

    assert (answer.status_code, answer.json()["code"]) == (409, "model_config_exists")
    assert owner.http.get(models).json() == [config]


def test_the_same_triple_ten_times_at_once_is_stored_once(owner: Owner, models: str) -> None:
    with ThreadPoolExecutor(10) as threads:
        statuses = Counter(threads.map(lambda _: owner.http.post(models, json=DOCUMENTED).status_code, range(10)))

    assert statuses == {200: 1, 409: 9}


@pytest.mark.parametrize("field", [{"task_type": "general"}, {"provider": "local"}, {"model_id": "gpt-4o-mini"}])
def test_another_task_type_provider_or_model_is_another_triple(
    field: dict[str, str], owner: Owner, models: str
) -> None:
    owner.http.post(models, json=DOCUMENTED)

    assert owner.http.post(models, json={**DOCUMENTED, **field}).status_code == 200


def test_two_bots_may_have_the_same_model(owner: Owner, models: str) -> None:
    other = owner.new_bot(initial_configs=[])["id"]

    statuses = {owner.http.post(path, json=DOCUMENTED).status_code for path in (models, f"/bots/{other}/models/")}

    assert statuses == {200}


@pytest.mark.parametrize(
    "change",
    [
        {"provider": "anthropic"},
        {"provider": None},
        {"task_type": "Complex"},
        {"task_type": "1general"},
        {"task_type": "x" * 33},
        {"task_type": ""},
        {"model_id": ""},
        {"model_id": "   "},
        {"model_id": "x" * 201},
        {"model_id": "a\x00"},
        {"base_url": "http://169.254.169.254/"},
        {"api_key": "sk-1"},
    ],
)
def test_a_model_that_does_not_fit_is_422_and_not_stored(change: dict[str, Any], owner: Owner, models: str) -> None:
    answer = owner.http.post(models, json={**DOCUMENTED, **change})

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert owner.http.get(models).json() == []


@pytest.mark.parametrize(
    "changes",
    [{"model_id": "o3"}, {"task_type": "general"}, {"provider": "google", "model_id": "gemini-2.5-pro"}, {}],
)
def test_put_changes_only_the_fields_that_it_names(changes: dict[str, str], owner: Owner, models: str) -> None:
    config = owner.http.post(models, json=DOCUMENTED).json()

    answer = owner.http.put(models + config["id"], json=changes)

    assert (answer.status_code, answer.json()) == (200, {**config, **changes})
    assert owner.http.get(models).json() == [{**config, **changes}]


def test_put_to_a_triple_that_is_there_is_409_and_changes_nothing(owner: Owner, models: str) -> None:
    first = owner.http.post(models, json=DOCUMENTED).json()
    second = owner.http.post(models, json={**DOCUMENTED, "model_id": "o3"}).json()

    answer = owner.http.put(models + second["id"], json={"model_id": "gpt-4o"})

    assert (answer.status_code, answer.json()["code"]) == (409, "model_config_exists")
    assert owner.http.get(models).json() == [first, second]


@pytest.mark.parametrize("change", [{"bot_id": str(uuid.uuid4())}, {"id": str(uuid.uuid4())}, {"provider": "x"}])
def test_a_change_that_does_not_fit_is_422(change: dict[str, str], owner: Owner, models: str) -> None:
    config = owner.http.post(models, json=DOCUMENTED).json()

    answer = owner.http.put(models + config["id"], json=change)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert owner.http.get(models).json() == [config]


def test_a_removed_model_is_gone_and_the_others_stay(owner: Owner, models: str) -> None:
    first = owner.http.post(models, json=DOCUMENTED).json()
    second = owner.http.post(models, json={**DOCUMENTED, "model_id": "o3"}).json()

    answer = owner.http.delete(models + first["id"])

    assert (answer.status_code, answer.content) == (204, b"")
    assert owner.http.get(models).json() == [second]
    assert owner.http.delete(models + first["id"]).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_model_is_404(method: str, owner: Owner, models: str) -> None:
    answer = owner.http.request(method, models + str(uuid.uuid4()), json={} if method == "PUT" else None)

    assert (answer.status_code, answer.json()["code"]) == (404, "model_config_not_found")


def test_the_toolbox_of_an_unknown_bot_is_404(owner: Owner) -> None:
    nowhere = f"/bots/{uuid.uuid4()}/models/"

    answers = [owner.http.get(nowhere), owner.http.post(nowhere, json=DOCUMENTED)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "bot_not_found")] * 2
