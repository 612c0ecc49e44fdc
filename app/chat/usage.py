"""What an answer cost, in whole micro-dollars; an unknown price gives None and never 0."""

from collections.abc import Iterable

from app.chat.catalog import Catalog, CatalogModel
from app.chat.prompt import estimate_tokens
from app.models import Provider
from app.providers.base import ChatRequest, Usage

_TOKENS_PER_PRICE = 1_000_000


def cost_micro_usd(model: CatalogModel | None, *, input_tokens: int, output_tokens: int) -> int | None:
    """Rounded up. None where a price is unknown."""
    if model is None or model.input_micro_usd_per_mtok is None or model.output_micro_usd_per_mtok is None:
        return None
    exact = input_tokens * model.input_micro_usd_per_mtok + output_tokens * model.output_micro_usd_per_mtok
    return -(-exact // _TOKENS_PER_PRICE)


def dearest_micro_usd(
    models: Iterable[CatalogModel | None], *, input_tokens: int, output_tokens: int
) -> int | None:
    """What the dearest of these would have cost for the same tokens. None without a known price."""
    costs = (cost_micro_usd(model, input_tokens=input_tokens, output_tokens=output_tokens) for model in models)
    return max((cost for cost in costs if cost is not None), default=None)


def dearest_price_of(catalog: Catalog, provider: Provider) -> CatalogModel | None:
    """A model of no name with the highest known prices of the provider: the bound for an id that is unknown.

    None where no price of the provider is known.
    """
    known = catalog.known(provider)
    inputs = [price for model in known if (price := model.input_micro_usd_per_mtok) is not None]
    outputs = [price for model in known if (price := model.output_micro_usd_per_mtok) is not None]
    if not inputs or not outputs:
        return None
    return CatalogModel(
        provider=provider,
        model_id="",
        context_tokens=None,
        max_output_tokens=None,
        input_micro_usd_per_mtok=max(inputs),
        output_micro_usd_per_mtok=max(outputs),
        reasons=True,
        sees_images=False,
    )


def estimated_usage(request: ChatRequest, text: str) -> Usage:
    """The tokens of a prompt and an answer that the provider did not count."""
    sent = (request.system, *(message.text for message in request.messages))
    return Usage(input_tokens=sum(map(estimate_tokens, sent)), output_tokens=estimate_tokens(text))
