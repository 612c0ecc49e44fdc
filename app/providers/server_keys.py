"""The operator's own keys."""

from app.core.config import Settings


def server_key(settings: Settings, provider: str) -> str | None:
    """The key that every owner may use; None without one or with SERVER_KEYS=off."""
    if settings.server_keys == "off":
        return None
    keys = {"google": settings.google_api_key, "openai": settings.openai_api_key}
    return keys[provider].get_secret_value().strip() or None if provider in keys else None
