"""Photos of equal bytes: one is encoded, whatever they are called and wherever they went."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photoseek.engine import PhotoSearch
from photoseek.errors import PhotoError, QueryError, StoreError
from photoseek.fetch import PhotoReader
from photoseek.indexing.contents import (
    REMEMBERED,
    TOGETHER,
    Contents,
    StoredContents,
    of_same_bytes,
)
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.photos import ImageLimits
from photoseek.records import EncodedPhoto, IndexReport, Keep, Photo, StoredPhoto, content_hash
from photoseek.settings import Settings, load_settings
from tests.support.indexers import ColourModel
from tests.support.stored_photos import encoded, photo
from tests.support.waiting import PATIENCE, wait_until


class CountingModel(ColourModel):
    """Counts the pictures that it was shown."""

    def __init__(self) -> None:
        self.pictures = 0

    def encode_images(self, batch: Sequence[Any]) -> Any:
        self.pictures += len(batch)
        return super().encode_images(batch)


@pytest.fixture
def model() -> CountingModel:
    return CountingModel()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(index=str(tmp_path / "index"), uploads="off")


@pytest.fixture
def photos(settings: Settings, model: CountingModel) -> Iterator[PhotoSearch]:
    with opened(settings, model) as photos:
        yield photos


def opened(settings: Settings, model: CountingModel) -> PhotoSearch:
    """An index of a process that begins."""

    def load(_: object) -> PhotoEncoder:
        shown: Any = model
        return PhotoEncoder(shown, PhotoReader(), ImageLimits())

    return PhotoSearch(settings, load_encoder=load)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        save(folder / f"{number}.png", number)
    return folder


def save(path: Path, number: int) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (40, 30 + number), (50 * number, 90, 200 - 30 * number)).save(path)


def index(photos: PhotoSearch, source: Path, **options: Any) -> IndexReport:
    report = photos.index(source, **options)
    assert not report.skipped
    return report


def by_name(photos: PhotoSearch) -> dict[str, str]:
    """The ids in the index by the names of their files."""
    return {Path(hit.stored.photo.uri).name: hit.stored.photo.id for hit in photos.browse().hits}


def move_all(folder: Path, to: str) -> None:
    (folder / to).mkdir()
    for path in sorted(folder.glob("*.png")):
        moved = path.rename(folder / to / f"new {path.name}")
        moved.write_bytes(moved.read_bytes())  # with another time


@pytest.mark.parametrize("keep", ["none", "thumbnail", "original"])
def test_photos_that_moved_keep_their_vectors(
    settings: Settings, model: CountingModel, folder: Path, keep: Keep
) -> None:
    with opened(settings, model) as photos:
        assert index(photos, folder, keep=keep).indexed == model.pictures == 5
        before = by_name(photos)
        found = {name: photos.photo(key) for name, key in before.items()}
    move_all(folder, "moved")
    with opened(settings, model) as photos:
        check_moved(photos, model, folder, keep, before, found)


def check_moved(
    photos: PhotoSearch,
    model: CountingModel,
    folder: Path,
    keep: Keep,
    before: dict[str, str],
    found: dict[str, StoredPhoto],
) -> None:
    assert index(photos, folder, keep=keep).indexed == 5
    assert len(photos.browse().hits) == 10
    assert index(photos, folder, keep=keep, prune=True).removed == 5
    assert model.pictures == 5
    after = by_name(photos)
    assert after.keys() == {f"new {name}" for name in before}
    for name, was in found.items():
        stored = photos.photo(after[f"new {name}"])
        assert (stored.content_hash, stored.width, stored.height, stored.traits, stored.keep) == (
            *(was.content_hash, was.width, was.height, was.traits),
            keep,
        )
        data = (folder / "moved" / f"new {name}").read_bytes()
        if keep == "none":
            with pytest.raises(QueryError, match="keeps no thumbnail"):
                photos.thumbnail(stored.photo.id)
        else:
            assert photos.thumbnail(stored.photo.id)
        assert photos.original(stored.photo.id) == data
    assert [Path(hit.stored.photo.uri).name for hit in photos.search("red", top_k=1).hits] == [
        "new 4.png"
    ]
    assert index(photos, folder, keep=keep).unchanged == 5


def test_a_photo_that_moved_has_the_description_of_its_new_place(
    photos: PhotoSearch, model: CountingModel, folder: Path
) -> None:
    index(photos, folder)
    manifest = folder.parent / "photos.csv"
    manifest.write_text("path,id,caption\nphotos/1.png,mine,a caption\n")
    index(photos, manifest)
    assert model.pictures == 5
    assert photos.photo("mine").photo.caption == "a caption"
    assert photos.photo(by_name(photos)["0.png"]).photo.caption == ""


def test_copies_in_one_run_are_encoded_once(
    photos: PhotoSearch, model: CountingModel, folder: Path, settings: Settings
) -> None:
    data = (folder / "0.png").read_bytes()
    for number in range(100):
        (folder / f"copy {number}.png").write_bytes(data)
    assert settings.batch_size < 100
    assert index(photos, folder).indexed == 105
    assert model.pictures == 5
    hits = photos.search("red", top_k=200).hits
    assert len({hit.score for hit in hits}) == 5
    assert all(photos.thumbnail(hit.stored.photo.id) for hit in hits)


def test_what_was_not_kept_is_made(photos: PhotoSearch, model: CountingModel, folder: Path) -> None:
    index(photos, folder, keep="none")
    index(photos, folder, keep="thumbnail")
    assert model.pictures == 10
    index(photos, folder, keep="original")
    assert model.pictures == 10
    [first, *_] = photos.browse().hits
    assert photos.thumbnail(first.stored.photo.id)
    data = Path(first.stored.photo.uri).read_bytes()
    Path(first.stored.photo.uri).unlink()
    assert photos.original(first.stored.photo.id) == data


def test_a_thumbnail_that_was_lost_is_made_again(
    settings: Settings, model: CountingModel, folder: Path
) -> None:
    with opened(settings, model) as photos:
        index(photos, folder)
    for thumbnail in Path(settings.index).rglob("thumbnails/*/*.jpg"):
        thumbnail.unlink()
    move_all(folder, "moved")
    with opened(settings, model) as photos:
        index(photos, folder, prune=True)
        assert model.pictures == 10
        assert all(photos.thumbnail(hit.stored.photo.id) for hit in photos.browse().hits)


def test_copies_of_a_damaged_photo_are_all_named(photos: PhotoSearch, folder: Path) -> None:
    for number in range(40):
        (folder / f"bad {number:02}.png").write_bytes(b"\x89PNG nonsense")
    report = photos.index(folder)
    assert report.indexed == 5
    named = {Path(skip.uri).name for skip in report.skipped}
    assert named == {f"bad {number:02}.png" for number in range(40)}
    assert len({skip.reason for skip in report.skipped}) == 1


def test_a_photo_deleted_on_purpose_comes_back_under_another_name(
    photos: PhotoSearch, folder: Path
) -> None:
    index(photos, folder)
    photos.delete([by_name(photos)["0.png"]])
    assert index(photos, folder).deleted == 1
    (folder / "0.png").rename(folder / "x.png")
    report = index(photos, folder)
    assert (report.indexed, report.deleted) == (1, 0)


def owner_and_waiter(contents: Contents) -> tuple[Any, Any]:
    owner, waiter = contents.turn(), contents.turn()
    key = content_hash(b"bytes")
    assert owner.claim(key, "thumbnail", photo(1)) is None
    result = waiter.claim(key, "thumbnail", photo(2))
    assert result is not None
    assert not result.done()
    return owner, result


def test_who_waits_for_the_same_bytes_hears_of_every_end() -> None:
    contents = Contents()
    owner, result = owner_and_waiter(contents)
    with pytest.raises(StoreError, match="the model is gone"), owner:
        raise StoreError("the model is gone")
    with pytest.raises(StoreError, match="the model is gone"):
        result.result(0)
    owner, result = owner_and_waiter(contents)
    with owner:
        pass
    with pytest.raises(PhotoError, match="was not read"):
        result.result(0)
    key = content_hash(b"bytes")
    assert owner.claim(key, "thumbnail", photo(3)) is None  # its turn is over: nobody shall wait
    last = contents.turn()
    assert last.claim(key, "thumbnail", photo(4)) is None
    assert last.claim(key, "none", photo(5)) is None  # without a thumbnail it is another work


def test_the_same_photo_may_claim_its_bytes_again() -> None:
    turn, own = Contents().turn(), photo(1)
    for _ in range(2):
        assert turn.claim("a" * 32, "thumbnail", own) is None
    assert turn.claim("a" * 32, "thumbnail", photo(2)) is not None


def test_of_contents_the_last_ones_are_remembered() -> None:
    contents = Contents(most=3)
    with contents.turn() as turn:
        for number in range(5):
            made = encoded(number)
            assert turn.claim(made.content_hash, "thumbnail", made.photo) is None
            turn.give(made)
        assert turn.claim(encoded(0).content_hash, "thumbnail", photo(9)) is None
        again = turn.claim(encoded(4).content_hash, "thumbnail", photo(8))
    assert again is not None
    assert again.result(0).content_hash == encoded(4).content_hash
    assert REMEMBERED > 3 * 32


def test_an_index_is_asked_for_all_that_wait() -> None:
    asked: list[list[str]] = []
    begun, go_on = threading.Event(), threading.Event()

    def photos(hashes: Sequence[str]) -> dict[str, EncodedPhoto]:
        asked.append(list(hashes))
        if len(asked) == 1:
            begun.set()
            assert go_on.wait(PATIENCE)
        found = map(encoded, range(6))
        return {each.content_hash: each for each in found if each.content_hash in hashes}

    stored = StoredContents(photos)
    hashes = [encoded(number).content_hash for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(stored.find, hashes[0], "thumbnail")
        assert begun.wait(PATIENCE)
        others = [pool.submit(stored.find, each, "none") for each in hashes[1:]]
        wait_until(lambda: stored.waiting == 7, "all to ask")
        go_on.set()
        found = [each.result(PATIENCE) for each in (first, *others)]
    assert [len(each) for each in asked] == [1, 7]
    assert [each is not None for each in found] == [True] * 6 + [False] * 2
    assert found[0] is not None
    assert found[0].thumbnail == encoded(0).thumbnail


def test_photos_of_a_batch_are_asked_for_together_though_none_waits_yet() -> None:
    asked: list[list[str]] = []

    def nothing(hashes: Sequence[str]) -> dict[str, EncodedPhoto]:
        asked.append(list(hashes))
        return {}

    stored = StoredContents(nothing)
    hashes = [encoded(number).content_hash for number in range(TOGETHER)]
    with ThreadPoolExecutor(TOGETHER) as pool:
        found = list(pool.map(lambda each: stored.find(each, "none", among=32), hashes))
    assert found == [None] * TOGETHER
    assert len(asked) < TOGETHER
    assert sorted(each for some in asked for each in some) == sorted(hashes)


def test_whoever_has_asked_goes_on_while_others_ask() -> None:
    gates = {"first": threading.Event(), "later": threading.Event()}
    begun: list[str] = []

    def slowly(hashes: Sequence[str]) -> dict[str, EncodedPhoto]:
        begun.extend(hashes)
        assert gates[hashes[0]].wait(PATIENCE)
        return {}

    stored = StoredContents(slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(stored.find, "first", "none")
        wait_until(lambda: begun == ["first"], "the first question")
        later = pool.submit(stored.find, "later", "none")
        wait_until(lambda: stored.waiting == 1, "another photo to wait")
        gates["first"].set()
        assert first.result(PATIENCE) is None
        wait_until(lambda: begun == ["first", "later"], "the next question")
        assert not later.done()
        gates["later"].set()
        assert later.result(PATIENCE) is None


def test_an_index_that_does_not_answer_has_nothing() -> None:
    def refuse(_: object) -> Any:
        raise StoreError("gone")

    assert StoredContents(refuse).find("a" * 32, "none") is None


def test_a_photo_whose_thumbnail_is_gone_is_made_again_where_one_is_kept() -> None:
    there = replace(encoded(1), thumbnail=b"")
    stored = StoredContents(lambda _: {there.content_hash: there})
    assert stored.find(there.content_hash, "thumbnail") is None
    assert stored.find(there.content_hash, "none") is there


def test_what_is_stored_for_another_photo_with_the_same_bytes() -> None:
    given = Photo("other", "/elsewhere/x.jpg", "2", "caption")
    made = of_same_bytes(encoded(1), given, "original", b"bytes")
    assert (made.photo, made.keep, made.original) == (given, "original", b"bytes")
    assert made.thumbnail == encoded(1).thumbnail
    assert of_same_bytes(encoded(1), given, "none").thumbnail == b""
    np.testing.assert_array_equal(made.vector, encoded(1).vector)
