"""Every HTTP body. Unknown fields are refused, and every string and number is bounded."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, StringConstraints
from pydantic.config import JsonDict

from app.models import DocumentStatus, Finish, Provider

MAX_QUERY_CHARACTERS = 16_000
MAX_PROMPT_CHARACTERS = 20_000
MAX_CONFIGS = 32


def _storable(value: str) -> str:
    # PostgreSQL's text holds neither, and both are legal in JSON.
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("holds a character that cannot be stored (NUL or a lone surrogate)")
    return value


Storable = AfterValidator(_storable)
Email = Annotated[EmailStr, Field(max_length=254, examples=["nuevo.usuario@ejemplo.com"])]
# Swagger UI shows dots.
_HIDDEN: JsonDict = {"format": "password"}
NewPassword = Annotated[
    str, Field(min_length=8, max_length=1024, examples=["una-clave-segura"], json_schema_extra=_HIDDEN)
]
TaskType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$", max_length=32, examples=["general"])]
ModelId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Storable,
]
BotName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), Storable]
Description = Annotated[str, Field(max_length=2_000), Storable]
SystemPrompt = Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS), Storable]


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


class TokenView(View):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105


class ModelConfigBody(Body):
    """One model of the toolbox."""

    model_config = _example(provider="openai", model_id="gpt-4o", task_type="complex")

    task_type: TaskType
    provider: Provider
    model_id: ModelId


class ModelConfigChange(Body):
    """Only the fields that are named change."""

    task_type: TaskType | None = None
    provider: Provider | None = None
    model_id: ModelId | None = None


class ModelConfigView(View):
    id: uuid.UUID
    task_type: str
    provider: Provider
    model_id: str
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
    initial_configs: Annotated[list[ModelConfigBody], Field(max_length=MAX_CONFIGS)] | None = Field(
        None, description="Left out or null, the bot gets `general · local · extractive`; [] leaves it empty."
    )


class BotChange(Body):
    """Only the fields that are named change."""

    model_config = _example(system_prompt="Ahora eres un robot pirata que habla como tal.")

    name: BotName | None = None
    description: Description | None = None
    system_prompt: SystemPrompt | None = None


class BotView(View):
    id: uuid.UUID
    name: str
    description: str
    system_prompt: str
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


class Question(Body):
    model_config = _example(query="¿Cuál es tu propósito?")

    query: Annotated[
        str,
        Field(min_length=1, max_length=MAX_QUERY_CHARACTERS, pattern=r"\S"),
        Storable,
    ]
    conversation_id: uuid.UUID | None = Field(None, description="Left out, a new conversation begins.")
    task_type: TaskType | None = Field(None, description="Choose the model for this task type.")


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
