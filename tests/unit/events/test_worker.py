"""Workers over a real queue and a real bucket."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from photoseek.errors import QueueError, ServiceError, StorageError
from photoseek.events import open_queue
from photoseek.events.queues import Queue
from photoseek.events.sqs import SqsQueue
from photoseek.events.worker import MOST_TAKEN, Worker
from photoseek.files.filestore import FileStore, open_files
from photoseek.indexing.inventory import open_inventory
from photoseek.records import IndexReport
from photoseek.settings import load_settings
from photoseek.sources.bucket import BucketSource
from tests.support.indexers import MemorySearch
from tests.support.pictures import drawing, saved
from tests.support.sqs import Queues, make_queues

HOLD = 4
"""Seconds, of which a busy machine may lose two thirds before the message is seen."""

JPEG = saved(drawing(), "JPEG")
OTHER = saved(drawing(80, 60), "JPEG")


@pytest.fixture
def queues(s3_url: str, bucket: str) -> Queues:
    return make_queues(s3_url)


@pytest.fixture
def photos(bucket: str) -> FileStore:
    return open_files(f"{bucket}/photos")


@pytest.fixture
def index(tmp_path: Path) -> MemorySearch:
    return MemorySearch(load_settings(index=str(tmp_path / "index")))


class Works:
    """A worker over the photos, and what it told."""

    def __init__(self, queue: Queue, source: BucketSource, index: MemorySearch) -> None:
        self.index = index
        self.buried: list[str] = []
        inventory = open_inventory(index.location, source.location)
        self._worker = Worker(queue, source, inventory, on_buried=self._note)

    def _note(self, _: str, reason: str) -> None:
        self.buried.append(reason)

    def round(self) -> IndexReport | None:
        return self._worker.round(self.index, 0)


@pytest.fixture
def works(queues: Queues, photos: FileStore, index: MemorySearch) -> Works:
    return Works(open_queue(f"sqs://{queues.name}"), BucketSource(photos), index)


def bucket_of(photos: FileStore) -> str:
    return photos.uri.split("/")[2]


def test_the_index_follows_what_is_written_and_removed(
    works: Works, queues: Queues, photos: FileStore
) -> None:
    send = sender(queues, photos)
    photos.write("a b+ü.jpg", JPEG)
    photos.write("b.jpg", OTHER)
    send("a b+ü.jpg", "b.jpg")
    report = works.round()
    assert report is not None
    assert report.indexed == 2
    assert works.index.uris == {f"{photos.uri}/a b+ü.jpg", f"{photos.uri}/b.jpg"}
    photos.write("b.jpg", JPEG)
    photos.remove(["a b+ü.jpg"])
    send("b.jpg", "a b+ü.jpg")
    report = works.round()
    assert report is not None
    assert (report.updated, report.indexed, report.removed) == (0, 1, 1)
    assert works.index.uris == {f"{photos.uri}/b.jpg"}
    assert works.round() is None
    assert queues.left() == 0
    assert works.buried == []


def sender(queues: Queues, photos: FileStore) -> Callable[..., None]:
    def send(*names: str) -> None:
        prefix = photos.uri.split("/", 3)[3]
        queues.send(*(f"{prefix}/{name}" for name in names), bucket=bucket_of(photos))

    return send


def test_messages_may_come_twice_and_late(works: Works, queues: Queues, photos: FileStore) -> None:
    send = sender(queues, photos)
    photos.write("a.jpg", JPEG)
    send("a.jpg", "a.jpg", "gone.jpg")
    report = works.round()
    assert report is not None
    assert (report.indexed, report.removed) == (1, 0)
    send("a.jpg")
    report = works.round()
    assert report is not None
    assert (report.indexed, report.unchanged) == (0, 1)


def test_what_is_no_photo_of_the_source_is_let_pass(
    works: Works, queues: Queues, photos: FileStore
) -> None:
    for name in ("notes.txt", ".hidden/a.jpg", "idx/photos.lance/x.jpg", "idx/thumbnails/y.jpg"):
        photos.write(name, JPEG)
    sender(queues, photos)(
        "notes.txt", ".hidden/a.jpg", "idx/photos.lance/x.jpg", "idx/thumbnails/y.jpg"
    )
    queues.send("photos/a.jpg", bucket="another")
    queues.send("elsewhere/a.jpg", bucket=bucket_of(photos))
    works.round()
    assert works.index.sent == []
    assert queues.left() == 0


def test_a_broken_photo_holds_nothing_up(works: Works, queues: Queues, photos: FileStore) -> None:
    photos.write("broken.jpg", b"no picture")
    photos.write("a.jpg", JPEG)
    sender(queues, photos)("broken.jpg", "a.jpg")
    report = works.round()
    assert report is not None
    assert report.indexed == 1
    assert [skip.uri for skip in report.skipped] == [f"{photos.uri}/broken.jpg"]
    assert queues.left() == 0


def test_messages_that_tell_nothing_are_kept_with_the_reason(
    works: Works, queues: Queues, photos: FileStore
) -> None:
    photos.write("a.jpg", JPEG)
    queues.send_text("no JSON \ud7ff")
    sender(queues, photos)("a.jpg")
    while works.round() is not None:
        pass
    assert len(works.index.ids) == 1
    [(body, reason)] = queues.dead_letters()
    assert body == "no JSON \ud7ff"
    assert works.buried == [reason]
    assert "tells of no change in S3" in reason
    assert queues.left() == 0


def test_a_message_that_nobody_gets_done_with_is_given_up(
    queues: Queues, photos: FileStore, index: MemorySearch
) -> None:
    photos.write("a.jpg", JPEG)
    sender(queues, photos)("a.jpg")
    works = Works(SqsQueue(f"sqs://{queues.name}"), BucketSource(photos), index)
    index.is_down = True
    for _ in range(MOST_TAKEN):
        with pytest.raises(ServiceError):
            works.round()
        assert queues.left() == 1
    works.round()
    [(_, reason)] = queues.dead_letters()
    assert f"taken {MOST_TAKEN} times" in reason
    assert f"{photos.uri}/a.jpg" in reason


def test_a_photo_that_changes_while_it_is_stored_is_read_again(
    works: Works, queues: Queues, photos: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos.write("a.jpg", JPEG)
    photos.write("b.jpg", JPEG)
    sender(queues, photos)("a.jpg", "b.jpg")
    index_batch, changes = (
        works.index.index_batch,
        [
            lambda: photos.remove(["a.jpg"]),
            lambda: photos.write("a.jpg", OTHER),
        ],
    )

    def change_and_index(*given: object) -> object:
        outcomes = index_batch(*given)  # type: ignore[arg-type]
        if changes:
            changes.pop(0)()
        return outcomes

    monkeypatch.setattr(works.index, "index_batch", change_and_index)
    works.round()
    assert works.index.uris == {f"{photos.uri}/b.jpg"}
    sender(queues, photos)("a.jpg", "b.jpg")
    photos.write("a.jpg", JPEG)
    works.round()
    [stored] = [
        each for each in works.index.photos(sorted(works.index.ids)) if "a.jpg" in each.photo.uri
    ]
    assert stored.width == 80, "as it is now"


def test_a_photo_that_never_rests_comes_back(
    queues: Queues, photos: FileStore, index: MemorySearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, looks = BucketSource(photos), iter(range(1000))
    look = source.look
    monkeypatch.setattr(source, "look", lambda name: look(name) if next(looks) % 2 else None)
    photos.write("a.jpg", JPEG)
    sender(queues, photos)("a.jpg")
    works = Works(SqsQueue(f"sqs://{queues.name}"), source, index)
    with pytest.raises(StorageError, match="changes again and again"):
        works.round()
    assert queues.left() == 1


@pytest.mark.parametrize("address", ["", "sqs://", "photos", "s3://bucket"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(QueueError, match="names no queue"):
        open_queue(address)


def test_a_queue_that_is_not_there_is_told(bucket: str) -> None:
    with pytest.raises(QueueError, match="There is no queue sqs://nobody"):
        open_queue("sqs://nobody")


def test_without_a_queue_for_them_strange_messages_are_dropped(
    queues: Queues, photos: FileStore, index: MemorySearch
) -> None:
    dead = Queues(queues.url, f"{queues.name}-dead", queues.dead, queues.dead)
    dead.send_text("strange")
    queue = open_queue(dead.place)
    assert not queue.has_dead_letters
    works = Works(queue, BucketSource(photos), index)
    works.round()
    assert len(works.buried) == 1
    assert dead.left() == 0


def test_what_is_worked_on_stays_hidden(queues: Queues) -> None:
    queues.send_text("slow")
    one, other = (SqsQueue(f"sqs://{queues.name}", hold=HOLD) for _ in range(2))
    taken = one.take(0)
    end = time.monotonic() + HOLD + 1
    with one.held(taken):
        while time.monotonic() < end:
            assert other.take(0) == []
            time.sleep(0.1)  # or the queue has no time for the one who holds
    [back] = other.take(20)
    assert back.taken == 2
