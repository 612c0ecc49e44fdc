"""Attempts are counted in Redis, and in the process while Redis does not answer (AUT-5)."""

import asyncio
import time
import uuid

import pytest
from limits import RateLimitItemPerSecond
from sqlalchemy import make_url

from app.core.errors import TooManyRequests
from app.core.limits import Limit, Limiter, key_check_limits, login_limits
from app.embedded.services import Services
from tests.platform import free_port
from tests.proxy import proxy_to

pytestmark = pytest.mark.anyio


def limits(amount: int = 2, *, window_s: int = 300, key: str | None = None) -> tuple[Limit, ...]:
    return (Limit(RateLimitItemPerSecond(amount, window_s, namespace="test"), (key or uuid.uuid4().hex,)),)


async def is_open(limiter: Limiter, of: tuple[Limit, ...]) -> bool:
    try:
        await limiter.check(of)
    except TooManyRequests:
        return False
    return True


def test_login_limits_are_ten_fifty_and_two_hundred_in_five_minutes() -> None:
    found = login_limits(email_key="a@ejemplo.com", address="203.0.113.7")

    assert [(limit.item.amount, limit.item.get_expiry(), limit.keys) for limit in found] == [
        (10, 300, ("a@ejemplo.com", "203.0.113.7")),
        (50, 300, ("203.0.113.7",)),
        (200, 300, ("a@ejemplo.com",)),
    ]


async def test_what_is_used_up_is_refused_with_the_time_to_wait(services: Services) -> None:
    limiter, of = Limiter(services.redis_url), limits(2)
    for _ in range(2):
        await limiter.check(of)
        await limiter.count(of)

    with pytest.raises(TooManyRequests) as caught:
        await limiter.check(of)

    assert 295 <= caught.value.fields["retry_after_s"] <= 300


async def test_checking_counts_nothing(services: Services) -> None:
    limiter, of = Limiter(services.redis_url), limits(1)

    assert [await is_open(limiter, of) for _ in range(5)] == [True] * 5


async def test_other_keys_have_a_count_of_their_own(services: Services) -> None:
    limiter, of = Limiter(services.redis_url), limits(1)
    await limiter.count(of)

    assert (await is_open(limiter, of), await is_open(limiter, limits(1))) == (False, True)


async def test_two_processes_share_a_count(services: Services) -> None:
    first, second = Limiter(services.redis_url), Limiter(services.redis_url)
    of = limits(2)
    await first.count(of)
    await second.count(of)

    assert [await is_open(Limiter(services.redis_url), of)] == [False]


async def test_a_count_ends_with_its_window(services: Services) -> None:
    limiter, of = Limiter(services.redis_url), limits(1, window_s=1)
    await limiter.count(of)
    assert not await is_open(limiter, of)

    deadline = time.monotonic() + 5
    while not await is_open(limiter, of):
        assert time.monotonic() < deadline


async def test_without_redis_the_process_counts_for_itself() -> None:
    limiter, of = Limiter(f"redis://127.0.0.1:{free_port()}/0"), limits(2)
    await limiter.count(of)
    assert await is_open(limiter, of)

    await limiter.count(of)

    assert not await is_open(limiter, of)


async def test_losing_redis_forgives_nothing_that_this_process_saw(services: Services) -> None:
    url = make_url(services.redis_url)
    assert url.host
    assert url.port
    of = limits(2)
    with proxy_to(url.host, url.port) as proxy:
        limiter = Limiter(url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False))
        await limiter.count(of)
        proxy.close()
        await limiter.count(of)

        assert not await is_open(limiter, of)
        proxy.open()


async def test_a_silent_redis_delays_a_check_and_a_count_little(services: Services) -> None:
    """JOB-3's kin: a black-holed broker holds no login up."""
    url = make_url(services.redis_url)
    assert url.host
    assert url.port
    with proxy_to(url.host, url.port) as proxy:
        limiter = Limiter(url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False))
        proxy.stall()
        began = time.monotonic()

        for _ in range(10):
            of = login_limits(email_key=uuid.uuid4().hex, address=uuid.uuid4().hex)
            await limiter.check(of)
            await limiter.count(of)

        assert time.monotonic() - began < 5


def test_key_checks_are_ten_a_minute_for_an_owner() -> None:
    owner_id = uuid.uuid4()

    [found] = key_check_limits(owner_id)

    assert (found.item.amount, found.item.get_expiry(), found.keys) == (10, 60, (str(owner_id),))


@pytest.mark.parametrize("has_redis", [True, False])
async def test_of_many_at_once_no_more_take_than_there_is_room_for(has_redis: bool, services: Services) -> None:
    url = services.redis_url if has_redis else f"redis://127.0.0.1:{free_port()}/0"
    limiter, of = Limiter(url), limits(3)

    taken = await asyncio.gather(*(limiter.take(of) for _ in range(12)), return_exceptions=True)

    refused = [one for one in taken if one is not None]
    assert len(refused) == 9
    for one in refused:
        assert isinstance(one, TooManyRequests)
        assert 295 <= one.fields["retry_after_s"] <= 300


async def test_two_processes_take_from_one_count(services: Services) -> None:
    of = limits(1)
    await Limiter(services.redis_url).take(of)

    with pytest.raises(TooManyRequests):
        await Limiter(services.redis_url).take(of)
