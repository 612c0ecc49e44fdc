"""The stub: its answers follow from the question, and it fails in the way that it was told to."""

import asyncio
from collections.abc import Iterator

import pytest

from app.core.errors import ProviderError
from app.providers.base import ChatMessage, ChatRequest, Finished, Purpose, Role
from app.providers.http import Timeouts
from app.providers.openai import OpenAIProvider
from app.providers.scripted import ScriptedEmbedder
from tests.faults.provider import Behaviour, Provider, answer_to, provider
from tests.vendors.calls import KEY, trust
from tests.vendors.embedding import make_embedder

_QUESTION = "¿Cuándo abre? «q:7-3»"


@pytest.fixture
def stub() -> Iterator[Provider]:
    with provider(seed=7) as made:
        yield made


def _ask(stub: Provider, question: str = _QUESTION, *, system: str = "Sé breve.", within_s: float = 10) -> str:
    request = ChatRequest(
        model_id="stub",
        system=system,
        messages=(ChatMessage(role=Role.USER, text=question),),
        question=question,
        sources=(),
        max_output_tokens=500,
    )

    async def ask() -> str:
        vendor = OpenAIProvider(KEY, base_url=stub.url, timeouts=Timeouts(), tls=trust())
        try:
            async with asyncio.timeout(within_s):
                pieces = [piece async for piece in vendor.stream(request)]
        finally:
            await vendor.aclose()
        assert isinstance(pieces[-1], Finished)
        return "".join(piece.text for piece in pieces if not isinstance(piece, Finished))

    return asyncio.run(ask())


def test_the_answer_is_the_one_that_follows_from_the_question(stub: Provider) -> None:
    assert _ask(stub) == answer_to(_QUESTION, cites=False)


def test_it_cites_where_the_prompt_holds_a_passage(stub: Provider) -> None:
    said = _ask(stub, system='Reglas.\n\n<passage n="1">\nAbre a las nueve.\n</passage>')

    assert said == answer_to(_QUESTION, cites=True)
    assert "[1]" in said


def test_only_the_mark_decides_what_is_answered(stub: Provider) -> None:
    assert answer_to(f"Antes de esto. {_QUESTION} Y nada más.", cites=False) == answer_to(_QUESTION, cites=False)
    assert answer_to("Otra. «q:7-4»", cites=False) != answer_to(_QUESTION, cites=False)


@pytest.mark.parametrize("behaviour", [one for one in Behaviour if one not in (Behaviour.WELL, Behaviour.DRIP)])
def test_each_failure_is_no_whole_answer(stub: Provider, behaviour: Behaviour) -> None:
    stub.behave(behaviour)

    with pytest.raises((ProviderError, TimeoutError)):
        _ask(stub, within_s=1)
    assert stub.seen[behaviour] == 1


def test_it_behaves_well_again_when_it_is_told_nothing(stub: Provider) -> None:
    stub.behave(Behaviour.FAILS)
    stub.behave()

    assert _ask(stub) == answer_to(_QUESTION, cites=False)


def test_its_vectors_are_those_of_the_scripted_embedder(stub: Provider) -> None:
    texts = ["El faro abre a las nueve.", "La torre"]

    vectors = asyncio.run(make_embedder("openai", stub.url).embed(texts, purpose=Purpose.PASSAGE))

    expected = asyncio.run(ScriptedEmbedder(1536).embed(texts, purpose=Purpose.PASSAGE))
    assert vectors == [pytest.approx(vector, abs=1e-6) for vector in expected]
