"""Writers at once, readers meanwhile, and writers that are killed."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from threading import Event, Thread

import pytest

from photoseek.files.filestore import open_files
from photoseek.store import PhotoStore
from tests.support.lance import lance_store
from tests.support.stored_photos import vector_of
from tests.support.writer import BATCH, EAGER, batch, go, ids_of, start

BATCHES = 7
BATCHES_IN_S3 = 3  # where a commit takes many requests


def all_ids(store: PhotoStore) -> Counter[str]:
    hits = store.search(vector_of(0), 10_000, exact=True)
    assert len(hits) == store.count()
    return Counter(hit.stored.photo.id for hit in hits)


def assert_thumbnails(store: PhotoStore) -> None:
    hashes = {known.content_hash for known in store.known(all_ids(store)).values()}
    names = {entry.name for entry in open_files(store.location).entries("thumbnails/")}
    assert {f"thumbnails/{each[:2]}/{each}.jpg" for each in hashes} <= names


def everything(batches: int) -> Counter[str]:
    return Counter(photo_id for number in range(batches) for photo_id in ids_of(number))


def batches_of(location: str) -> int:
    return BATCHES_IN_S3 if location.startswith("s3://") else BATCHES


@pytest.fixture(params=["folder", "bucket"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "index")
    return f"{request.getfixturevalue('bucket')}/index"


def test_writers_readers_and_upkeep_at_once(location: str) -> None:
    batches = batches_of(location)
    writers = [start(location, seed, batches) for seed in (1, 2)]
    for writer in writers:
        go(writer)  # both make the index
    store = lance_store(location, EAGER)
    done, failures = Event(), list[BaseException]()

    def maintain() -> None:
        try:
            while not done.is_set():
                store.maintain()
        except BaseException as error:  # handed to the test's own thread
            failures.append(error)
            raise

    keeper = Thread(target=maintain)
    keeper.start()
    seen = 0
    try:
        while any(writer.poll() is None for writer in writers):
            hits = store.search(vector_of(0), 5000)
            found = {hit.stored.photo.id for hit in hits}
            assert len(found) == len(hits)
            assert len(hits) >= seen
            assert len(store.get(found)) == len(found)
            seen = len(hits)
    finally:
        done.set()
        keeper.join()
        for writer in writers:
            writer.kill()
            writer.communicate()
    assert not failures
    assert [writer.returncode for writer in writers] == [0, 0]
    assert all_ids(store) == everything(batches)
    assert_thumbnails(store)


def test_killed_writers_leave_whole_batches(location: str) -> None:
    batches = batches_of(location)
    dice = random.Random(3)
    acknowledged: set[int] = set()
    for writer in [start(location, seed, batches) for seed in range(2)]:
        go(writer)
        assert writer.stdout is not None
        begun = dice.randint(1, batches - 1)
        for line in writer.stdout:
            word, named = line.split()
            if word == "end":
                acknowledged.add(int(named))
            else:
                begun -= 1
            if begun == 0:
                break
        time.sleep(dice.uniform(0, 0.03))  # somewhere within a batch: that is the point
        writer.kill()
        rest = writer.communicate()[0].split("\n")
        assert writer.returncode == -9
        acknowledged |= {int(line[4:]) for line in rest if line.startswith("end ")}
        store = lance_store(location, EAGER)
        found = all_ids(store)
        whole = {number for number in range(batches) if ids_of(number) <= found.keys()}
        assert found == Counter(photo_id for number in whole for photo_id in ids_of(number))
        assert whole >= acknowledged
        assert_thumbnails(store)
        store.maintain()
    store = lance_store(location, EAGER)
    for again in range(batches):
        store.upsert(batch(again))
    store.maintain()
    assert all_ids(store) == everything(batches)
    assert store.count() == BATCH * batches
