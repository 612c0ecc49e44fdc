"""Every HTTP body. Unknown fields are refused, and every string and number is bounded."""

import re
import unicodedata
import uuid
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict

from app.core.database import now
from app.core.registration import RegistrationMode
from app.models import DocumentStatus, EmbeddingModel, Finish, Grounding, KeySource, Provider

MAX_QUERY_CHARACTERS = 16_000
MAX_PROMPT_CHARACTERS = 20_000
MAX_REFUSAL_CHARACTERS = 500
MAX_CONFIGS = 32
MAX_PASSAGES = 50
MAX_USAGE_DAYS = 400
_USAGE_DAYS = 30


def _storable(value: str) -> str:
    # PostgreSQL's text holds neither, and both are legal in JSON.
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("holds a character that cannot be stored (NUL or a lone surrogate)")
    return value


Storable = AfterValidator(_storable)


def _visible(value: str) -> str:
    # Zero-width and other format characters alone would be a name that nobody can see or click.
    if all(unicodedata.category(character)[0] in "CZM" for character in value):
        raise ValueError("holds nothing that can be seen")
    return value


Visible = AfterValidator(_visible)


def _visible_or_empty(value: str) -> str:
    return _visible(value) if value.strip() else ""


Email = Annotated[EmailStr, Field(max_length=254, examples=["nuevo.usuario@ejemplo.com"])]
# Swagger UI shows dots.
_HIDDEN: JsonDict = {"format": "password"}
NewPassword = Annotated[
    str, Field(min_length=8, max_length=1024, examples=["una-clave-segura"], json_schema_extra=_HIDDEN)
]
TaskType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$", max_length=32, examples=["general"])]
TaskDescription = Annotated[
    str, Field(max_length=200, description="What the task type is for; the router reads it."), Storable
]
ModelId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Storable,
]
BotName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), Storable, Visible]
Description = Annotated[str, Field(max_length=2_000), Storable]
SystemPrompt = Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS), Storable]
MinScore = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, description="The least confidence at which a strict bot answers."),
    # What is smaller than PostgreSQL's numbers is none.
    AfterValidator(lambda value: round(value, 4)),
]
Refusal = Annotated[
    str,
    Field(
        max_length=MAX_REFUSAL_CHARACTERS,
        description="What a strict bot says instead; empty, a sentence of ours in the question's language.",
    ),
    Storable,
    AfterValidator(_visible_or_empty),
]


