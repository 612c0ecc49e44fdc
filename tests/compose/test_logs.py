"""What the containers write: lines of JSON that belong together by one id (OPS-6)."""

import json
from typing import Any

import httpx2
import pytest

from tests.compose.stack import LASTING, OURS, SECRETS, Stack
from tests.platform import PASSWORD, Owner
from tests.services import wait_until

_FORGED = '%0A%0D{"event":"forged"}'


@pytest.mark.parametrize("service", OURS)
def test_every_line_is_json_from_the_start_to_the_stop_ops_6(stack: Stack, service: str) -> None:
    with stack.stopped(service):
        lines = stack.lines(service)

    assert [line for line in lines if not _is_event(line)] == []


def test_every_line_of_nginxs_access_log_is_json_ops_6(stack: Stack) -> None:
    httpx2.get(f"{stack.api}/\u00f1{_FORGED}", headers={"User-Agent": 'a"b'}, trust_env=False)

    lines = [line for line in stack.lines("nginx") if "nginx.answered" in line or "forged" in line]

    assert lines
    assert [line for line in lines if not _is_event(line)] == []


def test_one_id_leads_from_nginx_through_the_api_to_the_worker(stack: Stack, owner: Owner) -> None:
    uploaded = owner.upload(owner.new_bot()["id"], "El faro de Salmera se visita los jueves.")
    request_id = uploaded.headers["x-request-id"]

    wait_until(lambda: bool(_events(stack, "worker", request_id)), within_s=60)

    (passed,) = _events(stack, "nginx", request_id)
    (answered,) = [line for line in _events(stack, "web", request_id) if line["event"] == "http.answered"]
    trained = _events(stack, "worker", request_id)
    assert (passed["event"], passed["status"]) == ("nginx.answered", 202)
    assert (answered["status"], answered["owner_id"]) == (202, str(owner.id))
    assert {line["document_id"] for line in trained} == {uploaded.json()["id"]}
    assert {line["owner_id"] for line in trained} == {str(owner.id)}


def test_an_id_of_a_clients_own_is_not_taken(stack: Stack) -> None:
    own = "0" * 32

    answer = httpx2.get(f"{stack.api}/", headers={"X-Request-Id": own}, trust_env=False)

    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["x-request-id"] != own


def test_no_secret_no_password_and_no_token_is_written_ops_6(stack: Stack, owner: Owner) -> None:
    owner.http.post(f"/token?password={PASSWORD}", data={"username": owner.email, "password": "otra-clave-secreta"})
    secrets = [*(stack.settings[name] for name in SECRETS), PASSWORD, "otra-clave-secreta", owner.token]

    written = "\n".join(line for service in (*LASTING, "migrate") for line in stack.lines(service))

    assert [secret for secret in secrets if secret in written] == []
    assert "http.answered" in written


def _is_event(line: str) -> bool:
    try:
        event = json.loads(line)
    except ValueError:
        return False
    return isinstance(event, dict) and {"event", "level", "timestamp"} <= event.keys()


def _events(stack: Stack, service: str, request_id: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stack.lines(service) if request_id in line and line.startswith("{")]
