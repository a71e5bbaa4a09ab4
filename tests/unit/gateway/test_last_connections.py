"""A server that stops serves those who were connected before, also unheard."""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
import sys
from collections import Counter

import pytest

from photoseek.gateway.last_connections import stop_listening
from tests.support.waiting import PATIENCE


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


_ATTACH_FILTER, _DETACH_FILTER = 26, 27
_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)
"""Of Linux's filters of packets: drop what comes."""


@pytest.mark.skipif(sys.platform != "linux", reason="filters of packets as Linux has them")
def test_a_client_amid_its_handshake_is_answered() -> None:
    """As one a long way off: the system has answered, and has not heard that this arrived."""

    async def stop_amid() -> bytes:
        server = await asyncio.start_server(_greet, "127.0.0.1", 0)
        loop = asyncio.get_running_loop()
        client = socket.socket()
        client.setblocking(False)
        code = ctypes.create_string_buffer(_NOTHING, len(_NOTHING))
        deaf = struct.pack("HP", 1, ctypes.addressof(code))
        client.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, deaf)
        connecting = asyncio.create_task(loop.sock_connect(client, server.sockets[0].getsockname()))
        await asyncio.sleep(0)  # it has begun
        stopping = asyncio.create_task(stop_listening([server]))
        while server.is_serving():
            await asyncio.sleep(0)
        client.setsockopt(socket.SOL_SOCKET, _DETACH_FILTER, 0)  # the system tells it once more
        await connecting
        reader, writer = await asyncio.open_connection(sock=client)
        writer.write(b"hello\n")
        answer = await reader.readline()
        writer.close()
        await stopping
        return answer

    assert asyncio.run(stop_amid()) == b"hello\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere somebody may come too late")
def test_nobody_is_broken_off_however_many_come_meanwhile() -> None:
    ends: Counter[str] = Counter()

    def ask_until_refused(place: tuple[str, int]) -> None:
        while not ends["refused"]:
            try:
                client = socket.create_connection(place, timeout=PATIENCE)
            except ConnectionRefusedError:
                ends["refused"] += 1
                return
            with client:
                client.sendall(b"hello\n")
                ends["answered" if client.recv(10) == b"hello\n" else "broken off"] += 1

    async def stop_under_load() -> None:
        server = await asyncio.start_server(_greet, "127.0.0.1", 0)
        place = server.sockets[0].getsockname()
        crowd = [asyncio.to_thread(ask_until_refused, place) for _ in range(4)]
        asking = asyncio.gather(*crowd)
        while ends["answered"] < 20:
            await asyncio.sleep(0)
        await stop_listening([server])
        await asking

    asyncio.run(stop_under_load())
    assert set(ends) == {"answered", "refused"}, ends