class Body(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """What we answer, read from a row."""

    model_config = ConfigDict(from_attributes=True)


def _example(**fields: Any) -> ConfigDict:
    """What `/docs` fills in: the documentation's own body."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


class NewUser(Body):
    model_config = _example(email="nuevo.usuario@ejemplo.com", password="una-clave-segura")  # noqa: S106

    email: Email
    password: NewPassword


class LoginForm(BaseModel):
    """OAuth2's standard fields; only the e-mail and the password count."""

    username: Annotated[
        str, Field(max_length=254, description="El correo.", examples=["nuevo.usuario@ejemplo.com"]), Storable
    ]
    password: Annotated[str, Field(max_length=1024, examples=["una-clave-segura"], json_schema_extra=_HIDDEN)]
    grant_type: Literal["password"] | None = None
    scope: Annotated[str, Field(max_length=200)] | None = None
    client_id: Annotated[str, Field(max_length=200)] | None = None
    client_secret: Annotated[str, Field(max_length=200)] | None = None


class PasswordChange(Body):
    password: Annotated[str, Field(max_length=1024, description="The one in force.", json_schema_extra=_HIDDEN)]
    new_password: NewPassword


class UserView(View):
    id: uuid.UUID
    email: str
    created_at: datetime


class RegistrationView(View):
    mode: RegistrationMode
    domains: list[str] = Field(description="With `domain`, those whose e-mails can register; else empty.")


class TokenView(View):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105


class ModelConfigBody(Body):
    """One model of the toolbox."""

    model_config = _example(provider="openai", model_id="gpt-4o", task_type="complex")

    task_type: TaskType
    provider: Provider
    model_id: ModelId
    description: TaskDescription = ""


class ModelConfigChange(Body):
    """Only the fields that are named change."""

    task_type: TaskType | None = None
    provider: Provider | None = None
    model_id: ModelId | None = None
    description: TaskDescription | None = None
    first: Literal[True] | None = Field(None, description="It is then asked before the others of its task type.")


class ModelConfigView(View):
    id: uuid.UUID
    task_type: str
    provider: Provider
    model_id: str
    description: str
    created_at: datetime


class NewBot(Body):
    model_config = _example(
        name="Mi Nuevo Asistente",
        description="Un bot para pruebas.",
        initial_configs=[{"task_type": "general", "provider": "google", "model_id": "gemini-1.5-flash-latest"}],
    )

    name: BotName
    description: Description = ""
    system_prompt: SystemPrompt = ""
    grounding: Grounding = Grounding.OPEN
    min_score: MinScore = 0.5
    refusal: Refusal = ""
    embedding_model: EmbeddingModel = EmbeddingModel.LOCAL
    initial_configs: Annotated[list[ModelConfigBody], Field(max_length=MAX_CONFIGS)] | None = Field(
        None, description="Left out or null, the bot gets `general · local · extractive`; [] leaves it empty."
    )


class BotChange(Body):
    """Only the fields that are named change."""

    model_config = _example(system_prompt="Ahora eres un robot pirata que habla como tal.")

    name: BotName | None = None
    description: Description | None = None
    system_prompt: SystemPrompt | None = None
    grounding: Grounding | None = None
    min_score: MinScore | None = None
    refusal: Refusal | None = None
    embedding_model: EmbeddingModel | None = Field(
        None,
        description="Its vectors are made beside those in force, which serve until all are there. "
        "The one in force ends a change that is under way.",
    )


class EmbeddingChangeView(View):
    """A change of embedding model: how much of it is done, or why the last one was given up."""

    embedding_model: EmbeddingModel | None = Field(
        description="The one to come; null where the change was given up."
    )
    chunks: int
    chunks_embedded: int
    error: str | None


class BotView(View):
    id: uuid.UUID
    name: str
    description: str
    system_prompt: str
    grounding: Grounding
    min_score: float
    refusal: str
    embedding_model: EmbeddingModel = Field(description="The one in force.")
    embedding_change: EmbeddingChangeView | None = Field(None, description="Null where there is none.")
    configs: list[ModelConfigView]
    created_at: datetime
    updated_at: datetime


class DocumentView(View):
    id: uuid.UUID
    filename: str
    size_bytes: int
    characters: int
    encoding: str
    language: str | None
    status: DocumentStatus
    searchable: bool
    chunks: int
    chunks_embedded: int
    error: str | None
    created_at: datetime
    ready_at: datetime | None


class BotDocumentView(DocumentView):
    """In a list of several bots."""

    bot_id: uuid.UUID
    bot_name: str


class Question(Body):
    model_config = _example(query="¿Cuál es tu propósito?")

    query: Annotated[
        str,
        Field(min_length=1, max_length=MAX_QUERY_CHARACTERS, pattern=r"\S"),
        Storable,
    ]
    conversation_id: uuid.UUID | None = Field(None, description="Left out, a new conversation begins.")
    task_type: TaskType | None = Field(None, description="Choose the model for this task type.")


class SearchQuery(Body):
    model_config = _example(query="¿Cuánto cuesta el casco Brisa?", limit=10)

    query: Annotated[
        str,
        Field(min_length=1, max_length=MAX_QUERY_CHARACTERS, pattern=r"\S"),
        Storable,
    ]
    limit: Annotated[int, Field(ge=1, le=MAX_PASSAGES)] = 10


class PassageView(View):
    """A stretch of a document: `document.text[start:end] == text`."""

    document_id: uuid.UUID
    filename: str
    start: int
    end: int
    text: str
    heading: str = Field(description="The headings that it stands under.")
    bm25: float = Field(description="By its words, 0 or more.")
    vector: float | None = Field(description="By its meaning: the cosine to the query; null without a vector.")
    score: float = Field(description="Both together, 0 to 1, comparable within one search alone.")


class SearchView(View):
    passages: list[PassageView]
    confidence: float = Field(
        description="How sure it is, 0 to 1, that they hold the answer; a strict bot's `min_score` is the least."
    )


class CitationView(View):
    n: int
    document_id: uuid.UUID | None
    filename: str
    start: int
    end: int
    quote: str


class MessageView(View):
    id: uuid.UUID
    role: Literal["user", "assistant"]
    text: str
    finish: Finish | None
    error_code: str | None
    provider: Provider | None
    model_id: str | None
    task_type: str | None
    reason: str | None
    input_tokens: int | None
    output_tokens: int | None
    tokens_estimated: bool | None
    cost_micro_usd: int | None = Field(description="Null where the price is unknown.")
    first_token_ms: int | None
    duration_ms: int | None
    question_id: uuid.UUID | None = Field(description="The question that an answer answers.")
    citations: list[CitationView]
    created_at: datetime


class ConversationSummary(View):
    id: uuid.UUID
    bot_id: uuid.UUID
    title: str
    created_at: datetime
    updated_at: datetime


class ConversationView(ConversationSummary):
    messages: list[MessageView]


class NewProviderKey(Body):
    """White space around it is dropped: keys are pasted."""

    key: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=8, max_length=512, pattern=r"^[\x21-\x7e]+$"),
        Field(repr=False, json_schema_extra=_HIDDEN),
    ]


