"""An embedding that begins before anybody knows whether it is needed."""

import uuid
from collections.abc import Sequence

import pytest

from app.chat.foresight import Foresight
from app.providers.base import Purpose, Vector

pytestmark = pytest.mark.anyio

PAIR = (uuid.uuid4(), uuid.uuid4())


class Counting:
    dimensions = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        self.asked += texts
        return [[float(len(text)), 0.0] for text in texts]


async def test_the_first_question_is_not_foreseen_and_the_next_is_embedded_once() -> None:
    embedder = Counting()
    foresight = Foresight(embedder)

    assert foresight.foresee(PAIR, "uno") is None
    assert await foresight.embed(PAIR, "uno", None) == [3.0, 0.0]
    begun = foresight.foresee(PAIR, "otro")
    assert begun is not None
    assert await foresight.embed(PAIR, "otro", begun) == [4.0, 0.0]

    assert embedder.asked == ["uno", "otro"]


async def test_whoever_was_refused_is_not_foreseen_again() -> None:
    foresight = Foresight(Counting())
    await foresight.embed(PAIR, "uno", None)
    refused = foresight.foresee(PAIR, "dos")
    assert refused is not None
    refused.cancel()

    assert foresight.foresee(PAIR, "tres") is None


async def test_another_session_or_bot_is_another_pair() -> None:
    foresight = Foresight(Counting())
    await foresight.embed(PAIR, "uno", None)

    assert foresight.foresee((PAIR[0], uuid.uuid4()), "dos") is None
    assert foresight.foresee((uuid.uuid4(), PAIR[1]), "dos") is None


async def test_without_an_embedder_there_is_no_vector() -> None:
    foresight = Foresight(None)

    assert foresight.foresee(PAIR, "uno") is None
    assert await foresight.embed(PAIR, "uno", None) is None
