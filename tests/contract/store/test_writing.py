"""What every store promises of writing: photos that are added, replaced, changed and deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from photoseek.errors import QueryError, StoreError
from photoseek.records import (
    Condition,
    EncodedPhoto,
    Keep,
    KnownPhoto,
    Photo,
    StoredPhoto,
)
from photoseek.store import PhotoStore, open_store
from tests.support.stored_photos import MODEL, encoded, hash_of, ids, photo, vector_of

IDS = ["p00000", "p00001", "p00002"]

KEEPS: list[Keep] = ["original", "thumbnail", "none", "original", "none", "thumbnail", "original"]


def test_an_empty_store_answers(store: PhotoStore) -> None:
    assert store.search(vector_of(0), 5) == []
    assert store.search(vector_of(0), 5, where=[Condition("tags", "=", "x")]) == []
    assert not store.known(["p"])
    assert not store.get(["p"])
    assert not store.vectors(["p"])
    assert store.count() == store.delete(["p"]) == store.describe([photo(1)]) == 0
    store.upsert([])
    store.maintain()
    assert store.delete([]) == store.describe([]) == 0
    assert store.known([]) == {}
    status = store.status()
    assert (status.model, status.photos, status.ann) == (MODEL, 0, False)
    assert status.location == store.location


def test_what_goes_in_comes_out(store: PhotoStore) -> None:
    first = encoded(
        1,
        caption="A beach",
        tags=("Beach", "sea", ""),
        photographer="Ann",
        licence="CC0-1.0",
        source_url="https://example.org/1",
        metadata={"camera": "X", "": "'"},
    )
    store.upsert([first, encoded(2)])
    expected = StoredPhoto(first.photo, first.content_hash, first.width, first.height)
    assert store.get(["p00001", "nobody"]) == {"p00001": expected}
    assert store.get(["p00001"])["p00001"].photo.fingerprint == first.photo.fingerprint
    assert store.known(["p00001", "nobody"]) == {
        "p00001": KnownPhoto(first.photo.fingerprint, first.content_hash)
    }
    found = store.vectors(["p00001", "nobody"])
    assert list(found) == ["p00001"]
    assert found["p00001"].dtype == np.float32
    assert np.array_equal(found["p00001"], first.vector)
    assert store.thumbnail("p00001") == first.thumbnail
    assert store.count() == store.status().photos == 2
    assert store.size() > 0


def test_thousands_of_ids_at_once(store: PhotoStore) -> None:
    # Few thumbnails: each is a request where the store lies in S3.
    store.upsert([encoded(number, content=number % 9) for number in range(2500)])
    asked = [f"p{number:05}" for number in range(1000, 5000)]
    assert set(store.known(iter(asked))) == set(asked[:1500])
    assert len(store.vectors([*asked, *asked])) == 1500
    assert store.delete([*asked, *asked]) == 1500
    assert store.count() == 1000


def test_upsert_replaces_and_of_equal_ids_the_last_wins(store: PhotoStore) -> None:
    store.upsert([encoded(1), encoded(2)])
    store.upsert([encoded(1, content="a", caption="a"), encoded(1, content="b", seed=9)])
    assert store.count() == 2
    assert store.get(["p00001"])["p00001"].photo == photo(1)
    assert store.known(["p00001"])["p00001"].content_hash == hash_of("b")
    assert np.array_equal(store.vectors(["p00001"])["p00001"], vector_of(9))
    assert store.thumbnail("p00001") == b"thumbnail of b"
    assert ids(store.search(vector_of(9), 1)) == ["p00001"]


def test_describe_changes_words_only(store: PhotoStore) -> None:
    store.upsert([encoded(number, caption="old", tags=("old",)) for number in (1, 2, 3)])
    new = photo(1, uri="/moved.jpg", version="2", caption="new", tags=("New",), metadata={"a": "b"})
    stranger = photo(99)
    assert store.describe([stranger, photo(1, caption="lost"), new]) == 1
    assert store.count() == 3
    stored = store.get(["p00001"])["p00001"]
    assert stored == StoredPhoto(new, hash_of(1), 1001, 500)
    assert store.known(["p00001"])["p00001"] == KnownPhoto(new.fingerprint, hash_of(1))
    assert np.array_equal(store.vectors(["p00001"])["p00001"], vector_of(1))
    assert store.thumbnail("p00001") == b"thumbnail of 1"
    assert ids(store.search(vector_of(0), 9, where=[Condition("tags", "=", "new")])) == ["p00001"]
    assert store.count([Condition("caption", "=", "old")]) == 2


def test_delete(store: PhotoStore) -> None:
    store.upsert([encoded(1, content="same"), encoded(2, content="same"), encoded(3)])
    assert store.delete(["p00001", "nobody"]) == 1
    assert store.delete(["p00001"]) == 0
    assert store.count() == 2
    assert set(ids(store.search(vector_of(1), 10))) == {"p00002", "p00003"}
    with pytest.raises(QueryError, match="p00001"):
        store.thumbnail("p00001")
    assert store.thumbnail("p00002") == b"thumbnail of same"
    store.upsert([encoded(1)])
    assert store.thumbnail("p00001") == b"thumbnail of 1"


def test_no_more_is_kept_than_was_asked_for(store: PhotoStore) -> None:
    keeps: list[Keep] = ["none", "thumbnail", "original"]
    photos = [replace(encoded(n), keep=keep, original=b"%d" % n) for n, keep in enumerate(keeps)]
    store.upsert(photos)
    assert {i: known.keep for i, known in store.known(IDS).items()} == dict(
        zip(IDS, keeps, strict=True)
    )
    assert [stored.keep for stored in store.get(IDS).values()] == keeps
    assert store.thumbnail("p00001") == b"thumbnail of 1"
    assert store.thumbnail("p00002") == b"thumbnail of 2"
    assert store.original("p00002") == b"2"
    with pytest.raises(QueryError, match="no thumbnail of the photo 'p00000'.*--keep thumbnail"):
        store.thumbnail("p00000")
    for photo_id in IDS[:2]:
        with pytest.raises(QueryError, match=f"no original of the photo '{photo_id}'"):
            store.original(photo_id)
    with pytest.raises(QueryError, match="There is no photo 'nobody'"):
        store.original("nobody")
    assert set(ids(store.search(vector_of(0), 5))) == set(IDS)


def test_photos_asked_for_by_id_say_since_when_they_are_there(store: PhotoStore) -> None:
    given = datetime(2024, 5, 1, 12, 30, 0, 250, tzinfo=UTC)
    store.upsert([replace(encoded(1), indexed_at=given), encoded(2)])
    first, second = store.get(IDS[1:]).values()
    assert first.indexed_at == given
    assert second.indexed_at is not None
    assert second.indexed_at > given
    store.describe([photo(1, caption="Another")])
    assert store.get(["p00001"])["p00001"].indexed_at == given


def test_what_is_kept_can_be_changed(store: PhotoStore) -> None:
    for keep in KEEPS:
        store.upsert([replace(encoded(1), keep=keep, original=b"1")])
        assert store.known(["p00001"])["p00001"].keep == keep
        store.describe([photo(1, caption=keep)])
        assert store.known(["p00001"])["p00001"].keep == keep
        for kept, read in (("thumbnail", store.thumbnail), ("original", store.original)):
            if keep in (kept, "original"):
                assert read("p00001")
            else:
                with pytest.raises(QueryError, match=f"keeps no {kept}"):
                    read("p00001")


def test_photos_of_equal_bytes_keep_what_each_was_asked_for(store: PhotoStore) -> None:
    same = [
        replace(encoded(n, content="same"), keep=keep, original=b"same")
        for n, keep in ((1, "none"), (2, "thumbnail"), (3, "original"), (4, "original"))
    ]
    store.upsert(same)
    assert store.delete(["p00004"]) == 1
    assert store.original("p00003") == b"same"
    assert store.delete(["p00003"]) == 1
    assert store.thumbnail("p00002") == b"thumbnail of same"
    with pytest.raises(QueryError, match="keeps no original"):
        store.original("p00002")
    assert store.delete(["p00002"]) == 1
    assert store.count() == 1


@pytest.mark.parametrize(
    "content_hash", ["", "../../../../etc/passwd", "F" * 32, "f" * 31, "f" * 33]
)
def test_content_hashes_are_hashes(store: PhotoStore, content_hash: str) -> None:
    with pytest.raises(StoreError, match="32 lower-case hex digits"):
        store.upsert([EncodedPhoto(photo(1), content_hash, 1, 1, vector_of(1), b"")])
    assert store.count() == 0


def test_the_caller_may_go_on_with_its_arrays(store: PhotoStore) -> None:
    photo = encoded(1)
    store.upsert([photo])
    photo.vector[:] = 0
    store.vectors(["p00001"])["p00001"][:] = 0
    assert np.array_equal(store.vectors(["p00001"])["p00001"], vector_of(1))


def test_a_photo_may_have_nothing_but_an_id(store: PhotoStore) -> None:
    bare = EncodedPhoto(Photo("x", ""), hash_of(0), 0, 0, vector_of(0), b"")
    store.upsert([bare])
    assert store.get(["x"])["x"].photo == bare.photo
    assert store.known(["x"])["x"].fingerprint == ""


def test_a_version_is_that_of_one_state_of_one_index(store: PhotoStore) -> None:
    again = open_store(store.location)
    seen = [store.version()]
    assert store.version() == again.version() == seen[0]
    for write in (
        lambda: store.upsert([encoded(1), encoded(2)]),
        lambda: again.upsert([encoded(1)]),
        lambda: store.describe([replace(photo(1), caption="another")]),
        lambda: store.delete(["p00002"]),
        lambda: again.delete(["p00001"]),
    ):
        write()
        seen.append(store.version())
        assert store.version() == again.version() == seen[-1]
        assert store.search(vector_of(0), 5) is not None
        assert store.version() == seen[-1], "what only reads changes nothing"
    assert set(seen) == {""} or len(set(seen)) == len(seen)
