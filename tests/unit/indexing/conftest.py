from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.settings import load_settings
from tests.support.indexers import MemorySearch
from tests.support.reindexed_library import library_of
from tests.support.watching import JPEG, Rounds


@pytest.fixture
def indexer(index: str) -> Iterator[MemorySearch]:
    with MemorySearch(load_settings(index=index)) as indexer:
        yield indexer


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "deep/c.jpg"):
        (folder / name).write_bytes(JPEG)
    return folder


@pytest.fixture
def watch(indexer: MemorySearch, index: str) -> Callable[[Path], Rounds]:
    return lambda source: Rounds(indexer, index, source)


@pytest.fixture(params=["folder", "bucket"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "bucket":
        return f"{request.getfixturevalue('bucket')}/index"
    return str(tmp_path / "index")


@pytest.fixture
def library(location: str, tmp_path: Path) -> Iterator[PhotoSearch]:
    with library_of(location, tmp_path / "photos") as search:
        yield search
