"""A way to a server that can be made to fall silent, as a paused container or a dead network is."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

WRITE_TO_THE_TABLE = r"PUT \S+/photos\.lance/"
"""How a request of Lance begins by which it writes a file of an index's table."""


class PausingProxy:
    """Forwards TCP connections to `target`; while paused it takes bytes and passes none on.

    Nothing is refused or closed then, and what was held back arrives after `resume`.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._flowing = threading.Event()
        self._flowing.set()
        self._pauses_at: re.Pattern[bytes] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._sockets: list[socket.socket] = [self._listener]
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def pause(self) -> None:
        self._flowing.clear()

    def pause_at(self, request: str) -> None:
        """Pause as soon as somebody sends what begins like `request`, an expression."""
        self._pauses_at = re.compile(request.encode())

    @property
    def is_paused(self) -> bool:
        return not self._flowing.is_set()

    def resume(self) -> None:
        self._pauses_at = None
        self._flowing.set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._flowing.set()
        for each in self._sockets:
            _end(each)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets += [client, server]
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self._pauses_at and self._pauses_at.match(data):
                    self.pause()
                self._flowing.wait()
                target.sendall(data)
        _end(source)
        _end(target)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
