"""Which models may answer, in which order, and the reason that is told."""

import pytest

from app.chat.task_router import ToolboxModel, choose
from app.core.errors import NoModel, ProviderKeyMissing
from app.models import Provider


def model(name: str, *, usable: bool = True, provider: Provider = Provider.OPENAI) -> ToolboxModel:
    """`name` is its task type and, after a slash, its id."""
    task_type, _, model_id = name.partition("/")
    return ToolboxModel(task_type, provider, model_id or "m", usable=usable)


TOOLBOX = [model("complex/a"), model("general/b"), model("general/c"), model("otro/d")]


@pytest.mark.parametrize(
    ("task_type", "order", "chosen"),
    [
        (None, "bcad", "general"),
        ("general", "bcad", "general"),
        ("complex", "abcd", "complex"),
        ("otro", "dbca", "otro"),
        ("nada", "bcad", "nada"),
    ],
)
def test_the_task_type_asked_for_comes_first_then_general(task_type: str | None, order: str, chosen: str) -> None:
    route = choose(TOOLBOX, task_type=task_type, has_documents=False)

    assert "".join(candidate.model_id for candidate in route.candidates) == order
    assert route.task_type == chosen


@pytest.mark.parametrize(
    ("task_type", "language", "reason"),
    [
        (None, "es", "pregunta general"),
        (None, "en", "general question"),
        ("complex", "es", "la petición pide complex"),
        ("complex", "en", "complex was asked for"),
        ("nada", "es", "la caja no tiene un modelo utilizable para nada: responde el de general"),
        ("nada", "en", "the toolbox has no usable model for nada: general answers"),
    ],
)
def test_the_reason_is_told(task_type: str | None, language: str, reason: str) -> None:
    assert choose(TOOLBOX, task_type=task_type, has_documents=False, language=language).reason == reason


def test_a_model_without_a_key_is_passed_over() -> None:
    route = choose([model("general/a", usable=False), model("complex/b")], task_type=None, has_documents=True)

    assert [candidate.model_id for candidate in route.candidates] == ["b"]


@pytest.mark.parametrize("language", ["es", "en"])
def test_without_any_key_the_extractive_model_answers_from_documents_and_says_so(language: str) -> None:
    toolbox = [
        model("general/gemini-1.5-flash-latest", usable=False, provider=Provider.GOOGLE),
        model("complex/gpt-4o", usable=False),
    ]

    route = choose(toolbox, task_type=None, has_documents=True, language=language)

    assert route.candidates == (ToolboxModel("general", Provider.LOCAL, "extractive", usable=True),)
    assert "google/gemini-1.5-flash-latest, openai/gpt-4o" in route.reason
    assert "local · extractive" in route.reason


def test_without_any_key_or_document_the_missing_keys_are_named() -> None:
    with pytest.raises(ProviderKeyMissing, match="openai/gpt-4o"):
        choose([model("general/gpt-4o", usable=False)], task_type=None, has_documents=False)


def test_an_empty_toolbox_has_no_model() -> None:
    with pytest.raises(NoModel):
        choose([], task_type=None, has_documents=True)
