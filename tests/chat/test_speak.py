"""The first model that speaks, and how long anybody waits for it."""

import asyncio
import time
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


@pytest.mark.anyio
async def test_those_that_were_passed_over_come_with_the_voice_in_their_order() -> None:
    voice = await Speaking().begin("fail=401", "hang_after=0", "fail=503", "say=Yo")

    assert [failure.phrase("es") for failure in voice.failures] == [
        "openai/0:fail=401: clave rechazada (HTTP 401)",
        "openai/1:hang_after=0: no ha respondido a tiempo",
        "openai/2:fail=503: fallo del proveedor (HTTP 503)",
    ]
    await voice.rest.aclose()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("script", "times"),
    [
        ("fail=500", 3),
        ("fail=connect", 3),
        ("fail=429", 3),
        ("cut_after=0", 3),
        ("fail=400", 1),
        ("fail=401", 1),
        ("hang_after=0", 1),
    ],
)
async def test_who_fails_at_once_for_a_reason_that_passes_is_asked_again_where_nobody_else_is(
    script: str, times: int
) -> None:
    speaking = Speaking()

    with pytest.raises((ProviderUnavailable, ProviderKeyInvalid)):
        await speaking.begin(script)

    assert speaking.asked == [script] * times


@pytest.mark.anyio
async def test_only_those_that_may_soon_answer_are_asked_again() -> None:
    speaking = Speaking()

    with pytest.raises(ProviderUnavailable):
        await speaking.begin("fail=500", "fail=400")

    assert speaking.asked == ["fail=500", "fail=400", "fail=500", "fail=500"]


@pytest.mark.anyio
async def test_while_a_circuit_is_open_nobody_calls_the_vendor() -> None:
    speaking = Speaking()
    speaking.key = "la misma"
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await speaking.begin("fail=500")
    speaking.asked.clear()

    with pytest.raises(ProviderUnavailable) as caught:
        await speaking.begin("say=Ya estoy bien")

    assert speaking.asked == []
    assert 0 < caught.value.fields["retry_after_s"] <= 30


@pytest.mark.anyio
async def test_a_silent_model_rests_alone_and_not_the_others_of_its_key() -> None:
    """Or one owner's slow model would shut out everybody who uses the same key."""
    speaking = Speaking()
    speaking.key = "la misma"
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await speaking.begin("hang_after=0")
    speaking.asked.clear()

    with pytest.raises(ProviderUnavailable) as caught:
        await speaking.begin("hang_after=0")

    assert "paused after repeated failures" in str(caught.value)
    assert await speaking.say("say=Yo") == "Yo"
    assert speaking.asked == ["say=Yo"]


@pytest.mark.anyio
async def test_an_answer_without_a_word_goes_to_the_next_model_and_is_not_asked_again() -> None:
    speaking = Speaking()

    assert await speaking.say("say=", "say=Yo") == "Yo"
    with pytest.raises(ProviderUnavailable, match="without a word"):
        await speaking.begin("say=")

    assert speaking.asked == ["say=", "say=Yo", "say="]
    assert speaking.provider.open_streams == 0


@pytest.mark.anyio
async def test_an_answer_closes_its_line_again() -> None:
    speaking = Speaking()
    speaking.key = "la misma"
    for _ in range(4):
        assert await speaking.say("fail=500", "say=Yo") == "Yo"

    assert speaking.asked.count("fail=500") == 4


@pytest.mark.anyio
async def test_whoever_leaves_while_a_model_is_silent_frees_it() -> None:
    speaking = Speaking()
    waiting = asyncio.create_task(speaking.begin("hang_after=0", patience=Patience(60, 60, 60)))
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    streams = speaking.provider.open_streams

    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not done
    assert (streams, speaking.provider.open_streams) == (1, 0)


@pytest.mark.anyio
async def test_however_many_models_are_silent_nobody_waits_longer_than_is_said() -> None:
    """After `longest_s` what an answer holds is given away."""
    patience = Patience(first_token_s=0.05, gap_s=0.05, total_s=0)
    began = time.monotonic()

    with pytest.raises(ProviderUnavailable):
        await Speaking().begin(*["hang_after=0"] * 40, patience=patience)

    assert time.monotonic() - began < patience.longest_s + 0.5
