"""OpenAI and Google alike: each text has its unit vector, and a failure tells its status and no secret."""

import asyncio
import logging
import math
import traceback
from collections.abc import Sequence

import pytest

from app.core.errors import ProviderError
from app.providers.base import Purpose
from app.providers.embedding import PATIENCE, Patience, VendorEmbedder, batches, cut_to_bytes
from app.providers.http import Timeouts
from tests.platform import free_port
from tests.services import wait_until
from tests.vendors.calls import KEY, QUESTION
from tests.vendors.certificate import own_authority
from tests.vendors.embedding import cosine, make_embedder
from tests.vendors.script import parse
from tests.vendors.server import Kind, Vendor, vendor_server
from tests.vendors.wire import vector_of

pytestmark = pytest.mark.anyio


async def failure_of(embedder: VendorEmbedder, texts: Sequence[str] = (QUESTION,)) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await embedder.embed(texts, purpose=Purpose.PASSAGE)
    await embedder.aclose()
    return caught.value


async def test_each_text_has_its_unit_vector_in_order(embedder: VendorEmbedder) -> None:
    texts = [f"texto número {n} 🌊" for n in range(9)]

    vectors = await embedder.embed(texts, purpose=Purpose.PASSAGE)

    assert [len(vector) for vector in vectors] == [embedder.dimensions] * 9
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1] * 9, abs=1e-6)
    assert all(
        cosine(vector, vector_of(text, embedder.dimensions)) == pytest.approx(1, abs=1e-6)
        for vector, text in zip(vectors, texts, strict=True)
    )


async def test_many_texts_are_asked_for_in_batches(kind: Kind, embedder: VendorEmbedder, vendor: Vendor) -> None:
    most = {"openai": 128, "google": 100}[kind]
    texts = [f"texto {n}" for n in range(most + 3)]

    vectors = await embedder.embed(texts, purpose=Purpose.PASSAGE)

    wire = {"openai": "input", "google": "requests"}[kind]
    assert [len(request.json[wire]) for request in vendor.requests] == [most, 3]
    assert cosine(vectors[-1], vector_of(texts[-1], embedder.dimensions)) == pytest.approx(1, abs=1e-6)
    assert vendor.accepted == 1


async def test_texts_without_a_word_are_not_sent(embedder: VendorEmbedder, vendor: Vendor) -> None:
    blank, said, space = await embedder.embed(["", "Hola", " \n\t"], purpose=Purpose.PASSAGE)

    assert blank == space == [1.0, *[0.0] * (embedder.dimensions - 1)]
    assert cosine(said, vector_of("Hola", embedder.dimensions)) == pytest.approx(1, abs=1e-6)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("texts", [[], [""], [" ", ""]])
async def test_nothing_to_embed_is_no_request(embedder: VendorEmbedder, vendor: Vendor, texts: list[str]) -> None:
    assert len(await embedder.embed(texts, purpose=Purpose.QUERY)) == len(texts)
    assert vendor.requests == []


async def test_half_a_surrogate_pair_breaks_nothing(embedder: VendorEmbedder) -> None:
    [vector] = await embedder.embed(["año \ud83c"], purpose=Purpose.QUERY)

    assert cosine(vector, vector_of("año ?", embedder.dimensions)) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_what_will_not_get_better_is_asked_once(
    embedder: VendorEmbedder, vendor: Vendor, status: int
) -> None:
    vendor.script = parse(f"fail={status}")

    error = await failure_of(embedder)

    assert (error.status, error.is_retryable, error.refuses_key) == (status, False, status in (401, 403))
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_what_may_get_better_is_asked_a_few_times(
    embedder: VendorEmbedder, vendor: Vendor, status: int
) -> None:
    vendor.script = parse(f"fail={status}")

    error = await failure_of(embedder)

    assert (error.status, error.is_retryable) == (status, True)
    assert len(vendor.requests) == 3


