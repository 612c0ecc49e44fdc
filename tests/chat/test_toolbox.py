"""What of a toolbox can be called, with whose key, and the most that it may cost the operator."""

import uuid
from dataclasses import replace

import pytest
from pydantic import SecretStr

from app.chat import toolbox
from app.chat.catalog import Catalog, load_catalog
from app.chat.task_router import ToolboxModel
from app.chat.toolbox import Credential, Credentials
from app.core.config import Settings
from app.core.encryption import Keyring, Sealed, key_context
from app.models import KeySource, Provider
from app.providers.base import ChatRequest
from app.providers.openai import OpenAIProvider
from app.providers.registry import Providers
from app.queries.turns import ToolboxEntry

OWNER, STRANGER = uuid.uuid4(), uuid.uuid4()
KEYRING = Keyring("una-clave-de-cifrado-0123456789abcdef")
OWN = Credential("sk-propia-4711", KeySource.OWN)
SERVERS = Credential("sk-servidor-0815", KeySource.SERVER)
REQUEST = ChatRequest(model_id="", system="", messages=(), question="Hola", max_output_tokens=1)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(None)


@pytest.fixture(scope="module")
def providers() -> Providers:
    return registry()


def registry(**settings: object) -> Providers:
    """Without anything that the environment says."""
    keys = {"openai_api_key": SecretStr(SERVERS.key), "google_api_key": SecretStr("")}
    known = {"scripted_models": False, "server_keys": "all", "local_base_url": "", **keys, **settings}
    return Providers(Settings(**known), None)  # type: ignore[arg-type]


def sealed(key: str, provider: Provider, *, owner_id: uuid.UUID = OWNER) -> dict[Provider, Sealed]:
    return {provider: KEYRING.seal(key, context=key_context(owner_id, provider))}


def credentials(
    found: dict[Provider, Sealed], providers: Providers, *, keyring: Keyring = KEYRING
) -> tuple[Credentials, list[Provider]]:
    return toolbox.credentials(owner_id=OWNER, sealed=found, keyring=keyring, providers=providers)


def entry(provider: Provider, model_id: str, task_type: str = "general") -> ToolboxEntry:
    return ToolboxEntry(task_type, provider, model_id, "")


def usable(found: ToolboxEntry, known: Credentials, providers: Providers) -> bool:
    [model] = toolbox.models([found], known=known, providers=providers)
    return model.usable


def model(provider: Provider, model_id: str, *, is_usable: bool = True, task_type: str = "general") -> ToolboxModel:
    return ToolboxModel(task_type, provider, model_id, usable=is_usable)


def test_the_servers_key_serves_those_without_their_own(providers: Providers) -> None:
    assert credentials({}, providers) == ({Provider.OPENAI: SERVERS}, [])


def test_an_own_key_goes_before_the_servers(providers: Providers) -> None:
    assert credentials(sealed(OWN.key, Provider.OPENAI), providers) == ({Provider.OPENAI: OWN}, [])


def test_own_keys_are_used_where_the_server_lends_none() -> None:
    closed = registry(server_keys="off")

    assert credentials({}, closed) == ({}, [])
    assert credentials(sealed(OWN.key, Provider.GOOGLE), closed) == ({Provider.GOOGLE: OWN}, [])


def test_a_key_that_cannot_be_opened_any_more_is_named_and_not_used(providers: Providers) -> None:
    other = Keyring("otra-clave-de-cifrado-fedcba9876543210")

    known, unreadable = credentials(sealed(OWN.key, Provider.GOOGLE), providers, keyring=other)

    assert (known, unreadable) == ({Provider.OPENAI: SERVERS}, [Provider.GOOGLE])


def test_a_key_that_was_moved_from_another_owners_row_is_not_used(providers: Providers) -> None:
    """SEC-1: it is bound to its row."""
    stolen = sealed("sk-de-otro", Provider.GOOGLE, owner_id=STRANGER)

    assert credentials(stolen, providers) == ({Provider.OPENAI: SERVERS}, [Provider.GOOGLE])


def test_a_credential_shows_whose_it_is_and_never_the_key() -> None:
    shown = f"{OWN} {OWN!r} {[OWN]} { {Provider.OPENAI: OWN} }"

    assert "4711" not in shown
    assert "own" in shown


