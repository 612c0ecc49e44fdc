"""Every embedder that this server can call. Light enough for the worker, which has no use for chat models."""

import ssl

import httpx2

from app.core.config import Settings
from app.providers.base import Embedder
from app.providers.clients import Clients
from app.providers.embedding import VendorEmbedder
from app.providers.google_embedder import GOOGLE
from app.providers.http import Timeouts
from app.providers.openai_embedder import OPENAI
from app.providers.scripted import ScriptedEmbedder

_LOCAL = "local"
_WIRES = {"openai": OPENAI, "google": GOOGLE}


class Embedders:
    """One client a model and key. Models are named by whom they are called at: `local`, `openai`, `google`."""

    def __init__(self, settings: Settings, local: Embedder | None, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._local = local
        self._tls = tls
        self._clients = Clients(self._make)

    def needs_key(self, model: str) -> bool:
        return model != _LOCAL and not self._settings.scripted_models

    def get(self, model: str, *, key: str | None) -> Embedder | None:
        """None where `local` has no wheel for this system. Raises `ProviderError` where a key is missing."""
        if model == _LOCAL:
            return self._local
        if self._settings.scripted_models:
            return ScriptedEmbedder(_WIRES[model].dimensions, key=key)
        return self._clients.get(model, key)

    async def aclose(self) -> None:
        await self._clients.aclose()

    def _make(self, model: str, key: str) -> VendorEmbedder:
        if self._tls is None:
            # Made once, where it is needed: it reads every certificate that this system trusts.
            self._tls = httpx2.create_ssl_context()
        addresses = {"openai": self._settings.openai_base_url, "google": self._settings.google_base_url}
        timeouts = Timeouts.of(self._settings)
        return VendorEmbedder(_WIRES[model], key, base_url=addresses[model], timeouts=timeouts, tls=self._tls)
