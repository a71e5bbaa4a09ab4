"""The end of a server that listens: nobody is broken off who was connected in time."""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress

_SO_ATTACH_FILTER = 26
_ONLY_WHAT_BEGINS_NO_CONNECTION = [
    (0x30, 0, 0, 13),  # load the flags of TCP's header
    (0x54, 0, 0, 0x12),  # of these, SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # then drop it
    (0x06, 0, 0, 0x7FFFFFFF),  # else take it whole
]
"""A filter of packets in the code of Linux: operation, jumps, value."""


async def stop_listening(servers: Iterable[asyncio.Server]) -> None:
    """Close servers, and serve the connections that still wait to be accepted.

    The system connects clients before the process hears of it. To close a listener resets those
    that wait there: on a busy machine somebody always does.
    """
    loop = asyncio.get_running_loop()
    for server in servers:
        listeners = [listener.dup() for listener in server.sockets]
        with suppress(NotImplementedError):  # on Windows the loop takes other ways
            for listener in server.sockets:
                loop.remove_reader(listener.fileno())
        await asyncio.sleep(0)  # what the loop has accepted becomes a connection of the server
        server.close()  # the system listens on for the duplicates
        waiting = [each for listener in listeners for each in _accept_the_last(listener)]
        for connection in waiting:
            # The public way, `create_server`, keeps its factory to itself.
            make = server._protocol_factory  # type: ignore[attr-defined]
            with suppress(OSError):  # the client has gone meanwhile
                await loop.connect_accepted_socket(make, connection)


def _accept_the_last(listener: socket.socket) -> list[socket.socket]:
    """The connections that wait at a listener, which is closed."""
    accepted = []
    _connect_nobody_more(listener)
    listener.setblocking(False)
    with listener, suppress(OSError):  # nobody waits any more, or no file may be opened
        while True:
            accepted.append(listener.accept()[0])
    for connection in accepted:
        connection.setblocking(False)
    return accepted


def _connect_nobody_more(listener: socket.socket) -> None:
    """Leave new clients without an answer: their system asks again after a second, and reaches the
    next server or nobody. Without that, on other systems than Linux, somebody may be connected
    after the last look and before the end.
    """
    if sys.platform == "linux":
        steps = b"".join(struct.pack("HBBI", *s) for s in _ONLY_WHAT_BEGINS_NO_CONNECTION)
        program = ctypes.create_string_buffer(steps, len(steps))
        length = len(_ONLY_WHAT_BEGINS_NO_CONNECTION)
        with suppress(OSError):
            where = struct.pack("HP", length, ctypes.addressof(program))
            listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, where)
