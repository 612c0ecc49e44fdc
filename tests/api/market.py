"""An API whose vendors are on loopback, and people with keys of their own there.

A test module has it with `pytest_plugins = "tests.api.market"`. What ails a vendor is remembered by key, so whoever
asks a vendor that fails is a `customer`, whose keys nobody else has.
"""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.embedded.services import Services
from tests.api.vendors import Market, give_keys
from tests.platform import Owner, api_process, register
from tests.vendors.server import vendor_server


@pytest.fixture(scope="session")
def open_market() -> Iterator[Market]:
    # Bound and not listening: whoever connects is refused, and nobody else gets the port.
    with vendor_server("openai") as openai, vendor_server("google") as google, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield Market(openai, google, f"http://127.0.0.1:{closed.getsockname()[1]}/v1")


@pytest.fixture
def market(open_market: Market) -> Market:
    """The vendors as they are when nothing ails them and nobody has asked."""
    open_market.tell("")
    for vendor in (open_market.openai, open_market.google):
        vendor.requests.clear()
    return open_market


@pytest.fixture(scope="session")
def toolbox_api(services: Services, logs: Path, open_market: Market) -> Iterator[str]:
    with api_process(services, logs, **open_market.settings) as (url, _):
        yield url


@pytest.fixture
def newcomer(toolbox_api: str, market: Market) -> Iterator[Callable[[], Owner]]:
    """Registers people with a key of their own for each vendor."""
    people: list[Owner] = []

    def come() -> Owner:
        person = register(toolbox_api)
        people.append(person)
        give_keys(person)
        return person

    yield come
    for person in people:
        person.http.close()


@pytest.fixture
def customer(newcomer: Callable[[], Owner]) -> Owner:
    """Somebody with a key of their own for each vendor."""
    return newcomer()


@pytest.fixture
def guest(toolbox_api: str, market: Market) -> Iterator[Owner]:
    """Somebody without a key, who may use the server's."""
    guest = register(toolbox_api)
    yield guest
    guest.http.close()
