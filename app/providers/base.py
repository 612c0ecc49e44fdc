"""The border to models: plain values in, plain values out, no id and no table."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Vector = list[float]
# The model of `local` that needs no key and no server, and never fails.
EXTRACTIVE = "extractive"


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


class Purpose(StrEnum):
    """What an embedding is for; the model wants a different prefix for each."""

    QUERY = "query"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class SourceText:
    """One numbered passage as a model sees it. `fit` (0 to 1) is how high search ranked it."""

    n: int
    text: str
    fit: float = 0.0


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """`messages` ends with the question; `system` already holds the passages for models that read a prompt.

    `question` and `sources` are the same facts unrendered, for models that need no prompt. `refusal` is what such
    a one says where the sources hold no answer; empty, it says so in its own words.
    """

    model_id: str
    system: str
    messages: tuple[ChatMessage, ...]
    question: str
    sources: tuple[SourceText, ...] = ()
    refusal: str = ""
    max_output_tokens: int = 2048


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; `None` where it does not count."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The provider's last word. `finish` is `stop`, `length` or `blocked`."""

    finish: str = "stop"
    usage: Usage = field(default_factory=Usage)


class ChatProvider(Protocol):
    def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta | Finished]:
        """Text as it is made, then exactly one `Finished`. Raises `ProviderError`."""
        ...


class Embedder(Protocol):
    dimensions: int

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        """One unit vector a text, in order."""
        ...
