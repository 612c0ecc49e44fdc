"""Bodies of questions, answers and conversations."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.bodies.fields import (
    MAX_QUERY_CHARACTERS,
    NOT_BLANK,
    STORABLE_NOT_BLANK,
    Body,
    Storable,
    TaskType,
    View,
    example,
)
from app.models import Finish, Provider


class Question(Body):
    model_config = example(query="¿Cuál es tu propósito?")

    query: Annotated[
        str,
        Field(
            min_length=1, max_length=MAX_QUERY_CHARACTERS, pattern=NOT_BLANK, json_schema_extra=STORABLE_NOT_BLANK
        ),
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
