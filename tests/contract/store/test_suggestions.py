"""Keywords that a model suggests are written into any store, found there, and taken out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Traits
from photoseek.store import PhotoStore, filters_of
from photoseek.tagging.label_lines import parse_labels
from photoseek.tagging.tagging_run import TaggingReport, clear_keywords, suggest_keywords
from photoseek.tagging.targets import IndexTarget
from tests.support.stored_photos import encoded, vector_of

MEANINGS = {"dog": vector_of(900), "car": vector_of(901)}
LABELS = parse_labels(["animal > dog", "car"], "list")


def encode_texts(texts: Sequence[str]) -> NDArray[np.float32]:
    """The direction of the dog or the car in each text; an animal is like a dog."""
    return np.stack([MEANINGS["car" if "car" in text else "dog"] for text in texts])


def fill(store: PhotoStore) -> None:
    """Forty photos: dogs, cars, and twenty of nothing that has a name."""
    photos = []
    for number in range(40):
        what = ("dog", "car", "", "")[number % 4]
        vector = vector_of(number) / 2 + (4 * MEANINGS[what] if what else 0)
        photo = encoded(number, caption=f"a {what or 'thing'}")
        photos.append(replace(photo, vector=vector.astype(np.float32), traits=Traits("d" * 16)))
    store.upsert(photos)


def run(store: PhotoStore) -> TaggingReport:
    target = IndexTarget(store)
    return suggest_keywords(
        store, LABELS, encode_texts, target, tokenizer="", most=3, precision=0.8
    )


def test_suggested_keywords_are_written_found_and_taken_out(store: PhotoStore) -> None:
    fill(store)
    before = {key: each for page in store.ids() for key, each in store.encoded(page).items()}
    report = run(store)
    assert (report.photos, report.changed, report.with_keywords) == (40, 20, 20)
    dog, car, neither = (store.get([key])[key] for key in ("p00000", "p00001", "p00002"))
    assert (set(dog.traits.suggested), car.traits.suggested) == ({"dog", "animal"}, ("car",))
    assert neither.traits.suggested == ()
    assert dict(store.facets().counts["suggested"]) == {"animal": 10, "car": 10, "dog": 10}
    assert store.count(filters_of("suggested = Animal")) == 10
    assert store.count(filters_of("tags = car")) == 0
    for key, each in store.encoded(before).items():
        assert np.array_equal(each.vector, before[key].vector)
        assert replace(each.traits, suggested=()) == before[key].traits
        assert (each.photo, each.indexed_at) == (before[key].photo, before[key].indexed_at)
    assert run(store).changed == 0
    assert clear_keywords(store, filters_of("suggested = car"), lambda _: None).changed == 10
    assert dict(store.facets().counts["suggested"]) == {"animal": 10, "dog": 10}
    assert store.count(filters_of("suggested = car")) == 0
