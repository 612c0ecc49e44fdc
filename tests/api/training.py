"""What the tests of uploads and of training look at."""

from typing import Any

import httpx2

from tests.platform import Owner

TEXT = "La tienda abre a las nueve.\n\nEl casco Brisa cuesta 39,90 €, y el niño pidió piñones: «qué rico».\n"


def documents(owner: Owner, bot_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = owner.http.get(f"/bots/{bot_id}/documents/").json()
    return found


def assert_problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"]
    return body
