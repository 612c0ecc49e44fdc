"""Costs: whole micro-dollars, rounded up, and unknown where a price is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.catalog import CatalogModel, load_catalog
from app.chat.prompt import estimate_tokens
from app.chat.usage import cost_micro_usd, dearest_micro_usd, dearest_price_of, estimated_usage
from app.models import Provider
from app.providers.base import ChatMessage, ChatRequest, Role, Usage

PRICES = st.integers(0, 10**12)
TOKENS = st.integers(0, 2**31)


def model(input_price: int | None, output_price: int | None) -> CatalogModel:
    """Prices in micro-dollars a million tokens."""
    return CatalogModel(Provider.OPENAI, "gpt", None, None, input_price, output_price, False, False)


DEAR, CHEAP, UNKNOWN = model(2_500_000, 10_000_000), model(150_000, 600_000), model(None, None)


def test_input_and_output_have_each_their_price() -> None:
    assert cost_micro_usd(DEAR, input_tokens=1_000, output_tokens=100) == 2_500 + 1_000


@pytest.mark.parametrize(("tokens", "cost"), [(0, 0), (1, 1), (6, 1), (7, 2), (1_000_000, 150_000)])
def test_a_part_of_a_micro_dollar_is_a_whole_one(tokens: int, cost: int) -> None:
    assert cost_micro_usd(CHEAP, input_tokens=tokens, output_tokens=0) == cost


@given(PRICES, PRICES, TOKENS, TOKENS)
def test_a_cost_is_never_less_than_the_exact_one_and_by_less_than_a_micro_dollar_more(
    input_price: int, output_price: int, input_tokens: int, output_tokens: int
) -> None:
    exact = input_price * input_tokens + output_price * output_tokens

    cost = cost_micro_usd(model(input_price, output_price), input_tokens=input_tokens, output_tokens=output_tokens)

    assert cost is not None
    assert 0 <= cost * 1_000_000 - exact < 1_000_000


@pytest.mark.parametrize("unpriced", [None, UNKNOWN, model(1, None), model(None, 1)])
@pytest.mark.parametrize("tokens", [0, 10])
def test_without_a_price_the_cost_is_unknown_and_not_zero(unpriced: CatalogModel | None, tokens: int) -> None:
    assert cost_micro_usd(unpriced, input_tokens=tokens, output_tokens=tokens) is None


def test_a_model_that_is_free_costs_zero() -> None:
    assert cost_micro_usd(model(0, 0), input_tokens=10**9, output_tokens=10**9) == 0


def test_the_dearest_is_the_dearest_for_these_tokens() -> None:
    reads_dear, writes_dear = model(1_000_000, 1_000_000), model(100_000, 5_000_000)

    long_question, long_answer = (
        dearest_micro_usd([reads_dear, writes_dear], input_tokens=read, output_tokens=written)
        for read, written in ((1_000, 10), (10, 1_000))
    )

    assert (long_question, long_answer) == (1_010, 5_001)


def test_what_has_no_price_is_never_the_dearest() -> None:
    assert dearest_micro_usd([UNKNOWN, CHEAP, None], input_tokens=1_000, output_tokens=0) == 150
    assert dearest_micro_usd([UNKNOWN, None], input_tokens=1_000, output_tokens=0) is None
    assert dearest_micro_usd([], input_tokens=1_000, output_tokens=0) is None


@pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OPENAI])
def test_no_known_model_of_a_provider_costs_more_than_its_dearest_price(provider: Provider) -> None:
    catalog = load_catalog(None)
    bound = dearest_price_of(catalog, provider)

    for tokens in ({"input_tokens": 10**6, "output_tokens": 0}, {"input_tokens": 0, "output_tokens": 10**6}):
        dearest = dearest_micro_usd(catalog.known(provider), **tokens)
        assert dearest
        assert cost_micro_usd(bound, **tokens) == dearest


def test_tokens_that_nobody_counted_are_estimated_from_all_that_was_sent_and_said() -> None:
    request = ChatRequest(
        model_id="llama-3",
        system="Eres un pirata.",
        messages=(
            ChatMessage(Role.USER, "Hola"),
            ChatMessage(Role.ASSISTANT, "¡Ah!"),
            ChatMessage(Role.USER, "Ya"),
        ),
        question="Ya",
    )

    usage = estimated_usage(request, "¡Al abordaje!")

    sent = sum(estimate_tokens(text) for text in ("Eres un pirata.", "Hola", "¡Ah!", "Ya"))
    assert usage == Usage(input_tokens=sent, output_tokens=estimate_tokens("¡Al abordaje!"))
