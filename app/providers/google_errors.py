"""What Google's errors say, read without its SDK."""

from typing import Any

from app.core.errors import ProviderError
from app.providers.http import failure, seconds_to_wait


def told(body: Any, *, status: int | None, retry_after: str | None = None) -> ProviderError:
    """The failure that an error's JSON tells; what it says in words is not read."""
    error = body.get("error", body) if isinstance(body, dict) else {}
    details = error.get("details") if isinstance(error, dict) else None
    facts = [fact for fact in details if isinstance(fact, dict)] if isinstance(details, list) else []
    if any(fact.get("reason") == "API_KEY_INVALID" for fact in facts):
        # Google says 400.
        status = 401
    delays = [fact["retryDelay"] for fact in facts if isinstance(fact.get("retryDelay"), str)]
    wait_s = seconds_to_wait(retry_after) or seconds_to_wait(next(iter(delays), None))
    return failure(status=status, retry_after_s=wait_s)