class ProviderModelView(View):
    """Prices are US dollars a million tokens; null where they are not known."""

    model_id: str
    context_tokens: int | None
    max_output_tokens: int | None
    input_usd_per_mtok: float | None
    output_usd_per_mtok: float | None
    reasons: bool
    sees_images: bool


class ProviderView(View):
    provider: Provider
    configured: bool = Field(description="Whether its models can answer this account now.")
    needs_key: bool
    source: KeySource | None
    key_last4: str | None = Field(description="The own key's last characters; never the server's.")
    key_problem: str | None = Field(description="`provider_key_unreadable` where the own key is of no use.")
    checked_at: datetime | None = Field(description="When the provider last accepted the own key.")
    prices_as_of: date
    models: list[ProviderModelView]


def _iso_date(value: object) -> object:
    # Pydantic would also read a count of seconds.
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("is not a date like 2026-01-31")
    return value


IsoDate = Annotated[
    date,
    BeforeValidator(_iso_date),
    WithJsonSchema({"type": "string", "format": "date", "maxLength": 10}),
]


class UsageQuery(BaseModel):
    """The days that are asked for, both with it; in UTC, as days are in the ledger."""

    first: IsoDate | None = Field(None, alias="from", description="Sin él, treinta días en total.")
    last: IsoDate | None = Field(None, alias="to", description="Sin él, hoy (UTC).")
    bot_id: uuid.UUID | None = Field(None, description="Solo lo de este bot, aunque ya no exista.")

    @model_validator(mode="after")
    def _check_span(self) -> Self:
        first, last = self.days
        if first > last:
            raise ValueError("`from` is after `to`")
        if (last - first).days >= MAX_USAGE_DAYS:
            raise ValueError(f"more than {MAX_USAGE_DAYS} days")
        return self

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last."""
        last = self.last or now().date()
        return self.first or date.fromordinal(max(1, last.toordinal() - _USAGE_DAYS + 1)), last


class UsageFigures(View):
    """`saved_micro_usd` sums the answers whose cost and whose dearest cost are both known, and no others."""

    answers: int
    input_tokens: int
    output_tokens: int
    answers_estimated: int = Field(description="Answers whose tokens we counted, not the provider.")
    cost_micro_usd: int = Field(description="The sum of the known.")
    answers_cost_unknown: int
    dearest_micro_usd: int = Field(description="For the same tokens, by the dearest model of the toolbox.")
    saved_micro_usd: int


class UsageOfDay(UsageFigures):
    day: date


class UsageOfBot(UsageFigures):
    bot_id: uuid.UUID
    name: str | None = Field(description="Null when the bot is gone.")


class UsageOfModel(UsageFigures):
    provider: Provider
    model_id: str


class UsageOfTaskType(UsageFigures):
    task_type: str


class UsageView(View):
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    total: UsageFigures
    days: list[UsageOfDay] = Field(description="Those with answers, the oldest first.")
    bots: list[UsageOfBot]
    models: list[UsageOfModel]
    task_types: list[UsageOfTaskType]


class Welcome(View):
    message: str
    version: str


class Health(View):
    status: Literal["ok", "unavailable"]
    parts: dict[str, str] = {}


class FieldProblem(View):
    """Where a request does not fit; never the value itself."""

    location: list[str | int]
    message: str
    type: str


class Problem(View):
    """RFC 9457. `detail` is a sentence for people, `code` a stable word for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None
    quota: str | None = Field(None, description="Which quota is used up.")
    limit: float | None = None
    retry_after_s: int | None = None
    conversation_id: uuid.UUID | None = Field(None, description="Where the question is stored that got no answer.")
    question_id: uuid.UUID | None = Field(None, description="POST /messages/{id}/retry asks it again.")
