"""Being connected to a Ray cluster, for as long as a run takes."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from photoseek.cluster.machines import first_line
from photoseek.errors import ServiceError
from photoseek.helpers.extras import check_extra

HERE = "ray"
"""The cluster of RAY_ADDRESS, or the one that runs on this machine, or else one for this run."""

KNOCK_SECONDS = 5.0
"""How long the head of a cluster may take until it lets us in."""

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": "^",
    "RAY_BACKEND_LOG_LEVEL": "error",
}
"""Ray tells its makers nothing of this run, and prints no logs of machines where our report goes:
it reads the second of them as the lines of logs that are left out."""

_ADDRESS = re.compile(r"(?:ray://)?(?P<host>\[[0-9a-fA-F:]+\]|[^\s/:\[\]]+):(?P<port>\d{1,5})")


def is_cluster(text: str) -> bool:
    """Whether a text names a cluster: ray, or ray://HOST:PORT."""
    return text == HERE or (text.startswith("ray://") and _ADDRESS.fullmatch(text) is not None)


@contextmanager
def connected(cluster: str) -> Iterator[Any]:
    """Ray's module, connected to a cluster.

    Raises:
        MissingPackageError: Ray is not installed.
        ServiceError: the cluster cannot be reached.
    """
    check_extra("ray")
    address = None if cluster == HERE else cluster
    _knock(address or os.environ.get("RAY_ADDRESS", ""))
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    is_main = threading.current_thread() is threading.main_thread()
    on_term = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:
        raise ServiceError(
            f"The Ray cluster {address or 'of this machine'} cannot be used: {first_line(error)}"
        ) from error
    if is_main:
        signal.signal(signal.SIGTERM, on_term)  # Ray has put its own there
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Find out in seconds that nobody is there; Ray itself takes half a minute."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return
    try:
        place = found["host"].strip("[]"), int(found["port"])
        socket.create_connection(place, KNOCK_SECONDS).close()
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "no answer"
        raise ServiceError(
            f"No Ray cluster answers at {address} ({reason}). Name its head, such as "
            "ray://head.example:10001; the port is that of Ray's client server."
        ) from error
