"""What comes by time: upkeep of a service and of a Flow's indexer, also after one that failed, and
facets before somebody asks for them.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from typing_extensions import override

from executors.vector_indexer.executor import VectorIndexer
from photoseek.engine import PhotoSearch
from photoseek.gateway.in_process import InProcessService
from photoseek.indexing.recurring import Recurring
from photoseek.store import open_store
from tests.support.stored_photos import MODEL, encoded
from tests.support.waiting import wait_until

Begin = Callable[[Path], AbstractContextManager[object]]
SOON, HOURS = 0.05, 10_000.0
VERSIONS = 5


def in_process(index: Path) -> AbstractContextManager[object]:
    return closing(InProcessService(PhotoSearch.open(index), upkeep_every=SOON))


def in_a_flow(_: Path) -> AbstractContextManager[object]:
    return closing(VectorIndexer(upkeep_every=SOON))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An index to which somebody wrote some hours ago, one photo at a time."""
    index = tmp_path / "index"
    store = open_store(index, MODEL)
    for number in range(VERSIONS):
        store.upsert([encoded(number)])
    manifests = versions(index)
    assert len(manifests) > VERSIONS
    for age, path in enumerate(manifests):  # the newest version has the first name
        then = time.time() - 10_000 - age
        os.utime(path, (then, then))
    monkeypatch.setenv("PHOTOSEEK_INDEX", str(index))
    yield index
    assert open_store(index).count() == VERSIONS


def versions(index: Path) -> list[Path]:
    return sorted(index.glob("photos.lance/_versions/*.manifest"))


@pytest.mark.parametrize("begin", [in_process, in_a_flow])
def test_old_versions_go_although_nobody_writes(begin: Begin, index: Path) -> None:
    with begin(index):
        wait_until(lambda: len(versions(index)) <= 2, "old versions to go")


def test_an_index_that_is_away_is_put_in_order_when_it_is_back(index: Path) -> None:
    store, failed = open_store(index), list[Exception]()

    def maintain() -> None:
        try:
            store.maintain()
        except Exception as error:
            failed.append(error)
            raise

    index.rename(index.with_name("aside"))
    with closing(Recurring(maintain, "upkeep", SOON)):
        wait_until(lambda: bool(failed), "upkeep to fail")
        index.with_name("aside").rename(index)
        wait_until(lambda: len(versions(index)) <= 2, "old versions to go")


def test_what_is_done_ahead_comes_at_once_and_again() -> None:
    done = list[int]()

    def work() -> None:
        done.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    with closing(Recurring(work, "rest", HOURS, ahead=True)):
        wait_until(lambda: bool(done), "the first time")
    with closing(Recurring(work, "rest", SOON, ahead=True)):
        wait_until(lambda: len(done) > 3, "other times")
    with closing(Recurring(work, "rest", HOURS)):
        pass
    if sys.platform == "linux":
        own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        assert all(nice > own for nice in done)


def test_an_index_is_read_ahead_before_somebody_asks(index: Path) -> None:
    read = list[int]()

    class Told(PhotoSearch):
        @override
        def warm(self) -> None:
            super().warm()
            read.append(self.facets().total)

    with closing(InProcessService(Told.open(index), upkeep_every=HOURS)) as service:
        assert not read
        service.load_the_rest()
        wait_until(lambda: bool(read), "the index to be read ahead")
    assert read == [VERSIONS]
