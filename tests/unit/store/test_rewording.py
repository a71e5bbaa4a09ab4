"""The words of fields are found of all photos, whoever writes while the fields change."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from photoseek.helpers.locks import locked
from photoseek.store import PhotoStore, open_store
from photoseek.store.blobs import BlobStore
from photoseek.store.lance import rewording
from tests.support.stored_photos import MODEL, encoded
from tests.support.waiting import wait_until

MANY = 3


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "index")


def found(store: PhotoStore, word: str) -> list[str]:
    return sorted(stored.photo.id for stored in store.keywords(word, 9))


def test_a_photo_that_is_about_to_be_committed_gets_the_new_words(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = open_store(location, MODEL), open_store(location)
    changing = threading.Thread(target=other.use_keyword_fields, args=[("photographer",)])
    waits = threading.Event()
    put = BlobStore.put

    def told(path: Path, **how: Any) -> Any:
        waits.set()
        return locked(path, **how)

    def put_late(blobs: BlobStore, data: Mapping[str, bytes]) -> None:
        if changing.ident is None:  # it is locked, and the fields of before were read
            monkeypatch.setattr("photoseek.store.lance.local_layout.locked", told)
            changing.start()
            wait_until(lambda: waits.is_set() or not changing.is_alive(), "the fields to change")
        put(blobs, data)

    monkeypatch.setattr(BlobStore, "put", put_late)
    one.upsert([encoded(1, photographer="Ann")])
    changing.join()
    assert found(one, "Ann") == ["p00001"]


def test_who_is_overtaken_by_other_fields_leaves_these(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process begins to bring photos up to date, and another one does all of it meanwhile."""
    one, other = open_store(location, MODEL), open_store(location)
    more: dict[str, Any] = {"photographer": "Ann", "licence": "free"}
    one.upsert([encoded(number, **more) for number in range(MANY)])
    words_column, asked = rewording.words_column, [0]

    def overtaken(*given: Any) -> str:
        asked[0] += 1
        if asked[0] == 2:  # the photos are read, and none is written
            monkeypatch.setattr(rewording, "words_column", words_column)
            assert other.use_keyword_fields(("licence",)) == MANY
        return words_column(*given)

    monkeypatch.setattr(rewording, "words_column", overtaken)
    one.use_keyword_fields(("photographer",))
    for store in (one, other):
        assert store.keyword_fields == ("licence",)
        assert found(store, "free") == [f"p{number:05}" for number in range(MANY)]
        assert found(store, "Ann") == []
    assert one.use_keyword_fields(("licence",)) == 0
