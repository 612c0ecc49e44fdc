"""An owner's chats are counted in Redis, and in the process while Redis does not answer (QUO-1)."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta, timezone

import pytest
import redis
from sqlalchemy import make_url

from app.core.errors import QuotaExceeded
from app.core.quotas import ChatQuotas, Seat, server_budget_spent, tokens_a_day_exceeded
from app.embedded.services import Services
from tests.platform import free_port
from tests.proxy import Proxy, proxy_to

pytestmark = pytest.mark.anyio

MakeQuotas = Callable[..., ChatQuotas]


@pytest.fixture
async def make_quotas(services: Services) -> AsyncIterator[MakeQuotas]:
    """Makes the quotas of one process; those made are closed."""
    async with AsyncExitStack() as stack:

        def make(
            url: str = services.redis_url,
            *,
            chats: int = 0,
            streams: int = 0,
            lease_s: float = 300,
            pause_s: float = 5,
        ) -> ChatQuotas:
            quotas = ChatQuotas(
                url,
                chats_per_minute=chats,
                live_streams=streams,
                lease_s=lease_s,
                pause_after_failure_s=pause_s,
            )
            stack.push_async_callback(quotas.aclose)
            return quotas

        yield make


@pytest.fixture
def nowhere() -> str:
    """Where no broker is."""
    return f"redis://127.0.0.1:{free_port()}/0"


def through(proxy: Proxy, services: Services) -> str:
    url = make_url(services.redis_url).set(host="127.0.0.1", port=proxy.port)
    return url.render_as_string(hide_password=False)


def proxy_of(services: Services) -> tuple[str, int]:
    url = make_url(services.redis_url)
    assert url.host
    assert url.port
    return url.host, url.port


async def refusal(quotas: ChatQuotas, owner_id: uuid.UUID) -> dict[str, object] | None:
    """The fields of the refusal; None when there was a seat, which is kept."""
    try:
        await quotas.enter(owner_id)
    except QuotaExceeded as error:
        return error.fields
    return None


async def admitted(quotas: ChatQuotas, owner_id: uuid.UUID, *, tries: int) -> int:
    return sum([await refusal(quotas, owner_id) is None for _ in range(tries)])


async def entered(quotas: ChatQuotas, owner_id: uuid.UUID, *, count: int) -> list[Seat]:
    return [await quotas.enter(owner_id) for _ in range(count)]


def stored(services: Services, owner_id: uuid.UUID) -> dict[str, int]:
    """How many of each Redis counts for the owner."""
    with redis.Redis.from_url(services.redis_url) as broker:
        return {name: int(broker.zcard(f"bytchat-quotas:{{{owner_id}}}:{name}")) for name in ("chats", "seats")}


async def test_the_chat_past_the_minutes_limit_is_refused_with_the_time_to_wait(make_quotas: MakeQuotas) -> None:
    owner_id, quotas = uuid.uuid4(), make_quotas(chats=3)
    await entered(quotas, owner_id, count=3)

    with pytest.raises(QuotaExceeded) as caught:
        await quotas.enter(owner_id)

    assert caught.value.fields["quota"] == "chats_per_minute"
    assert caught.value.fields["limit"] == 3
    assert 55 <= caught.value.fields["retry_after_s"] <= 60
    assert caught.value.sentence("es").startswith("Has llegado al límite de 3 preguntas por minuto.")
    assert caught.value.sentence("en").startswith("You have reached the limit of 3 questions a minute.")


async def test_the_answer_past_the_live_limit_is_refused_until_one_ends(make_quotas: MakeQuotas) -> None:
    owner_id, quotas = uuid.uuid4(), make_quotas(streams=2)
    first, _ = await entered(quotas, owner_id, count=2)

    refused = await refusal(quotas, owner_id)
    await quotas.leave(first)

    assert refused
    assert (refused["quota"], refused["limit"], refused["retry_after_s"]) == ("live_streams", 2, 1)
    assert await refusal(quotas, owner_id) is None


async def test_two_processes_share_both_counts(make_quotas: MakeQuotas) -> None:
    by_minute, at_once = uuid.uuid4(), uuid.uuid4()
    await entered(make_quotas(chats=2), by_minute, count=1)
    await entered(make_quotas(streams=2), at_once, count=1)

    assert await admitted(make_quotas(chats=2), by_minute, tries=3) == 1
    assert await admitted(make_quotas(streams=2), at_once, tries=3) == 1


async def test_a_seat_that_one_process_leaves_is_free_for_another(make_quotas: MakeQuotas) -> None:
    owner_id, one, other = uuid.uuid4(), make_quotas(streams=1), make_quotas(streams=1)
    seat = await one.enter(owner_id)
    refused = await refusal(other, owner_id)

    await one.leave(seat)

    assert refused
    assert await refusal(other, owner_id) is None


async def test_another_owner_has_counts_of_its_own(make_quotas: MakeQuotas) -> None:
    quotas, owner_id = make_quotas(chats=1, streams=1), uuid.uuid4()
    await quotas.enter(owner_id)

    assert await refusal(quotas, owner_id)
    assert await refusal(quotas, uuid.uuid4()) is None


async def test_zero_is_no_limit_and_asks_redis_nothing(make_quotas: MakeQuotas, services: Services) -> None:
    quotas, owner_id = make_quotas(chats=0, streams=0), uuid.uuid4()

    assert await admitted(quotas, owner_id, tries=100) == 100
    assert stored(services, owner_id) == {"chats": 0, "seats": 0}


@pytest.mark.parametrize("limit", ["chats", "streams"])
async def test_of_a_hundred_at_once_as_many_as_the_limit_come_in(make_quotas: MakeQuotas, limit: str) -> None:
    owner_id, processes = uuid.uuid4(), [make_quotas(**{limit: 7}) for _ in range(4)]

    refusals = await asyncio.gather(*(refusal(one, owner_id) for one in processes * 25))

    assert sum(one is None for one in refusals) == 7


async def test_what_another_process_makes_refused_counts_nowhere(
    make_quotas: MakeQuotas, services: Services
) -> None:
    """Neither as a chat of the minute nor as a live answer, in Redis or here."""
    owner_id, one, other = uuid.uuid4(), make_quotas(chats=5, streams=2), make_quotas(chats=5, streams=2)
    seats = await entered(one, owner_id, count=2)
    assert await admitted(other, owner_id, tries=10) == 0

    for seat in seats:
        await one.leave(seat)

    assert stored(services, owner_id) == {"chats": 2, "seats": 0}
    assert await admitted(other, owner_id, tries=10) == 2


async def test_a_process_that_died_frees_its_seats_with_their_lease(make_quotas: MakeQuotas) -> None:
    owner_id = uuid.uuid4()
    await make_quotas(streams=1, lease_s=0.5).enter(owner_id)
    after_it = make_quotas(streams=1, lease_s=0.5)
    assert await refusal(after_it, owner_id)

    deadline = time.monotonic() + 5
    while await refusal(after_it, owner_id):
        assert time.monotonic() < deadline


async def test_a_chat_is_forgotten_after_a_minute_and_no_sooner(
    make_quotas: MakeQuotas, services: Services
) -> None:
    """By the times that Redis holds: nobody waits a minute for a test."""
    owner_id, quotas = uuid.uuid4(), make_quotas(chats=3)
    now = round(time.time() * 1000)
    with redis.Redis.from_url(services.redis_url) as broker:
        times = {"gone": now - 61_000, "nearly": now - 50_000, "fresh": now - 1_000}
        broker.zadd(f"bytchat-quotas:{{{owner_id}}}:chats", times)

    first, second = await refusal(quotas, owner_id), await refusal(quotas, owner_id)

    assert first is None
    assert second
    assert second["retry_after_s"] in (9, 10)


async def test_a_lowered_limit_waits_for_as_many_as_are_too_many(
    make_quotas: MakeQuotas, services: Services
) -> None:
    owner_id = uuid.uuid4()
    now = round(time.time() * 1000)
    with redis.Redis.from_url(services.redis_url) as broker:
        times = {str(age): now - age * 1000 for age in (50, 40, 30)}
        broker.zadd(f"bytchat-quotas:{{{owner_id}}}:chats", times)

    refused = await refusal(make_quotas(chats=1), owner_id)

    assert refused
    assert refused["retry_after_s"] in (29, 30)


async def test_a_clock_that_was_set_back_locks_nobody_out(make_quotas: MakeQuotas, services: Services) -> None:
    owner_id = uuid.uuid4()
    with redis.Redis.from_url(services.redis_url) as broker:
        in_an_hour = round(time.time() * 1000) + 3_600_000
        broker.zadd(f"bytchat-quotas:{{{owner_id}}}:chats", {"ahead": in_an_hour})

    assert await refusal(make_quotas(chats=1), owner_id) is None


async def test_everything_in_redis_ends_by_itself(make_quotas: MakeQuotas, services: Services) -> None:
    owner_id = uuid.uuid4()
    await make_quotas(chats=5, streams=5, lease_s=120).enter(owner_id)

    with redis.Redis.from_url(services.redis_url) as broker:
        left_s = [broker.pttl(key) / 1000 for key in broker.scan_iter(f"bytchat-quotas:{{{owner_id}}}:*")]

    assert sorted(round(left, -1) for left in left_s) == [60, 120]


async def test_without_redis_the_process_counts_for_itself(make_quotas: MakeQuotas, nowhere: str) -> None:
    by_minute, at_once = make_quotas(nowhere, chats=2), make_quotas(nowhere, streams=2)
    owner_id = uuid.uuid4()

    assert await admitted(by_minute, owner_id, tries=5) == 2
    seats = await entered(at_once, owner_id, count=2)
    assert await refusal(at_once, owner_id)
    await at_once.leave(seats[0])
    assert await refusal(at_once, owner_id) is None


async def test_losing_redis_forgives_nothing_that_this_process_saw(
    make_quotas: MakeQuotas, services: Services
) -> None:
    owner_id = uuid.uuid4()
    with proxy_to(*proxy_of(services)) as proxy:
        quotas = make_quotas(through(proxy, services), chats=3, streams=3)
        await entered(quotas, owner_id, count=2)
        proxy.close()

        assert await admitted(quotas, owner_id, tries=5) == 1
        proxy.open()


async def test_a_silent_redis_delays_a_chat_once_and_briefly(make_quotas: MakeQuotas, services: Services) -> None:
    with proxy_to(*proxy_of(services)) as proxy:
        quotas = make_quotas(through(proxy, services), chats=100, streams=100)
        proxy.stall()
        began = time.monotonic()

        for seat in [await quotas.enter(uuid.uuid4()) for _ in range(20)]:
            await quotas.leave(seat)

        assert 0.25 < time.monotonic() - began < 1


async def test_what_redis_missed_of_a_leave_it_hears_with_the_next_chat(
    make_quotas: MakeQuotas, services: Services
) -> None:
    """Or a short fault of the network would take an owner's seats away for as long as the lease."""
    owner_id = uuid.uuid4()
    with proxy_to(*proxy_of(services)) as proxy:
        quotas = make_quotas(through(proxy, services), streams=2, pause_s=0.2)
        seats = await entered(quotas, owner_id, count=2)
        proxy.close()
        for seat in seats:
            await quotas.leave(seat)
        assert stored(services, owner_id)["seats"] == 2
        proxy.open()

        deadline = time.monotonic() + 15
        while stored(services, owner_id)["seats"]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
            await quotas.leave(await quotas.enter(owner_id))


