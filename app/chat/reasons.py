"""The sentence that tells why this model answers: what the router saw, who was passed over, what was retired."""

from collections.abc import Sequence

from app.chat.speak import Voice
from app.chat.task_router import Route
from app.chat.toolbox import PassedOver

_WHY = {
    "no_key": ("sin clave", "no key"),
    "no_server": ("el servidor no tiene LOCAL_BASE_URL", "the server has no LOCAL_BASE_URL"),
    "too_dear": (
        "se ha agotado tu parte del día de las claves del servidor",
        "your share of the server's keys is used up for today",
    ),
}


def told(route: Route, voice: Voice, language: str, passed_over: Sequence[PassedOver] = ()) -> str:
    """The route's reason, why models of its task type were not even asked, and what happened since."""
    by = voice.candidate
    parts = [route.reason]
    for model in passed_over:
        if model.task_type == route.task_type and model.name not in route.reason:
            parts.append(f"{model.name}: {_WHY[model.cause][language == 'en']}")
    if voice.failures:
        failed = "; ".join(failure.phrase(language) for failure in voice.failures)
        parts.append(f"{failed}; {_answers(by.name, language)}")
    if by.retired_id:
        parts.append(_succeeds(by.retired_id, by.model_id, language))
    return "; ".join(parts)


def _answers(name: str, language: str) -> str:
    return f"{name} answers" if language == "en" else f"responde {name}"


def _succeeds(retired_id: str, model_id: str, language: str) -> str:
    if language == "en":
        return f"{retired_id} was retired by its vendor, {model_id} is its successor"
    return f"{retired_id} fue retirado por su proveedor y lo sucede {model_id}"
