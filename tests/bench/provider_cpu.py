"""What one streamed answer costs this process: CPU of both providers, reading included.

    .venv/bin/python -m tests.bench.provider_cpu

The vendor runs in a process of its own and says 64 words, one each 5 ms, to 20 askers at once.
"""

import asyncio
import multiprocessing
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvloop

from app.providers.base import ChatMessage, ChatProvider, ChatRequest, Role, TextDelta
from app.providers.google import GoogleProvider
from app.providers.http import Timeouts
from app.providers.openai import OpenAIProvider
from tests.platform import free_port
from tests.vendors.server import Kind, serve

WORDS = 64
AT_ONCE = 20
ROUNDS = 15
REQUEST = ChatRequest(
    model_id=f"tokens={WORDS};pace_ms=5",
    system="Responde con los pasajes. " * 200,
    messages=(ChatMessage(Role.USER, "¿Qué dice el manual?"),),
    question="¿Qué dice el manual?",
)


def main() -> None:
    print(
        f"Python {platform.python_version()}, {sys.platform}; CPU ms an answer of {WORDS} words, median of {ROUNDS}"
    )
    for kind in ("openai", "google"):
        with vendor_process(kind) as port:
            costs = uvloop.run(measure(kind, port))
        print(f"  {kind:7} {statistics.median(costs):5.2f}   ({min(costs):.2f} to {max(costs):.2f})")


@contextmanager
def vendor_process(kind: Kind) -> Iterator[int]:
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=run_vendor, args=(kind, port), daemon=True)
    process.start()
    try:
        yield port
    finally:
        process.kill()
        process.join()


def run_vendor(kind: Kind, port: int) -> None:
    uvloop.run(serve(kind, port=port))


async def measure(kind: Kind, port: int) -> list[float]:
    """Milliseconds of this process's CPU an answer, for each round."""
    provider = make_provider(kind, port)
    await wait_for_port(port)
    await asyncio.gather(*(words_of(provider) for _ in range(AT_ONCE)))
    costs = []
    for _ in range(ROUNDS):
        began = time.process_time()
        said = await asyncio.gather(*(words_of(provider) for _ in range(AT_ONCE)))
        costs.append((time.process_time() - began) * 1000 / AT_ONCE)
        assert said == [WORDS] * AT_ONCE
    await provider.aclose()
    return costs


def make_provider(kind: Kind, port: int) -> OpenAIProvider | GoogleProvider:
    url, tls = f"http://127.0.0.1:{port}", httpx2.create_ssl_context()
    if kind == "google":
        return GoogleProvider("a-key", base_url=url, timeouts=Timeouts(), tls=tls)
    return OpenAIProvider("a-key", base_url=f"{url}/v1", timeouts=Timeouts(), tls=tls)


async def words_of(provider: ChatProvider) -> int:
    return sum([1 async for said in provider.stream(REQUEST) if isinstance(said, TextDelta)])


async def wait_for_port(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


if __name__ == "__main__":
    main()
