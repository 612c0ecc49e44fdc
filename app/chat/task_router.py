"""Which models of the toolbox may answer, in order, and why. Pure: no call, no clock; at most a millisecond."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.chat import route_reasons
from app.chat.cues import Cue
from app.chat.features import Reading, fold, read
from app.chat.meaning import Verdict, judge
from app.chat.question import leans_on_the_previous, searched
from app.chat.task_types import Special, special
from app.core.errors import NoModel, ProviderKeyMissing
from app.models import Provider
from app.providers.base import EXTRACTIVE

GENERAL = "general"
COMPLEX = "complex"
# A question that leans on the one before it is short.
_MOST_CHARACTERS_LEANING = 160
_MOST_WORDS_OF_COURTESY = 8
# An order about what was said before: «hazlo en Python», «explícamelo».
_DO_IT = re.compile(
    r"[\s¡¿]*(?:haz|pon|pasa|escribe|reescribe|traduce|resume|explica|corrige|cambia|mejora|acorta|alarga|simplifica"
    r"|amplia|repite|convierte|adapta|revisa|arregla|compara)(?:me)?l[oa]s?\b"
)
# A short question with one of these is complex whatever came before.
_SAY_IT_ALONE = frozenset({Cue.WEIGHING, Cue.PLAN, Cue.DESIGN, Cue.PROOF, Cue.REASONING, Cue.CALCULATION})


@dataclass(frozen=True, slots=True)
class ToolboxModel:
    """A config of the toolbox. `usable` is false where its provider lacks a key or a server."""

    task_type: str
    provider: Provider
    model_id: str
    usable: bool
    description: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """`candidates` in the order in which they are tried; never empty."""

    candidates: tuple[ToolboxModel, ...]
    task_type: str
    reason: str


def choose(
    toolbox: Sequence[ToolboxModel],
    *,
    question: str = "",
    earlier: Sequence[str] = (),
    vector: Sequence[float] | None = None,
    task_type: str | None,
    has_documents: bool,
    language: str = "es",
) -> Route:
    """Raises `NoModel` for an empty toolbox and `ProviderKeyMissing` where nothing can answer.

    `earlier` are the questions before, oldest first; `vector` is the embedding of the question as it is searched.
    """
    if not toolbox:
        raise NoModel
    if not any(model.usable for model in toolbox):
        wanted = task_type or _for_doubts(toolbox)
        return _without_keys(toolbox, wanted, has_documents=has_documents, language=language)
    if task_type:
        wanted, reason = task_type, route_reasons.of_request(task_type, language)
    elif needs_routing(toolbox, task_type=None):
        wanted, reason = _decide(toolbox, question, earlier, vector, language)
    else:
        wanted, reason = _without_choice(toolbox, language)
    candidates = in_order(toolbox, wanted)
    if candidates[0].task_type != wanted:
        reason = route_reasons.of_unusable(wanted, candidates[0].task_type, language)
    return Route(candidates, wanted, reason)


def needs_routing(toolbox: Sequence[ToolboxModel], *, task_type: str | None) -> bool:
    """Whether there is more than one usable task type, and none was asked for."""
    return task_type is None and len({model.task_type for model in toolbox if model.usable}) > 1


def in_order(toolbox: Sequence[ToolboxModel], wanted: str) -> tuple[ToolboxModel, ...]:
    """The usable models: those of the task type, then `general`, then the rest.

    After the first, another vendor goes before the same one: what ails a vendor ails all its models.
    """
    usable = [model for model in toolbox if model.usable]
    usable.sort(key=lambda model: _rank(model, wanted))
    first, *others = usable
    others.sort(key=lambda model: (_rank(model, wanted), model.provider == first.provider))
    return (first, *others)


def _rank(model: ToolboxModel, wanted: str) -> int:
    return 0 if model.task_type == wanted else 1 if model.task_type == GENERAL else 2


def _for_doubts(toolbox: Sequence[ToolboxModel]) -> str:
    has_general = any(model.task_type == GENERAL for model in toolbox)
    return GENERAL if has_general else toolbox[0].task_type


def _without_choice(toolbox: Sequence[ToolboxModel], language: str) -> tuple[str, str]:
    wanted = _for_doubts(toolbox)
    types = len({model.task_type for model in toolbox})
    return wanted, route_reasons.of_no_choice(models=len(toolbox), types=types, task_type=wanted, language=language)


def _decide(
    toolbox: Sequence[ToolboxModel],
    question: str,
    earlier: Sequence[str],
    vector: Sequence[float] | None,
    language: str,
) -> tuple[str, str]:
    """The task type and the reason. A task type of another name wins only where the question clearly is its."""
    others = _described(toolbox)
    reading = read(question)
    before = read(searched(earlier[-1], earlier[:-1])) if earlier and _leans(question) else None
    if found := _special(reading, before, others):
        return found.task_type, route_reasons.of_special(found.task_type, found.known_as, language)
    wanted = _for_doubts(toolbox)
    if all(model.task_type != COMPLEX for model in toolbox):
        return wanted, route_reasons.of_no_special(wanted, language)
    verdict, follows = _judge(reading, before, vector)
    if verdict.is_complex:
        wanted = COMPLEX
    return wanted, route_reasons.of_verdict(verdict, wanted, follows=follows, language=language)


def _described(toolbox: Sequence[ToolboxModel]) -> dict[str, str]:
    """The task types of the owner, each with the first description that one of its models has."""
    described: dict[str, str] = {}
    for model in toolbox:
        if model.task_type not in {GENERAL, COMPLEX}:
            described[model.task_type] = described.get(model.task_type) or model.description
    return described


def _leans(question: str) -> bool:
    if len(question) > _MOST_CHARACTERS_LEANING:
        return False
    return bool(_DO_IT.match(fold(question))) or leans_on_the_previous(question)


def _special(reading: Reading, before: Reading | None, others: Mapping[str, str]) -> Special | None:
    if not others:
        return None
    found = special(reading, others)
    return special(before, others) if found is None and before else found


def _judge(reading: Reading, before: Reading | None, vector: Sequence[float] | None) -> tuple[Verdict, bool]:
    """The verdict, and whether it is that of the questions before: «¿y por qué?» takes after them."""
    if before is None:
        return judge(reading, vector=vector), False
    alone = judge(reading, vector=None)
    is_courtesy = Cue.COURTESY in reading.cues and len(reading.words) <= _MOST_WORDS_OF_COURTESY
    if is_courtesy or (alone.is_complex and not _SAY_IT_ALONE.isdisjoint(alone.cues)):
        return alone, False
    # The vector is that of both questions together.
    return judge(before, vector=vector), True


def _without_keys(toolbox: Sequence[ToolboxModel], wanted: str, *, has_documents: bool, language: str) -> Route:
    ranked = sorted(toolbox, key=lambda model: _rank(model, wanted))
    keyless = ", ".join(dict.fromkeys(f"{model.provider}/{model.model_id}" for model in ranked))
    if not has_documents:
        raise ProviderKeyMissing(providers=keyless)
    extractive = ToolboxModel(wanted, Provider.LOCAL, EXTRACTIVE, usable=True)
    return Route((extractive,), wanted, route_reasons.of_extractive(keyless, language))
