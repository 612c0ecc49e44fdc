"""A vendor on loopback: real sockets, the real protocol, and every way to fail that `tests.vendors.script` names.

`with vendor_server("openai") as vendor:` runs it in a thread of its own: other processes can call `vendor.url` too.
"""

import asyncio
import gzip
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from tests.vendors.script import Script, parse
from tests.vendors.wire import WIRES, Received, Wire

Kind = Literal["openai", "google"]

_POLL_S = 0.01
_ODD_BODIES = {"html": b"<html>Bad gateway</html>", "list": b"[1, 2]", "broken": b'{"error": \xff'}
_REASONS = {200: b"OK", 307: b"Temporary Redirect"}


class _Left(Exception):
    """Whoever asked has closed the connection."""


@dataclass(slots=True)
class Vendor:
    """A running vendor. `script` is for requests whose model's name holds none; it may be changed at any time.

    `split_at` cuts every body into pieces at these offsets, each sent alone. `event` is what `event_after` sends.
    With `obeys` what it says is made of the request itself.
    """

    kind: str
    url: str = ""
    script: Script = field(default_factory=Script)
    split_at: list[int] = field(default_factory=list)
    event: bytes = b"{}"
    obeys: Callable[[Received], str] | None = None
    requests: list[Received] = field(default_factory=list)
    # Connections that are open, requests that are being answered, and how many of either there ever were.
    connections: int = 0
    streams: int = 0
    accepted: int = 0
    most_streams: int = 0
    # Requests whose answer the other side did not wait for.
    left: int = 0


@contextmanager
def vendor_server(kind: Kind, *, tls: ssl.SSLContext | None = None, wire: Wire | None = None) -> Iterator[Vendor]:
    """`wire`: a protocol of the caller's instead of this kind's own."""
    vendor = Vendor(kind)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True, name=f"vendor-{kind}")
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_listen(vendor, wire or WIRES[kind], tls=tls), loop).result(
        timeout=10
    )
    try:
        yield vendor
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def serve(kind: Kind, *, port: int, host: str = "127.0.0.1", vendor: Vendor | None = None) -> None:
    """In this process, until it is cancelled."""
    server = await _listen(vendor or Vendor(kind), WIRES[kind], host=host, port=port)
    await server.serve_forever()


async def _listen(
    vendor: Vendor, wire: Wire, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        vendor.connections += 1
        vendor.accepted += 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError, _Left):
                while True:
                    await _Exchange(vendor, wire, reader, writer).run()
        finally:
            vendor.connections -= 1
            writer.close()

    server = await asyncio.start_server(connected, host, port, backlog=512, ssl=tls)
    scheme = "https" if tls else "http"
    vendor.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}{wire.root}"
    return server


