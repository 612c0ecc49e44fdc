"""What bodies are made of: bounded strings, and the two kinds of them."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

MAX_QUERY_CHARACTERS = 16_000


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


# Swagger UI shows dots.
HIDDEN: JsonDict = {"format": "password"}
TaskType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$", max_length=32, examples=["general"])]
TaskDescription = Annotated[
    str, Field(max_length=200, description="What the task type is for; the router reads it."), Storable
]
ModelId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Storable,
]


class Body(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """What we answer, read from a row."""

    model_config = ConfigDict(from_attributes=True)


def example(**fields: Any) -> ConfigDict:
    """What `/docs` fills in: the documentation's own body."""
    return ConfigDict(json_schema_extra={"examples": [fields]})
