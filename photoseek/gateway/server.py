"""The gateway as one process: the application, the index and the model, served by uvicorn."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType

import uvicorn
from typing_extensions import override

from photoseek.gateway.access import Guards
from photoseek.gateway.app import create_app
from photoseek.gateway.connections import Connections, allow_many_files
from photoseek.gateway.in_process import InProcessService
from photoseek.gateway.last_connections import stop_listening
from photoseek.gateway.parsers import quickest_protocol
from photoseek.guarding import check_guarded
from photoseek.helpers.event_loop import run_async
from photoseek.helpers.ports import bound_socket, reachable
from photoseek.settings import GatewaySettings

DRAIN_SECONDS = 10
"""How long requests in flight may take to finish when the server is told to stop."""

KEEP_ALIVE_SECONDS = 30
"""How long a connection may rest between two requests."""


def serve_in_process(
    settings: GatewaySettings, *, on_ready: Callable[[str], None] = lambda _: None
) -> int | None:
    """Serve until SIGTERM or Ctrl-C, finish the requests in flight, and give that signal.

    `on_ready` is handed the URL once the index is open, the model is loaded and requests are
    answered.

    Raises:
        SettingsError: others would reach a gateway without a key.
        ServiceError: the port cannot be used.
        StoreError: the index cannot be read.
        ModelError: the model cannot be loaded.
    """
    allow_many_files()
    return Server(settings).run(on_ready)


class Server:
    """Serves the index of the settings, from whatever thread runs it."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.url = f"http://{reachable(settings.host)}:{settings.http_port}"
        self._settings = settings
        self._server: _Uvicorn | None = None
        self._is_stopped = False

    def run(self, on_ready: Callable[[str], None]) -> int | None:
        """Serve until told to stop; see `serve_in_process`. Signals reach the main thread only.

        Gives the signal that told it to stop.
        """
        settings = self._settings
        check_guarded(settings)
        place = bound_socket(settings.host, settings.http_port, "PHOTOSEEK_HTTP_PORT")
        guards = Guards.of(settings)
        service = InProcessService.of(settings, guards.state)
        try:
            service.load()
            config = self._config(service, guards)
            self._server = _Uvicorn(config, [partial(on_ready, self.url), service.load_the_rest])
            self._server.should_exit = self._is_stopped
            run_async(self._server.serve(sockets=[place]))
            return self._server.told
        finally:
            place.close()
            service.close()

    def stop(self) -> None:
        """Have it finish the requests in flight and end; from any thread."""
        self._is_stopped = True
        if self._server is not None:
            self._server.should_exit = True

    def _config(self, service: InProcessService, guards: Guards) -> uvicorn.Config:
        connections = Connections(self._settings.trusted_proxies or ())
        return uvicorn.Config(
            create_app(service, self._settings, guards),
            http=partial(quickest_protocol(), connections=connections),  # type: ignore[arg-type]
            ws="none",
            lifespan="on",
            log_level="error",
            proxy_headers=False,  # or any process on this machine might name its own address
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )


class _Uvicorn(uvicorn.Server):
    """uvicorn's server, which says when it is ready and what stopped it."""

    def __init__(self, config: uvicorn.Config, on_ready: Sequence[Callable[[], None]]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self.told: int | None = None

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.told = sig
        super().handle_exit(sig, frame)

    @override
    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(list(sockets or ()))
        for tell in self._on_ready:
            tell()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await stop_listening(self.servers)
        await super().shutdown(sockets)
