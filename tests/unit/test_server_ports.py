"""A server of the tests whose port somebody else takes meanwhile gets another one."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers.lane import PortTakenError, on_free_ports
from tests.servers.redis import OwnRedis


def test_another_port_is_tried_and_whoever_has_the_first_one_keeps_it(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        taken = other.getsockname()[1]
        tried: list[int] = []

        def start(port: int) -> OwnRedis:
            tried.append(port if tried else taken)
            server = OwnRedis(tmp_path, tried[-1])
            server.start()
            return server

        server = on_free_ports(1, start)
        try:
            assert tried == [taken, server.port]
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(b"PING\r\n")
                assert connection.recv(64) == b"+PONG\r\n"
        finally:
            server.kill()


def test_a_server_that_ends_for_another_reason_is_not_tried_again(tmp_path: Path) -> None:
    tried = []

    def start(port: int) -> OwnRedis:
        tried.append(port)
        server = OwnRedis(tmp_path, port, "--no-such-option", "1")
        server.start()
        return server

    with pytest.raises(AssertionError, match="no-such-option") as failure:
        on_free_ports(1, start)
    assert not isinstance(failure.value, PortTakenError)
    assert len(tried) == 1


def test_in_the_end_what_the_server_has_said_is_told(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        taken = other.getsockname()[1]
        with pytest.raises(PortTakenError, match="in use"):
            on_free_ports(1, lambda _: OwnRedis(tmp_path, taken).start())
