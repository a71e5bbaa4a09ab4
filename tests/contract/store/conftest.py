"""The stores, each of which keeps what the tests of this folder say."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.store import MemoryStore, PhotoStore, open_store
from tests.support.stored_photos import MODEL


@pytest.fixture(params=["lance", "memory", "lance-on-s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    if request.param == "memory":
        return MemoryStore(MODEL)
    if request.param == "lance":
        return open_store(tmp_path / "index", MODEL)
    return open_store(f"{request.getfixturevalue('bucket')}/index", MODEL)
