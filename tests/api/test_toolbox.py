"""A bot's toolbox of models over HTTP."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

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


def test_models_are_listed_in_the_order_in_which_they_came(owner: Owner, models: str) -> None:
    for n in range(3):
        owner.http.post(models, json={**DOCUMENTED, "model_id": f"m{n}"})

    assert [config["model_id"] for config in owner.http.get(models).json()] == ["m0", "m1", "m2"]


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
