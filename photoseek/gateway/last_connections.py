"""The end of a server that listens: nobody is broken off who was connected in time."""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

_LONGEST_HANDSHAKE = 2.0
"""Seconds that a client may need to finish its connection, where one answer of the system is lost
or the way is long. A scanner of ports never finishes."""

_BETWEEN_LOOKS = 0.02
_SYN_RECEIVED = "03"
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
    that wait there, and those whose handshake is under way: on a busy machine or a long way
    somebody always is.
    """
    loop = asyncio.get_running_loop()
    for server in servers:
        with ExitStack() as stack:  # nobody else closes the duplicates if this is broken off
            listeners = [stack.enter_context(listener.dup()) for listener in server.sockets]
            with suppress(NotImplementedError):  # on Windows the loop takes other ways
                for listener in server.sockets:
                    loop.remove_reader(listener.fileno())
            await asyncio.sleep(0)  # what the loop has accepted becomes a connection of the server
            server.close()  # the system listens on for the duplicates
            # The public way, `create_server`, keeps its factory to itself.
            make = server._protocol_factory  # type: ignore[attr-defined]
            await asyncio.gather(*(_serve_the_last(listener, make) for listener in listeners))


async def _serve_the_last(listener: socket.socket, make: Callable[[], Any]) -> None:
    """Serve whoever is connected or about to be at a listener, and close it."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _LONGEST_HANDSHAKE
    with listener:
        _connect_nobody_more(listener)
        listener.setblocking(False)
        is_over = False
        while not is_over:
            # First: whoever finishes after this look is found waiting.
            is_over = not _is_connecting(listener) or loop.time() > end
            for connection in _waiting(listener):
                with suppress(OSError):  # the client has gone meanwhile
                    await loop.connect_accepted_socket(make, connection)
            if not is_over:  # else nothing comes between the last look and the end
                await asyncio.sleep(_BETWEEN_LOOKS)


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that wait at a listener."""
    with suppress(OSError):  # nobody waits any more, or no file may be opened
        while True:
            connection, _ = listener.accept()
            connection.setblocking(False)
            yield connection


def _is_connecting(listener: socket.socket) -> bool:
    """Whether the system has answered a client that has not yet taken the answer; of other systems
    than Linux it is not known.
    """
    end = f":{listener.getsockname()[1]:04X}"
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with suppress(OSError):
            rows = (line.split() for line in table.read_text("ascii").splitlines())
            if any(row[1].endswith(end) and row[3] == _SYN_RECEIVED for row in rows):
                return True
    return False


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
