"""Which photos and captions a model is tuned on, and which of them it never sees."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.errors import SourceError
from photoseek.fetch import PhotoReader
from photoseek.photos import ImageLimits, InputShape
from photoseek.records import Photo, Skip
from photoseek.tuning.examples import Example, captions_of, gather, split, texts_of
from photoseek.tuning.photo_pixels import PhotoPixels
from tests.support.other_words import write_photos


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    write_photos(folder, 3)
    return folder


@pytest.fixture
def pixels() -> Iterator[PhotoPixels]:
    with_little = PhotoPixels(PhotoReader(), InputShape(32, "squash"), ImageLimits(), kept=4_000)
    yield with_little
    with_little.close()


def test_a_photo_has_all_of_its_captions(folder: Path, pixels: PhotoPixels) -> None:
    one, two, three = sorted(str(path) for path in folder.glob("*.jpg"))
    shutil.copy(three, folder / "copy.png")
    found = gather(
        [
            Photo("1", one, caption="a  boat", metadata={"caption_de": "ein Boot", "price": "3"}),
            Photo("2", one, caption="a ship", licence="CC0-1.0"),
            Photo("3", two),
            Photo("4", three, caption="a tree"),
            Photo("5", str(folder / "copy.png"), caption="an oak"),
        ],
        pixels,
    )
    assert [example.captions for example in found.examples] == [
        ("a boat", "ein Boot", "a ship"),
        ("a tree", "an oak"),
    ]
    assert [(skip.uri, skip.reason) for skip in found.skipped] == [(two, "It has no caption.")]
    assert texts_of(found.examples)["an oak"] == [1]


def test_a_photo_that_cannot_be_used_stops_nothing(folder: Path, pixels: PhotoPixels) -> None:
    (folder / "bad.jpg").write_bytes(b"\xff\xd8 no picture")
    good = next(str(path) for path in folder.glob("8*.jpg"))
    entries: list[Photo | Skip] = [
        Skip("line 3", "Row without a path."),
        Photo("1", str(folder / "bad.jpg"), caption="bad"),
        Photo("2", str(folder / "gone.jpg"), caption="gone"),
        Photo("3", good, caption="good"),
    ]
    found = gather(entries, pixels)
    assert [example.uri for example in found.examples] == [good]
    assert [skip.uri for skip in found.skipped] == [
        "line 3",
        str(folder / "bad.jpg"),
        str(folder / "gone.jpg"),
    ]


def test_pixels_are_had_again_where_memory_keeps_none(folder: Path, pixels: PhotoPixels) -> None:
    uris = [*(str(path) for path in sorted(folder.glob("8*.jpg"))), str(folder / "gone.jpg")]
    first, second = pixels.of(uris), pixels.of(uris)
    assert first[-1] is None
    for one, two in zip(first[:-1], second[:-1], strict=True):
        assert one is not None
        assert two is not None
        assert one.shape == (32, 32, 3)
        assert (one == two).all()


def test_columns_of_captions_are_captions() -> None:
    photo = Photo("1", "/x.jpg", caption="", metadata={"Caption 2": "two", "captions": " "})
    assert captions_of(photo) == ("two",)


def many(count: int) -> list[Example]:
    return [Example(f"/{number}.jpg", f"{number:016x}", (f"x{number}",)) for number in range(count)]


def test_each_photo_is_in_one_part_whatever_comes_later() -> None:
    before, after = split(many(300)), split([*reversed(many(300)), *many(900)[300:]])
    parts = (before.train, before.choice, before.test)
    assert sorted(one.key for part in parts for one in part) == [one.key for one in many(300)]
    assert 80 < len(before.test) < 120
    assert 20 < len(before.choice) < 55
    assert set(before.test) <= set(after.test)
    assert set(before.train) <= set(after.train)
    assert before.digest != after.digest
    assert before.digest == split(list(reversed(many(300)))).digest


def test_many_photos_need_no_larger_test() -> None:
    parts = split(many(30_000))
    assert 4_700 < len(parts.test) < 5_300
    assert set(parts.test) <= set(split(many(15_000)).test) | set(many(30_000)[15_000:])


def test_too_few_photos_are_refused() -> None:
    with pytest.raises(SourceError, match="Only 39 photos with a caption could be used"):
        split(many(39))


def test_one_caption_for_all_teaches_nothing() -> None:
    alike = [replace(one, captions=("a photo",)) for one in many(60)]
    with pytest.raises(SourceError, match="All 60 photos have the same caption, 'a photo'"):
        split(alike)
    assert split(alike, alike[:3]).train
