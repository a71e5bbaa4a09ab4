"""Workers ask what the index has of the bytes of photos, and the process of the run answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.cluster.questions import Questions
from photoseek.cluster.work_order import Partition, order_for
from photoseek.cluster.workers import Workers
from photoseek.errors import StoreError
from photoseek.indexing.contents import AskContents
from photoseek.records import EncodedPhoto, Photo, content_hash
from photoseek.settings import load_settings
from tests.support.ray_in_process import RayActorError, RayInProcess
from tests.support.stored_photos import encoded


@contextmanager
def asking(ray: RayInProcess, ask: AskContents) -> Iterator[AskContents]:
    questions = Questions(ray, ask)
    try:
        yield questions.asking
    finally:
        questions.end()


def test_a_worker_takes_what_the_index_has_and_encodes_nothing(tmp_path: Path) -> None:
    moved = tmp_path / "moved.jpg"
    moved.write_bytes(b"no picture at all")
    known = replace(encoded(1), content_hash=content_hash(moved.read_bytes()))
    unknown = tmp_path / "unknown.jpg"
    unknown.write_bytes(b"no picture either")
    asked: list[str] = []

    def ask(hashes: Sequence[str]) -> dict[str, EncodedPhoto]:
        asked.extend(hashes)
        return {known.content_hash: known} if known.content_hash in hashes else {}

    order = order_for(load_settings(index=str(tmp_path / "index"), model="demo"))
    photos = tuple(Photo(path.stem, str(path), "1") for path in (moved, unknown))
    ray = RayInProcess({"CPU": 1.0})
    with asking(ray, ask) as asks:
        workers = Workers(ray, replace(order, asks=asks), "1.2")
        workers.begin()
        made = workers.index(Partition(photos, ("", ""), ("thumbnail",) * 2))
        workers.end()
    assert [each.outcome for each in made.outcomes] == ["indexed", "skipped"]
    [photo] = made.photos
    assert (photo.photo.id, photo.thumbnail) == ("moved", known.thumbnail)
    assert (photo.vector == known.vector).all()
    assert sorted(asked) == sorted(map(content_hash, (moved.read_bytes(), unknown.read_bytes())))


def test_an_index_that_cannot_say_has_nothing() -> None:
    def refuse(_: Sequence[str]) -> dict[str, EncodedPhoto]:
        raise StoreError("gone")

    with asking(RayInProcess(), refuse) as asks:
        assert asks(["a" * 32]) == {}


def test_who_asks_a_box_that_is_lost_is_told() -> None:
    ray = RayInProcess()
    with asking(ray, lambda _: {}) as asks:
        assert asks(["a" * 32]) == {}
    with pytest.raises(RayActorError):
        asks(["a" * 32])
