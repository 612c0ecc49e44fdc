"""Somebody with one of each thing that can be owned, and somebody without a token."""

import uuid
from collections.abc import Iterator

import httpx2
import pytest

from app.embedded.services import Services
from tests.isolation.household import Household
from tests.platform import register
from tests.routes import belongings
from tests.rows import Database


@pytest.fixture(scope="module")
def household(api: str, db: Database, services: Services) -> Iterator[Household]:
    owner = register(api)
    ids = belongings(owner, db)
    db.add_account_rows(owner.id, uuid.UUID(str(ids.bot_id)))
    yield Household(owner, ids, services.secret_key)
    owner.http.close()


@pytest.fixture(scope="module")
def anyone(api: str) -> Iterator[httpx2.Client]:
    """A client without a token."""
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        yield http
