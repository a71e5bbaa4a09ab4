"""A server that stops serves those who were connected before, also unheard."""

from __future__ import annotations

import asyncio
import socket

from photoseek.gateway.last_connections import stop_listening


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()


async def _asked_before_the_end(clients: int) -> list[bytes]:
    server = await asyncio.start_server(_greet, "127.0.0.1", 0)
    place = server.sockets[0].getsockname()
    # The system connects them; this loop gets no turn in which to accept them.
    connected = [socket.create_connection(place) for _ in range(clients)]
    await stop_listening([server])
    try:
        socket.create_connection(place).close()
    except ConnectionRefusedError:
        pass
    else:
        raise AssertionError("it listens still")
    answers = []
    for each in connected:
        reader, writer = await asyncio.open_connection(sock=each)
        writer.write(b"hello\n")
        answers.append(await reader.readline())
        writer.close()
    return answers


def test_who_is_connected_already_is_answered() -> None:
    assert asyncio.run(_asked_before_the_end(20)) == [b"hello\n"] * 20


def test_without_anybody_it_just_closes() -> None:
    assert asyncio.run(_asked_before_the_end(0)) == []
