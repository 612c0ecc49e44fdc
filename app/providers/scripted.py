"""A model that follows a script: tests need no vendor, and meet every way in which one can fail.

The script is the request's `model_id`: `key=value` pairs joined by `;`, such as `say=Hola [1].;pace_ms=20`.
Unknown keys are passed over, so that an ordinary model's name is an empty script.

| Key | Meaning |
|---|---|
| `say` | the answer (no `;` in it); without it a sentence that quotes the question |
| `tokens` | instead: this many words |
| `pace_ms` | pause before each word |
| `fail` | an HTTP status, or `connect`: fails before the first word |
| `fail_after` | fails after this many words (status 500) |
| `hang_after` | falls silent for ever after this many words; 0 is before the first |
| `cut_after` | the stream ends after this many words without its `Finished` |
| `finish` | the last word: `stop`, `length` or `blocked` |
"""

import asyncio
import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from app.core.errors import ProviderError
from app.providers.base import ChatRequest, Finished, Purpose, TextDelta, Usage, Vector


class ScriptedProvider:
    """`open_streams` counts the streams that somebody is still reading."""

    def __init__(self) -> None:
        self.open_streams = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
        script = _parse(request)
        self.open_streams += 1
        try:
            if script.fail:
                raise _failure(script.fail)
            async for delta in _speak(script):
                yield delta
            if script.cut_after is None:
                yield Finished(finish=script.finish, usage=_usage(request, script))
        finally:
            self.open_streams -= 1


class ScriptedEmbedder:
    """Texts with equal words are near each other, whatever process embeds them. Keys that begin with `bad` fail."""

    def __init__(self, dimensions: int, *, key: str | None = None) -> None:
        self.dimensions = dimensions
        self._key = key

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        check_key(self._key)
        return [_bag_of_words(text, self.dimensions) for text in texts]


def check_key(key: str | None) -> None:
    """Refuse, as a vendor would, a key that begins with `bad`."""
    if key is not None and key.startswith("bad"):
        raise _failure("401")


def _bag_of_words(text: str, dimensions: int) -> Vector:
    """Each word adds to one dimension, up or down; a text without any lies on the first axis."""
    plain = "".join(part for part in unicodedata.normalize("NFKD", text.casefold()) if part.isascii())
    vector = [0.0] * dimensions
    for word, count in Counter(re.findall(r"\w+", plain)).items():
        place = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
        vector[(place >> 1) % dimensions] += math.sqrt(count) * (1 if place & 1 else -1)
    length = math.hypot(*vector)
    return [value / length for value in vector] if length else [1.0, *vector[1:]]


@dataclass(frozen=True, slots=True)
class _Script:
    words: list[str]
    pace_s: float
    fail: str | None
    fail_after: int | None
    hang_after: int | None
    cut_after: int | None
    finish: str


def _parse(request: ChatRequest) -> _Script:
    pairs = dict(part.split("=", 1) for part in request.model_id.split(";") if "=" in part)
    return _Script(
        words=_words(pairs, question=request.question),
        pace_s=int(pairs.get("pace_ms", "0")) / 1000,
        fail=pairs.get("fail"),
        fail_after=_count(pairs.get("fail_after")),
        hang_after=_count(pairs.get("hang_after")),
        cut_after=_count(pairs.get("cut_after")),
        finish=pairs.get("finish", "stop"),
    )


def _words(pairs: dict[str, str], *, question: str) -> list[str]:
    """Each word with the white space before it, so that joined they are the text."""
    if tokens := pairs.get("tokens"):
        said = " ".join(["palabra"] * int(tokens))
    else:
        said = pairs.get("say", f"Has preguntado: «{question}».")
    return re.findall(r"\s*\S+|\s+$", said)


def _count(value: str | None) -> int | None:
    return None if value is None else int(value)


async def _speak(script: _Script) -> AsyncGenerator[TextDelta]:
    # One round more than there are words: a script may also fail or hang after the last.
    for said in range(len(script.words) + 1):
        if said == script.cut_after:
            return
        if said == script.fail_after:
            raise _failure("500")
        if said == script.hang_after:
            await asyncio.Event().wait()
        if said < len(script.words):
            await asyncio.sleep(script.pace_s)
            yield TextDelta(script.words[said])


def _failure(kind: str) -> ProviderError:
    if kind == "connect":
        return ProviderError(cause="connection refused")
    return ProviderError(cause=f"HTTP {kind}", status=int(kind))


def _usage(request: ChatRequest, script: _Script) -> Usage:
    prompt = " ".join([request.system, *(message.text for message in request.messages)])
    return Usage(input_tokens=len(prompt.split()), output_tokens=len(script.words))
