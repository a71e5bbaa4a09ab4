"""Which words a photo has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from photoseek.records import Photo, StoredPhoto
from photoseek.store.fulltext import has_words, words_of
from photoseek.store.record_json import stored_of
from photoseek.store.word_forms import asked_words, words_in
from tests.support.stored_photos import encoded

URIS = (
    "/photos/RedCar_IMG1234.jpg",
    "s3://bucket/old%20boat?.png",
    "https://example.com/a%20red%2Dcar.jpg?w=boat",
    "/photos/Été_車庫.jpg",
    "C:\\photos\\CON.jpg",
    "/photos/0648a3ef77b20648a3ef77b20648a3ef.jpg",
    "",
)
SAID: tuple[dict[str, Any], ...] = (
    {},
    {"caption": "an old boat", "tags": ("Night", "red-car")},
    {"caption": "赤い車庫2台", "photographer": "Zoé O'Neil"},
)
ASKED = (
    *("boat", "red car", "Red car IMG 1234", "redcar", "old 20boat", "ete", "車庫", "赤い 車"),
    *("1234 night", "img boat", "photos", "con", "photo", "o'neil zoe", "0648a3ef77b20648a3ef77b2"),
    "a red car at night by an old boat",
)


def photo(uri: str, said: dict[str, Any]) -> StoredPhoto:
    stored = stored_of(encoded(1))
    return replace(stored, photo=Photo(**{"id": "p", "uri": uri, **said}))


@pytest.mark.parametrize("uri", URIS)
def test_a_photo_has_words_where_they_are_among_all_that_it_is_found_by(uri: str) -> None:
    for said in SAID:
        stored = photo(uri, said)
        written = {*words_in(words_of(stored))}
        for words in ({*asked_words(text)} for text in ASKED):
            assert has_words(stored, words) == (words <= written), (said, words)
        assert has_words(stored, written)


def test_words_of_a_caption_and_of_the_name_of_the_file_count_together() -> None:
    stored = photo("/photos/RedCar_IMG1234.jpg", {"caption": "an old boat"})
    assert has_words(stored, {"old", "car", "1234"})
    assert not has_words(stored, {"old", "car", "12345"})
