"""The API as a server runs it: `python -m app.serve`. Whoever has reached it when it must stop is answered."""

import asyncio
import os
import socket
import sys
from collections.abc import Iterator

import structlog
import uvicorn

from app.core.config import Settings, get_settings, require_services
from app.core.errors import ConfigurationError
from app.core.logging import configure_logging

log = structlog.get_logger()

# A request comes right behind its connection; a second is for a network or a machine that is slow.
_LOOK_EVERY_S, _LOOKS = 0.02, 50
# For requests in flight; and behind the streams' own time, for what was said to be stored.
_FINISH_WITHIN_S, _LAST_WORDS_S = 20, 10
_CLOSE = (b"connection", b"close")


class PatientServer(uvicorn.Server):
    """Takes who is at the door and waits for their requests, before it lets go the connections that are idle.

    Uvicorn closes those at once, also where a proxy's request is on its way.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Nobody sends another request over a connection that is about to be closed.
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        await self._close_the_door()
        for _ in range(_LOOKS):
            if not self._waits_for_a_request():
                break
            await asyncio.sleep(_LOOK_EVERY_S)
        await super().shutdown(sockets)

    async def _close_the_door(self) -> None:
        """Stop listening. The kernel would reset who is connected but not accepted, so those are taken first."""
        came: list[socket.socket] = []
        for server in self.servers:
            for listener in server.sockets:
                came += _accepted(listener)
            server.close()
        for connection in came:
            await asyncio.get_running_loop().connect_accepted_socket(self._make_protocol, connection)

    def _make_protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def _waits_for_a_request(self) -> bool:
        """Whether a connection has had none so far."""
        return any(getattr(one, "cycle", None) is None for one in self.server_state.connections)


def _accepted(listener: socket.socket) -> Iterator[socket.socket]:
    # The event loop's own object has no `accept`.
    with socket.socket(fileno=os.dup(listener.fileno())) as door:
        while True:
            try:
                connection, _ = door.accept()
            except BlockingIOError:
                return
            connection.setblocking(False)
            yield connection


def serve(settings: Settings) -> None:
    """Run the API until SIGTERM or SIGINT. `X-Forwarded-For` counts from `TRUSTED_PROXIES` alone."""
    configure_logging(settings.log_level, form=settings.log_format)
    config = uvicorn.Config(
        "app.main:make_app",
        factory=True,
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        server_header=False,
        log_config=None,
        log_level="warning",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=round(max(_FINISH_WITHIN_S, settings.drain_s + _LAST_WORDS_S)),
    )
    server = PatientServer(config)
    server.run()
    if not server.started:
        sys.exit(1)


def main() -> None:
    """Serve, or say in one line what is wrong with the settings."""
    try:
        settings = get_settings()
        require_services(settings)
    except ConfigurationError as error:
        configure_logging("info")
        log.critical("server.not_started", problem=error.sentence("en"))
        sys.exit(1)
    serve(settings)


if __name__ == "__main__":
    main()
