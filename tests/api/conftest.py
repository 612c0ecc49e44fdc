"""A bot for the tests that need no more of it."""

import pytest

from tests.platform import Owner


@pytest.fixture
def bot_id(owner: Owner) -> str:
    return str(owner.new_bot()["id"])
