"""The way to the worker: what is set for safety's sake, and a publish that is bounded whatever the broker does."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import redis
from kombu.utils.url import parse_url

from app.core.queue import SWEEP, VECTORS, WORDS, Publisher, make_celery
from app.embedded.services import Services
from tests.platform import free_port
from tests.proxy import proxy_to

_ADDRESSES = (
    "redis://127.0.0.1:{port}/0",
    "sentinel://127.0.0.1:{port}/0?master_name=bytchat",
    "amqp://127.0.0.1:{port}//",
)


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def published(broker_url: str) -> tuple[bool, float]:
    """What a first publish says, and after how many seconds."""
    with closing(Publisher(broker_url)) as publisher:
        began = time.monotonic()
        return await publisher.publish(WORDS, "id"), time.monotonic() - began


@pytest.mark.anyio
@pytest.mark.parametrize("address", _ADDRESSES)
async def test_publishing_to_a_black_hole_gives_up_within_a_second_law_10(black_hole: int, address: str) -> None:
    taken, took_s = await published(address.format(port=black_hole))

    assert not taken
    assert took_s < 1


@pytest.mark.anyio
@pytest.mark.parametrize("address", _ADDRESSES)
async def test_publishing_to_a_closed_port_gives_up_within_a_second_law_10(address: str) -> None:
    taken, took_s = await published(address.format(port=free_port()))

    assert not taken
    assert took_s < 1


@pytest.mark.anyio
async def test_after_a_failure_the_next_publish_is_not_even_tried(black_hole: int) -> None:
    with closing(Publisher(f"redis://127.0.0.1:{black_hole}/0")) as publisher:
        await publisher.publish(WORDS, "id")
        began = time.monotonic()

        taken = await publisher.publish(WORDS, "id")

    assert not taken
    assert time.monotonic() - began < 0.1


@pytest.mark.anyio
async def test_a_publisher_works_again_once_the_broker_is_back(services: Services) -> None:
    broker = parse_url(services.redis_url)
    with proxy_to(broker["hostname"], broker["port"]) as proxy:
        url = f"redis://:{broker['password']}@127.0.0.1:{proxy.port}/0"
        with closing(Publisher(url, pause_after_failure_s=0)) as publisher:
            first = await publisher.publish("test.nobody", "id")
            proxy.stall()
            meanwhile = [await publisher.publish("test.nobody", "id") for _ in range(3)]
            proxy.flow()

            deadline = time.monotonic() + 30
            while not (again := await publisher.publish("test.nobody", "id")) and time.monotonic() < deadline:
                pass

    assert first
    assert meanwhile == [False, False, False]
    assert again


@pytest.mark.anyio
async def test_a_job_lands_in_its_lane_and_carries_its_id_alone_law_9(services: Services) -> None:
    broker = parse_url(services.redis_url)
    other_database = f"redis://:{broker['password']}@127.0.0.1:{broker['port']}/9"
    with closing(Publisher(other_database)) as publisher:
        for task in (WORDS, VECTORS, SWEEP):
            assert await publisher.publish(task, "the-id")

    with redis.Redis.from_url(other_database) as client:
        lengths = {name: client.llen(name) for name in ("words", "vectors", "celery")}
        client.flushdb()
    assert lengths == {"words": 2, "vectors": 1, "celery": 0}


def test_a_job_is_acknowledged_when_it_is_done_and_given_back_when_its_worker_is_lost_law_11() -> None:
    conf = make_celery("redis://127.0.0.1/0").conf

    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1


def test_every_wait_for_the_broker_has_a_limit_law_11() -> None:
    options = make_celery("redis://127.0.0.1/0").conf.broker_transport_options

    for name in ("visibility_timeout", "unacked_restore_interval", "unacked_restore_throttle"):
        assert options[name] > 0
    for name in ("socket_timeout", "socket_connect_timeout"):
        assert 0 < options[name] <= 30


def test_the_broker_keeps_what_it_took_and_evicts_nothing_law_13(services: Services) -> None:
    with redis.Redis.from_url(services.redis_url, decode_responses=True) as client:
        kept = client.config_get("appendonly", "maxmemory-policy")

    assert kept == {"appendonly": "yes", "maxmemory-policy": "noeviction"}


def test_a_stalled_proxy_holds_back_and_then_delivers(services: Services) -> None:
    broker = parse_url(services.redis_url)
    with proxy_to(broker["hostname"], broker["port"]) as proxy, socket.socket() as client:
        proxy.stall()
        client.connect(("127.0.0.1", proxy.port))
        client.sendall(b"PING\r\n")
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(100)

        proxy.flow()

        client.settimeout(5)
        assert client.recv(100).startswith((b"-NOAUTH", b"+PONG"))
