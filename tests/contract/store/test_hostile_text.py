"""Text that would break out of a filter or a path stays text in every store."""

from __future__ import annotations

from photoseek.records import (
    Condition,
    StoredPhoto,
)
from photoseek.store import PhotoStore
from tests.support.hostile_text import hostile_texts
from tests.support.stored_photos import encoded, ids, vector_of


def test_hostile_text_stays_text(store: PhotoStore) -> None:
    # Each text takes many requests where the store lies in S3, and is the same to Lance there.
    texts = hostile_texts(0 if store.location.startswith("s3://") else 60)
    photos = [
        encoded(
            n,
            content=n % 9,
            id=f"{n}{text}",
            uri=text,
            caption=text,
            tags=(text, "t"),
            metadata={text: text},
        )
        for n, text in enumerate(texts)
    ]
    store.upsert(photos)
    assert store.get([encoded.photo.id for encoded in photos]) == {
        p.photo.id: StoredPhoto(p.photo, p.content_hash, p.width, p.height) for p in photos
    }
    for text in texts:
        same = [p.photo.id for p in photos if p.photo.caption == text]
        found = store.search(vector_of(0), 200, where=[Condition("caption", "=", text)])
        assert sorted(ids(found)) == sorted(same)
        assert store.count([Condition("uri", "!=", text)]) == len(photos) - len(same)
        tagged = store.search(vector_of(0), 200, where=[Condition("tags", "=", text)])
        assert set(ids(tagged)) >= set(same)
        assert len(tagged) < len(photos)
    assert set(store.known(p.photo.id for p in photos)) == {p.photo.id for p in photos}
    assert store.describe([p.photo for p in photos]) == len(photos)
    assert store.delete(p.photo.id for p in photos[:-1]) == len(photos) - 1
    assert store.count() == 1
