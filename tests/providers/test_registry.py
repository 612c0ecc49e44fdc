"""Which providers this server can call, with which client, and for how long."""

import asyncio
import subprocess
import sys

import pytest

from app.core.config import Settings
from app.core.errors import ProviderError
from app.providers.base import EXTRACTIVE, Finished, Purpose, TextDelta, Usage
from app.providers.registry import Providers
from app.providers.scripted import ScriptedEmbedder
from tests.platform import ROOT
from tests.services import wait_until
from tests.vendors.calls import heard, request_for
from tests.vendors.server import Kind, Vendor, vendor_server

pytestmark = pytest.mark.anyio


@pytest.fixture
def kind() -> Kind:
    return "openai"


def settings(**values: object) -> Settings:
    return Settings.model_validate({"openai_base_url": "http://127.0.0.1:1/v1", "environment": "test", **values})


async def test_a_client_is_made_once_for_a_provider_and_a_key() -> None:
    providers = Providers(settings(), None)

    made = [providers.get(provider, key=key) for provider in ("openai", "google") for key in ("k1", "k2", "k1")]

    assert len({id(one) for one in made}) == 4
    assert made[0] is made[2]
    await providers.aclose()


async def test_the_client_that_was_not_used_for_longest_goes_first() -> None:
    providers = Providers(settings(), None)
    kept, lost = providers.get("openai", key="kept"), providers.get("openai", key="lost")

    for n in range(63):
        providers.get("openai", key="kept")
        providers.get("openai", key=f"key-{n}")

    assert providers.get("openai", key="kept") is kept
    assert providers.get("openai", key="lost") is not lost
    await providers.aclose()


async def test_a_client_that_had_to_go_finishes_what_it_says(vendor: Vendor) -> None:
    providers = Providers(settings(openai_base_url=vendor.url), None)
    stream = providers.get("openai", key="oldest").stream(request_for("tokens=3"))
    said = [await anext(stream)]

    for n in range(64):
        providers.get("openai", key=f"key-{n}")
    said += [piece async for piece in stream]

    assert [type(piece) for piece in said] == [TextDelta] * 3 + [Finished]
    await asyncio.to_thread(wait_until, lambda: vendor.connections == 0, within_s=1)
    await providers.aclose()


async def test_closing_closes_every_connection(vendor: Vendor) -> None:
    with vendor_server("google") as google:
        providers = Providers(settings(openai_base_url=vendor.url, google_base_url=google.url), None)
        for provider in ("openai", "google"):
            assert (await heard(providers.get(provider, key="k"), "a-model")).error is None
        assert (vendor.connections, google.connections) == (1, 1)

        await providers.aclose()

        await asyncio.to_thread(
            lambda: wait_until(lambda: vendor.connections + google.connections == 0, within_s=1)
        )


@pytest.mark.parametrize("key", [None, ""])
async def test_a_vendor_without_a_key_is_not_called(key: str | None) -> None:
    with pytest.raises(ProviderError) as caught:
        Providers(settings(), None).get("openai", key=key)

    assert caught.value.refuses_key


async def test_each_key_goes_to_its_own_vendor(vendor: Vendor) -> None:
    providers = Providers(settings(openai_base_url=vendor.url), None)

    for key in ("one", "two"):
        await heard(providers.get("openai", key=key), "a-model")

    assert [request.headers["authorization"] for request in vendor.requests] == ["Bearer one", "Bearer two"]
    await providers.aclose()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [None, None, None]),
        ({"openai_api_key": "sk-o ", "google_api_key": "g", "local_api_key": "l"}, ["sk-o", "g", None]),
        ({"openai_api_key": "sk-o", "google_api_key": "g", "server_keys": "off"}, [None, None, None]),
    ],
)
def test_the_servers_key_is_the_operators_unless_it_is_not_lent(
    values: dict[str, str], expected: list[str | None]
) -> None:
    providers = Providers(settings(**values), None)

    assert [providers.server_key(provider) for provider in ("openai", "google", "local")] == expected


def test_only_vendors_need_a_key() -> None:
    real, scripted = (Providers(settings(scripted_models=flag), None) for flag in (False, True))

    assert [real.needs_key(provider) for provider in ("openai", "google", "local")] == [True, True, False]
    assert [scripted.needs_key(provider) for provider in ("openai", "google", "local")] == [False] * 3


def test_a_local_model_needs_a_server_but_the_extractive_one() -> None:
    alone, with_server = (
        Providers(settings(), None),
        Providers(settings(local_base_url="http://127.0.0.1:1/v1"), None),
    )

    models = [("local", EXTRACTIVE), ("local", "llama"), ("openai", "gpt"), ("google", "gemini"), ("mistral", "m")]
    assert [alone.can_call(*model) for model in models] == [True, False, True, True, False]
    assert [with_server.can_call(*model) for model in models] == [True, True, True, True, False]


async def test_a_local_model_is_asked_at_the_local_server(vendor: Vendor) -> None:
    providers = Providers(settings(local_base_url=vendor.url), None)

    answer = await heard(providers.get("local", key=None), "say=Hola")

    [request] = vendor.requests
    assert answer.text == "Hola"
    assert request.headers["authorization"] == "Bearer none"
    assert request.json["max_tokens"] == 99
    assert "max_completion_tokens" not in request.json
    # llama.cpp's server closes what the next request would have used.
    assert request.headers["connection"] == "close"
    await providers.aclose()


