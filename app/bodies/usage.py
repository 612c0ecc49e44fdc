"""Bodies of the usage ledger."""

import re
import uuid
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from app.bodies.fields import View
from app.core.database import now
from app.models import Provider

MAX_USAGE_DAYS = 400
_USAGE_DAYS = 30


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
