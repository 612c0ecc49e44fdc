"""Which models of the toolbox may answer, in order, and why. Pure: no call, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.errors import NoModel, ProviderKeyMissing
from app.models import Provider
from app.providers.local import EXTRACTIVE

GENERAL = "general"


@dataclass(frozen=True, slots=True)
class ToolboxModel:
    """A config of the toolbox. `usable` is false where its provider lacks a key or a server."""

    task_type: str
    provider: Provider
    model_id: str
    usable: bool


@dataclass(frozen=True, slots=True)
class Route:
    """`candidates` in the order in which they are tried; never empty."""

    candidates: tuple[ToolboxModel, ...]
    task_type: str
    reason: str


def choose(
    toolbox: Sequence[ToolboxModel], *, task_type: str | None, has_documents: bool, language: str = "es"
) -> Route:
    """Raises `NoModel` for an empty toolbox and `ProviderKeyMissing` where nothing can answer.

    The task type asked for comes first, then `general`, then the rest in the toolbox's order.
    """
    if not toolbox:
        raise NoModel
    wanted = task_type or GENERAL
    ranked = sorted(toolbox, key=lambda model: (model.task_type != wanted, model.task_type != GENERAL))
    usable = tuple(model for model in ranked if model.usable)
    if not usable:
        return _without_keys(ranked, wanted, has_documents=has_documents, language=language)
    return Route(usable, wanted, _reason(usable[0], wanted, asked=task_type is not None, language=language))


def _without_keys(ranked: Sequence[ToolboxModel], wanted: str, *, has_documents: bool, language: str) -> Route:
    keyless = ", ".join(dict.fromkeys(f"{model.provider}/{model.model_id}" for model in ranked))
    if not has_documents:
        raise ProviderKeyMissing(providers=keyless)
    reason = (
        f"No key for {keyless}: local · extractive answers in the documents' own sentences; "
        "it is not a language model."
        if language == "en"
        else f"Sin clave para {keyless}: responde local · extractive con frases de los documentos; "
        "no es un modelo de lenguaje."
    )
    return Route((ToolboxModel(wanted, Provider.LOCAL, EXTRACTIVE, usable=True),), wanted, reason)


def _reason(model: ToolboxModel, wanted: str, *, asked: bool, language: str) -> str:
    if model.task_type != wanted:
        return (
            f"the toolbox has no usable model for {wanted}: {model.task_type} answers"
            if language == "en"
            else f"la caja no tiene un modelo utilizable para {wanted}: responde el de {model.task_type}"
        )
    if asked:
        return f"{wanted} was asked for" if language == "en" else f"la petición pide {wanted}"
    return "general question" if language == "en" else "pregunta general"
