"""An index is copied into an engine and out of it again, and nothing of it is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.indexing.copying import copy_index
from photoseek.records import EncodedPhoto
from photoseek.store import PhotoStore, open_store
from tests.support.stored_photos import MODEL, encoded

PHOTOS = 300


@pytest.fixture
def source(tmp_path: Path) -> PhotoStore:
    store = open_store(tmp_path / "index", MODEL)
    store.use_keyword_fields(("photographer",))
    store.upsert([encoded(number, photographer="Ann") for number in range(PHOTOS - 1)])
    whole = replace(encoded(PHOTOS), keep="original", original=b"whole")
    store.upsert([whole])
    return store


def comparable(store: PhotoStore) -> dict[str, tuple[EncodedPhoto, bytes]]:
    ids = [each for some in store.ids() for each in some]
    photos = store.encoded(ids)
    plain = {key: replace(each, vector=MODEL_VECTOR) for key, each in photos.items()}
    return {key: (plain[key], photos[key].vector.tobytes()) for key in ids}


MODEL_VECTOR = encoded(0).vector
"""Stands for all vectors where photos are compared: two arrays are not equal, but their bytes."""


def test_there_and_back(source: PhotoStore, place: str, tmp_path: Path) -> None:
    there = copy_index(source, place)
    assert (there.copied, there.blobs, there.missing, there.is_verified) == (
        PHOTOS,
        PHOTOS + 1,
        0,
        True,
    )
    target = open_store(place)
    assert comparable(target) == comparable(source)
    assert target.original(f"p{PHOTOS:05}") == b"whole"
    assert target.keyword_fields == ("photographer",)
    assert [each.photo.id for each in target.browse(3)] == [
        each.photo.id for each in source.browse(3)
    ]
    source.delete(["p00001"])
    again = copy_index(source, place)
    assert (again.copied, again.unchanged, again.removed) == (0, PHOTOS - 1, 1)
    back = copy_index(open_store(place), str(tmp_path / "back"))
    assert back.is_verified
    assert comparable(open_store(tmp_path / "back")) == comparable(source)
