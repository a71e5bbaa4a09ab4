"""The client of the model hub, which is told when there is no network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


@contextmanager
def hub_when_reachable() -> Iterator[None]:
    """Inside, the model hub is asked only when its name resolves.

    Without a network its client tries for half a minute before it says so; what it has cached is
    found either way.
    """
    from huggingface_hub import constants

    offline = constants.HF_HUB_OFFLINE
    try:
        socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, None)
    except OSError:
        constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = offline
