"""What every store promises of a search by a vector."""

from __future__ import annotations

import numpy as np
import pytest

from photoseek.errors import QueryError, StoreError
from photoseek.records import (
    EncodedPhoto,
)
from photoseek.store import PhotoStore
from tests.support.stored_photos import encoded, hash_of, ids, photo, vector_of


def test_scores_are_cosine_similarities(store: PhotoStore) -> None:
    photos = [encoded(number) for number in range(300)]
    # Length does not matter, only direction.
    photos[5] = EncodedPhoto(photos[5].photo, hash_of(5), 1, 1, photos[5].vector * 7, b"")
    for start in range(0, 300, 100):
        store.upsert(photos[start : start + 100])
    query = vector_of(1000)
    scores = np.array([vector_of(number) for number in range(300)]) @ query
    order = np.argsort(-scores)
    hits = store.search(query * 3, 20)
    assert ids(hits) == [f"p{number:05}" for number in order[:20]]
    assert [hit.rank for hit in hits] == list(range(1, 21))
    assert np.allclose([hit.score for hit in hits], scores[order[:20]], atol=1e-6)
    assert store.search(query, 20, exact=True) == store.search(query, 20)
    # A page far down, and a long one, are read in another way.
    assert store.search(query, 300)[:20] == store.search(query, 20)
    assert store.search(query, 5, offset=250) == store.search(query, 300)[250:255]
    own = store.search(vector_of(5), 1)[0]
    assert own.stored.photo.id == "p00005"
    assert own.score == pytest.approx(1, abs=1e-6)
    assert store.search(-vector_of(5), 300)[-1].score == pytest.approx(-1, abs=1e-6)


def test_more_asked_for_than_there_is(store: PhotoStore) -> None:
    store.upsert([encoded(number) for number in range(3)])
    assert len(store.search(vector_of(0), 1000)) == 3
    assert store.search(vector_of(0), 10, offset=3) == []
    assert len(store.search(vector_of(0), 10, offset=2)) == 1


@pytest.mark.parametrize(("top_k", "offset"), [(10**12, 0), (10, 10**12), (2**70, 2**70)])
def test_numbers_that_no_engine_can_count_to_are_refused(
    store: PhotoStore, top_k: int, offset: int
) -> None:
    store.upsert([encoded(1)])
    for page in (
        lambda: store.search(vector_of(1), top_k, offset=offset),
        lambda: store.browse(top_k, offset=offset),
    ):
        with pytest.raises(QueryError, match="neither may be more than 1000000000"):
            page()


def test_pages_join_without_gap_or_overlap_even_when_all_are_equal(store: PhotoStore) -> None:
    # 120 photos of two vectors: every page ends among equal scores.
    for start in range(0, 120, 30):
        store.upsert([encoded(n, content=n % 9, seed=n % 2) for n in range(start, start + 30)])
    whole = store.search(vector_of(0), 120)
    assert ids(whole) == [f"p{n:05}" for n in (*range(0, 120, 2), *range(1, 120, 2))]
    pages = [store.search(vector_of(0), 7, offset=offset) for offset in range(0, 120, 7)]
    assert [hit for page in pages for hit in page] == whole


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        (np.zeros(16, np.float32), "all zeros"),
        (np.ones(15, np.float32), "16 dimensions"),
        (np.ones((1, 16), np.float32), "16 dimensions"),
        (np.full(16, np.nan, np.float32), "not finite"),
        (np.array([np.inf] + [0] * 15, np.float32), "not finite"),
    ],
)
def test_vectors_that_point_nowhere_are_refused(
    store: PhotoStore, vector: np.ndarray, words: str
) -> None:
    store.upsert([encoded(1)])
    with pytest.raises(QueryError, match=words):
        store.search(vector, 1)
    bad = EncodedPhoto(photo(3), hash_of(3), 1, 1, vector, b"")
    with pytest.raises(StoreError, match=f"p00003.*{words}"):
        store.upsert([encoded(2), bad, encoded(4)])
    assert store.count() == 1


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_very_long_and_very_short_queries(store: PhotoStore, scale: float) -> None:
    store.upsert([encoded(1), encoded(2)])
    hit = store.search((vector_of(1) * np.float32(scale)).astype(np.float32), 1)[0]
    assert hit.stored.photo.id == "p00001"
    assert hit.score == pytest.approx(1, abs=1e-5)


def test_numbers_out_of_range_are_refused(store: PhotoStore) -> None:
    with pytest.raises(QueryError, match="top_k is 0"):
        store.search(vector_of(0), 0)
    with pytest.raises(QueryError, match="offset is -1"):
        store.search(vector_of(0), 1, offset=-1)