async def test_a_chat_that_is_cancelled_while_it_enters_takes_no_seat(
    make_quotas: MakeQuotas, services: Services
) -> None:
    owner_id = uuid.uuid4()
    with proxy_to(*proxy_of(services)) as proxy:
        quotas = make_quotas(through(proxy, services), streams=1)
        await quotas.leave(await quotas.enter(owner_id))
        proxy.stall()
        entering = asyncio.create_task(quotas.enter(owner_id))
        await asyncio.sleep(0)
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
        proxy.flow()

        assert await refusal(quotas, owner_id) is None
        assert stored(services, owner_id)["seats"] == 1


async def test_leaving_twice_frees_one_seat(make_quotas: MakeQuotas) -> None:
    owner_id, quotas = uuid.uuid4(), make_quotas(streams=2)
    first, _ = await entered(quotas, owner_id, count=2)

    await quotas.leave(first)
    await quotas.leave(first)

    assert await admitted(quotas, owner_id, tries=3) == 1


@pytest.mark.parametrize(
    ("now", "seconds", "wait"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, 500_000, tzinfo=UTC), 1, "1 s"),
        (datetime(2026, 11, 22, tzinfo=UTC), 86_400, "24 h 0 min"),
        (datetime(2026, 12, 31, 11, 59, 30, tzinfo=UTC), 43_230, "12 h 1 min"),
        (datetime(2026, 11, 23, 0, 30, tzinfo=timezone(timedelta(hours=1))), 1_800, "30 min"),
    ],
)
async def test_the_tokens_of_a_day_come_back_at_the_next_midnight_utc(
    now: datetime, seconds: int, wait: str
) -> None:
    error = tokens_a_day_exceeded(5_000, now)

    assert error.fields["quota"] == "tokens_per_day"
    assert error.fields["retry_after_s"] == seconds
    assert error.sentence("es") == f"Has llegado al límite de 5000 tokens al día. Vuelve a haber dentro de {wait}."


@pytest.mark.parametrize(
    ("cap_micro_usd", "shown"), [(1_000_000, "1 "), (1, "0.000001 "), (0, "0 "), (2_500_000, "2.5 ")]
)
async def test_the_share_of_the_servers_keys_is_shown_as_people_write_it(cap_micro_usd: int, shown: str) -> None:
    error = server_budget_spent(cap_micro_usd, datetime(2026, 11, 22, 12, tzinfo=UTC))

    assert f"límite de {shown}dólares" in error.sentence("es")
    assert error.members["retry_after_s"] == 43_200
