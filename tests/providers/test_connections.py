"""Connections: how long one may take, who closes it and when, and that the next answer can use it."""

import asyncio
import time
from collections.abc import Callable

import pytest

from app.core.errors import ProviderError
from app.providers.base import TextDelta
from app.providers.google import GoogleProvider
from app.providers.http import Timeouts
from app.providers.openai import OpenAIProvider
from tests.platform import free_port
from tests.services import wait_until
from tests.vendors.calls import first_words, heard, make_provider, request_for
from tests.vendors.certificate import own_authority
from tests.vendors.server import Kind, Vendor, vendor_server

pytestmark = pytest.mark.anyio

Provider = OpenAIProvider | GoogleProvider
SAID = "Hola, ¿qué tal? Añoro el 🌊."


async def test_a_refused_connection_is_told_at_once(kind: Kind) -> None:
    provider = make_provider(kind, f"http://127.0.0.1:{free_port()}")
    began = time.monotonic()

    answer = await heard(provider, "a-model")

    assert answer.cause == "connection refused"
    assert time.monotonic() - began < 1
    await provider.aclose()


async def test_connecting_has_a_limit(kind: Kind, silent_port: int) -> None:
    provider = make_provider(kind, f"https://127.0.0.1:{silent_port}", timeouts=Timeouts(connect_s=0.2))
    began = time.monotonic()

    answer = await heard(provider, "a-model")

    assert answer.cause == "it took too long"
    assert time.monotonic() - began < 2
    await provider.aclose()


@pytest.mark.parametrize("script", ["hang=headers", "hang_after=0", "tokens=3;hang_after=2"])
async def test_the_connection_itself_has_a_limit_of_silence(kind: Kind, vendor: Vendor, script: str) -> None:
    provider = make_provider(kind, vendor.url, timeouts=Timeouts(silence_s=0.2, total_s=0.3))

    answer = await heard(provider, script)

    assert answer.cause == "it took too long"
    await provider.aclose()


@pytest.mark.parametrize(
    "script", ["hang=headers", "fail=500;hang=error", "hang_after=0", "drip_after=0", "tokens=2000;pace_ms=1000"]
)
async def test_who_gives_up_waiting_closes_the_vendors_connection(
    provider: Provider, vendor: Vendor, script: str
) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await heard(provider, script)

    await within_a_second(lambda: vendor.connections == 0)
    assert vendor.left == 1


@pytest.mark.parametrize("script", ["tokens=2000;pace_ms=5", "tokens=9;hang_after=2", "tokens=9;drip_after=1"])
async def test_who_leaves_closes_the_vendors_connection(provider: Provider, vendor: Vendor, script: str) -> None:
    said = await first_words(provider, script)

    await within_a_second(lambda: vendor.connections == 0)
    assert said == [TextDelta("palabra0")]


async def test_a_cancelled_reader_closes_the_vendors_connection(provider: Provider, vendor: Vendor) -> None:
    reading = asyncio.create_task(heard(provider, "tokens=9;hang_after=4"))
    await within_a_second(lambda: vendor.streams == 1)

    reading.cancel()

    await within_a_second(lambda: vendor.connections == 0)
    assert (await asyncio.gather(reading, return_exceptions=True))[0].__class__ is asyncio.CancelledError


async def test_answers_share_a_connection(provider: Provider, vendor: Vendor) -> None:
    for _ in range(4):
        await heard(provider, "a-model")

    assert vendor.accepted == 1


async def test_failures_leave_the_connection_usable(provider: Provider, vendor: Vendor) -> None:
    answers = [await heard(provider, script) for script in ("fail=429", "fail=500", "a-model")]

    assert [answer.error is None for answer in answers] == [False, False, True]
    assert vendor.accepted == 1


async def test_three_hundred_answers_flow_at_once(provider: Provider, vendor: Vendor) -> None:
    answers = await asyncio.gather(*(heard(provider, "tokens=4;pace_ms=400") for _ in range(300)))

    assert {len(answer.texts) for answer in answers} == {4}
    assert vendor.most_streams == 300


async def test_a_vendor_that_is_away_fails_the_check_as_retryable(kind: Kind) -> None:
    provider = make_provider(kind, f"http://127.0.0.1:{free_port()}")

    with pytest.raises(ProviderError) as caught:
        await provider.check()

    assert caught.value.is_retryable
    assert not caught.value.refuses_key
    await provider.aclose()


async def test_a_retired_client_is_closed_with_its_last_stream(provider: Provider, vendor: Vendor) -> None:
    stream = provider.stream(request_for("tokens=3"))
    said = [await anext(stream)]

    await provider.retire()
    said += [piece async for piece in stream]

    assert len([piece for piece in said if isinstance(piece, TextDelta)]) == 3
    await within_a_second(lambda: vendor.connections == 0)


async def test_a_retired_client_still_answers(provider: Provider, vendor: Vendor) -> None:
    await provider.retire()

    answer = await heard(provider, "a-model")

    assert answer.text == SAID
    await within_a_second(lambda: vendor.connections == 0)


async def test_closing_ends_what_still_flows(provider: Provider, vendor: Vendor) -> None:
    stream = provider.stream(request_for("tokens=900;pace_ms=20"))
    await anext(stream)

    await provider.aclose()

    await within_a_second(lambda: vendor.connections == 0)
    with pytest.raises(ProviderError):
        [piece async for piece in stream]


async def test_the_check_does_not_wait_for_ever(kind: Kind, vendor: Vendor) -> None:
    provider = make_provider(kind, vendor.url, key="silent-key", timeouts=Timeouts(check_s=0.1))

    with pytest.raises(ProviderError) as caught:
        await provider.check()

    assert caught.value.is_retryable
    await within_a_second(lambda: vendor.connections == 0)
    await provider.aclose()


async def test_a_trusted_certificate_is_enough(kind: Kind) -> None:
    authority = own_authority()
    with vendor_server(kind, tls=authority.server) as vendor:
        provider = make_provider(kind, vendor.url, tls=authority.client)

        answers = [await heard(provider, "a-model") for _ in range(2)]
        said = await first_words(provider, "tokens=9;hang_after=2")

        assert [answer.text for answer in answers] == [SAID, SAID]
        assert said == [TextDelta("palabra0")]
        await within_a_second(lambda: vendor.connections == 0)
        assert vendor.accepted == 1
        await provider.aclose()


async def test_an_unknown_certificate_is_not_trusted(kind: Kind) -> None:
    with vendor_server(kind, tls=own_authority().server) as vendor:
        provider = make_provider(kind, vendor.url)

        answer = await heard(provider, "a-model")

        assert answer.cause == "its certificate is not trusted"
        assert vendor.requests == []
        await provider.aclose()


async def within_a_second(is_so: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, is_so, within_s=1)
