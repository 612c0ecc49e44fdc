"""nginx finds the API wherever it is, without a restart of its own."""

import json

import httpx2

from tests.compose.stack import Stack
from tests.services import wait_until


def test_an_api_that_was_made_anew_is_found_without_a_restart_of_nginx(stack: Stack) -> None:
    began_at = stack.container("nginx")["State"]["StartedAt"]
    before = stack.container("web")["Id"]

    stack.compose("up", "--detach", "--force-recreate", "--no-deps", "web")

    stack.wait_ready()
    assert stack.container("web")["Id"] != before
    assert stack.container("nginx")["State"]["StartedAt"] == began_at


def test_a_second_replica_is_found_without_a_restart_of_nginx_and_may_go_again(stack: Stack) -> None:
    began_at = stack.container("nginx")["State"]["StartedAt"]

    try:
        stack.compose("up", "--detach", "--wait", "--no-deps", "--no-recreate", "--scale", "web=2", "web")
        wait_until(lambda: _replicas_that_answered(stack) == 2, within_s=30)
    finally:
        stack.compose("up", "--detach", "--wait", "--no-deps", "--no-recreate", "--scale", "web=1", "web")
    stack.wait_ready()

    assert stack.container("nginx")["State"]["StartedAt"] == began_at


def _replicas_that_answered(stack: Stack) -> int:
    """Of the last of many requests."""
    ids = [httpx2.get(f"{stack.api}/health/live", trust_env=False).headers["x-request-id"] for _ in range(20)]
    written = [json.loads(line) for line in stack.lines("nginx") if line.startswith("{")]
    return len({line["upstream"] for line in written if line["request_id"] in ids})
