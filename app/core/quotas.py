"""How often and how much at once an owner may ask: counted in Redis, and in this process too.

While Redis does not answer this process's own count decides, and losing Redis forgets nothing of it.
"""

import asyncio
import math
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.core.errors import QuotaExceeded

log = structlog.get_logger()

_REDIS_TIMEOUT_S = 0.3
_PAUSE_AFTER_FAILURE_S = 5.0
_WINDOW_S = 60.0
_SWEEP_EVERY_S = 60.0
_PREFIX = "bytchat-quotas"

# The time is Redis's own: the clocks of the processes that share it need not agree.
_ENTER = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local chats, seats, seat = KEYS[1], KEYS[2], ARGV[1]
local chats_per_minute, live_streams = tonumber(ARGV[2]), tonumber(ARGV[3])
local window, lease = tonumber(ARGV[4]), tonumber(ARGV[5])
for i = 6, #ARGV do redis.call('ZREM', seats, ARGV[i]) end
if chats_per_minute > 0 then
  redis.call('ZREMRANGEBYSCORE', chats, '-inf', now - window)
  -- From before the clock was set back.
  redis.call('ZREMRANGEBYSCORE', chats, now + 1, '+inf')
  local last = redis.call('ZCARD', chats) - chats_per_minute
  if last >= 0 then
    local oldest = redis.call('ZRANGE', chats, last, last, 'WITHSCORES')
    return {1, oldest[2] + window - now}
  end
end
if live_streams > 0 then
  redis.call('ZREMRANGEBYSCORE', seats, '-inf', now)
  if redis.call('ZCARD', seats) >= live_streams then return {2, 0} end
  redis.call('ZADD', seats, now + lease, seat)
  redis.call('PEXPIRE', seats, lease)
end
if chats_per_minute > 0 then
  redis.call('ZADD', chats, now, seat)
  redis.call('PEXPIRE', chats, window)
end
return {0, 0}
"""
_TOO_MANY_CHATS, _TOO_MANY_STREAMS = 1, 2


@dataclass(frozen=True, slots=True)
class Seat:
    """The right to one live answer. It ends by itself after the lease, should nobody leave it."""

    owner_id: uuid.UUID
    id: str


@dataclass(slots=True)
class _Counts:
    """What one owner does in this process. Times are of the monotonic clock, oldest first, by seat."""

    chats: dict[str, float] = field(default_factory=dict)
    seats: dict[str, float] = field(default_factory=dict)
    # Left while Redis did not answer: it still counts them, until it is told or their lease ends.
    untold: dict[str, float] = field(default_factory=dict)

    def forget_before(self, *, chats: float, seats: float) -> None:
        for times, oldest in ((self.chats, chats), (self.seats, seats), (self.untold, seats)):
            while times and next(iter(times.values())) <= oldest:
                del times[next(iter(times))]

    @property
    def is_empty(self) -> bool:
        return not (self.chats or self.seats or self.untold)


class ChatQuotas:
    """Chats in the last minute and answers at once, an owner; 0 is no limit. What is refused does not count."""

    def __init__(
        self,
        redis_url: str,
        *,
        chats_per_minute: int,
        live_streams: int,
        lease_s: float,
        pause_after_failure_s: float = _PAUSE_AFTER_FAILURE_S,
    ) -> None:
        self._chats_per_minute = chats_per_minute
        self._live_streams = live_streams
        self._lease_s = lease_s
        self._owners: dict[uuid.UUID, _Counts] = {}
        self._swept_at = time.monotonic()
        self._pause_s = pause_after_failure_s
        self._paused_until = 0.0
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=_REDIS_TIMEOUT_S,
            socket_connect_timeout=_REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._enter = self._redis.register_script(_ENTER)

    async def enter(self, owner_id: uuid.UUID) -> Seat:
        """Raises `QuotaExceeded`. Whoever enters leaves, however the answer ends."""
        seat = Seat(owner_id, uuid.uuid4().hex)
        if not (self._chats_per_minute or self._live_streams):
            return seat
        counts = self._count_here(seat)
        try:
            refusal = await self._count_shared(seat, counts)
        except asyncio.CancelledError:
            # Nobody will leave, and Redis may have counted it.
            self._uncount_here(seat, counts)
            counts.untold[seat.id] = time.monotonic()
            raise
        if refusal is not None:
            self._uncount_here(seat, counts)
            raise refusal
        return seat

    async def leave(self, seat: Seat) -> None:
        """Never raises for Redis's sake."""
        counts = self._owners.get(seat.owner_id)
        if counts is None or seat.id not in counts.seats:
            return
        del counts.seats[seat.id]
        if not self._live_streams:
            return
        # Untold until Redis has answered: what it missed, or was cancelled here, it hears with the next chat.
        counts.untold[seat.id] = time.monotonic()
        if await self._ask(lambda: self._redis.zrem(_keys(seat.owner_id)[1], seat.id)) is not None:
            counts.untold.pop(seat.id, None)

    async def forget(self, owner_id: uuid.UUID) -> None:
        """The account is gone; never raises for Redis's sake, where what is left ends by itself."""
        self._owners.pop(owner_id, None)
        if self._chats_per_minute or self._live_streams:
            await self._ask(lambda: self._redis.delete(*_keys(owner_id)))

    async def aclose(self) -> None:
        await self._redis.aclose()

    def _count_here(self, seat: Seat) -> _Counts:
        """Raises `QuotaExceeded`."""
        now = time.monotonic()
        self._sweep(now)
        counts = self._owners.setdefault(seat.owner_id, _Counts())
        counts.forget_before(chats=now - _WINDOW_S, seats=now - self._lease_s)
        if 0 < self._chats_per_minute <= len(counts.chats):
            wait_s = next(iter(counts.chats.values())) + _WINDOW_S - now
            raise chats_a_minute_exceeded(self._chats_per_minute, wait_s=wait_s)
        if 0 < self._live_streams <= len(counts.seats):
            raise live_streams_exceeded(self._live_streams)
        if self._chats_per_minute:
            counts.chats[seat.id] = now
        counts.seats[seat.id] = now
        return counts

    def _uncount_here(self, seat: Seat, counts: _Counts) -> None:
        counts.chats.pop(seat.id, None)
        counts.seats.pop(seat.id, None)

    async def _count_shared(self, seat: Seat, counts: _Counts) -> QuotaExceeded | None:
        told = list(counts.untold)
        limits = [self._chats_per_minute, self._live_streams, round(_WINDOW_S * 1000), round(self._lease_s * 1000)]
        answer = await self._ask(lambda: self._enter(keys=_keys(seat.owner_id), args=[seat.id, *limits, *told]))
        if answer is None:
            return None
        for one in told:
            counts.untold.pop(one, None)
        kind, wait_ms = answer
        if kind == _TOO_MANY_CHATS:
            return chats_a_minute_exceeded(self._chats_per_minute, wait_s=wait_ms / 1000)
        return live_streams_exceeded(self._live_streams) if kind == _TOO_MANY_STREAMS else None

    async def _ask(self, command: Callable[[], Awaitable[Any]]) -> Any:
        """Redis's answer; None while it gives none."""
        if time.monotonic() < self._paused_until:
            return None
        try:
            async with asyncio.timeout(_REDIS_TIMEOUT_S):
                return await command()
        except Exception as error:
            self._paused_until = time.monotonic() + self._pause_s
            log.warning("quotas.shared_store_unavailable", error=type(error).__name__)
            return None

    def _sweep(self, now: float) -> None:
        """Once in a while forget those who do nothing any more."""
        if now < self._swept_at + _SWEEP_EVERY_S:
            return
        self._swept_at = now
        for counts in self._owners.values():
            counts.forget_before(chats=now - _WINDOW_S, seats=now - self._lease_s)
        self._owners = {owner_id: counts for owner_id, counts in self._owners.items() if not counts.is_empty}


