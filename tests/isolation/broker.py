"""What Redis still knows of what is gone."""

import base64
import re
from collections.abc import Iterator
from typing import Any

from redis import Redis

# Jobs' arguments are base64 within JSON.
_ENCODED = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")


def mentions(redis: Redis, *words: object) -> dict[str, int]:
    """The keys whose name or value holds one of the words, with the milliseconds that they live; -1 is for ever."""
    wanted = [str(word).encode() for word in words]
    found = {}
    for key in redis.scan_iter(count=1_000):
        text = b"\n".join([key, *_values(redis, key)])
        plain = b"\n".join([text, *map(_decoded, _ENCODED.findall(text))])
        if any(word in plain for word in wanted):
            found[key.decode(errors="replace")] = int(redis.pttl(key))
    return found


def _values(redis: Redis, key: bytes) -> Iterator[Any]:
    kind = redis.type(key)
    if kind == b"string":
        yield redis.get(key) or b""
    elif kind == b"list":
        yield from redis.lrange(key, 0, -1)
    elif kind == b"set":
        yield from redis.smembers(key)
    elif kind == b"zset":
        yield from redis.zrange(key, 0, -1)
    elif kind == b"hash":
        for name, value in redis.hgetall(key).items():
            yield from (name, value)


def _decoded(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=False)
