"""The catalog: dated facts in whole micro-dollars, successors of what is gone, and an operator's corrections."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.chat.catalog import Catalog, CatalogModel, load_catalog
from app.core.errors import ConfigurationError
from app.models import Provider

GOOGLE, OPENAI, LOCAL = Provider.GOOGLE, Provider.OPENAI, Provider.LOCAL
LLAMA = {"provider": "local", "model_id": "llama-3", "input_usd_per_mtok": "0.05", "output_usd_per_mtok": "0.10"}

Correct = Callable[..., Catalog]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(None)


@pytest.fixture
def correct(tmp_path: Path) -> Correct:
    """The catalog with an operator's file of these fields over it."""

    def load(**fields: Any) -> Catalog:
        file = tmp_path / "catalog.json"
        file.write_text(json.dumps(fields), encoding="utf-8")
        return load_catalog(file)

    return load


def found(catalog: Catalog, provider: Provider, model_id: str) -> CatalogModel:
    model = catalog.find(provider, model_id)
    assert model is not None
    return model


def offered(catalog: Catalog, provider: Provider) -> list[str]:
    return [model.model_id for model in catalog.models(provider)]


def test_the_facts_are_of_a_stated_day(catalog: Catalog) -> None:
    assert catalog.as_of == date(2026, 10, 21)


@pytest.mark.parametrize(
    ("provider", "model_id"),
    [
        (GOOGLE, "gemini-flash-latest"),
        (GOOGLE, "gemini-flash-lite-latest"),
        (GOOGLE, "gemini-pro-latest"),
        (GOOGLE, "gemini-2.5-flash"),
        (OPENAI, "gpt-4o"),
        (OPENAI, "gpt-4o-mini"),
        (OPENAI, "gpt-4.1"),
        (OPENAI, "gpt-5-mini"),
        (LOCAL, "extractive"),
    ],
)
def test_the_models_that_people_look_for_are_offered(provider: Provider, model_id: str, catalog: Catalog) -> None:
    assert model_id in offered(catalog, provider)


@pytest.mark.parametrize("provider", [GOOGLE, OPENAI])
def test_of_everything_that_a_vendor_sells_all_facts_are_known(provider: Provider, catalog: Catalog) -> None:
    for model in catalog.known(provider):
        assert model.context_tokens
        assert model.max_output_tokens
        assert model.input_micro_usd_per_mtok
        assert model.output_micro_usd_per_mtok


def test_prices_are_whole_micro_dollars(catalog: Catalog) -> None:
    model = found(catalog, OPENAI, "gpt-4o-mini")

    assert (model.input_micro_usd_per_mtok, model.output_micro_usd_per_mtok) == (150_000, 600_000)


def test_extractive_is_free_and_another_local_model_is_not_said_to_be(catalog: Catalog) -> None:
    extractive = found(catalog, LOCAL, "extractive")

    assert (extractive.input_micro_usd_per_mtok, extractive.output_micro_usd_per_mtok) == (0, 0)
    assert catalog.find(LOCAL, "llama-3") is None


def test_a_dated_snapshot_has_a_price_and_is_not_offered(catalog: Catalog) -> None:
    snapshot = "gpt-4o-mini-2024-07-18"

    assert found(catalog, OPENAI, snapshot).input_micro_usd_per_mtok == 150_000
    assert snapshot not in offered(catalog, OPENAI)


def test_a_google_model_is_the_same_with_and_without_models_before_its_name(catalog: Catalog) -> None:
    assert catalog.find(GOOGLE, "models/gemini-2.5-flash") == found(catalog, GOOGLE, "gemini-2.5-flash")
    assert catalog.find(OPENAI, "models/gpt-4o") is None


@pytest.mark.parametrize(
    ("provider", "model_id", "successor"),
    [
        (GOOGLE, "gemini-1.5-flash-latest", "gemini-flash-latest"),
        (GOOGLE, "models/gemini-1.5-flash-latest", "gemini-flash-latest"),
        (GOOGLE, "gemini-1.5-flash-8b-001", "gemini-flash-lite-latest"),
        (GOOGLE, "gemini-1.5-pro", "gemini-pro-latest"),
        (GOOGLE, "gemini-1.5-pro-002", "gemini-pro-latest"),
        (GOOGLE, "gemini-1.0-pro", "gemini-flash-latest"),
        (GOOGLE, "gemini-pro", "gemini-flash-latest"),
        (GOOGLE, "gemini-2.0-flash", "gemini-flash-latest"),
        (GOOGLE, "gemini-2.0-flash-lite-001", "gemini-flash-lite-latest"),
        (OPENAI, "gpt-3.5-turbo-0125", "gpt-4.1-mini"),
        (OPENAI, "gpt-4", "gpt-4.1"),
        (OPENAI, "gpt-4-turbo-2024-04-09", "gpt-4.1"),
        (OPENAI, "o1", "gpt-6.1-sol"),
        (OPENAI, "o3-mini", "gpt-5.4-mini"),
    ],
)
def test_a_retired_model_has_its_successor(
    provider: Provider, model_id: str, successor: str, catalog: Catalog
) -> None:
    assert catalog.successor(provider, model_id) == successor


@pytest.mark.parametrize(
    ("provider", "model_id"),
    [
        (GOOGLE, "gemini-2.5-flash"),
        (GOOGLE, "gemini-9-ultra"),
        (OPENAI, "gpt-4o"),
        (OPENAI, "gpt-4.1-mini"),
        (OPENAI, "o3"),
        (OPENAI, "gemini-1.5-pro"),
        (LOCAL, "gpt-4"),
    ],
)
def test_what_is_current_unknown_or_anothers_has_no_successor(
    provider: Provider, model_id: str, catalog: Catalog
) -> None:
    assert catalog.successor(provider, model_id) is None


