"""Whether a port can be had, by either kind of address."""

from __future__ import annotations

import socket

import pytest

from photoseek.errors import ServiceError
from photoseek.helpers.ports import check_free


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_is_free_or_taken(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        server = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with server:
        port = server.getsockname()[1]
        with pytest.raises(
            ServiceError, match=f"Port {port} on {host} cannot be used: [^(]*in use"
        ):
            check_free(host, port, "PHOTOSEEK_HTTP_PORT")
    check_free(host, port, "PHOTOSEEK_HTTP_PORT")


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(ServiceError, match="Port 8080 on 192.0.2.1 cannot be used"):
        check_free("192.0.2.1", 8080, "PHOTOSEEK_HTTP_PORT")
