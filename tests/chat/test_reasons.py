"""The sentence that tells a reader why this model answers."""

from collections.abc import AsyncGenerator

import pytest

from app.chat.reasons import told
from app.chat.speak import Candidate, Failure, Voice
from app.chat.task_router import Route
from app.chat.toolbox import PassedOver
from app.core.errors import ProviderError, ProviderResting, ProviderTimedOut
from app.models import Provider
from app.providers.base import ChatRequest, Finished, TextDelta
from app.providers.scripted import ScriptedProvider

LANGUAGES = ("es", "en")


def candidate(model_id: str, provider: Provider = Provider.OPENAI, *, retired_id: str | None = None) -> Candidate:
    request = ChatRequest(model_id=model_id, system="", messages=(), question="Hola")
    return Candidate(
        provider, model_id, ScriptedProvider(), request, line=(provider, "a1b2"), retired_id=retired_id
    )


async def _silence() -> AsyncGenerator[TextDelta | Finished]:
    return
    yield


def reason(
    *failures: ProviderError, language: str, retired_id: str | None = None, first: str = "a la primera"
) -> str:
    by = candidate("gemini-flash-latest", Provider.GOOGLE, retired_id=retired_id)
    failed = tuple(Failure(candidate(f"gpt-{n}"), error) for n, error in enumerate(failures, start=1))
    return told(Route((), "general", first), Voice(by, Finished(), _silence(), failed), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_happened_the_routers_word_is_all(language: str) -> None:
    assert reason(language=language) == "a la primera"


@pytest.mark.parametrize(
    ("error", "es", "en"),
    [
        (ProviderTimedOut(), "no ha respondido a tiempo", "it did not answer in time"),
        (
            ProviderResting(retry_after_s=20),
            "en pausa tras fallar varias veces",
            "paused after repeated failures",
        ),
        (ProviderError(cause="?"), "no se ha podido hablar con él", "it could not be reached"),
        (ProviderError(cause="?", status=401), "clave rechazada (HTTP 401)", "key refused (HTTP 401)"),
        (ProviderError(cause="?", status=403), "clave rechazada (HTTP 403)", "key refused (HTTP 403)"),
        (
            ProviderError(cause="?", status=404),
            "ese modelo no existe (HTTP 404)",
            "there is no such model (HTTP 404)",
        ),
        (
            ProviderError(cause="?", status=429),
            "demasiadas peticiones o sin saldo (HTTP 429)",
            "too many requests or no credit (HTTP 429)",
        ),
        (ProviderError(cause="?", status=400), "petición rechazada (HTTP 400)", "request refused (HTTP 400)"),
        (ProviderError(cause="?", status=503), "fallo del proveedor (HTTP 503)", "the provider failed (HTTP 503)"),
    ],
)
def test_who_was_passed_over_is_named_with_the_cause(error: ProviderError, es: str, en: str) -> None:
    assert reason(error, language="es") == f"a la primera; openai/gpt-1: {es}; responde google/gemini-flash-latest"
    assert reason(error, language="en") == f"a la primera; openai/gpt-1: {en}; google/gemini-flash-latest answers"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_vendors_own_words_never_reach_a_reader(language: str) -> None:
    told = reason(ProviderError(cause="Incorrect API key sk-4711", status=401), language=language)

    assert "4711" not in told


def test_all_who_were_passed_over_stand_in_order_before_the_one_that_answers() -> None:
    told = reason(ProviderTimedOut(), ProviderError(cause="?", status=500), language="en")

    assert told.index("openai/gpt-1:") < told.index("openai/gpt-2:") < told.index("answers")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("es", "gemini-pro fue retirado por su proveedor y lo sucede gemini-flash-latest"),
        ("en", "gemini-pro was retired by its vendor, gemini-flash-latest is its successor"),
    ],
)
def test_what_was_retired_is_told_last(language: str, sentence: str) -> None:
    assert reason(language=language, retired_id="gemini-pro") == f"a la primera; {sentence}"
    assert reason(ProviderTimedOut(), language=language, retired_id="gemini-pro").endswith(f"; {sentence}")


@pytest.mark.parametrize(
    ("cause", "language", "why"),
    [
        ("no_key", "es", "google/gemini: sin clave"),
        ("no_key", "en", "google/gemini: no key"),
        ("no_server", "es", "google/gemini: el servidor no tiene LOCAL_BASE_URL"),
        ("too_dear", "es", "google/gemini: se ha agotado tu parte del día de las claves del servidor"),
    ],
)
def test_why_a_model_of_the_task_type_was_not_even_asked_is_told(cause: str, language: str, why: str) -> None:
    route = Route((), "general", "una consulta directa → general")
    there = [PassedOver("general", "google/gemini", cause), PassedOver("code", "openai/otro", cause)]

    sentence = told(route, Voice(candidate("gpt"), Finished(), _silence()), language, there)

    assert sentence == f"una consulta directa → general; {why}"
