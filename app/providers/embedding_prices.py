"""What vendors ask for embedding, in US dollars a million tokens: the pages of their prices, July 2026."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal

# https://openai.com/api/pricing (text-embedding-3-small) and https://ai.google.dev/pricing (gemini-embedding-001).
PRICES_USD_PER_MTOK: Mapping[str, Decimal] = {"openai": Decimal("0.02"), "google": Decimal("0.15")}
# Spanish takes four to five; what is guessed too high is only counted too early.
_CHARACTERS_PER_TOKEN = 3


def embedding_micro_usd(model: str, texts: Sequence[str]) -> int:
    """The most that the vendor may charge for them, in whole micro-dollars; nothing for `local`."""
    tokens = Decimal(sum(map(len, texts))) / _CHARACTERS_PER_TOKEN
    cost = tokens * PRICES_USD_PER_MTOK.get(model, Decimal(0))
    return int(cost.to_integral_value(ROUND_CEILING))
