"""One address, and Celery's settings for what answers there."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from pydantic import SecretStr

from app.core.broker import broker_settings
from app.core.config import Settings, require_services
from app.core.errors import ConfigurationError
from app.core.queue import make_celery
from tests.vendors.certificate import own_authority

_SENTINELS = "sentinel://:clave%40@one:26379,two:26379/3?master_name=bytchat"


def options(url: str) -> dict[str, Any]:
    found: dict[str, Any] = broker_settings(url, socket_timeout_s=2)["broker_transport_options"]
    return found


def settings(broker_url: str) -> Settings:
    return Settings(
        environment="test",
        database_url=SecretStr("postgresql://a:b@db/c"),
        redis_url=SecretStr("redis://limits/0"),
        broker_url=SecretStr(broker_url),
        secret_key=SecretStr("0123456789abcdefghijklmnopqrstuvw"),
        encryption_key=SecretStr("0123456789abcdefghijklmnopqrstuvw"),
    )


@contextmanager
def impostor() -> Iterator[tuple[int, list[bytes]]]:
    """A port where TLS is spoken with a certificate that nobody trusts, and what it was told."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with (
                        client,
                        suppress(ssl.SSLError),
                        own_authority().server.wrap_socket(client, server_side=True) as one,
                    ):
                        heard.append(one.recv(100))

        thread = threading.Thread(target=listen)
        thread.start()
        yield listener.getsockname()[1], heard
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_a_rabbitmq_confirms_what_it_keeps_and_is_told_nothing_of_redis() -> None:
    made = broker_settings("amqp://user:clave@rabbit:5672/bytchat", socket_timeout_s=2)

    assert made["broker_transport_options"] == {"confirm_publish": True}
    assert made["broker_heartbeat"] > 0
    assert made["broker_connection_timeout"] <= 2


@pytest.mark.parametrize("url", ["redis://one/0", "rediss://one/0", _SENTINELS])
def test_every_wait_for_a_redis_has_a_limit(url: str) -> None:
    made = options(url)

    assert made["visibility_timeout"] > 0
    assert made["socket_timeout"] == made["socket_connect_timeout"] == 2


def test_sentinels_in_one_address_become_one_each() -> None:
    made = broker_settings(_SENTINELS, socket_timeout_s=2)

    assert made["broker_url"] == "sentinel://:clave%40@one:26379/3;sentinel://:clave%40@two:26379/3"
    assert made["broker_transport_options"]["master_name"] == "bytchat"


def test_celery_reads_every_sentinel_and_the_masters_password_from_it() -> None:
    with make_celery(_SENTINELS).connection_for_write() as connection:
        assert [one.rpartition("@")[2] for one in connection.alt] == ["one:26379/3", "two:26379/3"]
        assert (connection.password, connection.virtual_host) == ("clave@", "3")


def test_a_sentinels_own_password_is_not_the_masters() -> None:
    made = options(f"{_SENTINELS}&sentinel_password=vigia")

    assert made["sentinel_kwargs"] == {"password": "vigia", "socket_timeout": 2, "socket_connect_timeout": 2} | {
        "socket_keepalive": True
    }


def test_sentinels_that_name_no_master_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="master_name"):
        broker_settings("sentinel://one:26379/0", socket_timeout_s=2)


def test_a_certificate_is_asked_for_and_must_be_of_the_addresss_host() -> None:
    with make_celery("rediss://one:6379/0").connection_for_write() as connection:
        assert connection.ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    with make_celery("amqps://one:5671//").connection_for_write() as connection:
        assert connection.ssl == {"server_hostname": None}


def test_an_authority_of_the_address_goes_before_the_systems() -> None:
    with make_celery("rediss://one:6379/0?ssl_ca_certs=/etc/ca.pem").connection_for_write() as connection:
        assert connection.ssl == {"ssl_ca_certs": "/etc/ca.pem"}


def test_celerys_own_reading_of_the_variable_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app: Celery = make_celery(_SENTINELS)

    monkeypatch.setenv("CELERY_BROKER_URL", _SENTINELS)

    for connection in (app.connection_for_read(), app.connection_for_write()):
        with connection:
            assert len(connection.alt) == 2


def test_jobs_go_to_redis_unless_another_broker_is_named() -> None:
    assert settings("").jobs_url == "redis://limits/0"
    assert settings("amqp://rabbit//").jobs_url == "amqp://rabbit//"


@pytest.mark.parametrize("url", ["redis://r/0", "rediss://r/0", _SENTINELS, "amqp://r//", "amqps://r//"])
def test_each_kind_of_broker_is_accepted(url: str) -> None:
    require_services(settings(url))


def test_another_kind_of_broker_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="BROKER_URL"):
        require_services(settings("sqs://key:secret@"))


@pytest.mark.parametrize("address", ["rediss://127.0.0.1:{port}/0", "amqps://127.0.0.1:{port}//"])
def test_a_certificate_that_nobody_vouches_for_is_refused(address: str) -> None:
    with (
        impostor() as (port, heard),
        make_celery(address.format(port=port)).connection_for_write() as connection,
        pytest.raises((OSError, OperationalError), match="certificate verify failed"),
    ):
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)

    assert not heard