def chats_a_minute_exceeded(limit: int, *, wait_s: float) -> QuotaExceeded:
    return QuotaExceeded(
        quota="chats_per_minute",
        limit=limit,
        retry_after_s=max(1, math.ceil(wait_s)),
        what_es="preguntas por minuto",
        what_en="questions a minute",
    )


def live_streams_exceeded(limit: int) -> QuotaExceeded:
    """When one of them ends nobody knows: soon, as answers go."""
    return QuotaExceeded(
        quota="live_streams",
        limit=limit,
        retry_after_s=1,
        what_es="respuestas a la vez",
        what_en="answers at once",
    )


def tokens_a_day_exceeded(limit: int, now: datetime) -> QuotaExceeded:
    """Until the day changes, which it does for all in UTC."""
    return QuotaExceeded(
        quota="tokens_per_day",
        limit=limit,
        retry_after_s=_until_tomorrow_s(now),
        what_es="tokens al día",
        what_en="tokens a day",
    )


def server_budget_spent(cap_micro_usd: int, now: datetime) -> QuotaExceeded:
    """The owner's share of the server's keys is used up, or what is left is less than an answer may cost."""
    return QuotaExceeded(
        quota="server_keys_usd_per_day",
        limit=cap_micro_usd / 1_000_000,
        retry_after_s=_until_tomorrow_s(now),
        what_es="dólares al día con las claves del servidor (con una clave tuya no lo hay)",
        what_en="dollars a day with the server's keys (there is none with a key of yours)",
    )


def next_day(now: datetime) -> datetime:
    """When what is counted by the day begins again: at midnight in UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)


def _until_tomorrow_s(now: datetime) -> int:
    return math.ceil((next_day(now) - now).total_seconds())


def _keys(owner_id: uuid.UUID) -> list[str]:
    """The owner's chats and seats, in one slot of a cluster."""
    return [f"{_PREFIX}:{{{owner_id}}}:{name}" for name in ("chats", "seats")]
