"""Keywords for photos by their vectors: thresholds, and the three places that they go to."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.errors import QueryError
from photoseek.photos.xmp import Xmp
from photoseek.records import EncodedPhoto, ModelIdentity, Photo
from photoseek.store import MemoryStore, PhotoStore, filters_of
from photoseek.store.suggestions import suggest
from photoseek.tagging import targets
from photoseek.tagging.label_lines import parse_labels
from photoseek.tagging.sidecar_files import SidecarWriter
from photoseek.tagging.suggesting import Suggested, label_vectors
from photoseek.tagging.tagging_run import TaggingReport, clear_keywords, suggest_keywords
from photoseek.tagging.targets import IndexTarget, SidecarTarget, Target, table_target
from photoseek.tagging.thresholds import Examples, thresholds_of
from tests.support.stored_photos import hash_of

LABELS = parse_labels(["animal > dog", "animal > cat", "car", "unicorn", "fog"], "list")
MODEL = ModelIdentity("many", "f" * 16, 96)
SHOWN = ("dog", "cat", "car", "")


def vector_of(seed: int) -> NDArray[np.float32]:
    vector = np.random.default_rng(seed).standard_normal(MODEL.dimensions)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


MEANINGS = {
    name: vector_of(900 + number) for number, name in enumerate(("dog", "cat", "car", "unicorn"))
}
MEANINGS["animal"] = (MEANINGS["dog"] + MEANINGS["cat"]) / 1.41
MEANINGS["fog"] = vector_of(990)


def encode_texts(texts: Sequence[str]) -> NDArray[np.float32]:
    """The direction of the one word in a text that has a meaning, whatever stands around it."""
    words = [next(word for word in MEANINGS if word in text) for text in texts]
    return np.stack([MEANINGS[word] for word in words])


def shown(number: int) -> str:
    return SHOWN[number % 4]


def fill(store: PhotoStore, folder: Path, *, described: bool) -> None:
    """Eighty photos, a quarter each of dogs, cats, cars and of nothing that has a name. What is
    called fog is there or not, whatever a photo shows.
    """
    photos = []
    for number in range(80):
        what = shown(number)
        caption = f"a {what}" + (" in the fog" if number % 3 == 0 else "") if described else ""
        vector = vector_of(number) + (MEANINGS[what] if what else 0)
        photo = Photo(f"p{number:02}", str(folder / f"{number}.jpg"), "1", caption)
        photos.append(EncodedPhoto(photo, hash_of(number), 90, 60, vector.astype("f4"), b""))
    store.upsert(photos)


@pytest.fixture(params=[True, False], ids=["described", "bare"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> MemoryStore:
    store = MemoryStore(MODEL)
    fill(store, tmp_path, described=request.param)
    return store


def run(
    store: PhotoStore, target: Target, *, where: str | tuple[()] = (), most: int = 10
) -> TaggingReport:
    return suggest_keywords(
        store,
        LABELS,
        encode_texts,
        target,
        tokenizer="",
        where=filters_of(where),
        most=most,
        precision=0.8,
    )


def keywords(store: PhotoStore) -> dict[str, tuple[str, ...]]:
    pages = [store.get(page) for page in store.ids()]
    return {key: each.traits.suggested for page in pages for key, each in page.items()}


def test_photos_get_what_they_show_and_keep_what_people_said(store: MemoryStore) -> None:
    before = {key: each for page in store.ids() for key, each in store.encoded(page).items()}
    report = run(store, IndexTarget(store))
    found = keywords(store)
    for name in ("dog", "cat", "car"):
        right = {f"p{number:02}" for number in range(80) if shown(number) == name}
        got = {key for key, names in found.items() if name in names}
        assert len(got & right) >= 0.8 * len(right)
        assert len(got & right) >= 0.8 * len(got)
    assert all("animal" in names for names in found.values() if "dog" in names)
    assert (report.photos, report.labels, report.changed) == (80, 6, report.with_keywords)
    for key, one in store.encoded(before).items():
        assert (one.photo, one.indexed_at) == (before[key].photo, before[key].indexed_at)
        assert np.array_equal(one.vector, before[key].vector)
    if any(each.photo.caption for each in before.values()):
        assert report.unusable == ("fog",)  # nobody is seen in fog better than chance
        assert report.by_spread == 1  # of a unicorn there is no example
    else:
        assert (report.calibrated, report.by_spread) == (0, 6)


def test_the_next_run_takes_away_what_it_no_longer_sees(store: MemoryStore) -> None:
    run(store, IndexTarget(store))
    assert run(store, IndexTarget(store)).changed == 0
    only = filters_of("suggested = DOG")
    counts = dict(store.facets().counts["suggested"])
    assert store.count(only) == counts["dog"]
    assert clear_keywords(store, only, lambda _: None).changed == counts["dog"] > 10
    assert store.count(only) == 0
    assert store.count(filters_of("suggested = cat")) >= counts["cat"] - 1  # one with both
    assert store.count(filters_of("tags = cat")) == 0
    report = clear_keywords(store, (), lambda _: None)
    assert (report.photos, set(keywords(store).values())) == (80, {()})


class Nine(IndexTarget):
    """Takes nine photos at a time."""

    @override
    def take(self, photos: Sequence[Suggested]) -> None:
        for start in range(0, len(photos), 9):
            super().take(photos[start : start + 9])


@pytest.mark.parametrize("at_once", [1, 20, 1_000])
def test_what_is_gathered_is_written_whole(store: MemoryStore, at_once: int) -> None:
    whole = run(store, IndexTarget(store))
    found = keywords(store)
    assert whole.changed > 20
    clear_keywords(store, (), lambda _: None)
    assert run(store, Nine(store, at_once=at_once)).changed == whole.changed
    assert keywords(store) == found


def test_a_photo_that_is_another_by_now_is_left_alone(store: MemoryStore) -> None:
    given = {"p00": (hash_of(0), ("dog",)), "p01": (hash_of(77), ("cat",)), "x": ("", ("a",))}
    assert suggest(store, given) == 1
    assert {key: names for key, names in keywords(store).items() if names} == {"p00": ("dog",)}


def test_at_most_some_for_each_photo_and_only_for_some(store: MemoryStore, tmp_path: Path) -> None:
    place = tmp_path / "tags.csv"
    with table_target(str(place)) as target:
        run(store, target, most=1, where='id in ["p00", "p01", "p02"]')
    with place.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["p00", "p01", "p02"]
    assert [row["suggested"] for row in rows] == ["dog;animal", "cat;animal", "car"]
    assert float(rows[0]["scores"].split()[1]) > 0.6


def test_sidecars_are_made_and_added_to(store: MemoryStore, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
    mine = tmp_path / "1.XMP"
    mine.write_bytes(b"<broken")
    report = run(store, SidecarTarget(), where='id in ["p00", "p01", "p02", "p04"]', most=1)
    made = Xmp((tmp_path / "0.jpg.xmp").read_bytes())
    assert made.texts("dc:subject") == ["dog", "animal"]
    assert made.texts("lr:hierarchicalSubject") == ["animal|dog"]
    assert mine.read_bytes() == b"<broken"
    assert not (tmp_path / "1.jpg.xmp").exists()
    reasons = {skip.id: skip.reason for skip in report.skipped}
    assert set(reasons) == {"p01", "p04"}
    assert reasons["p01"].startswith("Its side-car is no whole XML in UTF-8")
    assert reasons["p04"] == "The photo is not there any more."
    assert report.changed == 2
    assert run(store, SidecarTarget(), where="id = p00", most=1).changed == 0


def test_of_many_photos_that_are_left_out_the_first_are_told(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "SKIPS_TOLD", 2)
    report = run(store, SidecarTarget(), most=1)
    assert [skip.reason for skip in report.skipped] == ["The photo is not there any more."] * 2
    assert report.more_skipped == report.with_keywords - 2 > 0


def test_a_folder_that_was_forgotten_is_listed_again(tmp_path: Path) -> None:
    writer = SidecarWriter(names_kept=0)
    changed = []
    for folder in ("one", "two", "one"):
        photo = tmp_path / folder / "x.jpg"
        photo.parent.mkdir(exist_ok=True)
        photo.write_bytes(b"")
        changed.append(writer.add(str(photo), ["dog"], []))
    assert changed == [True, True, False]


def test_a_library_of_which_nothing_can_be_said() -> None:
    store = MemoryStore(MODEL)
    with pytest.raises(QueryError, match="has 0 photos that differ; 10 or more are needed"):
        run(store, IndexTarget(store))


def test_a_label_is_the_middle_of_its_names_and_wordings() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return np.array([[1, 0], [0, 1], [1, 0], [0, 1]], np.float32)[: len(texts)]

    given = parse_labels(["car = automobile", "{}", "a {}"], "list")
    [vector] = label_vectors(given, encode)
    assert asked == ["car", "a car", "automobile", "a automobile"]
    assert vector == pytest.approx([0.7071, 0.7071], abs=1e-4)


def test_thresholds_by_examples_and_by_spread() -> None:
    examples = Examples(8)
    scores = np.zeros((100, 8), np.float32)
    scores[:, 0] = np.linspace(0, 0.99, 100)
    scores[:, 3:] = scores[:, :1]
    described: list[Collection[int]] = [
        [0, *range(3, 8)] if row >= 60 else [] for row in range(100)
    ]
    for row in (0, 30, 50):
        described[row] = [2]
    examples.add(scores, described)
    middles = np.full(8, 0.1, np.float32)
    found = thresholds_of(examples, middles, 0.1, 100, 0.8)
    assert found.by_examples.tolist() == [True, False, False, *[True] * 5]
    # Forty photos have the first label, all with higher scores than the others: in the middle.
    assert found.scores[0] == pytest.approx(0.595, abs=1e-3)
    # The others need as many spreads above chance as those with examples did.
    assert found.scores[1] == pytest.approx(found.scores[0], abs=1e-3)
    assert found.margins(np.full((1, 8), 0.795, np.float32))[0, 0] == pytest.approx(2, abs=0.06)
