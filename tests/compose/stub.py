"""A vendor in a container of its own: OpenAI's protocol on port 9000, and on 9001 what it sees of its callers."""

import asyncio
import json

from tests.vendors.server import Vendor, serve

_EVERYWHERE = "0.0.0.0"  # noqa: S104 - a container's own network


async def main() -> None:
    vendor = Vendor("openai")

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"streams": vendor.streams, "left": vendor.left}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    await asyncio.gather(
        serve("openai", host=_EVERYWHERE, port=9000, vendor=vendor),
        (await asyncio.start_server(tell, _EVERYWHERE, 9001)).serve_forever(),
    )


if __name__ == "__main__":
    asyncio.run(main())
