"""The documentation's session against the stack, and its pages."""

import subprocess
from collections.abc import Iterator

import httpx2
import pytest

from tests.compose.stack import Stack
from tests.operations.test_curl_session import test_the_documented_session_works_without_any_key
from tests.platform import Owner

__all__ = ["test_the_documented_session_works_without_any_key"]


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=stack.api, timeout=60, trust_env=False) as http:
        yield http


@pytest.fixture
def workers() -> list[object]:
    """The stack has its own."""
    return []


def test_curl_reads_an_answer_like_a_chat(stack: Stack, owner: Owner) -> None:
    config = {"task_type": "general", "provider": "openai", "model_id": "say=Hola, ¿qué tal?;pace_ms=20"}
    bot_id = owner.new_bot(initial_configs=[config])["id"]

    said = curl(
        *("--no-buffer", "--request", "POST", f"{stack.api}/chat/{bot_id}"),
        *("--header", f"Authorization: Bearer {owner.token}", "--header", "Content-Type: application/json"),
        *("--data", '{"query": "¿Cuál es tu propósito?"}'),
    )

    assert said == "Hola, ¿qué tal?"


@pytest.mark.parametrize(
    ("path", "sign"),
    [("/", "Bienvenido a Bytchat"), ("/docs", "swagger"), ("/redoc", "redoc"), ("/openapi.json", '"openapi"')],
)
def test_the_documented_pages_are_there(stack: Stack, path: str, sign: str) -> None:
    assert sign in curl(f"{stack.api}{path}")


def curl(*arguments: str) -> str:
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--max-time", "60", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
