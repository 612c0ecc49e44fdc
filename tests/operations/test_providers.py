"""What the operator is told of the providers: which are set up, by `up` and `doctor`, and whether they answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.config import Settings
from app.operations.doctor import Finding, State, examine
from app.operations.providers import describe
from tests.gate import Gate, open_gate
from tests.platform import free_port

PASSWORD_IN_ADDRESS = "oculta"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with open_gate() as gate:
        yield gate


def settings(**fields: object) -> Settings:
    """Of a server on which nothing else is set up."""
    empty = dict.fromkeys(("openai_api_key", "google_api_key", "local_api_key", "local_base_url"), "")
    return Settings.model_validate({**empty, "database_url": "", "redis_url": "", **fields})


def finding(tmp_path: Path, **fields: object) -> Finding:
    found = examine(settings(bytchat_home=tmp_path, **fields))
    return next(one for one in found if one.part in ("providers", "proveedores"))


def test_without_anything_local_answers_and_the_vendors_lack_a_key() -> None:
    assert describe(settings()) == "local (extractive) · openai (no server key) · google (no server key)"


def test_a_key_is_told_by_its_presence_alone() -> None:
    told = describe(settings(openai_api_key="sk-canary", google_api_key="canary"))

    assert told == "local (extractive) · openai (server key) · google (server key)"


def test_keys_that_are_not_lent_are_told_as_such() -> None:
    told = describe(settings(openai_api_key="sk-canary", server_keys="off"))

    assert "openai (server key, not lent: SERVER_KEYS=off) · google (no server key)" in told


def test_an_address_of_the_operators_is_shown_without_its_password() -> None:
    told = describe(
        settings(
            local_base_url="http://10.0.0.7:11434/v1",
            openai_base_url=f"https://proxy.example/v1?key={PASSWORD_IN_ADDRESS}",
        )
    )

    assert told.startswith("local (extractive, http://10.0.0.7:11434/v1) · ")
    assert "openai (no server key, https://proxy.example/v1)" in told
    assert PASSWORD_IN_ADDRESS not in told


def test_the_same_is_said_in_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")

    told = describe(settings(openai_api_key="sk-canary"))

    assert told == "local (extractive) · openai (clave del servidor) · google (sin clave del servidor)"


def test_doctor_asks_nobody_where_nothing_is_set_up(tmp_path: Path, gate: Gate) -> None:
    asked = len(gate.asked)

    found = finding(tmp_path, openai_base_url=gate.url, google_base_url=gate.url)

    assert found.state is State.OK
    assert "local (extractive)" in found.sentence
    assert len(gate.asked) == asked


def test_doctor_says_that_a_provider_answers_and_where_it_is(tmp_path: Path, gate: Gate) -> None:
    found = finding(tmp_path, openai_api_key="sk-canary", openai_base_url=gate.url, local_base_url=gate.url)

    assert found.state is State.OK
    assert f"openai (server key, {gate.url}): it answers" in found.sentence
    assert f"local (extractive, {gate.url}): it answers" in found.sentence
    assert "canary" not in found.sentence


@pytest.mark.parametrize("vendor", ["openai", "google"])
def test_a_key_that_is_refused_is_wrong_and_the_variable_named(vendor: str, tmp_path: Path, gate: Gate) -> None:
    """SEC-1: the vendor repeats the key in its refusal."""
    found = finding(tmp_path, **{f"{vendor}_api_key": "sk-refused-canary", f"{vendor}_base_url": gate.url})

    assert found.state is State.WRONG
    assert f"Change {vendor.upper()}_API_KEY" in found.sentence
    assert "canary" not in found.sentence


@pytest.mark.parametrize("vendor", ["openai", "google"])
@pytest.mark.parametrize("word", ["broken", "cut", "silent"])
def test_a_provider_that_does_not_answer_is_a_warning_and_where_to_look(
    word: str, vendor: str, tmp_path: Path, gate: Gate
) -> None:
    found = finding(tmp_path, **{f"{vendor}_api_key": f"sk-{word}-canary", f"{vendor}_base_url": gate.url})

    assert found.state is State.WARNING
    assert f"{vendor.upper()}_BASE_URL" in found.sentence
    assert "canary" not in found.sentence


def test_a_local_server_that_is_away_is_a_warning(tmp_path: Path) -> None:
    found = finding(tmp_path, local_base_url=f"http://127.0.0.1:{free_port()}/v1")

    assert found.state is State.WARNING
    assert "connection refused" in found.sentence


def test_the_worst_of_several_counts(tmp_path: Path, gate: Gate) -> None:
    found = finding(
        tmp_path,
        openai_api_key=SecretStr("sk-broken"),
        openai_base_url=gate.url,
        google_api_key=SecretStr("refused"),
        google_base_url=gate.url,
    )

    assert found.state is State.WRONG
    assert ": no answer (HTTP 500)" in found.sentence
    assert ": refuses the key" in found.sentence
