"""Which models there are, what they cost and which have gone: dated facts that an operator can correct.

They come from `catalog.json` beside this module; `CATALOG_FILE` names another of the same shape whose entries go
before it. There a field that is left out keeps what is known, and a model that is named is no longer retired.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.core.errors import ConfigurationError
from app.models import Provider

_SHIPPED = Path(__file__).with_name("catalog.json")
_MAX_BYTES = 4 * 1024 * 1024
_MICRO = 1_000_000

_Key = tuple[Provider, str]
_ModelId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
_Tokens = Annotated[int, Field(ge=1, le=1_000_000_000)]
_UsdPerMtok = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """What is known of a model. Prices are micro-dollars a million tokens; null is unknown, never free."""

    provider: Provider
    model_id: str
    context_tokens: int | None
    max_output_tokens: int | None
    input_micro_usd_per_mtok: int | None
    output_micro_usd_per_mtok: int | None
    # Spends output tokens on thinking that nobody sees.
    reasons: bool
    sees_images: bool


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    provider: Provider
    model_id: _ModelId

    @property
    def key(self) -> _Key:
        return self.provider, plain_id(self.provider, self.model_id)


class _Model(_Entry):
    context_tokens: _Tokens | None = None
    max_output_tokens: _Tokens | None = None
    input_usd_per_mtok: _UsdPerMtok | None = None
    output_usd_per_mtok: _UsdPerMtok | None = None
    reasons: bool = False
    sees_images: bool = False
    offered: bool = True


class _Retired(_Entry):
    """An id that ends with `*` stands for all that begin so."""

    successor: _ModelId


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: date | None = None
    source: Annotated[str, Field(max_length=2_000)] = ""
    models: Annotated[list[_Model], Field(max_length=5_000)] = []
    retired: Annotated[list[_Retired], Field(max_length=5_000)] = []


@dataclass(frozen=True, slots=True)
class Catalog:
    """`as_of` is the day that the facts are of."""

    as_of: date
    _known: Mapping[_Key, CatalogModel]
    _offered: frozenset[_Key]
    # By id, or by how ids begin where it ends with `*`; never what is known as a model.
    _successors: Mapping[_Key, str]

    def models(self, provider: Provider) -> tuple[CatalogModel, ...]:
        """Those offered."""
        return tuple(model for key, model in self._known.items() if key[0] == provider and key in self._offered)

    def known(self, provider: Provider) -> tuple[CatalogModel, ...]:
        """Those offered and those that only have a price: dated snapshots, older ones."""
        return tuple(model for key, model in self._known.items() if key[0] == provider)

    def find(self, provider: Provider, model_id: str) -> CatalogModel | None:
        return self._known.get((provider, plain_id(provider, model_id)))

    def successor(self, provider: Provider, model_id: str) -> str | None:
        """The model to call instead of one that its vendor has switched off; None for all others."""
        key = provider, plain_id(provider, model_id)
        return None if key in self._known else _find_successor(key, self._successors)


def plain_id(provider: Provider, model_id: str) -> str:
    """Google's own lists write `models/` before each id; it is the same model."""
    return model_id.removeprefix("models/") if provider == Provider.GOOGLE else model_id


def load_catalog(file: Path | None) -> Catalog:
    """The shipped facts under those of the operator's `file`. Raises `ConfigurationError` naming CATALOG_FILE."""
    shipped = _read(_SHIPPED)
    return _merged([shipped] if file is None else [shipped, _read(file)])


def _merged(files: Sequence[_File]) -> Catalog:
    models: dict[_Key, _Model] = {}
    retired: dict[_Key, str] = {}
    for file in files:
        gone = {one.key: plain_id(one.provider, one.successor) for one in file.retired}
        models = {key: model for key, model in models.items() if _find_successor(key, gone) is None}
        for model in file.models:
            retired.pop(model.key, None)
            models[model.key] = _over(models.get(model.key), model)
        retired |= gone
    return Catalog(
        as_of=max(file.as_of for file in files if file.as_of),
        _known={key: _as_value(key, model) for key, model in models.items()},
        _offered=frozenset(key for key, model in models.items() if model.offered),
        _successors={key: _last_successor(key, retired, known=models) for key in retired},
    )


def _over(before: _Model | None, model: _Model) -> _Model:
    return model if before is None else before.model_copy(update=model.model_dump(exclude_unset=True))


def _find_successor(key: _Key, successors: Mapping[_Key, str]) -> str | None:
    """By the id itself, else by the longest beginning, which is the most particular."""
    provider, name = key
    beginnings = (f"{name[:end]}*" for end in range(len(name), -1, -1))
    return next((successors[provider, one] for one in (name, *beginnings) if (provider, one) in successors), None)


def _last_successor(key: _Key, retired: Mapping[_Key, str], *, known: Collection[_Key]) -> str:
    """Where a chain of successors ends, which must be a model that is known."""
    provider, before, name = *key, retired[key]
    for _ in retired:
        if (provider, name) in known:
            return name
        following = _find_successor((provider, name), retired)
        if following is None:
            break
        before, name = name, following
    raise ConfigurationError(
        problem=f"CATALOG_FILE: retired {provider} · {before}: its successor {name} is not among the models."
    )


def _as_value(key: _Key, model: _Model) -> CatalogModel:
    return CatalogModel(
        provider=key[0],
        model_id=key[1],
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        input_micro_usd_per_mtok=_micro(model.input_usd_per_mtok),
        output_micro_usd_per_mtok=_micro(model.output_usd_per_mtok),
        reasons=model.reasons,
        sees_images=model.sees_images,
    )


def _micro(usd: Decimal | None) -> int | None:
    return None if usd is None else int(usd * _MICRO)


def _read(file: Path) -> _File:
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise _bad(file, f"cannot be read ({error.strerror})") from error
    if len(data) > _MAX_BYTES:
        raise _bad(file, f"is over {_MAX_BYTES // 1024 // 1024} MB")
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _bad(file, f"is not JSON ({error})") from error
    try:
        parsed = _File.model_validate(raw)
    except ValidationError as error:
        raise _bad(file, _first_problem(raw, error)) from error
    _refuse_twins(file, parsed)
    return parsed


def _refuse_twins(file: Path, parsed: _File) -> None:
    """A file that says two things of one model says nothing."""
    entries: list[_Entry] = [*parsed.models, *parsed.retired]
    seen: set[_Key] = set()
    for entry in entries:
        if entry.key in seen:
            raise _bad(file, f"names {entry.provider} · {entry.model_id} twice")
        seen.add(entry.key)


def _first_problem(raw: Any, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{_named(raw, first['loc'])}: {first['msg']}"


def _named(raw: Any, location: tuple[int | str, ...]) -> str:
    """`models[3] (gpt-4o).input_usd_per_mtok`."""
    if len(location) < 2 or not isinstance(location[1], int):
        return ".".join(map(str, location)) or "the whole"
    entry = raw[location[0]][location[1]]
    model_id = f" ({str(entry['model_id'])[:200]})" if isinstance(entry, dict) and "model_id" in entry else ""
    return ".".join([f"{location[0]}[{location[1]}]{model_id}", *map(str, location[2:])])


def _bad(file: Path, problem: str) -> ConfigurationError:
    return ConfigurationError(problem=f"CATALOG_FILE: {file}: {problem}.")
