"""What bodies are made of: bounded strings, and the two kinds of them."""

import unicodedata
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function

MAX_QUERY_CHARACTERS = 16_000
# \s differs between pydantic, JSON Schema and Python: with these it is the same.
NOT_BLANK = r"[^\s\x85\ufeff]"
# For the schema, which knows one pattern a string: that, and storable.
STORABLE_NOT_BLANK: JsonDict = {"pattern": r"^[^\x00]*[^\s\x00\x85\ufeff][^\x00]*$"}


def _storable(value: str) -> str:
    # PostgreSQL's text holds neither, and both are legal in JSON.
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("holds a character that cannot be stored (NUL or a lone surrogate)")
    return value


class _Storable:
    """Checks it, and says in the schema what a pattern can say of it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(_storable, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"pattern": r"^[^\x00]*$", **handler(schema)}


Storable = _Storable()


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
_ONE_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f\x85\ufeff][^\x00-\x1f\x7f]*$"
ModelId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_ONE_LINE),
    Storable,
]


def _is_number(value: object) -> object:
    # Pydantic would also take the words for one, and true for 1.
    if isinstance(value, bool | str):
        raise ValueError("is not a number")
    return value


Number = BeforeValidator(_is_number)


class Body(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """What we answer, read from a row."""

    model_config = ConfigDict(from_attributes=True)


def example(**fields: Any) -> ConfigDict:
    """What `/docs` fills in: the documentation's own body."""
    return ConfigDict(json_schema_extra={"examples": [fields]})
