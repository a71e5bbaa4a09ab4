"""Being connected to a Ray cluster, for as long as a run takes."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from photoseek.cluster.machines import first_line
from photoseek.errors import ServiceError
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.extras import check_extra

HERE = "ray"
"""The cluster of RAY_ADDRESS, or the one that runs on this machine, or else one for this run."""

OWN = "local"
"""In Ray's words, a cluster that is started for this run."""

CONNECT_SECONDS = 30.0
"""How long a cluster that runs may take to let us in."""

KNOCK_SECONDS = 5.0
"""How long the head of a cluster may take until it lets us in."""

SHUTDOWN_SECONDS = 10.0
"""How long is waited for Ray to let go of a cluster that is lost."""

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": "^",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "3600",
}
"""Ray tells its makers nothing of this run, and prints no logs of machines where our report goes:
it reads the second of them as the lines of logs that are left out. With the third it does not end
this process where the head of the cluster is gone, which `head_watch` notices sooner."""

_TOO_SLOW = "timed out during startup"
"""What Ray says where a cluster of its own did not start within 30 s, as on a busy machine."""

_NOTED = "ray/ray_current_cluster"
"""Where `ray start` notes the address of the cluster."""

_ADDRESS = re.compile(r"(?:ray://)?(?P<host>\[[0-9a-fA-F:]+\]|[^\s/:\[\]]+):(?P<port>\d{1,5})")


def is_cluster(text: str) -> bool:
    """Whether a text names a cluster: ray, or ray://HOST:PORT."""
    return text == HERE or (text.startswith("ray://") and _ADDRESS.fullmatch(text) is not None)


@contextmanager
def connected(cluster: str) -> Iterator[Any]:
    """Ray's module, connected to a cluster. One that runs has a while to let us in.

    Raises:
        MissingPackageError: Ray is not installed.
        ServiceError: the cluster cannot be reached.
    """
    check_extra("ray")
    address = _address_of(cluster)
    if address != OWN:
        _check_answers(address)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if address == OWN:
                _begin_own(ray)
            else:
                _join(ray, address)
    except Exception as error:
        place = "of this machine" if address == OWN else f"at {address}"
        raise ServiceError(
            f"The Ray cluster {place} cannot be used: {first_line(error)}"
        ) from error
    try:
        yield ray
    except ServiceError:  # it may be lost, and Ray would wait for it
        with suppress(FutureTimeoutError):
            in_background(ray.shutdown, "shutdown").result(SHUTDOWN_SECONDS)
        raise
    except BaseException:
        ray.shutdown()
        raise
    ray.shutdown()


def head_of(ray: Any, cluster: str) -> str:
    """The address at which the head of the cluster answers that `ray` is connected to."""
    return cluster if cluster != HERE else str(ray.get_runtime_context().gcs_address)


def knock(address: str) -> None:
    """Raise OSError where nobody answers at the address of a head."""
    if found := _ADDRESS.fullmatch(address):
        place = found["host"].strip("[]"), int(found["port"])
        socket.create_connection(place, KNOCK_SECONDS).close()


def _begin_own(ray: Any) -> None:
    """Start a cluster, in this thread: its processes end with the thread that began them."""
    on_term = signal.getsignal(signal.SIGTERM)

    def begin() -> None:
        ray.init(OWN, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)

    try:
        begin()
    except Exception as error:  # Ray has no class for it
        if _TOO_SLOW not in str(error):
            raise
        begin()  # what it reads is in memory now
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_term)  # Ray has put its own there


def _join(ray: Any, address: str) -> None:
    """Connect to a cluster that runs. Ray tries for minutes, or for ever, where nobody answers."""
    begin = partial(ray.init, address, log_to_driver=False, logging_level=logging.ERROR)
    try:
        in_background(begin, "ray").result(CONNECT_SECONDS)
    except FutureTimeoutError:
        raise TimeoutError(f"it does not answer within {CONNECT_SECONDS:.0f} s.") from None


def _address_of(cluster: str) -> str:
    """Where a cluster answers; OWN where none runs that could be meant."""
    if cluster != HERE:
        return cluster
    named = os.environ.get("RAY_ADDRESS", "auto")
    if named not in ("", "auto"):
        return named
    try:
        noted = (Path(os.environ.get("RAY_TMPDIR", "/tmp")) / _NOTED).read_text("utf-8").strip()  # noqa: S108
        _check_answers(noted)
    except (OSError, ServiceError):  # none was started, or it was killed
        return OWN
    return noted


def _check_answers(address: str) -> None:
    """Find out in seconds that nobody is there; Ray itself takes half a minute."""
    try:
        knock(address)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "no answer"
        raise ServiceError(
            f"No Ray cluster answers at {address} ({reason}). Name its head, such as "
            "ray://head.example:10001; the port is that of Ray's client server."
        ) from error
