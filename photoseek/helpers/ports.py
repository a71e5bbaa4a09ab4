"""TCP ports on this machine."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Collection

from photoseek.errors import ServiceError
from photoseek.settings import is_this_machine

BELOW_EPHEMERAL = range(20_000, 32_000)
"""Where private ports are taken from. A port that the system itself would give may be taken by any
outgoing connection in the seconds before a server listens on it."""

_BLOCK = 16


def free_ports(count: int, *, besides: Collection[int] = ()) -> list[int]:
    """Different ports on loopback that nothing uses at this moment, and none of `besides`.

    They are used seconds later. Each process looks among ports of its own first, so that two that
    look at the same time do not find the same one.
    """
    start = os.getpid() * _BLOCK % len(BELOW_EPHEMERAL)
    own = BELOW_EPHEMERAL[start : start + _BLOCK]
    every = random.sample(BELOW_EPHEMERAL, k=len(BELOW_EPHEMERAL))
    candidates = dict.fromkeys([*random.sample(own, k=len(own)), *every])
    free = (port for port in candidates if port not in besides and _is_free("127.0.0.1", port))
    return [next(free) for _ in range(count)]


def reachable(host: str) -> str:
    """Where a server that listens on `host` is reached from this machine."""
    return host if host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104


def only_here(address: str) -> bool:
    """True for a HOST:PORT that leads to this machine's loopback from wherever it is asked."""
    host = address.rpartition(":")[0]
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError:  # a name that this machine does not know stands for another one
        return False
    return all(map(is_this_machine, found))


def check_free(host: str, port: int, setting: str) -> None:
    """Raise a ServiceError that names `setting` when the port is taken or cannot be had."""
    bound_socket(host, port, setting).close()


def bound_socket(host: str, port: int, setting: str) -> socket.socket:
    """A socket that has the port and does not listen yet.

    Raises:
        ServiceError: as `check_free` does.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named so, asyncio knows it for TCP and sends at once, rather than 40 ms later.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows the other one shares ports
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise _taken(host, port, setting, error) from error
    return bound


def _taken(host: str, port: int, setting: str, error: OSError) -> ServiceError:
    return ServiceError(
        f"Port {port} on {host} cannot be used: {error.strerror}. "
        f"Stop what listens there, or set {setting} to another port."
    )


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
