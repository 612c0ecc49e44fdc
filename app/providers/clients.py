"""One client a provider and key, made once; the one that was not used for longest goes first."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from app.core.errors import ProviderError

_MOST_CLIENTS = 64


class Closing(Protocol):
    """What has connections of its own."""

    async def retire(self) -> None: ...

    async def aclose(self) -> None: ...


Client = TypeVar("Client", bound=Closing)


class Clients(Generic[Client]):
    """`make` takes provider and key. The keys are kept nowhere else, and never logged."""

    def __init__(self, make: Callable[[str, str], Client]) -> None:
        self._make = make
        self._clients: OrderedDict[tuple[str, bytes], Client] = OrderedDict()
        self._retiring: set[asyncio.Task[None]] = set()

    def get(self, provider: str, key: str | None) -> Client:
        """Raises `ProviderError` without a key."""
        if not key:
            raise ProviderError(cause="there is no key", status=401)
        place = (provider, hashlib.sha256(key.encode()).digest())
        if place not in self._clients:
            self._clients[place] = self._make(provider, key)
        self._clients.move_to_end(place)
        if len(self._clients) > _MOST_CLIENTS:
            _, oldest = self._clients.popitem(last=False)
            self._retire(oldest)
        return self._clients[place]

    async def aclose(self) -> None:
        """Close every connection, whoever still listens."""
        clients = list(self._clients.values())
        self._clients.clear()
        await asyncio.gather(*(client.aclose() for client in clients), *self._retiring)

    def _retire(self, client: Client) -> None:
        task = asyncio.create_task(client.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
