"""Which models may answer, in which order, and the reason that is told."""

import pytest

from app.chat.task_router import Route, ToolboxModel, choose, in_order, needs_routing
from app.core.errors import NoModel, ProviderKeyMissing
from app.models import Provider

PLAN = "Planifica una migración por fases sin parar el servicio, compara dos opciones y razona los riesgos"
HOURS = "¿A qué hora abre la biblioteca?"


def model(name: str, *, usable: bool = True, provider: Provider = Provider.OPENAI, about: str = "") -> ToolboxModel:
    """`name` is its task type and, after a slash, its id."""
    task_type, _, model_id = name.partition("/")
    return ToolboxModel(task_type, provider, model_id or "m", usable=usable, description=about)


TOOLBOX = [model("complex/a"), model("general/b"), model("general/c"), model("otro/d")]
TWO = [model("general/g"), model("complex/c")]


def routed(question: str, *others: str, earlier: tuple[str, ...] = (), language: str = "es") -> Route:
    """The route in a toolbox of `general`, `complex` and the `others`."""
    toolbox = [*TWO, *map(model, others)]
    return choose(
        toolbox, question=question, earlier=earlier, task_type=None, has_documents=False, language=language
    )


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
        ("complex", "es", "la petición pide complex"),
        ("complex", "en", "complex was asked for"),
        ("nada", "es", "este bot no tiene un modelo utilizable para nada: responde el de general"),
        ("nada", "en", "this bot has no usable model for nada: general answers"),
    ],
)
def test_the_reason_is_told(task_type: str | None, language: str, reason: str) -> None:
    assert choose(TOOLBOX, task_type=task_type, has_documents=False, language=language).reason == reason


def test_a_task_type_asked_for_overrides_the_question() -> None:
    route = choose(TWO, question=PLAN, task_type="general", has_documents=False)

    assert route.task_type == "general"
    assert route.candidates[0].model_id == "g"


def test_another_vendor_goes_before_the_same_one_among_those_of_a_rank() -> None:
    toolbox = [
        model("complex/first"),
        model("complex/same"),
        model("complex/other", provider=Provider.GOOGLE),
        model("rest/same"),
        model("rest/other", provider=Provider.GOOGLE),
        model("general/same"),
        model("general/other", provider=Provider.GOOGLE),
        model("complex/none", usable=False),
    ]

    order = [f"{one.task_type}/{one.model_id}" for one in in_order(toolbox, "complex")]

    assert order == [
        "complex/first",
        "complex/other",
        "complex/same",
        "general/other",
        "general/same",
        "rest/other",
        "rest/same",
    ]


def test_an_intricate_question_goes_to_complex_and_a_plain_one_to_general() -> None:
    assert routed(PLAN).task_type == "complex"
    assert routed(HOURS).task_type == "general"
    assert routed("Which year did the Berlin Wall fall?", language="en").task_type == "general"
    assert routed("Prove that there are infinitely many primes and explain each step").task_type == "complex"


@pytest.mark.parametrize(
    ("question", "language", "reason"),
    [
        (HOURS, "es", "un dato → general"),
        ("What time do you open on Sundays?", "en", "a fact → general"),
        ("Demuestra que la raíz de dos es irracional", "es", "una demostración → complex"),
        ("¡Muchas gracias!", "es", "una cortesía → general"),
        ("Plan a week in Rome with two kids and a small budget", "en", "a plan → complex"),
    ],
)
def test_the_reason_names_what_the_question_shows(question: str, language: str, reason: str) -> None:
    assert routed(question, language=language).reason == reason


def test_an_empty_question_is_general() -> None:
    assert routed("").task_type == "general"


def test_a_question_that_leans_on_the_one_before_takes_after_it() -> None:
    after_plan = routed("¿y por qué?", earlier=(HOURS, PLAN))
    after_hours = routed("¿y el domingo?", earlier=(PLAN, HOURS))

    assert after_plan.task_type == "complex"
    assert after_plan.reason.startswith("como la pregunta anterior, ")
    assert after_hours.task_type == "general"


def test_thanks_are_general_whatever_came_before() -> None:
    assert routed("Gracias, perfecto", earlier=(PLAN,)).task_type == "general"


def test_a_whole_question_takes_nothing_from_the_one_before() -> None:
    assert routed("¿Cuál es la capital de Mongolia?", earlier=(PLAN,)).task_type == "general"


def test_a_vector_that_is_not_ours_is_ignored() -> None:
    given = choose(TWO, question=PLAN, vector=[1.0, 0.0], task_type=None, has_documents=False)

    assert given == routed(PLAN)


def test_another_task_type_wins_only_where_the_question_clearly_is_its() -> None:
    assert routed("Traduce esto al francés: «hasta mañana»", "traducción").task_type == "traducción"
    assert routed(HOURS, "traducción").task_type == "general"
    assert routed(PLAN, "traducción").task_type == "complex"
    assert routed("Traduce esto: «hasta mañana»", "traducción").reason == "pide una traducción → traducción"


def test_a_task_type_is_for_what_the_first_of_its_models_that_says_it_says() -> None:
    said = [model("general/g"), model("ventas"), model("ventas", about="Ofertas"), model("ventas", about="Canoas")]

    def asked(question: str) -> str:
        return choose(said, question=question, task_type=None, has_documents=False).task_type

    assert asked("¿Tenéis ofertas?") == "ventas"
    assert asked("¿Tenéis canoas?") == "general"


def test_without_a_complex_model_nothing_is_complex() -> None:
    toolbox = [model("general"), model("code")]

    route = choose(toolbox, question=PLAN, task_type=None, has_documents=False)

    assert route.task_type == "general"
    assert route.reason == "ningún otro tipo encaja → general"


def test_without_a_general_model_doubts_go_to_the_first_task_type() -> None:
    toolbox = [model("creative"), model("code")]

    assert choose(toolbox, question=HOURS, task_type=None, has_documents=False).task_type == "creative"


def test_where_the_decided_task_type_has_no_usable_model_general_answers_and_the_reason_says_so() -> None:
    toolbox = [model("general/g"), model("complex/c", usable=False), model("code/k")]

    route = choose(toolbox, question=PLAN, task_type=None, has_documents=False)

    assert route.candidates[0].model_id == "g"
    assert route.task_type == "complex"
    assert route.reason == "este bot no tiene un modelo utilizable para complex: responde el de general"


@pytest.mark.parametrize(
    ("toolbox", "reason"),
    [
        ([model("complex")], "el único modelo de este bot"),
        ([model("general/a"), model("general/b")], "el único tipo de tarea de este bot → general"),
        ([model("general"), model("complex", usable=False)], "el único tipo con un modelo utilizable → general"),
    ],
)
def test_one_usable_task_type_is_not_routed(toolbox: list[ToolboxModel], reason: str) -> None:
    route = choose(toolbox, question=PLAN, task_type=None, has_documents=False)

    assert not needs_routing(toolbox, task_type=None)
    assert route.task_type == toolbox[0].task_type
    assert route.reason == reason


def test_two_usable_task_types_are_routed_unless_one_is_asked_for() -> None:
    assert needs_routing(TWO, task_type=None)
    assert not needs_routing(TWO, task_type="general")


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
