"""Every provider that this server can call, each client made once and closed when it is no more needed."""

import asyncio
from typing import Protocol

import httpx2

from app.core.config import Settings
from app.providers.base import EXTRACTIVE, ChatProvider, Embedder
from app.providers.clients import Clients, Closing
from app.providers.embedders import Embedders
from app.providers.google import GoogleProvider
from app.providers.http import Timeouts
from app.providers.local import ExtractiveModel, LocalProvider
from app.providers.openai import OpenAIProvider
from app.providers.scripted import ScriptedProvider, check_key
from app.providers.server_keys import server_key

_LOCAL = "local"


class _Vendor(ChatProvider, Closing, Protocol):
    """A provider with connections of its own."""

    async def check(self) -> None: ...


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
        self._vendors = Clients(self._make)
        self._embedders = Embedders(settings, embedder, tls=self._tls)

    def server_key(self, provider: str) -> str | None:
        """The operator's key, which every owner may use; None without one or with SERVER_KEYS=off."""
        return server_key(self._settings, provider)

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
        return self._scripted or self._vendors.get(provider, key)

    def embedder(self, model: str, *, key: str | None) -> Embedder | None:
        """None where `local` has no wheel for this system. Raises `ProviderError` where a key is missing."""
        return self._embedders.get(model, key=key)

    def embedder_needs_key(self, model: str) -> bool:
        return self._embedders.needs_key(model)

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
        else:
            check_key(key)

    async def aclose(self) -> None:
        """Close every connection, whoever still listens."""
        server = [self._server.aclose()] if self._server else []
        await asyncio.gather(self._vendors.aclose(), self._embedders.aclose(), *server)

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
