"""Finds the services that a command acts on: those of the settings, or the home's running ones."""

from app.core.config import Settings
from app.core.operator_errors import NothingRuns
from app.embedded.home import BROKER, POSTGRESQL, find_port, home_folder, is_port_free
from app.embedded.services import find_services


def locate_database(settings: Settings) -> str:
    """Raises `NothingRuns`."""
    named = settings.database_url.get_secret_value()
    return named or _embedded(settings, POSTGRESQL)


def locate_broker(settings: Settings) -> str:
    """Raises `NothingRuns`."""
    named = settings.redis_url.get_secret_value()
    return named or _embedded(settings, BROKER)


def _embedded(settings: Settings, service: str) -> str:
    home = home_folder(settings)
    known, port = find_services(home), find_port(home, service)
    if known is None or port is None or is_port_free("127.0.0.1", port):
        raise NothingRuns(home=home)
    return known.database_url if service == POSTGRESQL else known.redis_url
