"""Bodies of providers and their keys."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from app.bodies.fields import HIDDEN, Body, View
from app.models import KeySource, Provider


class NewProviderKey(Body):
    """White space around it is dropped: keys are pasted."""

    key: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=8, max_length=512, pattern=r"^[\x21-\x7e]+$"),
        Field(repr=False, json_schema_extra=HIDDEN),
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
