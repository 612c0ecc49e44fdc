"""Which providers the operator has set up, in words; never a key. No vendor SDK is loaded: `bytchat up` says it."""

from urllib.parse import urlsplit

from app.core.config import Settings
from app.models import Provider
from app.operations.language import say


def describe(settings: Settings) -> str:
    """«local (extractive) · openai (clave del servidor) · google (sin clave del servidor)»."""
    order = (Provider.LOCAL, Provider.OPENAI, Provider.GOOGLE)
    return " · ".join(f"{provider} ({describe_setup(provider, settings)})" for provider in order)


def describe_setup(provider: Provider, settings: Settings) -> str:
    """What the operator has set up for one provider."""
    known = "extractive" if provider is Provider.LOCAL else _describe_key(provider, settings)
    place = _place(provider, settings)
    return f"{known}, {place}" if place else known


def server_key(provider: Provider, settings: Settings) -> str:
    """The operator's key for a vendor, whether or not it is lent."""
    keys = {Provider.OPENAI: settings.openai_api_key, Provider.GOOGLE: settings.google_api_key}
    return keys[provider].get_secret_value().strip()


def _describe_key(provider: Provider, settings: Settings) -> str:
    if not server_key(provider, settings):
        return say("sin clave del servidor", "no server key")
    if settings.server_keys == "off":
        return say("clave del servidor, que SERVER_KEYS=off no presta", "server key, not lent: SERVER_KEYS=off")
    return say("clave del servidor", "server key")


def _place(provider: Provider, settings: Settings) -> str:
    """Its address where that is not the vendor's own, without a password that may stand in it."""
    name = f"{provider}_base_url"
    address: str = getattr(settings, name)
    if address == Settings.model_fields[name].default:
        return ""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
