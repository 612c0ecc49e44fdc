"""Connections that PostgreSQL ends: whoever can be served all the same does not notice (OPS-4)."""

from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.database import Attempt, Sessions, attempt, make_engine, make_sessions, statement, transaction
from app.embedded.services import Services
from tests.services import wait_until

# The first time it ends its own connection; a sequence remembers what was rolled back.
_END_ONCE = text("SELECT CASE WHEN nextval('tries') = 1 THEN pg_terminate_backend(pg_backend_pid()) END")
_PID = text("SELECT pg_backend_pid()")


@pytest.fixture
async def one_connection(services: Services) -> AsyncIterator[Sessions]:
    engine = make_engine(services.database_url, pool_size=1)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
async def tries(one_connection: Sessions) -> AsyncIterator[None]:
    async with transaction(one_connection) as session:
        await session.execute(text("CREATE SEQUENCE tries"))
    yield
    async with transaction(one_connection) as session:
        await session.execute(text("DROP SEQUENCE tries"))


def _end(services: Services, pid: int) -> None:
    with psycopg.connect(services.database_url, autocommit=True) as direct:
        direct.execute("SELECT pg_terminate_backend(%s)", [pid])
        wait_until(
            lambda: direct.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() is None
        )


@pytest.mark.anyio
async def test_a_connection_that_ended_a_moment_after_its_return_is_not_lent(
    one_connection: Sessions, services: Services
) -> None:
    async with transaction(one_connection) as session:
        ended = (await session.execute(_PID)).scalar_one()
    _end(services, ended)

    async with transaction(one_connection) as session:
        assert (await session.execute(_PID)).scalar_one() != ended


@pytest.mark.usefixtures("tries")
@pytest.mark.anyio
async def test_a_statement_whose_connection_ends_is_done_again(one_connection: Sessions) -> None:
    async with statement(one_connection) as session:
        await session.execute(_END_ONCE)

    async with transaction(one_connection) as session:
        assert (await session.execute(text("SELECT last_value FROM tries"))).scalar_one() == 2


@pytest.mark.usefixtures("tries")
@pytest.mark.anyio
async def test_what_adds_up_is_not_done_again(one_connection: Sessions) -> None:
    with pytest.raises(DBAPIError):
        async with statement(one_connection, once=True) as session:
            await session.execute(_END_ONCE)


@pytest.mark.usefixtures("tries")
@pytest.mark.anyio
async def test_a_transaction_that_is_cut_off_says_that_it_did_nothing(one_connection: Sessions) -> None:
    tried = Attempt()
    reset_to = attempt.set(tried)

    with pytest.raises(DBAPIError):
        async with transaction(one_connection) as session:
            await session.execute(_END_ONCE)

    attempt.reset(reset_to)
    assert tried == Attempt(was_cut_off=True, may_have_acted=False)


@pytest.mark.anyio
async def test_a_transaction_that_comes_to_its_commit_may_have_acted(one_connection: Sessions) -> None:
    tried = Attempt()
    reset_to = attempt.set(tried)

    async with transaction(one_connection) as session:
        await session.execute(_PID)

    attempt.reset(reset_to)
    assert tried == Attempt(was_cut_off=False, may_have_acted=True)
