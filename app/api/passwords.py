"""Hashing off the event loop, few at a time, and the login that it serves."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from app.core.errors import WrongCredentials
from app.core.limits import Limiter, login_limits
from app.core.security import NOBODYS_HASH, hash_password, verify_password

# argon2id takes 19 MiB and a core for each: more at once only make every one slower.
_AT_ONCE = 1


class PasswordHasher:
    """Hashes and verifies in threads of its own."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._threads = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="hash")

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.get_running_loop().run_in_executor(self._threads, hash_password, password)

    async def verify(self, password: str, password_hash: str) -> bool:
        async with self._slots:
            return await self._verify(password, password_hash)

    async def log_in(self, *, email_key: str, password: str, password_hash: str | None, address: str) -> None:
        """Raises `WrongCredentials`, or `TooManyRequests` before any hashing.

        An unknown account (`password_hash` None) costs and answers the same as a wrong password.
        """
        limits = login_limits(email_key=email_key, address=address)
        await self._limiter.check(limits)
        async with self._slots:
            # Once more: of many requests that came together, the earlier ones have failed meanwhile.
            await self._limiter.check(limits)
            right = await self._verify(password, password_hash or NOBODYS_HASH)
            if not right or password_hash is None:
                await self._limiter.count(limits)
                raise WrongCredentials

    async def _verify(self, password: str, password_hash: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, verify_password, password, password_hash)
