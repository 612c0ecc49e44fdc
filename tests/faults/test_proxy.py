"""The network that breaks: what each fault of a link does to a real PostgreSQL behind it."""

import socket
import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from app.embedded.services import Services
from tests.faults.proxy import Link, network
from tests.services import fresh_database, wait_until


@pytest.fixture
def database(services: Services) -> Iterator[Services]:
    with fresh_database(services) as fresh:
        yield fresh


@pytest.fixture
def link(database: Services) -> Iterator[Link]:
    parts = make_url(database.database_url)
    assert parts.host
    assert parts.port
    with network() as net:
        yield net.link("postgresql", (parts.host, parts.port))


def _through(link: Link, database: Services) -> psycopg.Connection:
    url = make_url(database.database_url).set(port=link.port).render_as_string(hide_password=False)
    return psycopg.connect(url, connect_timeout=5)


def test_a_commit_whose_answer_is_lost_is_stored_and_fails(link: Link, database: Services) -> None:
    with psycopg.connect(database.database_url, autocommit=True) as direct:
        direct.execute("CREATE TABLE things (name text)")
        connection = _through(link, database)
        connection.execute("INSERT INTO things VALUES ('COMMIT')")

        link.lose_commit()
        with pytest.raises(psycopg.OperationalError):
            connection.commit()

        assert link.lost_commits == 1
        assert direct.execute("SELECT name FROM things").fetchall() == [("COMMIT",)]


def test_after_a_lost_answer_the_link_is_sound(link: Link, database: Services) -> None:
    lost = _through(link, database)
    lost.execute("SELECT 1")
    link.lose_commit()
    with pytest.raises(psycopg.OperationalError):
        lost.commit()

    with _through(link, database) as connection:
        assert connection.execute("SELECT 2").fetchone() == (2,)


def test_a_cut_fails_who_is_there_and_lets_in_who_comes(link: Link, database: Services) -> None:
    before = _through(link, database)

    link.cut()

    with pytest.raises(psycopg.OperationalError):
        before.execute("SELECT 1")
    with _through(link, database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_link_that_refuses_flows_again_on_the_same_port(link: Link, database: Services) -> None:
    link.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", link.port), timeout=5)

    link.flow()

    with _through(link, database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_a_black_hole_took_arrives_when_it_ends(link: Link, database: Services) -> None:
    connection = _through(link, database)
    heard: list[object] = []
    link.black_hole()
    asking = threading.Thread(target=lambda: heard.append(connection.execute("SELECT 7").fetchone()))
    asking.start()
    with pytest.raises(psycopg.errors.ConnectionTimeout):
        _connect_within(link, database, seconds=2)
    silent = list(heard)

    link.flow()
    asking.join(timeout=10)

    assert silent == []
    assert heard == [(7,)]


def test_a_delayed_link_flows_without_delay_after_it_is_healed(link: Link, database: Services) -> None:
    link.delay(50)
    with _through(link, database) as slow:
        assert slow.execute("SELECT 1").fetchone() == (1,)
    link.flow()

    with _through(link, database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_client_that_closes_is_seen_at_the_other_side(link: Link, database: Services) -> None:
    with psycopg.connect(database.database_url, autocommit=True) as direct:
        connection = _through(link, database)
        pid = connection.info.backend_pid
        connection.close()

        wait_until(
            lambda: direct.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() is None
        )
        assert connection.closed


def _connect_within(link: Link, database: Services, *, seconds: int) -> psycopg.Connection:
    url = make_url(database.database_url).set(port=link.port).render_as_string(hide_password=False)
    return psycopg.connect(url, connect_timeout=seconds)
