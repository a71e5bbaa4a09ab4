"""What a reindex will read is told before it begins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from photoseek.indexing.reading_plan import HERE, KEPT, Reading, ReadingPlan, reading_plan
from photoseek.records import EncodedPhoto
from photoseek.store import open_store
from tests.support.stored_photos import MODEL, encoded


def at(number: int, uri: str, version: str = "") -> EncodedPhoto:
    photo = encoded(number)
    moved: EncodedPhoto = replace(photo, photo=replace(photo.photo, uri=uri, version=version))
    return moved


def test_photos_and_bytes_are_counted_by_their_places(tmp_path: Path) -> None:
    source, target = open_store(f"{tmp_path}/one", MODEL), open_store(f"{tmp_path}/two", MODEL)
    kept = replace(at(6, "s3://bucket/6.jpg", "7-etag"), keep="original", original=b"1234567")
    photos = [
        at(1, "s3://bucket/1.jpg", "1000-etag"),
        at(2, "s3://bucket/deep/2.jpg", "2000-etag"),
        at(3, "s3://bucket/3.jpg"),
        at(4, "https://photos.example/4.jpg", "3-4"),
        at(5, "/photos/5.jpg", "500-1"),
        kept,
        at(7, "/photos/7.jpg", "700-1"),
    ]
    source.upsert(photos)
    target.upsert([photos[-1]])
    assert reading_plan(source, target).readings == (
        Reading("s3://bucket", 3, 3000, are_all_known=False),
        Reading(HERE, 1, 500),
        Reading("https://photos.example", 1, 0, are_all_known=False),
        Reading(KEPT, 1, 7),
    )
    target.upsert(photos)
    assert reading_plan(source, target) == ReadingPlan()
    assert reading_plan(source, target, most=2).has_more
