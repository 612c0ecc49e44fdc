"""Bodies of bots and their toolbox."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from app.bodies.fields import (
    STORABLE_NOT_BLANK,
    Body,
    ModelId,
    Number,
    Storable,
    TaskDescription,
    TaskType,
    View,
    Visible,
    _visible_or_empty,
    example,
)
from app.core.stock import MODELS_PER_BOT
from app.models import EmbeddingModel, Grounding, Provider

MAX_PROMPT_CHARACTERS = 20_000
MAX_REFUSAL_CHARACTERS = 500
BotName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    Field(json_schema_extra=STORABLE_NOT_BLANK),
    Storable,
    Visible,
]
Description = Annotated[str, Field(max_length=2_000), Storable]
SystemPrompt = Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS), Storable]
MinScore = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, description="The least confidence at which a strict bot answers."),
    Number,
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


class ModelConfigBody(Body):
    """One model of the toolbox."""

    model_config = example(provider="openai", model_id="gpt-4o", task_type="complex")

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
    model_config = example(
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
    initial_configs: Annotated[list[ModelConfigBody], Field(max_length=MODELS_PER_BOT)] | None = Field(
        None, description="Left out or null, the bot gets `general · local · extractive`; [] leaves it empty."
    )


class BotChange(Body):
    """Only the fields that are named change."""

    model_config = example(system_prompt="Ahora eres un robot pirata que habla como tal.")

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
