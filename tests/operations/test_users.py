"""`bytchat users add`: how somebody comes in while registration is closed."""

import asyncio
import subprocess
import sys
import uuid

import httpx2
import pytest

from app.core.errors import EmailNotValid, EmailTaken, PasswordTooCommon
from app.core.operator_errors import PasswordLengthWrong
from app.embedded.services import Services
from app.operations import users
from tests.addresses import try_login
from tests.platform import PASSWORD, ROOT, environment


def new_email(domain: str = "ejemplo.com") -> str:
    return f"{uuid.uuid4().hex}@{domain}"


def add(services: Services, email: str, typed: str) -> subprocess.CompletedProcess[str]:
    """`bytchat users add EMAIL --password-stdin`, where nobody may register."""
    command = [sys.executable, "-m", "app.cli", "users", "add", email, "--password-stdin"]
    env = environment(services, REGISTRATION="closed", LC_ALL="C.UTF-8")
    return subprocess.run(
        command, cwd=ROOT, env=env, input=typed, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_whoever_the_operator_adds_logs_in_with_the_password_of_standard_input(
    ending: str, services: Services, api: str
) -> None:
    email = new_email()

    added = add(services, email, PASSWORD + ending)

    assert (added.returncode, added.stdout) == (0, f"{email} ya puede entrar.\n")
    assert PASSWORD not in added.stdout + added.stderr
    with httpx2.Client(base_url=api, timeout=30, trust_env=False) as http:
        assert try_login(http, email).status_code == 200


def test_an_account_that_cannot_be_added_ends_with_1_and_a_sentence_in_both_languages(services: Services) -> None:
    email = new_email()
    add(services, email, PASSWORD)

    again = add(services, email, PASSWORD)

    assert again.returncode == 1
    assert again.stderr.splitlines() == [EmailTaken().sentence("es"), EmailTaken().sentence("en")]


@pytest.mark.parametrize(
    ("email", "password", "error"),
    [
        ("corta@ejemplo.com", "corta", PasswordLengthWrong),
        ("vacia@ejemplo.com", "", PasswordLengthWrong),
        ("comun@ejemplo.com", "password1!", PasswordTooCommon),
        ("ana", PASSWORD, EmailNotValid),
        (f"{'a' * 250}@ejemplo.com", PASSWORD, EmailNotValid),
        ("ana@ejemplo.com@evil.com", PASSWORD, EmailNotValid),
    ],
)
def test_the_rules_of_registration_hold_for_the_operator_too(
    email: str, password: str, error: type[Exception], services: Services
) -> None:
    with pytest.raises(error):
        asyncio.run(users.add(services.database_url, email, password=password))
