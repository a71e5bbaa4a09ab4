from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from tests.support.photo_server import photo_server
from tests.support.web_server import PhotoServer


@pytest.fixture(autouse=True)
def own_event_loop() -> None:
    """A Flow in this process leaves uvloop's policy behind; `-t download` never meets it."""
    asyncio.set_event_loop_policy(None)


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with photo_server() as server:
        yield server


@pytest.fixture
def free() -> list[str]:
    """Options that keep the command line away from any running gateway."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return ["--http-port", str(one.getsockname()[1])]
