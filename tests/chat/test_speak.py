"""The first model that speaks, and how long anybody waits for it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from app.chat.circuit import Circuits
from app.chat.speak import Candidate, Patience, Voice, first_that_speaks
from app.core.errors import AnswerCutShort, ProviderKeyInvalid, ProviderUnavailable
from app.models import Provider
from app.providers.base import ChatRequest, Finished, TextDelta
from app.providers.scripted import ScriptedProvider

SHORT = Patience(first_token_s=0.1, gap_s=0.1, total_s=5)


class Speaking:
    """The candidates of one route, all played by one scripted provider."""

    def __init__(self) -> None:
        self.provider = ScriptedProvider()
        self.asked: list[str] = []
        self.circuits = Circuits()
        # The one key of all candidates; without it each has its own.
        self.key = ""

    async def begin(self, *scripts: str, patience: Patience = SHORT) -> Voice:
        return await first_that_speaks(
            [self._candidate(place, script) for place, script in enumerate(scripts)],
            patience=patience,
            circuits=self.circuits,
        )

    async def say(self, *scripts: str, patience: Patience = SHORT) -> str:
        voice = await self.begin(*scripts, patience=patience)
        said = [voice.first, *[piece async for piece in voice.rest]]
        assert isinstance(said[-1], Finished)
        return "".join(piece.text for piece in said if isinstance(piece, TextDelta))

    def _candidate(self, place: int, script: str) -> Candidate:
        request = ChatRequest(model_id=script, system="", messages=(), question="¿Hola?")
        return Candidate(
            Provider.OPENAI, f"{place}:{script}", Listening(self), request, line=("openai", self.key or str(place))
        )


class Listening:
    """The provider, which keeps what it was asked."""

    def __init__(self, speaking: Speaking) -> None:
        self._speaking = speaking

    def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
        self._speaking.asked.append(request.model_id)
        return self._speaking.provider.stream(request)


@pytest.mark.anyio
@pytest.mark.parametrize("silent", ["fail=500", "fail=401", "fail=connect", "hang_after=0", "cut_after=0"])
async def test_a_silent_model_is_passed_over_and_its_stream_closed_str_5(silent: str) -> None:
    speaking = Speaking()

    assert await speaking.say(silent, silent, "say=Aquí estoy", "say=Yo no") == "Aquí estoy"

    assert speaking.asked == [silent, silent, "say=Aquí estoy"]
    assert speaking.provider.open_streams == 0


@pytest.mark.anyio
@pytest.mark.parametrize("faulty", ["tokens=3;fail_after=1", "tokens=3;cut_after=1", "tokens=3;hang_after=1"])
async def test_a_model_that_has_spoken_is_never_replaced_law_7(faulty: str) -> None:
    speaking = Speaking()

    with pytest.raises(AnswerCutShort):
        await speaking.say(faulty, "say=Segundo")

    assert speaking.asked == [faulty]
    assert speaking.provider.open_streams == 0


@pytest.mark.anyio
@pytest.mark.parametrize("status", ["401", "403"])
async def test_a_refused_key_is_told_where_there_is_no_other_model(status: str) -> None:
    with pytest.raises(ProviderKeyInvalid, match="openai"):
        await Speaking().begin(f"fail={status}")
    with pytest.raises(ProviderUnavailable):
        await Speaking().begin("fail=500", f"fail={status}")


@pytest.mark.anyio
async def test_a_model_that_only_says_how_it_finished_has_answered() -> None:
    speaking = Speaking()

    assert await speaking.say("say=;finish=blocked", "say=Segundo") == ""

    assert speaking.asked == ["say=;finish=blocked"]


@pytest.mark.anyio
async def test_a_steady_answer_is_cut_at_its_longest_time() -> None:
    speaking = Speaking()

    with pytest.raises(AnswerCutShort):
        await speaking.say("tokens=1000;pace_ms=10", patience=Patience(first_token_s=5, gap_s=5, total_s=0.1))

    assert speaking.provider.open_streams == 0


@pytest.mark.anyio
async def test_a_slow_reader_does_not_use_up_the_models_time_law_6() -> None:
    voice = await Speaking().begin("say=a b c")

    said = []
    async for piece in voice.rest:
        said.append(piece)
        await asyncio.sleep(SHORT.gap_s * 1.5)

    assert isinstance(said[-1], Finished)


@pytest.mark.anyio
async def test_a_voice_that_is_not_heard_out_is_closed() -> None:
    speaking = Speaking()
    voice = await speaking.begin("tokens=1000;pace_ms=1")

    await anext(voice.rest)
    await voice.rest.aclose()

    assert speaking.provider.open_streams == 0


@pytest.mark.anyio
async def test_a_fault_that_is_not_the_vendors_is_not_hidden() -> None:
    class Broken(ScriptedProvider):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
            raise ZeroDivisionError
            yield Finished()

    speaking = Speaking()
    speaking.provider = Broken()

    with pytest.raises(ZeroDivisionError):
        await speaking.begin("say=a", "say=b")
