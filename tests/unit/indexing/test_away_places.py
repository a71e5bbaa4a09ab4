"""Servers that give nothing are not asked for each of their photos."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.errors import AwayPhotoError
from photoseek.files.filestore import FolderFiles
from photoseek.indexing.away_places import AGAIN_AFTER, MOST_IN_A_ROW, AwayPlaces
from photoseek.indexing.inventory import Inventory, Listed, listed_sources

URI = "https://name:word@photos.example/1.jpg"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def silent(clock: Clock) -> AwayPlaces:
    """A server has given nothing for so long that it is left alone."""
    places = AwayPlaces(clock=clock)
    for _ in range(MOST_IN_A_ROW):
        places.check(URI)
        places.failed(URI)
    return places


def test_a_server_that_gave_nothing_is_left_alone_and_others_are_asked(silent: AwayPlaces) -> None:
    with pytest.raises(AwayPhotoError, match="https://photos.example gave none of the last 16"):
        silent.check("https://photos.example/2.jpg")
    silent.check("https://other.example/2.jpg")
    silent.check("http://photos.example/2.jpg")
    silent.check("/photos/2.jpg")


def test_it_is_asked_for_one_photo_a_minute(silent: AwayPlaces, clock: Clock) -> None:
    clock.now = AGAIN_AFTER
    silent.check(URI)
    with pytest.raises(AwayPhotoError):
        silent.check(URI)
    silent.failed(URI)
    clock.now = 2 * AGAIN_AFTER
    silent.check(URI)
    silent.answered(URI)
    silent.check(URI)
    silent.check(URI)


def test_photos_that_come_in_between_keep_a_server_asked() -> None:
    places = AwayPlaces()
    for _ in range(2 * MOST_IN_A_ROW):
        places.failed(URI)
        places.answered(URI)
    places.check(URI)


def test_a_folder_that_is_not_there_or_empty_is_told_and_files_of_others_are_not(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "red photos"
    places = AwayPlaces([str(folder), str(tmp_path / "other")])
    photo = folder / "deep" / "1.jpg"
    assert places.gone_folder(str(photo)) == str(folder)
    assert places.gone_folder(photo.as_uri()) == str(folder)
    assert places.gone_folder(f"{folder}er/1.jpg") == ""
    assert places.gone_folder("https://photos.example/1.jpg") == ""
    folder.mkdir()
    assert places.gone_folder(str(photo)) == str(folder)
    (folder / "2.jpg").touch()
    assert places.gone_folder(str(photo)) == ""


def test_all_sources_are_listed_but_those_that_cannot_be_read(tmp_path: Path) -> None:
    place = FolderFiles(tmp_path)
    assert listed_sources(place) == frozenset()
    for source in ("/photos", "s3://bucket/photos"):
        Inventory(place, source).add([Listed("1", f"{source}/1.jpg")])
        Inventory(place, source).add([Listed("2", f"{source}/2.jpg")])
    (tmp_path / "sources" / "0").mkdir()
    (tmp_path / "sources" / "0" / "1.gz").write_text("damaged")
    assert listed_sources(place) == {"/photos", "s3://bucket/photos"}
