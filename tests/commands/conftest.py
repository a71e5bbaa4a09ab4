from __future__ import annotations

from collections.abc import Iterator

import pytest

from photoseek.helpers.ports import free_ports
from tests.support.photo_server import photo_server
from tests.support.web_server import PhotoServer


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with photo_server() as server:
        yield server


@pytest.fixture
def free() -> list[str]:
    """Options that keep the command line away from whatever else listens on this machine."""
    return ["--http-port", str(free_ports(1)[0])]
