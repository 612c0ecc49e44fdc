"""Counters of attempts in moving windows: in Redis, and in this process while Redis does not answer."""

import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.util import WindowStats

from app.core.errors import TooManyRequests

log = structlog.get_logger()

_REDIS_TIMEOUT_S = 0.3
_PAUSE_AFTER_FAILURE_S = 5.0
_WINDOW_S = 5 * 60


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `item.amount` in `item`'s window for one combination of `keys`."""

    item: RateLimitItem
    keys: tuple[str, ...]


def login_limits(*, email_key: str, address: str) -> tuple[Limit, ...]:
    """Failures allowed in five minutes: 10 for an account from one address, 50 from one, 200 for one account.

    The narrow one comes first: nobody locks another out from a single address.
    """
    return (
        Limit(RateLimitItemPerSecond(10, _WINDOW_S, namespace="login-both"), (email_key, address)),
        Limit(RateLimitItemPerSecond(50, _WINDOW_S, namespace="login-address"), (address,)),
        Limit(RateLimitItemPerSecond(200, _WINDOW_S, namespace="login-account"), (email_key,)),
    )


def registration_limits(address: str, *, per_hour: int) -> tuple[Limit, ...]:
    """None where `per_hour` is 0."""
    return (Limit(RateLimitItemPerHour(per_hour, namespace="registration"), (address,)),) if per_hour else ()


def key_check_limits(owner_id: uuid.UUID) -> tuple[Limit, ...]:
    """10 a minute for an owner: nobody tries stolen keys by way of us."""
    return (Limit(RateLimitItemPerMinute(10, namespace="key-check"), (str(owner_id),)),)


class Limiter:
    """Checks and counts; every count is kept here too, so that losing Redis forgets nothing of this process."""

    def __init__(self, redis_url: str) -> None:
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(
            RedisStorage(
                f"async+{redis_url}",
                implementation="redispy",
                key_prefix="bytchat-limits",
                socket_timeout=_REDIS_TIMEOUT_S,
                socket_connect_timeout=_REDIS_TIMEOUT_S,
            )
        )
        self._paused_until = 0.0

    async def check(self, limits: Sequence[Limit]) -> None:
        """Raises `TooManyRequests` when one of them is used up; counts nothing."""
        for limit in limits:
            for limiter in (self._local, self._shared):
                await self._check_one(limiter, limit)

    async def count(self, limits: Sequence[Limit]) -> None:
        for limit in limits:
            await self._local.hit(limit.item, *_hidden(limit))
            if self._shared_answers:
                try:
                    await self._shared.hit(limit.item, *_hidden(limit))
                except Exception as error:
                    self._pause(error)

    async def take(self, limits: Sequence[Limit]) -> None:
        """Count in one step what has room, or raise `TooManyRequests`: of many at once no more get through."""
        for limit in limits:
            for limiter in (self._local, self._shared):
                await self._take_one(limiter, limit)

    @property
    def _shared_answers(self) -> bool:
        return time.monotonic() >= self._paused_until

    async def _check_one(self, limiter: MovingWindowRateLimiter, limit: Limit) -> None:
        if limiter is self._shared and not self._shared_answers:
            return
        try:
            stats = await limiter.get_window_stats(limit.item, *_hidden(limit))
        except Exception as error:
            self._pause(error)
            return
        if stats.remaining <= 0:
            raise _too_many(stats)

    async def _take_one(self, limiter: MovingWindowRateLimiter, limit: Limit) -> None:
        if limiter is self._shared and not self._shared_answers:
            return
        try:
            if await limiter.hit(limit.item, *_hidden(limit)):
                return
            stats = await limiter.get_window_stats(limit.item, *_hidden(limit))
        except Exception as error:
            self._pause(error)
            return
        raise _too_many(stats)

    def _pause(self, error: Exception) -> None:
        self._paused_until = time.monotonic() + _PAUSE_AFTER_FAILURE_S
        log.warning("limits.shared_store_unavailable", error=type(error).__name__)


def _hidden(limit: Limit) -> list[str]:
    """E-mails, addresses and accounts are written nowhere outside the database."""
    return [hashlib.blake2b(key.encode(), digest_size=16).hexdigest() for key in limit.keys]


def _too_many(stats: WindowStats) -> TooManyRequests:
    return TooManyRequests(retry_after_s=max(1, round(stats.reset_time - time.time())))
