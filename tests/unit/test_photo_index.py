"""Photos with their vectors in an index that is opened when it is needed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photoseek.errors import MissingStoreError, ModelMismatchError, QueryError
from photoseek.files.links import Links
from photoseek.helpers.program import command
from photoseek.indexing.results import UnchangedPhoto
from photoseek.indexing.upkeep_times import LEAST
from photoseek.photo_index import PhotoIndex
from photoseek.records import Condition, EncodedPhoto, Found, Hit, ModelIdentity, Photo, Vector
from photoseek.search.answer import Search
from photoseek.search.query_encoder import EncodedPart, EncodedQuery
from photoseek.store import open_store
from photoseek.store.lance.upkeep_limits import DEFAULT_LIMITS
from photoseek.store.lazy import LazyStore

MODEL = ModelIdentity("tiny", "f00d", 4)


def encoded(photo_id: str, *values: float) -> EncodedPhoto:
    vector = np.array(values, np.float32)
    vector /= np.linalg.norm(vector)
    photo = Photo(photo_id, f"/{photo_id}.jpg", "1")
    return EncodedPhoto(photo, f"{photo_id:0>32}", 640, 480, vector, b"\xff\xd8\xff\xd9")


def asked(query: Vector | str, *where: Condition) -> Search:
    return asked_of(MODEL, query, *where)


def asked_of(model: ModelIdentity, query: Vector | str, *where: Condition) -> Search:
    return Search(EncodedQuery((EncodedPart(query),), model=model), 5, where=where)


def found(index: PhotoIndex, search: Search) -> list[Hit]:
    return list(index.answer(search).hits)


def index_at(location: str) -> PhotoIndex:
    return PhotoIndex(LazyStore(location), Links(60))


@pytest.fixture
def index(tmp_path: Path) -> PhotoIndex:
    return index_at(str(tmp_path / "index"))


def test_there_is_nothing_before_the_first_photo(index: PhotoIndex) -> None:
    assert index.index_status() is None
    assert index.known(["a"]) == {}
    index.maintain()
    assert index.photos(["a"]) == []
    assert index.browse(top_k=5) == Found()
    assert index.answer(asked(np.ones(4, np.float32))).hits == ()
    assert index.facets().total == 0
    assert not Path(index.location).exists()
    assert index.delete(["a"]) == 0
    for pixels in (index.thumbnail, index.original):
        with pytest.raises(QueryError, match="No photo in the index has the id 'a'"):
            pixels("a")


def test_many_small_commits_are_put_in_order_while_a_run_goes_on(index: PhotoIndex) -> None:
    other = open_store(index.location, MODEL)
    for number in range(LEAST - 1):
        index.store([encoded(f"{number}", 1, number, 0, 0)], [], MODEL)
    assert other.activity().maintenance_is_due
    index.store([encoded("ffff", 1, 1, 1, 1)], [], MODEL)
    assert not other.activity().maintenance_is_due
    assert other.count() == LEAST


def test_an_index_that_only_loses_photos_is_put_in_order_as_well(index: PhotoIndex) -> None:
    many = DEFAULT_LIMITS.deleted_rows // (LEAST - 2) + 1  # in each deletion
    ids = [f"{number}" for number in range(LEAST * many)]
    index.store([replace(encoded(each, 1, 0, 0, 0), thumbnail=b"") for each in ids], [], MODEL)
    other = open_store(index.location, MODEL)
    for at in range(LEAST - 2):
        assert index.delete(ids[at * many : (at + 1) * many]) == many
        assert index.delete(["none"]) == 0  # which is no commit
    assert other.activity().maintenance_is_due
    assert index.delete(ids[-1:]) == 1
    assert not other.activity().maintenance_is_due
    assert other.count() == 2 * many - 1


def test_added_photos_are_known_found_and_deleted(index: PhotoIndex) -> None:
    index.store([encoded("a", 1, 0, 0, 0), encoded("b", 1, 1, 0, 0)], [], MODEL)
    assert set(index.known(["a", "b", "c"])) == {"a", "b"}
    query = np.array([1, 0, 0, 0], np.float32)
    hits = found(index, asked(query))
    assert [(hit.stored.photo.id, round(hit.score, 3)) for hit in hits] == [
        ("a", 1.0),
        ("b", 0.707),
    ]
    only = found(index, asked(query, Condition("id", "!=", "a")))
    assert [hit.stored.photo.id for hit in only] == ["b"]
    assert [hit.stored.photo.id for hit in found(index, asked("a"))] == ["b"]
    assert index.delete(["a"]) == 1
    with pytest.raises(QueryError, match="No photo in the index has the id 'a'"):
        found(index, asked("a"))


def test_unchanged_photos_get_their_new_description(index: PhotoIndex) -> None:
    index.store([encoded("a", 1, 0, 0, 0)], [], MODEL)
    new = Photo("a", "/moved.jpg", "2", caption="A car")
    index.store([], [UnchangedPhoto(new, f"{'a':0>32}")], MODEL)
    [hit] = found(index, asked(np.array([1, 0, 0, 0], np.float32)))
    assert hit.stored.photo == new


def test_another_index_sees_the_same_index(index: PhotoIndex) -> None:
    other = index_at(index.location)
    index.store([encoded("a", 1, 0, 0, 0)], [], MODEL)
    assert set(other.known(["a"])) == {"a"}
    other.store([encoded("b", 0, 1, 0, 0)], [], MODEL)
    status = index.index_status()
    assert status is not None
    assert status.photos == 2


def test_vectors_of_another_model_are_refused(index: PhotoIndex) -> None:
    index.store([encoded("a", 1, 0, 0, 0)], [], MODEL)
    other = ModelIdentity("other", "cafe", 4)
    with pytest.raises(ModelMismatchError, match="made with the model 'tiny'"):
        index.store([encoded("b", 1, 0, 0, 0)], [], other)
    with pytest.raises(ModelMismatchError):
        index.answer(asked_of(other, np.ones(4, np.float32)))
    assert set(index.known(["a", "b"])) == {"a"}


def test_an_index_that_is_gone_is_not_taken_for_an_empty_one(index: PhotoIndex) -> None:
    index.store([encoded("a", 1, 0, 0, 0)], [], MODEL)
    folder, aside = Path(index.location), Path(index.location + "-aside")
    folder.rename(aside)
    query = asked(np.ones(4, np.float32))
    reads: list[Callable[[], object]] = [
        index.index_status,
        index.facets,
        index.size,
        lambda: index.photos(["a"]),
        lambda: index.browse(top_k=5),
        lambda: index.answer(query),
        lambda: index.thumbnail("a"),
        lambda: index.delete(["a"]),
    ]
    for read in (*reads, *reads):
        with pytest.raises(MissingStoreError, match=rf"is gone.*{command('index')} --source"):
            read()
    assert index.known(["a"]) == {}, "so all photos are sent again"
    assert not folder.exists()
    aside.rename(folder)
    assert [hit.stored.photo.id for hit in found(index, query)] == ["a"]


@pytest.mark.parametrize("is_noticed", [True, False])
def test_an_index_that_is_gone_is_made_anew_by_the_next_photo(
    index: PhotoIndex, is_noticed: bool
) -> None:
    index.store([encoded("a", 1, 0, 0, 0)], [], MODEL)
    shutil.rmtree(index.location)
    if is_noticed:
        with pytest.raises(MissingStoreError):
            index.index_status()
    index.store([encoded("b", 1, 0, 0, 0)], [], MODEL)
    assert [hit.stored.photo.id for hit in index.browse(top_k=5).hits] == ["b"]
    status = index.index_status()
    assert status is not None
    assert status.photos == 1


def test_an_index_that_others_remove_and_make_again_is_seen_as_it_is(
    index: PhotoIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its versions and rows have the numbers of the one before, by which counts are kept."""
    monkeypatch.setattr("photoseek.store.lazy.LOOK_SECONDS", 0.0)

    def made(photo_id: str, tag: str) -> EncodedPhoto:
        one = encoded(photo_id, 1, 0, 0, 0)
        return replace(one, photo=replace(one.photo, tags=(tag,)))

    index.store([made("a", "old"), made("b", "old")], [], MODEL)
    assert dict(index.facets().counts["tags"]) == {"old": 2}
    shutil.rmtree(index.location)
    other = index_at(index.location)
    other.store([made("c", "new"), made("d", "new")], [], MODEL)
    assert dict(index.facets().counts["tags"]) == {"new": 2}
    other.store([made("e", "new")], [], MODEL)
    assert dict(index.facets().counts["tags"]) == {"new": 3}
    shutil.rmtree(index.location)
    index_at(index.location).store([made("1", "newer")], [], MODEL)
    index.store([made("2", "newer")], [], MODEL)  # written to at once
    assert dict(index.facets().counts["tags"]) == {"newer": 2}


def test_an_index_of_an_older_photoseek_is_searched_and_added_to(index: PhotoIndex) -> None:
    """It was told apart by its weights alone."""
    index.store([encoded("a", 1, 0, 0, 0)], [], MODEL)
    today = replace(MODEL, fingerprint=f"{MODEL.fingerprint}-gelu-00000000")
    again = index_at(index.location)
    again.store([encoded("b", 0, 1, 0, 0)], [], today)
    found = again.answer(asked_of(today, np.array([0, 1, 0, 0], np.float32)))
    assert [hit.stored.photo.id for hit in found.hits] == ["b", "a"]