@pytest.mark.parametrize(
    ("provider", "model_id", "is_so"),
    [
        (Provider.OPENAI, "gpt-4o", True),
        (Provider.GOOGLE, "gemini-flash-latest", False),
        (Provider.LOCAL, "extractive", True),
        (Provider.LOCAL, "llama3.2", False),
    ],
)
def test_a_model_is_usable_with_a_key_or_where_it_needs_none_and_is_there(
    provider: Provider, model_id: str, is_so: bool, providers: Providers
) -> None:
    assert usable(entry(provider, model_id), {Provider.OPENAI: OWN}, providers) is is_so


def test_the_operators_model_server_makes_its_models_usable() -> None:
    with_server = registry(local_base_url="http://127.0.0.1:1/v1")

    assert usable(entry(Provider.LOCAL, "llama3.2"), {}, with_server)


def test_scripted_models_need_no_key() -> None:
    assert usable(entry(Provider.GOOGLE, "say=Hola"), {}, registry(scripted_models=True))


def dearest(catalog: Catalog, known: Credentials, *models: ToolboxModel, read: int = 1_000) -> int:
    _, most = toolbox.affordable(models, known=known, catalog=catalog, input_tokens=read, left_micro_usd=10**9)
    return most


def test_a_model_that_is_too_dear_for_what_is_left_does_not_shut_out_the_cheaper_ones(catalog: Catalog) -> None:
    dear, cheap = model(Provider.OPENAI, "gpt-4o"), model(Provider.OPENAI, "gpt-4o-mini")

    fitting, most = toolbox.affordable(
        [dear, cheap],
        known={Provider.OPENAI: SERVERS},
        catalog=catalog,
        input_tokens=1_000,
        left_micro_usd=2_000,
    )

    assert [one.usable for one in fitting] == [False, True]
    assert most == 1_379


def test_the_most_that_a_turn_may_cost_is_that_of_its_dearest_model(catalog: Catalog) -> None:
    known = {Provider.OPENAI: SERVERS}
    dear, cheap = model(Provider.OPENAI, "gpt-4o"), model(Provider.OPENAI, "gpt-4o-mini")

    assert dearest(catalog, known, cheap, dear) == 1_000 * 2.5 + 2_048 * 10
    assert dearest(catalog, known, cheap) == 1_379  # 150 + 1,228.8, rounded up


def test_a_model_that_thinks_may_cost_its_thoughts_too(catalog: Catalog) -> None:
    assert dearest(catalog, {Provider.OPENAI: SERVERS}, model(Provider.OPENAI, "gpt-5")) == 1_250 + 8_192 * 10


@pytest.mark.parametrize(
    ("found", "credential"),
    [
        (model(Provider.OPENAI, "gpt-4o"), OWN),
        (model(Provider.OPENAI, "gpt-4o", is_usable=False), SERVERS),
        (model(Provider.LOCAL, "llama3.2"), SERVERS),
        (model(Provider.GOOGLE, "gemini-flash-latest"), SERVERS),
    ],
    ids=["own key", "not usable", "local", "another vendor's key"],
)
def test_what_the_server_does_not_pay_costs_it_nothing(
    found: ToolboxModel, credential: Credential, catalog: Catalog
) -> None:
    assert dearest(catalog, {Provider.OPENAI: credential}, found) == 0


def test_a_retired_model_costs_what_its_successor_does(catalog: Catalog) -> None:
    known = {Provider.GOOGLE: SERVERS}

    retired, successor = (
        dearest(catalog, known, model(Provider.GOOGLE, model_id))
        for model_id in ("gemini-1.5-flash-latest", "gemini-flash-latest")
    )

    assert retired == successor > 0


@pytest.mark.parametrize("provider", [Provider.OPENAI, Provider.GOOGLE])
def test_a_model_that_nobody_knows_costs_at_least_as_much_as_any_that_does_not_think(
    provider: Provider, catalog: Catalog
) -> None:
    tokens = {"input_tokens": 1_000, "output_tokens": 2_048}

    unknown = toolbox.server_cost_micro_usd(catalog, provider, "nadie-lo-conoce", **tokens)

    known = [
        toolbox.server_cost_micro_usd(catalog, provider, one.model_id, **tokens) for one in catalog.known(provider)
    ]
    assert unknown >= max(known) > 0