async def test_a_vendor_that_recovers_is_believed(embedder: VendorEmbedder, vendor: Vendor) -> None:
    vendor.script = parse("fail=503;fail_first=2")

    [vector] = await embedder.embed(["Hola"], purpose=Purpose.PASSAGE)

    assert cosine(vector, vector_of("Hola", embedder.dimensions)) == pytest.approx(1, abs=1e-6)
    assert (len(vendor.requests), vendor.accepted) == (3, 1)


async def test_the_vendor_is_left_alone_for_as_long_as_it_asks(kind: Kind, vendor: Vendor) -> None:
    vendor.script = parse("fail=429;fail_first=1;retry_after=0.3")
    embedder = make_embedder(kind, vendor.url)
    loop = asyncio.get_running_loop()
    began = loop.time()

    await embedder.embed(["Hola"], purpose=Purpose.PASSAGE)

    assert loop.time() - began >= 0.3
    await embedder.aclose()


async def test_a_longer_wait_than_there_is_patience_for_is_left_to_the_caller(
    embedder: VendorEmbedder, vendor: Vendor
) -> None:
    vendor.script = parse("fail=429;retry_after=60")

    error = await failure_of(embedder)

    assert (error.status, error.retry_after_s) == (429, 60)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("script", ["hang=headers", "fail=500;hang=error"])
async def test_an_answer_has_a_limit_of_time(kind: Kind, vendor: Vendor, script: str) -> None:
    vendor.script = parse(script)
    embedder = make_embedder(kind, vendor.url, patience=Patience(answer_s=0.2, pauses_s=(0,), within_s=30))

    error = await failure_of(embedder)

    assert (error.fields["cause"], error.is_retryable) == ("it took too long", True)
    assert len(vendor.requests) == 2


def test_patience_with_passages_is_shorter_than_a_lease() -> None:
    passage, query = PATIENCE[Purpose.PASSAGE], PATIENCE[Purpose.QUERY]

    assert passage.within_s + passage.answer_s < 60
    assert query.within_s + query.answer_s <= 6


async def test_a_refused_connection_may_get_better(kind: Kind) -> None:
    error = await failure_of(make_embedder(kind, f"http://127.0.0.1:{free_port()}"))

    assert (error.fields["cause"], error.is_retryable) == ("connection refused", True)


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("broken", "it sent something unreadable"),
        ("odd", "it sent something unreadable"),
        ("empty", "it sent something unreadable"),
        ("few", "it sent 1 vectors for 2 texts"),
        ("many", "it sent 3 vectors for 2 texts"),
        ("short", "it sent vectors of other than {dimensions} dimensions"),
        ("zero", "it sent vectors without a direction"),
    ],
)
async def test_vectors_that_are_not_as_asked_are_a_failure(
    embedder: VendorEmbedder, vendor: Vendor, script: str, cause: str
) -> None:
    vendor.script = parse(f"embed={script}")

    error = await failure_of(embedder, ["uno", "dos"])

    assert error.fields["cause"] == cause.format(dimensions=embedder.dimensions)
    assert error.is_retryable


async def test_large_figures_have_a_direction_too(embedder: VendorEmbedder, vendor: Vendor) -> None:
    vendor.script = parse("embed=huge")

    [vector] = await embedder.embed(["Hola"], purpose=Purpose.QUERY)

    assert math.hypot(*vector) == pytest.approx(1, abs=1e-6)


async def test_a_redirect_is_not_followed(embedder: VendorEmbedder, vendor: Vendor) -> None:
    vendor.script = parse("fail=307")

    assert (await failure_of(embedder)).fields["cause"] == "HTTP 307"
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("body", ["html", "list", "broken"])
async def test_a_failure_whose_body_is_no_error_is_one(embedder: VendorEmbedder, vendor: Vendor, body: str) -> None:
    vendor.script = parse(f"fail=403;body={body}")

    assert (await failure_of(embedder)).status == 403


