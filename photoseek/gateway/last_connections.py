"""The end of a server that listens: nobody is broken off who was connected in time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress


async def stop_listening(servers: Iterable[asyncio.Server]) -> None:
    """Close servers, and serve the connections that still wait to be accepted.

    The system connects clients before the process hears of it. To close a listener resets those
    that wait there: on a busy machine somebody always does. What arrives within microseconds, after
    the last look and before the close, is reset still; TCP has no way without that.
    """
    loop = asyncio.get_running_loop()
    for server in servers:
        waiting = [each for listener in server.sockets for each in _accept_all(listener.dup())]
        server.close()
        for connection in waiting:
            # The public way, `create_server`, keeps its factory to itself.
            make = server._protocol_factory  # type: ignore[attr-defined]
            with suppress(OSError):  # the client has gone meanwhile
                await loop.connect_accepted_socket(make, connection)


def _accept_all(listener: socket.socket) -> list[socket.socket]:
    """The connections that wait at a listener, which is closed; it is a duplicate."""
    accepted = []
    with listener, suppress(OSError):  # nobody waits any more, or no file may be opened
        listener.setblocking(False)
        while True:
            connection, _ = listener.accept()
            connection.setblocking(False)
            accepted.append(connection)
    return accepted
