"""What of a bot's toolbox can be called, with whose key, and what it may cost the operator."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from app.chat.catalog import Catalog
from app.chat.circuit import Line
from app.chat.speak import Candidate
from app.chat.task_router import ToolboxModel
from app.chat.usage import cost_micro_usd, dearest_price_of, estimated_usage
from app.core.encryption import CannotDecrypt, Keyring, Sealed, key_context
from app.models import KeySource, Provider
from app.providers.base import ChatRequest
from app.providers.registry import Providers
from app.queries.turns import ToolboxEntry

log = structlog.get_logger()

MAX_OUTPUT_TOKENS = 2_048
# A model that thinks spends its room on that too.
_MAX_OUTPUT_TOKENS_REASONING = 8_192


@dataclass(frozen=True, slots=True)
class Credential:
    """A key and whose it is. It is never logged: `repr` does not show it."""

    key: str
    source: KeySource

    def __repr__(self) -> str:
        return f"Credential({self.source})"


Credentials = Mapping[Provider, Credential]


def credentials(
    *, owner_id: uuid.UUID, sealed: Mapping[Provider, Sealed], keyring: Keyring, providers: Providers
) -> tuple[Credentials, list[Provider]]:
    """The keys, an owner's own before the server's, and the providers whose stored key cannot be opened."""
    found: dict[Provider, Credential] = {}
    unreadable: list[Provider] = []
    for provider in Provider:
        if server_key := providers.server_key(provider):
            found[provider] = Credential(server_key, KeySource.SERVER)
        if provider in sealed:
            try:
                key = keyring.open(sealed[provider], context=key_context(owner_id, provider))
            except CannotDecrypt:
                log.error("provider_key.unreadable", provider=provider, owner_id=str(owner_id))
                unreadable.append(provider)
            else:
                found[provider] = Credential(key, KeySource.OWN)
    return found, unreadable


def models(entries: Iterable[ToolboxEntry], *, known: Credentials, providers: Providers) -> list[ToolboxModel]:
    """The toolbox as the router sees it."""
    return [
        ToolboxModel(
            entry.task_type,
            entry.provider,
            entry.model_id,
            usable=_is_usable(entry, known=known, providers=providers),
            description=entry.description,
        )
        for entry in entries
    ]


def _is_usable(entry: ToolboxEntry, *, known: Credentials, providers: Providers) -> bool:
    has_key = entry.provider in known or not providers.needs_key(entry.provider)
    return has_key and providers.can_call(entry.provider, entry.model_id)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A model of the toolbox that is not asked. `cause` is `no_key`, `no_server` or `too_dear`."""

    task_type: str
    name: str
    cause: str


def passed_over(there: Sequence[ToolboxModel], fitting: Sequence[ToolboxModel]) -> tuple[PassedOver, ...]:
    """What of the toolbox is unusable, and whether only its price made it so."""
    return tuple(
        PassedOver(model.task_type, f"{model.provider}/{model.model_id}", _cause(model))
        for model, left in zip(there, fitting, strict=True)
        if not left.usable
    )


def _cause(model: ToolboxModel) -> str:
    if model.usable:
        return "too_dear"
    return "no_server" if model.provider is Provider.LOCAL else "no_key"


def affordable(
    toolbox: Sequence[ToolboxModel], *, known: Credentials, catalog: Catalog, input_tokens: int, left_micro_usd: int
) -> tuple[tuple[ToolboxModel, ...], int]:
    """The toolbox with what is too dear made unusable, and the most micro-dollars that one of the others may cost.

    Too dear is a model whose answer may cost more of the server's keys than is left; an unknown price counts as the
    provider's dearest.
    """
    costs = [_most_micro_usd(model, known=known, catalog=catalog, input_tokens=input_tokens) for model in toolbox]
    fitting = tuple(
        replace(model, usable=model.usable and cost <= left_micro_usd)
        for model, cost in zip(toolbox, costs, strict=True)
    )
    return fitting, max((cost for cost in costs if cost <= left_micro_usd), default=0)


def _most_micro_usd(model: ToolboxModel, *, known: Credentials, catalog: Catalog, input_tokens: int) -> int:
    held = known.get(model.provider)
    if not model.usable or held is None or held.source is not KeySource.SERVER:
        return 0
    return server_cost_micro_usd(
        catalog,
        model.provider,
        current_id(catalog, model.provider, model.model_id),
        input_tokens=input_tokens,
        output_tokens=max_output_tokens(catalog, model.provider, model.model_id),
    )


def server_cost_micro_usd(
    catalog: Catalog, provider: Provider, model_id: str, *, input_tokens: int, output_tokens: int
) -> int:
    """What an answer counts against the owner's share of the server's keys."""
    cost = cost_micro_usd(catalog.find(provider, model_id), input_tokens=input_tokens, output_tokens=output_tokens)
    if cost is None:
        dearest = dearest_price_of(catalog, provider)
        cost = cost_micro_usd(dearest, input_tokens=input_tokens, output_tokens=output_tokens)
    return cost or 0


def abandoned_micro_usd(asked: Sequence[Candidate], catalog: Catalog) -> int:
    """What the first that the server pays for may bill although nothing was heard: the prompt, and its thoughts."""
    by = next((one for one in asked if one.key_source is KeySource.SERVER), None)
    if by is None:
        return 0
    tokens = estimated_usage(by.request, "").input_tokens or 0
    return server_cost_micro_usd(
        catalog,
        by.provider,
        by.model_id,
        input_tokens=tokens,
        output_tokens=unheard_tokens(by, catalog),
    )


def unheard_tokens(by: Candidate, catalog: Catalog) -> int:
    """The most that it may have thought before it was left, since nobody counted."""
    model = catalog.find(by.provider, by.model_id)
    return by.request.max_output_tokens if model is None or model.reasons else 0


def current_id(catalog: Catalog, provider: Provider, model_id: str) -> str:
    """The model's id, or its successor's where the vendor has retired it."""
    return catalog.successor(provider, model_id) or model_id


def max_output_tokens(catalog: Catalog, provider: Provider, model_id: str) -> int:
    model = catalog.find(provider, current_id(catalog, provider, model_id))
    wanted = _MAX_OUTPUT_TOKENS_REASONING if model and model.reasons else MAX_OUTPUT_TOKENS
    return min(wanted, model.max_output_tokens or wanted) if model else wanted


def candidates(
    chosen: Sequence[ToolboxModel],
    *,
    request: ChatRequest,
    known: Credentials,
    catalog: Catalog,
    providers: Providers,
) -> list[Candidate]:
    """Whom to ask, in order; a model that stands there for two task types is asked once."""
    found: dict[tuple[Provider, str], Candidate] = {}
    for model in chosen:
        model_id = current_id(catalog, model.provider, model.model_id)
        held = known.get(model.provider)
        found.setdefault(
            (model.provider, model_id),
            Candidate(
                provider=model.provider,
                model_id=model_id,
                calls=providers.get(model.provider, key=held.key if held else None),
                request=replace(
                    request,
                    model_id=model_id,
                    max_output_tokens=max_output_tokens(catalog, model.provider, model_id),
                ),
                line=_line(model.provider, model_id, held),
                key_source=held.source if held else None,
                retired_id=model.model_id if model_id != model.model_id else None,
            ),
        )
    return list(found.values())


def _line(provider: Provider, model_id: str, held: Credential | None) -> Line:
    """A provider and a key; where no key tells them apart, the model."""
    if held is None:
        return provider, model_id
    return provider, hashlib.sha256(held.key.encode()).hexdigest()[:16]
