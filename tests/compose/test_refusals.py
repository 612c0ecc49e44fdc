"""What nginx says by itself: problems as the API tells them."""

import json
from collections import Counter
from collections.abc import Iterator

import httpx2
import pytest

from tests.compose.security import panel_headers
from tests.compose.stack import Stack
from tests.platform import register

_HURRY = """
import asyncio, json, sys
import httpx2

async def main():
    url, path, times = json.loads(sys.argv[1])
    async with httpx2.AsyncClient(base_url=url, timeout=60) as http:
        headers = {"Accept-Language": "en"}
        # Both doors count together: what another test has used up comes back.
        while (first := await http.post(path, headers=headers)).status_code == 429:
            await asyncio.sleep(0.1)
        answers = [first, *await asyncio.gather(*(http.post(path, headers=headers) for _ in range(times)))]
    print(json.dumps([[answer.status_code, dict(answer.headers), answer.json()] for answer in answers]))

asyncio.run(main())
"""
TOO_MANY = {
    "type": "urn:bytchat:problem:too_many_requests",
    "title": "Too Many Requests",
    "status": 429,
    "detail": "Too many attempts. Try again in 10 seconds.",
    "code": "too_many_requests",
}
AWAY = {
    "type": "urn:bytchat:problem:unavailable",
    "title": "Service Unavailable",
    "status": 503,
    "code": "unavailable",
}
SENTENCES = {
    "es": "El servicio no está disponible ahora mismo. Inténtalo dentro de unos segundos.",
    "en": "The service is not available right now. Try again in a few seconds.",
}


@pytest.mark.parametrize("path", ["http://nginx:8080/token", "http://nginx:5173/api/users/"])
def test_who_hurries_is_told_to_wait_and_nobody_else_is(stack: Stack, path: str) -> None:
    root, _, rest = path.partition(":8080") if ":8080" in path else path.partition(":5173")
    url = path.removesuffix(rest)

    answers = json.loads(stack.python("visitor", _HURRY, json.dumps([url, rest, 80])))

    assert root == "http://nginx"
    refused = [(headers, body) for status, headers, body in answers if status == 429]
    assert Counter(status for status, _, _ in answers).keys() == {422, 429}
    assert {headers["retry-after"] for headers, _ in refused} == {"10"}
    assert {headers["content-type"].split(";")[0] for headers, _ in refused} == {"application/problem+json"}
    assert [body for _, body in refused if body != TOO_MANY] == []
    register(stack.api).http.close()


@pytest.fixture(scope="module")
def nobody_home(stack: Stack) -> Iterator[None]:
    with stack.stopped("web"):
        yield


@pytest.mark.usefixtures("nobody_home")
@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("path", ["/", "/bots/", "/token"])
@pytest.mark.parametrize("door", ["api", "panel"])
def test_without_the_api_it_is_a_503_in_the_contracts_shape(
    stack: Stack, door: str, path: str, language: str
) -> None:
    url = (stack.api if door == "api" else f"{stack.panel}/api") + path

    answer = httpx2.get(url, headers={"Accept-Language": language}, timeout=30, trust_env=False)

    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["retry-after"] == "5"
    assert answer.json() == {**AWAY, "detail": SENTENCES[language]}
    said = {name: answer.headers.get_list(name) for name in panel_headers()}
    assert said == {name: [value] for name, value in panel_headers().items()}


@pytest.mark.usefixtures("nobody_home")
def test_without_the_api_the_panel_is_still_there(stack: Stack) -> None:
    assert '<div id="root">' in httpx2.get(f"{stack.panel}/login", trust_env=False).text
