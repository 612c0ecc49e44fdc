"""Bodies of the root, of health and of every failure."""

import uuid
from typing import Literal

from pydantic import Field

from app.bodies.fields import View


class Welcome(View):
    message: str
    version: str


class Health(View):
    status: Literal["ok", "unavailable"]
    parts: dict[str, str] = Field(default_factory=dict)


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
    used: float | None = Field(None, description="How much of the quota is in use.")
    retry_after_s: int | None = None
    conversation_id: uuid.UUID | None = Field(None, description="Where the question is stored that got no answer.")
    question_id: uuid.UUID | None = Field(None, description="POST /messages/{id}/retry asks it again.")
