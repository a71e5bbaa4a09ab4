"""An index that is opened when it is needed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photoseek.errors import MissingStoreError, ModelMismatchError, QueryError, StoreError
from photoseek.indexing.encoding import UnchangedPhoto
from photoseek.library import Library
from photoseek.records import Condition, EncodedPhoto, Hit, ModelIdentity, Photo, Vector
from photoseek.search.answer import Search

MODEL = ModelIdentity("tiny", "f00d", 4)


def encoded(photo_id: str, *values: float) -> EncodedPhoto:
    vector = np.array(values, np.float32)
    vector /= np.linalg.norm(vector)
    photo = Photo(photo_id, f"/{photo_id}.jpg", "1")
    return EncodedPhoto(photo, f"{photo_id:0>32}", 640, 480, vector, b"\xff\xd8\xff\xd9")


def asked(query: Vector | str, *where: Condition) -> Search:
    return Search(((query, 1.0),), 5, where=where)


def found(library: Library, search: Search) -> list[Hit]:
    return [group.hit for group in library.search(search, MODEL).hits]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(str(tmp_path / "index"))


def test_there_is_nothing_before_the_first_photo(library: Library) -> None:
    assert library.status() is None
    assert library.known(["a"]) == {}
    library.maintain()
    assert library.photos(["a"]) == []
    assert library.browse(5) == ([], 0)
    assert library.search(asked(np.ones(4, np.float32)), MODEL).hits == ()
    assert library.facets().total == 0
    assert not Path(library.location).exists()
    with pytest.raises(StoreError, match="There is no index at"):
        library.delete(["a"])


def test_added_photos_are_known_found_and_deleted(library: Library) -> None:
    library.add([encoded("a", 1, 0, 0, 0), encoded("b", 1, 1, 0, 0)], [], MODEL)
    assert set(library.known(["a", "b", "c"])) == {"a", "b"}
    query = np.array([1, 0, 0, 0], np.float32)
    hits = found(library, asked(query))
    assert [(hit.stored.photo.id, round(hit.score, 3)) for hit in hits] == [
        ("a", 1.0),
        ("b", 0.707),
    ]
    only = found(library, asked(query, Condition("id", "!=", "a")))
    assert [hit.stored.photo.id for hit in only] == ["b"]
    assert [hit.stored.photo.id for hit in found(library, asked("a"))] == ["b"]
    assert library.delete(["a"]) == 1
    with pytest.raises(QueryError, match="No photo in the index has the id 'a'"):
        found(library, asked("a"))


def test_unchanged_photos_get_their_new_description(library: Library) -> None:
    library.add([encoded("a", 1, 0, 0, 0)], [], MODEL)
    new = Photo("a", "/moved.jpg", "2", caption="A car")
    library.add([], [UnchangedPhoto(new, f"{'a':0>32}")], MODEL)
    [hit] = found(library, asked(np.array([1, 0, 0, 0], np.float32)))
    assert hit.stored.photo == new


def test_another_library_sees_the_same_index(library: Library) -> None:
    other = Library(library.location)
    library.add([encoded("a", 1, 0, 0, 0)], [], MODEL)
    assert set(other.known(["a"])) == {"a"}
    other.add([encoded("b", 0, 1, 0, 0)], [], MODEL)
    status = library.status()
    assert status is not None
    assert status.photos == 2


def test_vectors_of_another_model_are_refused(library: Library) -> None:
    library.add([encoded("a", 1, 0, 0, 0)], [], MODEL)
    other = ModelIdentity("other", "cafe", 4)
    with pytest.raises(ModelMismatchError, match="made with the model 'tiny'"):
        library.add([encoded("b", 1, 0, 0, 0)], [], other)
    with pytest.raises(ModelMismatchError):
        library.search(asked(np.ones(4, np.float32)), other)
    assert set(library.known(["a", "b"])) == {"a"}


def test_an_index_that_is_gone_is_not_taken_for_an_empty_one(library: Library) -> None:
    library.add([encoded("a", 1, 0, 0, 0)], [], MODEL)
    folder, aside = Path(library.location), Path(library.location + "-aside")
    folder.rename(aside)
    query = asked(np.ones(4, np.float32))
    reads: list[Callable[[], object]] = [
        library.status,
        library.facets,
        library.size,
        lambda: library.photos(["a"]),
        lambda: library.browse(5),
        lambda: library.search(query, MODEL),
        lambda: library.thumbnail("a"),
        lambda: library.delete(["a"]),
    ]
    for read in (*reads, *reads):
        with pytest.raises(MissingStoreError, match="is gone.*-t index --source"):
            read()
    assert library.known(["a"]) == {}, "so all photos are sent again"
    assert not folder.exists()
    aside.rename(folder)
    assert [hit.stored.photo.id for hit in found(library, query)] == ["a"]


@pytest.mark.parametrize("is_noticed", [True, False])
def test_an_index_that_is_gone_is_made_anew_by_the_next_photo(
    library: Library, is_noticed: bool
) -> None:
    library.add([encoded("a", 1, 0, 0, 0)], [], MODEL)
    shutil.rmtree(library.location)
    if is_noticed:
        with pytest.raises(MissingStoreError):
            library.status()
    library.add([encoded("b", 1, 0, 0, 0)], [], MODEL)
    assert [stored.photo.id for stored in library.browse(5)[0]] == ["b"]
    status = library.status()
    assert status is not None
    assert status.photos == 1


def test_an_index_of_an_older_photoseek_is_searched_and_added_to(library: Library) -> None:
    """It was told apart by its weights alone."""
    library.add([encoded("a", 1, 0, 0, 0)], [], MODEL)
    today = replace(MODEL, fingerprint=f"{MODEL.fingerprint}-gelu-00000000")
    again = Library(library.location)
    again.add([encoded("b", 0, 1, 0, 0)], [], today)
    found = again.search(asked(np.array([0, 1, 0, 0], np.float32)), today)
    assert [group.hit.stored.photo.id for group in found.hits] == ["b", "a"]
