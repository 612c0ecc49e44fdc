"""The scripted model does what its script says, so that other tests may rely on it."""

import asyncio
import math
import time

import pytest

from app.core.errors import ProviderError
from app.providers.base import ChatMessage, ChatProvider, ChatRequest, Finished, Purpose, Role, TextDelta, Usage
from app.providers.scripted import ScriptedEmbedder, ScriptedProvider


def request_for(script: str) -> ChatRequest:
    return ChatRequest(
        model_id=script,
        system="dos palabras",
        messages=(ChatMessage(role=Role.USER, text="¿Abrís hoy?"),),
        question="¿Abrís hoy?",
    )


async def collect(
    script: str, provider: ChatProvider | None = None
) -> tuple[list[str], Finished | None, ProviderError | None]:
    said: list[str] = []
    finished: Finished | None = None
    try:
        async for event in (provider or ScriptedProvider()).stream(request_for(script)):
            if isinstance(event, Finished):
                finished = event
            else:
                said.append(event.text)
    except ProviderError as error:
        return said, finished, error
    return said, finished, None


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("say=Hola  a todos [1].\n", ["Hola", "  a", " todos", " [1].", "\n"]),
        ("say=a=b;pace_ms=1", ["a=b"]),
        ("tokens=3", ["palabra", " palabra", " palabra"]),
        ("say=", []),
        ("gpt-4o", ["Has", " preguntado:", " «¿Abrís", " hoy?»."]),
    ],
)
def test_each_word_is_one_delta(script: str, said: list[str]) -> None:
    words, finished, error = asyncio.run(collect(script))

    assert words == said
    assert finished == Finished(finish="stop", usage=Usage(input_tokens=4, output_tokens=len(said)))
    assert error is None


@pytest.mark.parametrize(
    ("script", "words", "status"),
    [
        ("fail=401", 0, 401),
        ("fail=429", 0, 429),
        ("fail=500", 0, 500),
        ("fail=503", 0, 503),
        ("fail=connect", 0, None),
        ("tokens=9;fail_after=3", 3, 500),
        ("tokens=3;fail_after=3", 3, 500),
        ("tokens=9;fail_after=0", 0, 500),
    ],
)
def test_it_fails_where_the_script_says(script: str, words: int, status: int | None) -> None:
    said, finished, error = asyncio.run(collect(script))

    assert len(said) == words
    assert finished is None
    assert error is not None
    assert error.status == status


@pytest.mark.parametrize(("script", "words"), [("tokens=9;cut_after=2", 2), ("tokens=2;cut_after=2", 2)])
def test_a_cut_stream_has_no_last_word(script: str, words: int) -> None:
    said, finished, error = asyncio.run(collect(script))

    assert (len(said), finished, error) == (words, None, None)


def test_the_finish_is_the_scripts() -> None:
    _, finished, _ = asyncio.run(collect("say=Hola;finish=length"))

    assert finished is not None
    assert finished.finish == "length"


@pytest.mark.parametrize("words", [0, 2])
def test_a_reader_who_gives_up_on_a_hanging_stream_frees_it(words: int) -> None:
    async def run() -> tuple[list[TextDelta | Finished], int, int]:
        provider = ScriptedProvider()
        stream = provider.stream(request_for(f"tokens=9;hang_after={words}"))
        said = [await anext(stream) for _ in range(words)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream, None), timeout=0.05)
        return said, words, provider.open_streams

    said, expected, left_open = asyncio.run(run())

    assert len(said) == expected
    assert left_open == 0


def test_open_streams_are_counted_until_they_are_closed() -> None:
    async def run() -> list[int]:
        provider = ScriptedProvider()
        streams = [provider.stream(request_for("tokens=9")) for _ in range(2)]
        counts = [provider.open_streams]
        for stream in streams:
            await anext(stream)
            counts.append(provider.open_streams)
        for stream in streams:
            await stream.aclose()
            counts.append(provider.open_streams)
        return counts

    assert asyncio.run(run()) == [0, 1, 2, 1, 0]


@pytest.mark.parametrize("script", ["say=Hola", "fail=500", "tokens=9;fail_after=1", "tokens=9;cut_after=1"])
def test_a_stream_that_ended_by_itself_is_not_open(script: str) -> None:
    provider = ScriptedProvider()

    async def run() -> int:
        await collect(script, provider)
        return provider.open_streams

    assert asyncio.run(run()) == 0


def test_words_come_at_the_scripts_pace() -> None:
    began = time.monotonic()

    asyncio.run(collect("tokens=5;pace_ms=20"))

    assert time.monotonic() - began >= 0.1


def test_texts_with_equal_words_are_near_each_other() -> None:
    [asked, near, far] = asyncio.run(
        ScriptedEmbedder(768).embed(
            ["¿Cuánto cuesta la devolución?", "La DEVOLUCION no cuesta nada.", "Abrimos el lunes"],
            purpose=Purpose.QUERY,
        )
    )

    assert sum(a * b for a, b in zip(asked, near, strict=True)) > 0.5
    assert abs(sum(a * b for a, b in zip(asked, far, strict=True))) < 0.2


@pytest.mark.parametrize("text", ["Hola, ¿qué tal?", "", "日本"])
def test_every_scripted_vector_has_length_one(text: str) -> None:
    [vector] = asyncio.run(ScriptedEmbedder(16).embed([text], purpose=Purpose.PASSAGE))

    assert math.hypot(*vector) == pytest.approx(1)
