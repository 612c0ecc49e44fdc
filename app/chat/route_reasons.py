"""What a person is told about the task type that was chosen, in Spanish and English. Pure."""

from collections.abc import Sequence

from app.chat.cues import Cue
from app.chat.meaning import Verdict

_CUES = {
    Cue.CODE: ("código", "code"),
    Cue.CAUSE: ("una causa que buscar", "a cause to find"),
    Cue.WEIGHING: ("opciones que sopesar", "options to weigh"),
    Cue.PLAN: ("un plan", "a plan"),
    Cue.DESIGN: ("un diseño", "a design"),
    Cue.PROOF: ("una demostración", "a proof"),
    Cue.REASONING: ("un razonamiento", "reasoning"),
    Cue.CALCULATION: ("un cálculo", "a calculation"),
    Cue.CONDITIONS: ("condiciones", "conditions"),
    Cue.CONSEQUENCES: ("consecuencias", "consequences"),
    Cue.STEPS: ("varios pasos", "several steps"),
    Cue.FACT: ("un dato", "a fact"),
    Cue.DEFINITION: ("una definición", "a definition"),
    Cue.WORDING: ("un retoque de palabras", "a matter of wording"),
    Cue.ONE_STEP: ("un solo paso", "a single step"),
    Cue.SHORT_LIST: ("una lista corta", "a short list"),
    Cue.COURTESY: ("una cortesía", "a courtesy"),
    Cue.ONLY: ("una sola cosa", "one thing only"),
}
_SPECIALS = {
    "code": ("código o programas", "code or programs"),
    "translation": ("pide una traducción", "asks for a translation"),
    "creative": ("pide una obra de creación", "asks for creative writing"),
    "math": ("matemáticas", "mathematics"),
    "summary": ("pide un resumen", "asks for a summary"),
    "legal": ("un asunto legal", "a legal matter"),
    "support": ("una incidencia de cliente", "a customer's problem"),
}


def of_verdict(verdict: Verdict, task_type: str, *, follows: bool, language: str) -> str:
    """«código y varios pasos → complex»; where it goes on from the question before, that comes first."""
    start = _said("como la pregunta anterior, ", "like the question before, ", language) if follows else ""
    return f"{start}{_because(verdict, language)} → {task_type}"


def of_special(task_type: str, known_as: str, language: str) -> str:
    because = _SPECIALS.get(known_as, ("por sus palabras", "by its words"))
    return f"{_said(*because, language)} → {task_type}"


def of_no_special(task_type: str, language: str) -> str:
    """In a toolbox with nothing for intricate questions, where no other task type fits."""
    return f"{_said('ningún otro tipo encaja', 'no other task type fits', language)} → {task_type}"


def of_no_choice(*, models: int, types: int, task_type: str, language: str) -> str:
    if models == 1:
        return _said("el único modelo de este bot", "this bot's only model", language)
    if types == 1:
        only = _said("el único tipo de tarea de este bot", "this bot's only task type", language)
        return f"{only} → {task_type}"
    only = _said("el único tipo con un modelo utilizable", "the only task type with a usable model", language)
    return f"{only} → {task_type}"


def of_request(task_type: str, language: str) -> str:
    return _said(f"la petición pide {task_type}", f"{task_type} was asked for", language)


def of_unusable(wanted: str, answers: str, language: str) -> str:
    return _said(
        f"este bot no tiene un modelo utilizable para {wanted}: responde el de {answers}",
        f"this bot has no usable model for {wanted}: {answers} answers",
        language,
    )


def of_extractive(keyless: str, language: str) -> str:
    return _said(
        f"Sin clave para {keyless}: responde local · extractive con frases de los documentos; "
        "no es un modelo de lenguaje.",
        f"No key for {keyless}: local · extractive answers in the documents' own sentences; "
        "it is not a language model.",
        language,
    )


def _because(verdict: Verdict, language: str) -> str:
    if verdict.is_doubtful:
        return _said("en la duda", "in doubt", language)
    if verdict.cues and not verdict.is_by_vector:
        return _joined([_said(*_CUES[cue], language) for cue in verdict.cues], language)
    source = ("por su sentido", "by its meaning") if verdict.is_by_vector else ("por sus palabras", "by its words")
    asks = (
        ("pide razonar en varios pasos", "it asks for reasoning in several steps")
        if verdict.is_complex
        else ("una consulta directa", "a direct question")
    )
    return f"{_said(*source, language)}, {_said(*asks, language)}"


def _joined(parts: Sequence[str], language: str) -> str:
    return _said(" y ", " and ", language).join(parts)


def _said(es: str, en: str, language: str) -> str:
    return en if language == "en" else es
