"""The size of what is sent: nginx's limits are the API's (INP-2)."""

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.compose.stack import Stack
from tests.platform import Owner

_MEGABYTE = 1024 * 1024
_HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
_MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture
def bot_id(owner: Owner) -> Iterator[str]:
    """A bot that is gone with its documents, before anybody trains so much."""
    bot_id = owner.new_bot()["id"]
    yield bot_id
    assert owner.http.delete(f"/bots/{bot_id}").status_code == 204


@pytest.mark.parametrize("length", ["declared", "chunked"])
def test_a_file_at_the_limit_passes_and_one_byte_more_does_not_inp_2(
    stack: Stack, door: httpx2.Client, bot_id: str, length: str
) -> None:
    limit_mb = int(stack.settings["UPLOAD_LIMIT_MB"])

    over = _upload(door, bot_id, size_bytes=limit_mb * _MEGABYTE + 1, length=length)
    at = _upload(door, bot_id, size_bytes=limit_mb * _MEGABYTE, length=length)

    assert f"{limit_mb} MB" in too_large(over)["detail"]
    assert (at.status_code, at.json()["size_bytes"]) == (202, limit_mb * _MEGABYTE)


def _upload(door: httpx2.Client, bot_id: str, *, size_bytes: int, length: str) -> httpx2.Response:
    def body() -> Iterator[bytes]:
        yield _HEAD
        for start in range(0, size_bytes, _MEGABYTE):
            yield b"a" * min(_MEGABYTE, size_bytes - start)
        yield b"\r\n--x--\r\n"

    content = body() if length == "chunked" else b"".join(body())
    return door.post(f"/bots/{bot_id}/train", content=content, headers=_MULTIPART)


@pytest.mark.parametrize("length", ["declared", "chunked"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_any_other_body_over_1_mb_is_refused_in_the_contracts_shape(
    door: httpx2.Client, length: str, language: str
) -> None:
    body = b'{"name": "' + b"a" * _MEGABYTE + b'"}'
    headers = {"Content-Type": "application/json", "Accept-Language": language}

    refused = door.post("/bots/", content=iter([body]) if length == "chunked" else body, headers=headers)

    assert (
        too_large(refused)["detail"]
        == {
            "es": "La petición supera el límite de 1 MB.",
            "en": "The request is over the limit of 1 MB.",
        }[language]
    )


def test_a_body_is_refused_before_it_is_sent(stack: Stack, owner: Owner) -> None:
    address = urlsplit(stack.api)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    connection.putrequest("POST", "/bots/")
    for name, value in {"Authorization": f"Bearer {owner.token}", "Content-Length": "99999999"}.items():
        connection.putheader(name, value)
    connection.endheaders()

    status = connection.getresponse().status
    connection.close()

    assert status == 413


def too_large(answer: httpx2.Response) -> dict[str, Any]:
    """The problem, in the API's own shape whoever tells it."""
    assert answer.status_code == 413, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem.keys() == {"type", "title", "status", "detail", "code"}
    assert (problem["status"], problem["code"]) == (413, "too_large")
    return problem
