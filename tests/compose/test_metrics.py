"""Figures are for the inside."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from tests.compose.stack import Stack

# Of what Prometheus reads, and of nothing else.
_SIGN = b"# HELP"
SPELLINGS = (
    "/metrics",
    "/metrics/",
    "/metrics?x=1",
    "/metrics/x",
    "//metrics",
    "/./metrics",
    "/x/../metrics",
    "/%6detrics",
    "/%6Detrics",
    "/metrics%20",
    "/metrics%00",
    "/metrics;x",
    "/METRICS",
    "/%2e/metrics",
    "/x/%2e%2e/metrics",
    "/%2Fmetrics",
    "/%252e/metrics",
)
UNDER_API = (
    *(f"/api{spelling}" for spelling in SPELLINGS),
    "/api/../metrics",
    "/api/%2e%2e/metrics",
    "/api/%2E%2E/api/metrics",
    "/api/..%2fmetrics",
    "/api%2fmetrics",
    "/API/metrics",
    "//api//metrics",
    "/x/../api/metrics",
)


@pytest.mark.parametrize("path", SPELLINGS)
def test_no_spelling_reaches_them_through_the_apis_port(stack: Stack, path: str) -> None:
    status, body = _get(stack.api, path)

    assert _SIGN not in body
    assert status in {400, 404}


@pytest.mark.parametrize("path", UNDER_API)
def test_no_spelling_reaches_them_through_the_panels_port(stack: Stack, path: str) -> None:
    status, body = _get(stack.panel, path)

    assert _SIGN not in body
    # What is not the API's is a page of the panel, and there is none.
    assert status in {400, 404} or b'<div id="root">' in body


def test_nginx_says_that_there_is_no_such_thing(stack: Stack) -> None:
    assert json.loads(_get(stack.api, "/metrics")[1]) == {
        "type": "urn:bytchat:problem:not_found",
        "title": "Not Found",
        "status": 404,
        "detail": "No existe.",
        "code": "not_found",
    }


def test_they_are_there_inside(stack: Stack) -> None:
    code = "import urllib.request as r; print(r.urlopen('http://web:8000/metrics').read().decode())"

    told = stack.python("worker", code)

    names = {line.split("{")[0].split(" ")[0] for line in told.splitlines() if line and line[0] != "#"}
    assert {"bytchat_http_requests_total", "bytchat_streams_open", "bytchat_broker_up"} <= names


def _get(url: str, path: str) -> tuple[int, bytes]:
    """As it is written: no client tidies the path first."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=20)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    status, body = answer.status, answer.read()
    connection.close()
    return status, body
