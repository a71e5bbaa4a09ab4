"""What an indexing run sends, skips, counts and says."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.errors import ServiceError
from photoseek.indexing.run import IN_FLIGHT, ORIGINALS_AT_ONCE, index_photos
from photoseek.indexing.run_tally import IndexProgress
from photoseek.records import KEPT_OTHERWISE, UNREAD, Keep, KnownPhoto, Outcome, Photo, Skip
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[3]


class Shelf:
    """An indexer in a dictionary: it keeps what a real one keeps."""

    def __init__(self) -> None:
        self.photos: dict[str, Photo] = {}
        self.keeps: dict[str, Keep] = {}
        self.batches: list[list[str]] = []
        self.hashes: list[str] = []
        self.maintained = 0
        self.break_at: int | None = None
        self._lock = threading.Lock()

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        found = {i: self.photos[i] for i in ids if i in self.photos}
        return {
            i: KnownPhoto(photo.fingerprint, f"hash of {i}", self.keeps[i])
            for i, photo in found.items()
        }

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        with self._lock:
            if self.break_at is not None and len(self.batches) >= self.break_at:
                raise ServiceError("gone")
            self.batches.append([photo.id for photo in photos])
            self.hashes += known_hashes
            outcomes = []
            for photo, known, keep in zip(photos, known_hashes, keeps, strict=True):
                if photo.caption == "bad":
                    outcomes.append(Outcome(photo.uri, "skipped", "bad"))
                    continue
                is_updated = bool(known) and not known.startswith(KEPT_OTHERWISE)
                outcomes.append(Outcome(photo.uri, "updated" if is_updated else "indexed", ""))
                self.photos[photo.id] = photo
                self.keeps[photo.id] = keep
            return outcomes

    def maintain(self) -> None:
        self.maintained += 1


def photos(count: int, version: str = "1", caption: str = "") -> list[Photo]:
    return [Photo(str(i), f"/{i}.jpg", version, caption) for i in range(count)]


def test_everything_is_sent_once_in_batches() -> None:
    shelf = Shelf()
    report = index_photos(photos(70), shelf, batch_size=32)
    assert report.indexed == 70
    assert sorted(map(len, shelf.batches)) == [6, 32, 32]
    assert set(shelf.photos) == {str(i) for i in range(70)}
    assert shelf.maintained == 1


def test_unchanged_photos_are_not_sent_again() -> None:
    shelf = Shelf()
    index_photos(photos(50), shelf)
    again = index_photos(photos(60), shelf)
    assert (again.indexed, again.unchanged) == (10, 50)
    nothing = index_photos(photos(60), shelf)
    assert (nothing.indexed, nothing.unchanged) == (0, 60)
    assert shelf.maintained == 2, "nothing was changed by the last run"


def test_a_new_version_or_caption_is_sent_with_the_hash_that_is_known() -> None:
    shelf = Shelf()
    index_photos(photos(3), shelf)
    assert index_photos(photos(3, version="2"), shelf).updated == 3
    assert index_photos(photos(3, version="2", caption="new"), shelf).updated == 3
    assert shelf.hashes[3:6] == ["hash of 0", "hash of 1", "hash of 2"]


def test_a_photo_whose_folder_alone_is_new_is_described_and_not_read() -> None:
    shelf = Shelf()
    index_photos(photos(3), shelf)  # as an earlier version did, which knew no folders
    within = [replace(each, folder="Travel") for each in photos(3)]
    assert index_photos(within, shelf).updated == 3
    assert shelf.hashes[3:] == [f"{UNREAD}hash of {n}" for n in range(3)]
    assert index_photos(within, shelf).unchanged == 3
    without = [replace(each, version="") for each in within]
    index_photos(without, shelf)
    assert shelf.hashes[6:] == [f"hash of {n}" for n in range(3)]


def test_a_photo_without_version_is_always_looked_at() -> None:
    shelf = Shelf()
    index_photos(photos(3, version=""), shelf)
    assert index_photos(photos(3, version=""), shelf).updated == 3


def test_photos_of_which_something_else_is_kept_are_sent_as_if_they_were_new() -> None:
    shelf = Shelf()
    index_photos(photos(20), shelf, keep="none")
    assert index_photos(photos(20), shelf, keep="none").unchanged == 20
    shelf.batches.clear()
    assert index_photos(photos(20), shelf, keep="original").indexed == 20
    assert set(shelf.keeps.values()) == {"original"}
    assert sorted(map(len, shelf.batches)) == [4, 8, 8], "their bytes travel with them"
    for keep in ("original", None):
        assert index_photos(photos(20), shelf, keep=keep).unchanged == 20


def test_photos_keep_what_they_have_and_new_ones_their_thumbnails() -> None:
    shelf = Shelf()
    index_photos(photos(10), shelf, keep="original")
    index_photos(photos(5), shelf, keep="none")
    shelf.batches.clear()
    assert index_photos(photos(30, version="2"), shelf).indexed == 20
    expected = ["none"] * 5 + ["original"] * 5 + ["thumbnail"] * 20
    assert [shelf.keeps[str(i)] for i in range(30)] == expected
    assert sorted(map(len, shelf.batches)) == [8, 8, 14]


class Encoders(Shelf):
    """Take batches only together: so many encoders with one in the model, and one at hand."""

    def __init__(self, count: int, *, batches_each: int = 2) -> None:
        super().__init__()
        self._all_busy = threading.Barrier(batches_each * count)
        self._at_once = 0
        self.most_at_once = 0

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self._all_busy.wait(PATIENCE)
        with self._lock:
            self._at_once -= 1
        return super().index_batch(photos, known_hashes, keeps)


@pytest.mark.parametrize("encoders", [1, 2, 6])
def test_every_encoder_has_a_batch_and_the_next_one(encoders: int) -> None:
    shelf = Encoders(encoders)
    count = 3 * 2 * encoders * 8
    report = index_photos(photos(count), shelf, batch_size=8, in_flight=2 * encoders)
    assert report.indexed == count
    assert shelf.most_at_once == 2 * encoders


def test_originals_are_not_in_memory_many_times_over() -> None:
    shelf = Encoders(IN_FLIGHT, batches_each=1)
    count = ORIGINALS_AT_ONCE * IN_FLIGHT * 10
    index_photos(photos(count), shelf, keep="original", in_flight=30)
    assert shelf.most_at_once == IN_FLIGHT


def test_skips_of_source_and_indexer_are_reported() -> None:
    source: list[Photo | Skip] = [
        *photos(2),
        Skip("/x.jpg", "no such file"),
        Photo("b", "/b.jpg", "1", "bad"),
    ]
    report = index_photos(source, Shelf())
    assert report.indexed == 2
    assert set(report.skipped) == {Skip("/x.jpg", "no such file"), Skip("/b.jpg", "bad")}


def test_a_source_is_not_read_far_ahead() -> None:
    read = 0

    def endless() -> Iterator[Photo]:
        nonlocal read
        while True:
            read += 1
            yield Photo(str(read), f"/{read}.jpg", "1")

    shelf = Shelf()
    shelf.break_at = 2
    with pytest.raises(ServiceError):
        index_photos(endless(), shelf, batch_size=10)
    assert read <= 1_000 + 10 * (2 + IN_FLIGHT)


def test_a_failure_ends_the_run_and_keeps_what_was_done() -> None:
    shelf = Shelf()
    shelf.break_at = 1
    with pytest.raises(ServiceError, match="gone"):
        index_photos(photos(500), shelf)
    assert len(shelf.photos) == 32
    shelf.break_at = None
    assert index_photos(photos(500), shelf).indexed == 500 - 32


STOPPED_BY_HAND = """
import threading
from photoseek.indexing.run import index_photos
from photoseek.records import Photo

class Silent:
    def known(self, ids):
        return {}

    def index_batch(self, *_):
        asked.set()
        threading.Event().wait()

def stop(_):
    asked.wait()
    raise KeyboardInterrupt

asked = threading.Event()
index_photos([Photo("a", "/a.jpg")], Silent(), on_progress=stop)
"""


def test_ctrl_c_waits_for_no_answer() -> None:
    run = subprocess.run(
        [sys.executable, "-c", STOPPED_BY_HAND],
        capture_output=True,
        timeout=PATIENCE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert b"KeyboardInterrupt" in run.stderr


def test_progress_grows_to_the_end() -> None:
    seen: list[IndexProgress] = []
    source: list[Photo | Skip] = [*photos(100), Skip("/x", "bad")]
    index_photos(source, Shelf(), on_progress=seen.append)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[-1] == 101
