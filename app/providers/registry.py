"""Which providers this server can call. A provider without a key or a server is absent."""

from collections.abc import Mapping

from app.core.config import Settings
from app.providers.base import ChatProvider, Embedder
from app.providers.local import ExtractiveModel
from app.providers.scripted import ScriptedProvider

Registry = Mapping[str, ChatProvider]


def make_registry(settings: Settings, embedder: Embedder | None) -> Registry:
    """By provider name. `SCRIPTED_MODELS` puts the scripted provider in the vendors' places, for tests."""
    local: Registry = {"local": ExtractiveModel(embedder)}
    if not settings.scripted_models:
        return local
    scripted = ScriptedProvider()
    return {**local, "google": scripted, "openai": scripted}