@pytest.mark.parametrize(
    ("provider", "model_id", "tokens"),
    [
        (Provider.OPENAI, "gpt-4o", 2_048),
        (Provider.OPENAI, "gpt-5", 8_192),
        (Provider.OPENAI, "nadie-lo-conoce", 2_048),
        (Provider.GOOGLE, "gemini-1.5-flash-latest", 8_192),
        (Provider.LOCAL, "llama3.2", 2_048),
    ],
)
def test_a_model_that_thinks_has_room_for_it(
    provider: Provider, model_id: str, tokens: int, catalog: Catalog
) -> None:
    assert toolbox.max_output_tokens(catalog, provider, model_id) == tokens


def test_candidates_keep_their_order_and_each_has_its_own_request(catalog: Catalog, providers: Providers) -> None:
    known = {Provider.OPENAI: SERVERS, Provider.GOOGLE: OWN}
    chosen = [model(Provider.GOOGLE, "gemini-1.5-flash-latest"), model(Provider.OPENAI, "gpt-4o")]

    first, second = toolbox.candidates(chosen, request=REQUEST, known=known, catalog=catalog, providers=providers)

    assert (first.model_id, first.retired_id, first.key_source) == (
        "gemini-flash-latest",
        "gemini-1.5-flash-latest",
        KeySource.OWN,
    )
    assert (first.request.model_id, first.request.max_output_tokens) == ("gemini-flash-latest", 8_192)
    assert (second.model_id, second.retired_id, second.key_source) == ("gpt-4o", None, KeySource.SERVER)
    assert (second.request.model_id, second.request.max_output_tokens) == ("gpt-4o", 2_048)
    assert isinstance(second.calls, OpenAIProvider)


def test_a_model_that_stands_there_twice_is_asked_once(catalog: Catalog, providers: Providers) -> None:
    chosen = [
        model(Provider.OPENAI, "gpt-4o"),
        model(Provider.OPENAI, "gpt-4o", task_type="complex"),
        model(Provider.OPENAI, "chatgpt-4o-latest"),
    ]

    found = toolbox.candidates(
        chosen, request=REQUEST, known={Provider.OPENAI: OWN}, catalog=catalog, providers=providers
    )

    assert [candidate.model_id for candidate in found] == ["gpt-4o"]


def test_a_line_is_a_vendor_and_a_key_and_shows_nothing_of_it(catalog: Catalog, providers: Providers) -> None:
    def line(model_id: str, credential: Credential) -> tuple[str, ...]:
        known = {Provider.OPENAI: credential}
        [found] = toolbox.candidates(
            [model(Provider.OPENAI, model_id)], request=REQUEST, known=known, catalog=catalog, providers=providers
        )
        return found.line

    assert line("gpt-4o", OWN) == line("gpt-5", OWN) != line("gpt-4o", SERVERS)
    assert "4711" not in "".join(line("gpt-4o", OWN))


def test_local_models_rest_each_for_itself(catalog: Catalog) -> None:
    with_server = registry(local_base_url="http://127.0.0.1:1/v1")
    chosen = [model(Provider.LOCAL, "llama3.2"), model(Provider.LOCAL, "qwen3")]

    one, other = toolbox.candidates(chosen, request=REQUEST, known={}, catalog=catalog, providers=with_server)

    assert one.line != other.line
    assert one.key_source is None


def test_what_is_passed_over_is_told_with_its_cause() -> None:
    keyless = model(Provider.GOOGLE, "gemini", is_usable=False)
    serverless = model(Provider.LOCAL, "llama3.2", is_usable=False)
    dear, cheap = model(Provider.OPENAI, "gpt-4o"), model(Provider.OPENAI, "gpt-4o-mini")
    fitting = [keyless, serverless, replace(dear, usable=False), cheap]

    found = toolbox.passed_over([keyless, serverless, dear, cheap], fitting)

    assert [(one.name, one.cause) for one in found] == [
        ("google/gemini", "no_key"),
        ("local/llama3.2", "no_server"),
        ("openai/gpt-4o", "too_dear"),
    ]
