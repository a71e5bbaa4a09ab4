from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.unit.download.server import photo_server
from tests.unit.storage.server import PhotoServer


@pytest.fixture(autouse=True)
def own_event_loop() -> None:
    """A Flow in this process leaves uvloop's policy behind; `-t download` never meets it."""
    asyncio.set_event_loop_policy(None)


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with photo_server() as server:
        yield server