@pytest.mark.parametrize("provider", [GOOGLE, OPENAI])
def test_no_offered_model_is_retired(provider: Provider, catalog: Catalog) -> None:
    assert [model_id for model_id in offered(catalog, provider) if catalog.successor(provider, model_id)] == []


def test_a_corrected_price_keeps_the_other_facts(correct: Correct, catalog: Catalog) -> None:
    corrected = correct(models=[{"provider": "openai", "model_id": "gpt-4o", "input_usd_per_mtok": "1.999999"}])

    before, after = found(catalog, OPENAI, "gpt-4o"), found(corrected, OPENAI, "gpt-4o")
    assert after.input_micro_usd_per_mtok == 1_999_999
    assert after.output_micro_usd_per_mtok == before.output_micro_usd_per_mtok
    assert after.context_tokens == before.context_tokens
    assert offered(corrected, OPENAI) == offered(catalog, OPENAI)


def test_a_price_can_be_made_unknown(correct: Correct) -> None:
    corrected = correct(models=[{"provider": "openai", "model_id": "gpt-4o", "input_usd_per_mtok": None}])

    assert found(corrected, OPENAI, "gpt-4o").input_micro_usd_per_mtok is None


def test_a_model_can_be_added_and_another_not_be_offered(correct: Correct) -> None:
    corrected = correct(
        as_of="2026-11-20", models=[LLAMA, {"provider": "openai", "model_id": "gpt-4o", "offered": False}]
    )

    assert corrected.as_of == date(2026, 11, 20)
    assert offered(corrected, LOCAL) == ["extractive", "llama-3"]
    assert found(corrected, LOCAL, "llama-3").output_micro_usd_per_mtok == 100_000
    assert "gpt-4o" not in offered(corrected, OPENAI)
    assert found(corrected, OPENAI, "gpt-4o").input_micro_usd_per_mtok


def test_a_model_that_an_operator_retires_is_gone_and_what_led_to_it_leads_on(correct: Correct) -> None:
    corrected = correct(
        retired=[{"provider": "google", "model_id": "gemini-flash*", "successor": "models/gemini-2.5-flash"}]
    )

    assert corrected.find(GOOGLE, "gemini-flash-latest") is None
    assert corrected.successor(GOOGLE, "gemini-flash-latest") == "gemini-2.5-flash"
    assert corrected.successor(GOOGLE, "gemini-1.5-flash-latest") == "gemini-2.5-flash"


def test_a_retired_model_that_an_operator_names_is_back(correct: Correct) -> None:
    corrected = correct(models=[{"provider": "openai", "model_id": "gpt-4", "input_usd_per_mtok": 30}])

    assert corrected.successor(OPENAI, "gpt-4") is None
    assert found(corrected, OPENAI, "gpt-4").input_micro_usd_per_mtok == 30_000_000


def test_an_empty_file_corrects_nothing(correct: Correct, catalog: Catalog) -> None:
    assert correct() == catalog


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"models": [LLAMA, {**LLAMA, "model_id": "b", "input_usd_per_mtok": "-1"}]}, "models[1] (b).input_usd"),
        ({"models": [{**LLAMA, "input_usd_per_mtok": "much"}]}, "models[0] (llama-3).input_usd_per_mtok"),
        ({"models": [{**LLAMA, "input_usd_per_mtok": "0.0000001"}]}, "models[0] (llama-3).input_usd_per_mtok"),
        ({"models": [{**LLAMA, "output_usd_per_mtok": "Infinity"}]}, "models[0] (llama-3).output_usd_per_mtok"),
        ({"models": [{**LLAMA, "output_usd_per_mtok": 1e30}]}, "models[0] (llama-3).output_usd_per_mtok"),
        ({"models": [{**LLAMA, "context_tokens": 0}]}, "models[0] (llama-3).context_tokens"),
        ({"models": [{**LLAMA, "provider": "acme"}]}, "models[0] (llama-3).provider"),
        ({"models": [{**LLAMA, "model_id": "x" * 201}]}, "models[0] (xxx"),
        ({"models": [{**LLAMA, "price": 1}]}, "models[0] (llama-3).price"),
        ({"models": [{"provider": "local"}]}, "models[0].model_id"),
        ({"models": ["llama-3"]}, "models[0]"),
        ({"models": {}}, "models:"),
        ({"models": [LLAMA, LLAMA]}, "local · llama-3 twice"),
        ({"prices": []}, "prices"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"retired": [{"provider": "openai", "model_id": "gpt-4o", "successor": "gpt-x"}]}, "openai · gpt-4o"),
        ({"retired": [{"provider": "openai", "model_id": "a", "successor": "a"}]}, "openai · a"),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(value),
)
def test_a_bad_entry_is_named(fields: dict[str, Any], named: str, correct: Correct) -> None:
    with pytest.raises(ConfigurationError) as caught:
        correct(**fields)

    assert str(caught.value).startswith("CATALOG_FILE: ")
    assert named in str(caught.value)


def test_successors_in_a_circle_are_refused(correct: Correct) -> None:
    circle = [("a", "b"), ("b", "a")]

    with pytest.raises(ConfigurationError, match=r"CATALOG_FILE: retired openai · [ab]: "):
        correct(retired=[{"provider": "openai", "model_id": one, "successor": other} for one, other in circle])


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"models": [1e9999]}', b"[" * 100_000, b" " * 5_000_000],
    ids=["empty", "cut", "a list", "not UTF-8", "null", "a number", "too deep", "too large"],
)
def test_what_is_no_catalog_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match="CATALOG_FILE"):
        load_catalog(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"CATALOG_FILE: .*nowhere\.json: cannot be read"):
        load_catalog(tmp_path / "nowhere.json")
