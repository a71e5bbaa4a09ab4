from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.photo_server import photo_server
from tests.support.web_server import PhotoServer


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with photo_server() as server:
        yield server
