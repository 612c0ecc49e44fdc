"""Who counts as which client: what nginx saw, and nothing that a client writes (AUT-5)."""

import json
from collections.abc import Mapping, Sequence

from tests.addresses import try_login
from tests.compose.stack import Stack
from tests.platform import Owner

# For an account from one address.
ALLOWED = 10

_LOG_IN = """
import json, sys
import httpx2

url, logins = json.loads(sys.argv[1])
with httpx2.Client(base_url=url, timeout=30) as http:
    answers = [http.post("/token", data=data, headers=headers) for data, headers in logins]
print(json.dumps([[answer.status_code, int(answer.headers.get("retry-after", 0))] for answer in answers]))
"""
_CLAIMS: tuple[Mapping[str, str], ...] = (
    {"X-Forwarded-For": "203.0.113.{n}"},
    {"X-Forwarded-For": "203.0.113.{n}, 127.0.0.1"},
    {"X-Real-IP": "203.0.113.{n}"},
    {"Forwarded": "for=203.0.113.{n}"},
)


def test_what_a_visitor_claims_moves_no_limit_and_locks_out_nobody_else_aut_5(stack: Stack, owner: Owner) -> None:
    wrong = [_attempt(owner.email, n) for n in range(ALLOWED + 1)]

    *failures, (status, retry_after_s) = _log_in_from(stack, "visitor", "http://nginx:8080", wrong)

    assert [status for status, _ in failures] == [401] * ALLOWED
    assert status == 429
    assert retry_after_s > 60
    # From another address the account is open: nginx's word on who asks is taken.
    assert try_login(owner.http, owner.email).status_code == 200


def test_a_container_that_goes_around_nginx_is_not_believed_aut_5(stack: Stack, owner: Owner) -> None:
    wrong = [_attempt(owner.email, n) for n in range(ALLOWED + 1)]

    answers = _log_in_from(stack, "worker", "http://web:8000", wrong)

    assert [status for status, _ in answers] == [*[401] * ALLOWED, 429]


def _attempt(email: str, n: int) -> tuple[dict[str, str], dict[str, str]]:
    claim = _CLAIMS[n % len(_CLAIMS)]
    headers = {name: value.format(n=n) for name, value in claim.items()}
    return {"username": email, "password": "una-clave-equivocada"}, headers


def _log_in_from(stack: Stack, service: str, url: str, logins: Sequence[object]) -> list[tuple[int, int]]:
    answers = json.loads(stack.python(service, _LOG_IN, json.dumps([url, logins])))
    return [(status, retry_after_s) for status, retry_after_s in answers]