@pytest.mark.parametrize(
    "script", ["fail=401", "fail=400", "fail=500", "hang=headers", "embed=broken", "embed=few"]
)
async def test_neither_key_nor_text_gets_into_an_error_or_a_log(
    kind: Kind, vendor: Vendor, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.script = parse(script)

    error = await failure_of(make_embedder(kind, vendor.url, patience=Patience(0.2, (), 0)))

    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.fields) + caplog.text
    assert KEY not in told
    assert QUESTION not in told


@pytest.mark.parametrize("key", ["", "  ", "clave\nX-Admin: yes", "contraseña", "a\x00b"])
async def test_what_no_header_can_carry_is_a_refused_key(kind: Kind, vendor: Vendor, key: str) -> None:
    error = await failure_of(make_embedder(kind, vendor.url, key=key))

    assert error.refuses_key
    assert vendor.requests == []


async def test_an_unknown_certificate_is_not_trusted(kind: Kind) -> None:
    with vendor_server(kind, tls=own_authority().server) as vendor:
        error = await failure_of(make_embedder(kind, vendor.url))

        assert error.fields["cause"] == "its certificate is not trusted"
        assert vendor.requests == []


async def test_a_trusted_certificate_is_enough(kind: Kind) -> None:
    authority = own_authority()
    with vendor_server(kind, tls=authority.server) as vendor:
        embedder = make_embedder(kind, vendor.url, tls=authority.client)

        assert len(await embedder.embed(["Hola"], purpose=Purpose.QUERY)) == 1
        await embedder.aclose()


async def test_connecting_has_a_limit(kind: Kind, silent_port: int) -> None:
    patience, timeouts = Patience(answer_s=30, pauses_s=(), within_s=0), Timeouts(connect_s=0.1)
    embedder = make_embedder(kind, f"https://127.0.0.1:{silent_port}", patience=patience, timeouts=timeouts)

    async with asyncio.timeout(5):
        error = await failure_of(embedder)

    assert error.fields["cause"] == "it took too long"


async def test_who_gives_up_waiting_closes_the_vendors_connection(embedder: VendorEmbedder, vendor: Vendor) -> None:
    vendor.script = parse("hang=headers")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await embedder.embed(["Hola"], purpose=Purpose.QUERY)

    await asyncio.to_thread(wait_until, lambda: vendor.connections == 0, within_s=1)


async def test_a_closed_embedder_frees_its_connection_and_can_be_used_again(
    embedder: VendorEmbedder, vendor: Vendor
) -> None:
    await embedder.embed(["Hola"], purpose=Purpose.QUERY)

    await embedder.aclose()
    await asyncio.to_thread(wait_until, lambda: vendor.connections == 0, within_s=1)

    assert len(await embedder.embed(["Hola"], purpose=Purpose.QUERY)) == 1


async def test_the_environment_changes_neither_address_nor_key(
    kind: Kind, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, "de-otro")
    embedder = make_embedder(kind, vendor.url)

    await embedder.embed(["Hola"], purpose=Purpose.QUERY)

    assert "de-otro" not in repr(vendor.requests)
    await embedder.aclose()


def test_batches_hold_as_much_as_the_limits_allow() -> None:
    texts = ["aa", "aa", "ñ", "a", "aaaaa"]

    assert list(batches(texts, most=3, most_bytes=5)) == [["aa", "aa"], ["ñ", "a"], ["aaaaa"]]
    assert list(batches(texts, most=2, most_bytes=50)) == [["aa", "aa"], ["ñ", "a"], ["aaaaa"]]
    assert list(batches([], most=2, most_bytes=50)) == []


@pytest.mark.parametrize(("most", "expected"), [(9, "año🌊"), (7, "año"), (4, "año"), (2, "a"), (0, "")])
def test_no_character_is_cut_in_two(most: int, expected: str) -> None:
    assert cut_to_bytes("año🌊", most) == expected
