"""A vendor's front gate on loopback: it lists models to a key, unless a word in the key says how else to answer."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The word in the key and the status that it gets; a vendor's error names the key, as OpenAI's does.
STATUSES = {"refused": 401, "forbidden": 403, "busy": 429, "broken": 500}
SILENT, CUT = "silent", "cut"


class Gate:
    """`asked` holds the keys that came, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = threading.Event()
        self.url = ""


@contextmanager
def open_gate() -> Iterator[Gate]:
    """Its `url` is a base URL for any provider."""
    gate = Gate()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(gate))
    server.daemon_threads = True
    gate.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield gate
    finally:
        gate.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler_of(gate: Gate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = self.headers.get("x-goog-api-key") or self.headers.get("Authorization", "").removeprefix(
                "Bearer "
            )
            gate.asked.append(key)
            if SILENT in key:
                gate.closed.wait()
            elif CUT in key:
                self.close_connection = True
            else:
                self._answer(next((status for word, status in STATUSES.items() if word in key), 200), key)

        def do_POST(self) -> None:
            """A chat: the same gate."""
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def _answer(self, status: int, key: str) -> None:
            error = {"code": status, "message": f"Incorrect API key provided: {key}.", "status": key}
            body = {"object": "list", "data": [], "models": []} if status == 200 else {"error": error}
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """The test's output is not for this."""

    return Handler
