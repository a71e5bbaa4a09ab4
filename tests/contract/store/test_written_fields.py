"""What every store promises of fields that are read from photos' files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from photoseek.errors import QueryError
from photoseek.records import Condition, EncodedPhoto, StoredPhoto, Traits, Written
from photoseek.store import PhotoStore, parse_condition
from photoseek.store.own_columns import widened
from photoseek.store.retelling import retell
from tests.support.stored_photos import encoded, photo

BERGEN = Written(
    headline="Storm over the pier",
    caption="Waves",
    keywords=("sea",),
    keyword_paths=("places|Europe|Norway",),
    creator="Anna Berg",
    credit="Nordlys",
    copyright="© Anna Berg",
    rating="4",
    city="Bergen",
    country="Norway",
    lens="24-70mm",
)


def told(number: int, written: Written | None, **fields: Any) -> EncodedPhoto:
    made: EncodedPhoto = encoded(number, **fields)
    return replace(made, traits=Traits(colour="#102030", taken="2024-05-01", written=written))


def found(store: PhotoStore, text: str) -> list[int]:
    where = widened([parse_condition(text)], store)
    return sorted(int(each.photo.id[1:]) for each in store.browse(99, where=where))


@pytest.fixture
def library(store: PhotoStore) -> PhotoStore:
    store.upsert(
        [
            told(1, BERGEN),
            told(2, replace(BERGEN, city="Oslo", rating="5", caption="Snow"), caption="A fjord"),
            told(3, Written(rating="-1")),
            told(4, None, metadata={"city": "Bergen", "rating": "good"}),
            told(5, None),
        ]
    )
    return store


def test_filters_by_what_files_say(library: PhotoStore) -> None:
    asked = {
        "rating >= 4": [1, 2],
        "rating < 4": [3],
        "rating = 5": [2],
        "rating != 5": [1, 3, 4, 5],
        'rating in ["4", "-1"]': [1, 3],
        "rating = good": [4],
        "city = Oslo": [2],
        "city = Bergen": [1, 4],
        "city != Bergen": [2, 3, 5],
        'city in ["Bergen", "Oslo"]': [1, 2, 4],
        "metadata.city = Bergen": [4],
        "headline = Storm over the pier": [1, 2],
        "keyword_paths = PLACES|europe|norway": [1, 2],
        "photographer = Anna Berg": [1, 2],
        "caption = Waves": [1],
        "caption = A fjord": [2],
        "tags = sea": [1, 2],
        "licence = © Anna Berg": [1, 2],
        "lens = ": [3, 4, 5],
    }
    assert {text: found(library, text) for text in asked} == asked
    for text in ("rating >= good", "rating > 9", "city >= B"):
        with pytest.raises(QueryError):
            found(library, text)
    assert library.count([Condition("rating", ">=", 4)]) == 2


def test_facets_count_what_files_say(library: PhotoStore) -> None:
    counts = library.facets().counts
    assert counts["rating"] == (("-1", 1), ("4", 1), ("5", 1))
    assert counts["city"] == (("Bergen", 1), ("Oslo", 1))
    assert counts["country"] == (("Norway", 2),)
    assert counts["credit"] == (("Nordlys", 2),)
    assert counts["photographer"] == (("Anna Berg", 2),)
    assert "label" not in counts


def test_keywords_find_what_files_say(library: PhotoStore) -> None:
    words = {"waves": [1], "storm": [1, 2], "oslo": [2], "fjord": [2], "snow": [], "europe": [1, 2]}
    named = {
        word: sorted(int(each.photo.id[1:]) for each in library.keywords(word, 9)) for word in words
    }
    assert named == words


def test_retelling_changes_what_files_say_and_nothing_else(library: PhotoStore) -> None:
    before, vectors = library.encoded(["p00001"]), library.vectors(["p00001"])
    order = [each.photo.id for each in library.browse(9)]
    new = Traits(taken="2024-05-02", camera="X", written=replace(BERGEN, city="Stavanger"))
    strangers = {"p00099": new}
    same = {"p00005": library.get(["p00005"])["p00005"].traits}
    assert retell(library, strangers | same) == 0
    assert retell(library, {"p00001": new} | strangers | same) == 1
    stored: StoredPhoto = library.get(["p00001"])["p00001"]
    assert stored.traits == replace(new, colour="#102030")
    assert stored.photo == before["p00001"].photo
    assert library.thumbnail("p00001") == b"thumbnail of 1"
    assert np.array_equal(library.vectors(["p00001"])["p00001"], vectors["p00001"])
    assert [each.photo.id for each in library.browse(9)] == order
    assert found(library, "city = Stavanger") == [1]
    assert library.count() == 5


def test_a_new_description_keeps_what_files_say(library: PhotoStore) -> None:
    assert library.describe([photo(1, caption="new")]) == 1
    stored = library.get(["p00001"])["p00001"]
    assert stored.traits.written == BERGEN
    assert found(library, "caption = new") == found(library, "city = Bergen")[:1] == [1]