async def _stop(server: asyncio.Server) -> None:
    server.close()
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@dataclass(slots=True)
class _Exchange:
    """One request and its answer."""

    vendor: Vendor
    wire: Wire
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def run(self) -> None:
        request = await self._read()
        self.vendor.requests.append(request)
        self.vendor.streams += 1
        self.vendor.most_streams = max(self.vendor.most_streams, self.vendor.streams)
        try:
            await self._answer(request)
        except (_Left, ConnectionError):
            self.vendor.left += 1
            raise _Left from None
        finally:
            self.vendor.streams -= 1

    async def _read(self) -> Received:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Received(method, target, headers, body)

    async def _answer(self, request: Received) -> None:
        key, model = self.wire.key_of(request), self.wire.model_of(request)
        script = parse(model or "")
        script = script if script.pairs else self.vendor.script
        if self.vendor.obeys is not None and model is not None:
            script = Script({**script.pairs, "say": self.vendor.obeys(request)})
        if key.startswith("bad"):
            script = Script({"fail": "401"})
        elif key.startswith("silent"):
            script = Script({"hang": "headers"})
        elif key.startswith("chat-only") and model is None:
            script = Script({"fail": "403", "code": "missing_scope"})
        if script.says("hang", "headers"):
            await self._hang()
        if (status := script.get("fail")) and not self._is_over_it(script):
            await self._fail(int(status), request, script, key)
        elif (texts := self.wire.texts_of(request)) is not None:
            await self._whole(200, self.wire.vectors(texts, script))
        elif model is None:
            await self._whole(200, self.wire.models())
        else:
            await self._stream(script)

    def _is_over_it(self, script: Script) -> bool:
        first = script.get("fail_first")
        return first is not None and len(self.vendor.requests) > int(first)

    async def _fail(self, status: int, request: Received, script: Script, key: str) -> None:
        status, body = self.wire.failure(status, f"{key} {request.body.decode()}", script)
        headers = {"Retry-After": value} if (value := script.get("retry_after")) else {}
        if 300 <= status < 400:
            headers["Location"] = f"{self.vendor.url}/elsewhere"
        if script.says("hang", "error"):
            self._head(status, {**headers, "Content-Length": "1000"})
            await self._hang()
        await self._whole(status, _ODD_BODIES.get(script.get("body") or "", body), headers)

    async def _whole(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._head(status, {**(headers or {}), "Content-Length": str(len(body))})
        self.writer.write(body)
        await self.writer.drain()

    def _head(self, status: int, headers: dict[str, str]) -> None:
        kind = headers.pop("Content-Type", "application/json; charset=UTF-8")
        lines = [f"{name}: {value}".encode() for name, value in {"Content-Type": kind, **headers}.items()]
        first = b"HTTP/1.1 %d %s" % (status, _REASONS.get(status, b"Failure"))
        self.writer.write(b"\r\n".join([first, *lines, b"", b""]))

    async def _stream(self, script: Script) -> None:
        headers = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
        is_packed = script.says("encoding", "gzip")
        self._head(200, {**headers, "Content-Encoding": "gzip"} if is_packed else headers)
        if is_packed or self.vendor.split_at:
            events = [*self.wire.before(script), *map(self.wire.word, script.words), *self.wire.after(script)]
            body = b"".join(self._event(event, script) for event in events)
            await self._in_pieces(gzip.compress(body) if is_packed else body)
        else:
            await self._say(script)
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def _say(self, script: Script) -> None:
        for event in self.wire.before(script):
            self._send(self._event(event, script))
        words = [] if script.get("block") else script.words
        for said in range(len(words) + 1):
            if script.is_at("end_after", said):
                return
            await self._mishap(script, said)
            if said < len(words):
                await self._pause(script.pace_s)
                self._send(self._event(self.wire.word(words[said]), script))
                await self.writer.drain()
        for event in self.wire.after(script):
            self._send(self._event(event, script))

    async def _mishap(self, script: Script, said: int) -> None:
        if script.is_at("hang_after", said):
            await self._hang()
        if script.is_at("drip_after", said):
            await self._drip()
        if script.is_at("garbage_after", said):
            self._send(self._event(b'{"choices": [{', script))
        if script.is_at("event_after", said):
            self._send(self._event(self.vendor.event, script))
        if script.is_at("error_after", said):
            self._send(self._event(self.wire.oops(int(script.get("error_code") or 500)), script))
        if script.is_at("cut_after", said):
            await self.writer.drain()
            # Half a chunk, so that the end cannot be taken for the body's.
            self.writer.write(b"ff\r\ndata: ")
            self.writer.close()
            raise ConnectionResetError

    async def _in_pieces(self, body: bytes) -> None:
        edges = sorted({0, len(body), *(edge for edge in self.vendor.split_at if edge < len(body))})
        for start, end in pairwise(edges):
            self._send(body[start:end])
            await self.writer.drain()
            # Long enough that the other side reads it by itself.
            await asyncio.sleep(0.001)

    def _event(self, data: bytes, script: Script) -> bytes:
        newline = script.newline or self.wire.newline
        return b"data: " + data + newline + newline

    def _send(self, piece: bytes) -> None:
        self.writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    async def _pause(self, seconds: float) -> None:
        """Sleeps, and notices when the other side leaves."""
        while seconds > 0:
            step = min(seconds, _POLL_S)
            await asyncio.sleep(step)
            seconds -= step
            # Closed in order, or thrown away with bytes unread.
            if self.reader.at_eof() or self.writer.transport.is_closing():
                raise _Left

    async def _hang(self) -> None:
        await self.writer.drain()
        await self._pause(float("inf"))

    async def _drip(self) -> None:
        while True:
            self._send(b": still here\n\n")
            await self.writer.drain()
            await self._pause(_POLL_S)