async def test_the_local_server_gets_its_own_key(vendor: Vendor) -> None:
    providers = Providers(settings(local_base_url=vendor.url, local_api_key="la-local"), None)

    await heard(providers.get("local", key="de-otro"), "a-model")

    assert vendor.requests[0].headers["authorization"] == "Bearer la-local"
    await providers.aclose()


async def test_the_extractive_model_answers_without_a_server() -> None:
    local = Providers(settings(), None).get("local", key=None)

    assert (await heard(local, EXTRACTIVE)).finished == Finished(usage=Usage(input_tokens=0, output_tokens=0))
    assert (await heard(local, "llama")).cause == "LOCAL_BASE_URL is not set"


async def test_the_scripted_model_takes_both_vendors_places() -> None:
    providers = Providers(settings(scripted_models=True), None)

    answers = [await heard(providers.get(provider, key=None), "say=Sí") for provider in ("openai", "google")]

    assert [answer.text for answer in answers] == ["Sí", "Sí"]


async def test_a_scripted_check_accepts_all_but_bad_keys() -> None:
    providers = Providers(settings(scripted_models=True), None)

    await providers.check("openai", key="good")
    with pytest.raises(ProviderError) as caught:
        await providers.check("google", key="bad-1")

    assert caught.value.refuses_key


async def test_a_key_is_checked_at_its_vendor(vendor: Vendor) -> None:
    providers = Providers(settings(openai_base_url=vendor.url), None)

    await providers.check("openai", key="good")
    with pytest.raises(ProviderError) as caught:
        await providers.check("openai", key="bad-1")

    assert caught.value.status == 401
    await providers.aclose()


async def test_keys_that_are_only_checked_do_not_push_out_those_that_chats_use(vendor: Vendor) -> None:
    providers = Providers(settings(openai_base_url=vendor.url), None)
    used = providers.get("openai", key="used")

    for n in range(70):
        await providers.check("openai", key=f"tried-{n}")

    assert providers.get("openai", key="used") is used
    await providers.aclose()


async def test_the_local_server_is_checked_where_there_is_one(vendor: Vendor) -> None:
    without, with_server = Providers(settings(), None), Providers(settings(local_base_url=vendor.url), None)

    await without.check("local", key="")
    await with_server.check("local", key="")

    assert [request.target for request in vendor.requests] == ["/v1/models"]
    await with_server.aclose()


async def test_an_embedder_is_made_once_for_a_vendor_and_a_key() -> None:
    providers = Providers(settings(), None)

    made = [providers.embedder(model, key=key) for model in ("openai", "google") for key in ("k1", "k2", "k1")]

    assert len({id(one) for one in made}) == 4
    assert made[0] is made[2]
    assert [one.dimensions for one in made if one] == [1536] * 3 + [768] * 3
    await providers.aclose()


def test_the_local_embedder_is_the_one_that_was_given() -> None:
    given = ScriptedEmbedder(384)

    assert Providers(settings(), given).embedder("local", key=None) is given
    assert Providers(settings(), None).embedder("local", key="k") is None


@pytest.mark.parametrize("key", [None, ""])
async def test_a_vendors_embedder_without_a_key_is_not_made(key: str | None) -> None:
    with pytest.raises(ProviderError) as caught:
        Providers(settings(), None).embedder("google", key=key)

    assert caught.value.refuses_key


def test_only_vendors_embedders_need_a_key() -> None:
    real, scripted = (Providers(settings(scripted_models=flag), None) for flag in (False, True))

    assert [real.embedder_needs_key(model) for model in ("openai", "google", "local")] == [True, True, False]
    assert [scripted.embedder_needs_key(model) for model in ("openai", "google", "local")] == [False] * 3


async def test_each_key_embeds_at_its_own_vendor_and_closing_frees_it(vendor: Vendor) -> None:
    providers = Providers(settings(openai_base_url=vendor.url), None)

    for key in ("one", "two"):
        embedder = providers.embedder("openai", key=key)
        assert embedder is not None
        await embedder.embed(["Hola"], purpose=Purpose.QUERY)
    assert vendor.connections == 2
    await providers.aclose()

    assert [request.headers["authorization"] for request in vendor.requests] == ["Bearer one", "Bearer two"]
    await asyncio.to_thread(wait_until, lambda: vendor.connections == 0, within_s=1)


async def test_the_scripted_embedder_takes_both_vendors_places() -> None:
    providers = Providers(settings(scripted_models=True), None)

    embedders = [providers.embedder(model, key=None) for model in ("openai", "google")]
    vectors = [await one.embed(["Hola"], purpose=Purpose.QUERY) for one in embedders if one]

    assert [len(made[0]) for made in vectors] == [1536, 768]


async def test_the_scripted_embedder_refuses_bad_keys() -> None:
    embedder = Providers(settings(scripted_models=True), None).embedder("openai", key="bad-1")

    assert embedder is not None
    with pytest.raises(ProviderError) as caught:
        await embedder.embed(["Hola"], purpose=Purpose.PASSAGE)
    assert caught.value.refuses_key


def test_what_a_worker_needs_to_embed_loads_no_vendors_sdk() -> None:
    code = "import sys, app.providers.embedders; print({'openai', 'google.genai'} & sys.modules.keys())"

    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "set()"
