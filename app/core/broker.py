"""Celery's settings for a broker, from its one address: what keeps jobs safe differs by what the broker is."""

import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.core.errors import ConfigurationError

REDIS_SCHEMES = ("redis", "rediss")
BROKER_SCHEMES = (*REDIS_SCHEMES, "sentinel", "amqp", "amqps")

_LONGEST_CONNECT_S = 5
_HEARTBEAT_S = 20


def broker_settings(url: str, *, socket_timeout_s: float) -> dict[str, Any]:
    """Every wait bounded, nothing acknowledged before it is safe, and certificates checked.

    Raises `ConfigurationError` for a Sentinel that does not say which master it watches.
    """
    return _KINDS.get(urlsplit(url).scheme, _redis)(url, socket_timeout_s)


def _at(address: str) -> dict[str, Any]:
    # Celery's command line reads BROKER_URL by itself and sets it before `broker_url`, but not before the two.
    return {"broker_url": address, "broker_read_url": address, "broker_write_url": address}


def _redis(url: str, socket_timeout_s: float) -> dict[str, Any]:
    return {**_at(url), "broker_transport_options": _redis_options(socket_timeout_s)}


def _redis_over_tls(url: str, socket_timeout_s: float) -> dict[str, Any]:
    # Celery would take any certificate. What the address says about them goes before this.
    return {**_redis(url, socket_timeout_s), "broker_use_ssl": {"ssl_cert_reqs": ssl.CERT_REQUIRED}}


def _sentinel(url: str, socket_timeout_s: float) -> dict[str, Any]:
    """From `sentinel://:password@one:26379,two:26379/0?master_name=NAME`; the master has the same password.

    Sentinels with a password of their own take `&sentinel_password=`.
    """
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query))
    if not said.get("master_name"):
        raise ConfigurationError(problem="BROKER_URL names no master: end it in ?master_name=NAME.")
    who, at, hosts = parts.netloc.rpartition("@")
    options = _redis_options(socket_timeout_s)
    own = {"password": said["sentinel_password"]} if "sentinel_password" in said else {}
    limits = {name: value for name, value in options.items() if name.startswith("socket_")}
    return {
        **_at(";".join(f"sentinel://{who}{at}{host}{parts.path}" for host in hosts.split(","))),
        "broker_transport_options": {
            **options,
            "master_name": said["master_name"],
            "sentinel_kwargs": {**limits, **own},
        },
    }


def _redis_options(socket_timeout_s: float) -> dict[str, Any]:
    return {
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 5,
        "socket_timeout": socket_timeout_s,
        "socket_connect_timeout": min(socket_timeout_s, _LONGEST_CONNECT_S),
        "socket_keepalive": True,
        "health_check_interval": 10,
    }


def _amqp(url: str, socket_timeout_s: float) -> dict[str, Any]:
    return {
        **_at(url),
        "broker_heartbeat": _HEARTBEAT_S,
        "broker_connection_timeout": min(socket_timeout_s, _LONGEST_CONNECT_S),
        # A publish has succeeded when the broker says that it keeps the job.
        "broker_transport_options": {"confirm_publish": True},
    }


def _amqp_over_tls(url: str, socket_timeout_s: float) -> dict[str, Any]:
    # The name that the certificate must hold is the address's.
    return {**_amqp(url, socket_timeout_s), "broker_use_ssl": {"server_hostname": None}}


_KINDS: dict[str, Callable[[str, float], dict[str, Any]]] = {
    "redis": _redis,
    "rediss": _redis_over_tls,
    "sentinel": _sentinel,
    "amqp": _amqp,
    "amqps": _amqp_over_tls,
}
