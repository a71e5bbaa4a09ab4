"""What every store promises of lists in an order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from photoseek.errors import QueryError
from photoseek.records import EncodedPhoto, Place, Sort, StoredPhoto, Traits
from photoseek.store import PhotoStore, parse_filter
from photoseek.store.sorting import place_of
from tests.support.stored_photos import encoded, vector_of

BEGIN = datetime(2026, 11, 1, 23, 59, 59, 999_999, UTC)


def named(photos: list[StoredPhoto]) -> list[int]:
    return [int(stored.photo.id[1:]) for stored in photos]


def taken(number: int, when: str, *, width: int = 40, height: int = 30) -> EncodedPhoto:
    """A photo that was indexed so many minutes after the first."""
    since = BEGIN + timedelta(minutes=number)
    made: EncodedPhoto = encoded(number, content=0)
    made = replace(made, traits=Traits(taken=when), indexed_at=since)
    return replace(made, width=width, height=height)


PHOTOS = [
    taken(1, "2024-05-01T12:30:00", width=6000, height=4000),
    taken(2, "", width=4000, height=6000),
    taken(3, "2019-01-01T00:00:00", width=100, height=100),
    taken(4, "2024-05-01T12:30:00", width=3000, height=9000),
    taken(5, ""),
    taken(6, "2024-05-01T12:30:01"),
]

ORDERS = {
    Sort("taken"): [6, 1, 4, 3, 2, 5],
    Sort("taken", ascending=True): [3, 1, 4, 6, 2, 5],
    Sort("indexed_at"): [6, 5, 4, 3, 2, 1],
    Sort("indexed_at", ascending=True): [1, 2, 3, 4, 5, 6],
    Sort("pixels"): [4, 1, 2, 3, 5, 6],
    Sort("pixels", ascending=True): [5, 6, 3, 1, 2, 4],
    Sort("width"): [1, 2, 4, 3, 5, 6],
}


def test_photos_come_in_any_order_that_is_asked_for(store: PhotoStore) -> None:
    for sort in ORDERS:
        assert store.listed(sort, 5) == []
    store.upsert(PHOTOS)
    for sort, order in ORDERS.items():
        assert named(store.listed(sort, 9)) == order, sort
        assert [named(store.listed(sort, 1, offset=n)) for n in range(7)] == [
            *([number] for number in order),
            [],
        ], sort
        assert named(store.listed(sort, 4, offset=1)) == order[1:5], sort
        some = [parse_filter("width < 5000")]
        assert named(store.listed(sort, 9, where=some)) == [n for n in order if n != 1], sort
    assert store.listed(Sort("taken"), 9) == store.listed(Sort("taken"), 4) + store.listed(
        Sort("taken"), 9, offset=4
    )
    with pytest.raises(QueryError, match="top_k is 0"):
        store.listed(Sort("taken"), 0)
    with pytest.raises(QueryError, match="offset is -1"):
        store.listed(Sort("taken"), 1, offset=-1)


def pages(store: PhotoStore, sort: Sort, size: int) -> Iterator[list[StoredPhoto]]:
    after: Place | None = None
    while page := store.listed(sort, size, after=after):
        yield page
        after = place_of(sort, page[-1])


def test_a_list_goes_on_after_its_last_photo_whatever_is_added(store: PhotoStore) -> None:
    for sort, order in ORDERS.items():
        store.upsert(PHOTOS)
        assert [named(page) for page in pages(store, sort, 1)] == [[n] for n in order], sort
        seen: list[int] = []
        for number, page in enumerate(pages(store, sort, 2)):
            seen += named(page)
            if number < 2:
                store.upsert([taken(number + 10, "2024-05-01T12:30:00", width=5999)])
                store.delete([f"p{seen[0]:05}"])
        assert [number for number in seen if number < 10] == order, sort
        assert len(set(seen)) == len(seen), "none comes twice"
        store.delete(["p00010", "p00011"])


def test_hits_say_since_when_they_are_there(store: PhotoStore) -> None:
    store.upsert([replace(each, photo=replace(each.photo, caption="car")) for each in PHOTOS])
    first = PHOTOS[0].indexed_at
    asked = [parse_filter("id = p00001")]
    [hit] = store.search(vector_of(1), 1, where=asked)
    [found] = store.keywords("car", 1, where=asked)
    [listed] = store.browse(1, where=asked)
    assert hit.stored.indexed_at == found.indexed_at == listed.indexed_at == first


ASKED = {
    "indexed_at >= 2026-11-02": [1, 2, 3, 4, 5, 6],
    "indexed_at < 2026-11-02": [],
    "indexed_at >= 2026-11-02T00:02": [3, 4, 5, 6],
    "indexed_at > 2026-11-02T00:02": [4, 5, 6],
    "indexed_at <= 2026-11-02T00:02:59": [1, 2, 3],
    "indexed_at < 2026-11-02T00:02:59": [1, 2],
    "indexed_at = 2026-11": [1, 2, 3, 4, 5, 6],
    "indexed_at = 2026-11-02T00:02:59": [3],
    "indexed_at != 2026-11-02T00:02": [1, 2, 4, 5, 6],
    'indexed_at in ["2025", "2026-11-02T00:03"]': [4],
    "indexed_at > 0001": [1, 2, 3, 4, 5, 6],
    "indexed_at <= 9999-12-31T23:59:59": [1, 2, 3, 4, 5, 6],
    "pixels >= 24000000": [1, 2, 4],
    "pixels > 24000000": [4],
    "pixels = 10000": [3],
    "pixels != 10000": [1, 2, 4, 5, 6],
}


def test_when_they_came_and_how_large_they_are_can_be_asked_for(store: PhotoStore) -> None:
    store.upsert([replace(each, photo=replace(each.photo, tags=("new",))) for each in PHOTOS])
    for condition, found in ASKED.items():
        asked = [parse_filter(condition)]
        assert sorted(named(store.browse(9, where=asked))) == found, condition
        assert store.count([parse_filter(f"{condition} AND tags = new")]) == len(found), condition
