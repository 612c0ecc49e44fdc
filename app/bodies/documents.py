"""Bodies of documents and of searches in them."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.bodies.fields import (
    MAX_QUERY_CHARACTERS,
    NOT_BLANK,
    STORABLE_NOT_BLANK,
    Body,
    Number,
    Storable,
    View,
    example,
)
from app.models import DocumentStatus

MAX_PASSAGES = 50


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


class SearchQuery(Body):
    model_config = example(query="¿Cuánto cuesta el casco Brisa?", limit=10)

    query: Annotated[
        str,
        Field(
            min_length=1, max_length=MAX_QUERY_CHARACTERS, pattern=NOT_BLANK, json_schema_extra=STORABLE_NOT_BLANK
        ),
        Storable,
    ]
    limit: Annotated[int, Field(ge=1, le=MAX_PASSAGES), Number] = 10


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
