"""Every provider that this server can call, each client made once and closed when it is no more needed."""

import asyncio
import hashlib
from collections import OrderedDict
from typing import Protocol

import httpx2

from app.core.config import Settings
from app.core.errors import ProviderError
from app.providers.base import EXTRACTIVE, ChatProvider, Embedder
from app.providers.google import GoogleProvider
from app.providers.http import Timeouts
from app.providers.local import ExtractiveModel, LocalProvider
from app.providers.openai import OpenAIProvider
from app.providers.scripted import ScriptedProvider

_MOST_CLIENTS = 64
_LOCAL = "local"


class _Vendor(ChatProvider, Protocol):
    """A provider with connections of its own."""

    async def check(self) -> None: ...

    async def retire(self) -> None: ...

    async def aclose(self) -> None: ...


class Providers:
    """One client a provider and key. The keys that it is given are kept nowhere else, and never logged."""

    def __init__(self, settings: Settings, embedder: Embedder | None) -> None:
        self._settings = settings
        self._timeouts = Timeouts.of(settings)
        # Made once: it reads every certificate that this system trusts.
        self._tls = httpx2.create_ssl_context()
        self._scripted = ScriptedProvider() if settings.scripted_models else None
        self._server = self._local_server()
        self._local = LocalProvider(ExtractiveModel(embedder), server=self._server)
        self._vendors: OrderedDict[tuple[str, bytes], _Vendor] = OrderedDict()
        self._retiring: set[asyncio.Task[None]] = set()

    def server_key(self, provider: str) -> str | None:
        """The operator's key, which every owner may use; None without one or with SERVER_KEYS=off."""
        if self._settings.server_keys == "off":
            return None
        keys = {"google": self._settings.google_api_key, "openai": self._settings.openai_api_key}
        return keys[provider].get_secret_value().strip() or None if provider in keys else None

    def needs_key(self, provider: str) -> bool:
        return provider != _LOCAL and self._scripted is None

    def can_call(self, provider: str, model_id: str) -> bool:
        """Whether this server knows where that model is."""
        if provider == _LOCAL:
            return model_id == EXTRACTIVE or self._server is not None
        return provider in ("google", "openai")

    def get(self, provider: str, *, key: str | None) -> ChatProvider:
        if provider == _LOCAL:
            return self._local
        return self._scripted or self._vendor(provider, key)

    async def check(self, provider: str, *, key: str) -> None:
        """One call that costs nothing. Raises `ProviderError`. The local server is asked with its own key."""
        if provider == _LOCAL:
            if self._server is not None:
                await self._server.check()
        elif self._scripted is None:
            # With a client of its own: keys that are only tried must not push out those that chats use.
            vendor = self._make(provider, key)
            try:
                await vendor.check()
            finally:
                await vendor.aclose()
        elif key.startswith("bad"):
            raise ProviderError(cause="HTTP 401", status=401)

    async def aclose(self) -> None:
        """Close every connection, whoever still listens."""
        vendors: list[_Vendor] = [*self._vendors.values(), *([self._server] if self._server else [])]
        self._vendors.clear()
        await asyncio.gather(*(vendor.aclose() for vendor in vendors), *self._retiring)

    def _vendor(self, provider: str, key: str | None) -> _Vendor:
        if not key:
            raise ProviderError(cause="there is no key", status=401)
        place = (provider, hashlib.sha256(key.encode()).digest())
        if place not in self._vendors:
            self._vendors[place] = self._make(provider, key)
        self._vendors.move_to_end(place)
        if len(self._vendors) > _MOST_CLIENTS:
            _, oldest = self._vendors.popitem(last=False)
            self._retire(oldest)
        return self._vendors[place]

    def _make(self, provider: str, key: str) -> _Vendor:
        if provider == "google":
            return GoogleProvider(
                key, base_url=self._settings.google_base_url, timeouts=self._timeouts, tls=self._tls
            )
        return OpenAIProvider(key, base_url=self._settings.openai_base_url, timeouts=self._timeouts, tls=self._tls)

    def _local_server(self) -> OpenAIProvider | None:
        if not self._settings.local_base_url:
            return None
        return OpenAIProvider(
            # Most local servers ask for none, and the protocol has no way to send none.
            self._settings.local_api_key.get_secret_value().strip() or "none",
            base_url=self._settings.local_base_url,
            timeouts=self._timeouts,
            tls=self._tls,
            is_own_server=True,
        )

    def _retire(self, vendor: _Vendor) -> None:
        task = asyncio.create_task(vendor.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
