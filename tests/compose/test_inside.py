"""The database and the broker: who can reach them, and with what (OPS-5)."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.compose.stack import PROJECT, Stack, inspect

_BACK = f"{PROJECT}_back"
PORTS = {"db": 5432, "redis": 6379}

_TRY_DATABASE = """
import json, sys
import psycopg

RIGHTS = "SELECT rolname, rolsuper, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user"

def outcome(**who):
    try:
        with psycopg.connect(host="db", connect_timeout=5, **who) as connection:
            return [str(value) for value in connection.execute(RIGHTS).fetchone()]
    except psycopg.OperationalError as error:
        return str(error)

print(json.dumps([outcome(**who) for who in json.loads(sys.argv[1])]))
"""
_TRY_BROKER = """
import json, socket, sys

def outcome(greeting):
    with socket.create_connection(("redis", 6379), timeout=5) as broker:
        broker.sendall(greeting.encode() + b"PING\\r\\nQUIT\\r\\n")
        return b"".join(iter(lambda: broker.recv(4096), b"")).decode()

print(json.dumps([outcome(greeting) for greeting in json.loads(sys.argv[1])]))
"""
_CHECK_MIGRATIONS = """
from app.core.config import get_settings
from app.operations import migrate

migrate.check(get_settings().database_url.get_secret_value())
"""


@pytest.mark.parametrize("service", PORTS)
def test_nginx_knows_no_name_of_it_and_reaches_no_address_ops_5(stack: Stack, service: str) -> None:
    networks = stack.container(service)["NetworkSettings"]["Networks"]
    addresses = [network["IPAddress"] for network in networks.values()]

    named = stack.attempt("exec", "-T", "nginx", "getent", "hosts", service)
    reached = [_reaches(stack, address, PORTS[service]) for address in addresses]

    assert named.returncode != 0
    assert reached == [False]
    assert _reaches(stack, "web", 8000), "the way of asking does not work"


def _reaches(stack: Stack, host: str, port: int) -> bool:
    """Whether nginx's container can open a connection."""
    asked = ("curl", "--silent", "--output", "/dev/null", "--max-time", "2", "--write-out", "%{time_connect}")
    return float(stack.attempt("exec", "-T", "nginx", *asked, f"http://{host}:{port}/").stdout) > 0


def test_the_databases_usual_passwords_are_refused_ops_5(stack: Stack) -> None:
    mine = stack.settings["POSTGRES_PASSWORD"]
    wrong = [
        *(("postgres", password, "postgres") for password in ("postgres", "", "bytchat", mine)),
        *(("postgres", password, "bytchat") for password in ("postgres", mine)),
        *(("bytchat", password, "bytchat") for password in ("bytchat", "postgres", "", mine[:-1])),
    ]

    outcomes = _tried(stack, wrong)

    assert [
        outcome for outcome in outcomes if "FATAL" not in outcome and "no password supplied" not in outcome
    ] == []


def _tried(stack: Stack, logins: Sequence[tuple[str, str, str]]) -> list[Any]:
    named = [dict(zip(("user", "password", "dbname"), login, strict=True)) for login in logins]
    return list(json.loads(stack.python("worker", _TRY_DATABASE, json.dumps(named))))


def test_the_databases_role_is_no_superuser(stack: Stack) -> None:
    mine = [("bytchat", stack.settings["POSTGRES_PASSWORD"], "bytchat")]

    (outcome,) = _tried(stack, mine)

    assert outcome == ["bytchat", "False", "False", "False"]


def test_the_broker_refuses_who_has_no_password_and_who_has_the_usual_ones_ops_5(stack: Stack) -> None:
    mine = stack.settings["REDIS_PASSWORD"]
    wrong = [
        "",
        *(f"AUTH {word}\r\n" for word in ("redis", "bytchat", "default redis", "default default", mine[:-1])),
    ]

    *outcomes, right = json.loads(stack.python("worker", _TRY_BROKER, json.dumps([*wrong, f"AUTH {mine}\r\n"])))

    assert right == "+OK\r\n+PONG\r\n+OK\r\n"
    assert [said for said in outcomes if "-NOAUTH" not in said or "+PONG" in said] == []


def test_the_database_and_the_broker_have_no_way_out(stack: Stack) -> None:
    networks = {service: list(stack.container(service)["NetworkSettings"]["Networks"]) for service in PORTS}

    assert [*networks["db"], *networks["redis"]] == [_BACK] * 2
    assert inspect(_BACK)["Internal"]


def test_models_and_migrations_agree_on_this_postgresql(stack: Stack) -> None:
    stack.python("worker", _CHECK_MIGRATIONS)

    assert "17." in stack.compose("exec", "-T", "db", "postgres", "--version")
