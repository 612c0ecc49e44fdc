"""What answers cost and how soon they begin, counted for the operator. No label holds an owner's text."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from app.models import Finish, Provider

_FIRST_TOKEN_S = (0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 8, 13, 20, 30, 60)


class AnswerMetrics:
    """Counted once an answer, at its end: nothing is counted a token."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._answers = Counter(
            "bytchat_answers",
            "Answers that models began, by the vendor and how they ended.",
            ("provider", "finish"),
            registry=registry,
        )
        self._tokens = Counter(
            "bytchat_tokens",
            "Tokens of answers; our own estimate where the vendor gave none.",
            ("provider", "direction"),
            registry=registry,
        )
        self._first_token = Histogram(
            "bytchat_first_token_seconds",
            "From a question's arrival to the first token of its answer.",
            ("provider",),
            registry=registry,
            buckets=_FIRST_TOKEN_S,
        )

    def answered(
        self,
        provider: Provider,
        finish: Finish,
        *,
        input_tokens: int,
        output_tokens: int,
        first_token_s: float | None,
    ) -> None:
        """An answer has ended; `first_token_s` is None where it did without a word."""
        self._answers.labels(provider.value, finish.value).inc()
        self._tokens.labels(provider.value, "input").inc(input_tokens)
        self._tokens.labels(provider.value, "output").inc(output_tokens)
        if first_token_s is not None:
            self._first_token.labels(provider.value).observe(first_token_s)
