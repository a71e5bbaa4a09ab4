"""A run over many photos reads what an index holds at once, and does as if it asked of each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photoseek import PhotoSearch
from photoseek.gateway.in_process import InProcessService
from photoseek.gateway.service_index import ServiceIndex
from photoseek.indexing.indexer import LOOK_UP
from photoseek.indexing.run import index_photos
from photoseek.records import EncodedPhoto, Keep, KnownPhoto, Outcome, Photo
from photoseek.settings import load_settings
from tests.support.stored_photos import MODEL, encoded

STORED = LOOK_UP + 5


class Watched(PhotoSearch):
    """An index that notes what is asked of it and what it is sent, and encodes nothing."""

    asked = 0
    sent: frozenset[str] = frozenset()

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        self.asked += len(ids)
        return super().known(ids)

    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        self.sent |= {photo.id for photo in photos}
        return [Outcome(photo.uri, "indexed") for photo in photos]


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One that runs in a thread, as a gateway's does."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def stored(number: int) -> EncodedPhoto:
    made: EncodedPhoto = encoded(number, seed=0)
    return replace(made, thumbnail=b"", keep="none")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    location = str(tmp_path_factory.mktemp("unchanged") / "index")
    with PhotoSearch(load_settings(index=location)) as library:
        library.store([stored(number) for number in range(STORED)], [], MODEL)
        library.delete(["p00007"])
    return location


@pytest.fixture
def index(location: str) -> Watched:
    return Watched(load_settings(index=location))


def source() -> list[Photo]:
    photos = [stored(number).photo for number in range(STORED + 1)]
    photos[3] = replace(photos[3], version="2")
    photos[4] = replace(photos[4], version="")
    photos[LOOK_UP + 1] = replace(photos[LOOK_UP + 1], caption="red")
    return photos


CHANGED = frozenset({"p00003", "p00004", f"p{LOOK_UP + 1:05}", f"p{STORED:05}"})


def test_only_what_is_new_or_changed_is_asked_for(index: Watched) -> None:
    report = index_photos(source(), index)
    assert index.sent == CHANGED
    assert (report.unchanged, report.deleted) == (STORED - 4, 1)
    assert index.asked == len(CHANGED) + 1


def test_so_it_is_behind_a_service(index: Watched, loop: asyncio.AbstractEventLoop) -> None:
    service = InProcessService(index)
    try:
        report = index_photos(source(), ServiceIndex(service, loop))
    finally:
        service.close()
    assert index.sent == CHANGED
    assert (report.unchanged, report.deleted) == (STORED - 4, 1)
    assert index.asked == len(CHANGED) + 1


def test_what_else_is_to_be_kept_is_sent_again(index: Watched) -> None:
    photos = source()[:20]
    assert index_photos(photos, index, keep="none").unchanged == 17
    assert index_photos(photos, index, keep="thumbnail").unchanged == 0
    assert len(index.sent) == 19


def test_a_refresh_asks_of_each(index: Watched) -> None:
    assert index_photos(source()[:20], index, refresh=True).unchanged == 0
    assert index.asked == 20


def test_of_a_few_photos_an_index_is_asked_by_their_ids(index: Watched) -> None:
    photos = source()[10:14]
    assert index_photos(photos, index).unchanged == 4
    assert index.asked == 4


@pytest.mark.parametrize(("keep", "unchanged"), [("none", STORED - 4), ("thumbnail", 0)])
def test_of_many_photos_those_count_of_which_as_much_is_kept(
    index: Watched, keep: Keep, unchanged: int
) -> None:
    assert index_photos(source(), index, keep=keep).unchanged == unchanged


def test_where_there_is_no_index_all_is_new(tmp_path: Path) -> None:
    nothing = Watched(load_settings(index=str(tmp_path / "index")))
    assert index_photos(source()[:5], nothing).indexed == 5


def test_fingerprints_are_those_of_all_photos_unless_they_are_too_many(index: Watched) -> None:
    prints = index.fingerprints(STORED)
    assert prints is not None
    assert index.fingerprints(STORED - 2) is None
    mine = [photo.fingerprint for photo in source()]
    assert np.flatnonzero(~np.array(prints.among(mine))).tolist() == [
        *(3, 4, 7),
        LOOK_UP + 1,
        STORED,
    ]
