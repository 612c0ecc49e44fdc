"""Calling a provider as the chat does, and keeping all that it said."""

import ssl
from dataclasses import dataclass
from functools import cache

import httpx2

from app.core.errors import ProviderError
from app.providers.base import ChatMessage, ChatProvider, ChatRequest, Finished, Role, TextDelta
from app.providers.google import GoogleProvider
from app.providers.http import Timeouts
from app.providers.openai import OpenAIProvider
from tests.vendors.server import Kind

# What must never be in a log or in an error.
KEY = "sk-clave-muy-secreta-4711"
QUESTION = "¿Cuál es el PIN de Rosa?"


@dataclass(frozen=True, slots=True)
class Heard:
    texts: list[str]
    finished: Finished | None
    error: ProviderError | None

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def cause(self) -> str | None:
        return None if self.error is None else self.error.fields["cause"]


@cache
def trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


def request_for(model_id: str, *, system: str = "Responde en español.", max_output_tokens: int = 99) -> ChatRequest:
    return ChatRequest(
        model_id=model_id,
        system=system,
        messages=(
            ChatMessage(Role.USER, "Hola"),
            ChatMessage(Role.ASSISTANT, "Dime"),
            ChatMessage(Role.USER, QUESTION),
        ),
        question=QUESTION,
        max_output_tokens=max_output_tokens,
    )


def make_provider(
    kind: Kind,
    url: str,
    *,
    key: str = KEY,
    timeouts: Timeouts | None = None,
    tls: ssl.SSLContext | None = None,
) -> OpenAIProvider | GoogleProvider:
    timeouts, tls = timeouts or Timeouts(), tls or trust()
    if kind == "google":
        return GoogleProvider(key, base_url=url, timeouts=timeouts, tls=tls)
    return OpenAIProvider(key, base_url=url, timeouts=timeouts, tls=tls)


async def heard(provider: ChatProvider, request: ChatRequest | str) -> Heard:
    """All of one answer, also of one that fails half-way."""
    texts: list[str] = []
    finished = None
    try:
        async for said in provider.stream(request_for(request) if isinstance(request, str) else request):
            if isinstance(said, Finished):
                finished = said
            else:
                texts.append(said.text)
    except ProviderError as error:
        return Heard(texts, finished, error)
    return Heard(texts, finished, None)


async def first_words(provider: ChatProvider, model_id: str) -> list[TextDelta | Finished]:
    """What an answer begins with, closed by whoever listened."""
    stream = provider.stream(request_for(model_id))
    said = [await anext(stream)]
    await stream.aclose()
    return said
