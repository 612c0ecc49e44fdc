"""The sentence that tells why this model answers: what the router saw, who was passed over, what was retired."""

from app.chat.speak import Voice
from app.chat.task_router import Route


def told(route: Route, voice: Voice, language: str) -> str:
    """The route's reason, and after it what happened since."""
    by = voice.candidate
    parts = [route.reason]
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
