"""Clients at addresses of their own, so that the failures of one test never use up another's limits."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
import pytest

from tests.platform import PASSWORD


def _has_whole_loopback() -> bool:
    """Linux answers on all of 127.0.0.0/8; macOS on 127.0.0.1 alone."""
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.90.90.90", 0))
        return True
    return False


needs_addresses = pytest.mark.skipif(not _has_whole_loopback(), reason="This system has one loopback address.")


def new_address() -> str:
    return "127." + ".".join(str(random.randint(2, 250)) for _ in range(3))


@contextmanager
def client_at(api: str, address: str | None = None) -> Iterator[httpx2.Client]:
    """A client without a token that calls from this address, or from one that nobody has used."""
    transport = httpx2.HTTPTransport(local_address=address or new_address())
    with httpx2.Client(base_url=api, transport=transport, timeout=30) as http:
        yield http


def try_login(http: httpx2.Client, email: str, password: str = PASSWORD, **headers: str) -> httpx2.Response:
    return http.post("/token", data={"username": email, "password": password}, headers=headers)
