from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.datasets.unsplash_lite import COLUMNS, LICENCE, MOST_TAGS, write_list
from photoseek.errors import SourceError
from photoseek.records import Photo
from photoseek.sources import open_source
from tests.support.unsplash_lite import (
    KEYWORD_COLUMNS,
    PHOTO_COLUMNS,
    Row,
    archive,
    keyword_row,
    photo_row,
    table,
)

SERVER = "https://images.unsplash.com"


def converted(folder: Path, photos: list[Row], keywords: list[Row]) -> list[Photo]:
    packed = {
        "photos.tsv000": table(PHOTO_COLUMNS, photos),
        "keywords.tsv000": table(KEYWORD_COLUMNS, keywords),
    }
    (folder / "lite.zip").write_bytes(archive(packed))
    count = write_list(folder / "lite.zip", folder / "photos.csv", 640)
    found = [photo for photo in open_source(str(folder / "photos.csv")) if isinstance(photo, Photo)]
    assert len(found) == count
    return found


def test_a_photo_has_its_picture_its_words_and_its_rights(tmp_path: Path) -> None:
    [photo] = converted(tmp_path, [photo_row(1, SERVER)], [keyword_row(1, "sea", "99.1")])
    referral = "utm_source=photoseek&utm_medium=referral"
    assert photo == Photo(
        id="photo-1",
        uri=f"{SERVER}/images/1?w=640&fit=max&fm=jpg&q=80",
        caption="Description 1",
        tags=("sea",),
        photographer="Ann Über",
        licence=LICENCE,
        source_url=f"https://unsplash.com/photos/photo-1?{referral}",
        metadata={
            "width": "4000",
            "height": "3000",
            "photographer_url": f"https://unsplash.com/@ann?{referral}",
        },
        folder="images.unsplash.com/images",
    )
    assert (tmp_path / "photos.csv").read_text().splitlines()[0] == ",".join(COLUMNS)


def test_what_is_missing_is_made_up_for(tmp_path: Path) -> None:
    nobody = {"photographer_first_name": "", "photographer_last_name": ""}
    photos = [
        photo_row(1, SERVER, photo_description="", **nobody),
        photo_row(2, SERVER, photo_description='Two "words",\ttab\nand line', ai_description=""),
        photo_row(3, SERVER, photo_image_url=f"{SERVER}/images/3?ixid=a%2Bb&s="),
        photo_row(4, SERVER, photo_image_url=""),
    ]
    one, two, three = converted(tmp_path, photos, [])
    assert (one.caption, one.photographer) == ("AI description 1", "ann")
    assert two.caption == 'Two "words",\ttab\nand line'
    assert three.uri == f"{SERVER}/images/3?ixid=a%2Bb&s=&w=640&fit=max&fm=jpg&q=80"
    assert one.tags == ()


def test_tags_are_the_best_keywords(tmp_path: Path) -> None:
    keywords = [
        keyword_row(1, "unsure", "20", "30"),
        keyword_row(1, "sure", "20", "88"),
        keyword_row(1, "person's word", "", "", "t"),
        keyword_row(1, "surer", "90", ""),
        keyword_row(1, "with; sign", "60", "NaNs"),
        keyword_row(2, "of a photo that is not here", "99"),
    ]
    [photo] = converted(tmp_path, [photo_row(1, SERVER)], keywords)
    assert photo.tags == ("person's word", "surer", "sure", "with  sign")
    many = [keyword_row(1, f"word {n}", str(50 + n / 100)) for n in range(1000)]
    [photo] = converted(tmp_path, [photo_row(1, SERVER)], many)
    assert photo.tags == tuple(f"word {n}" for n in range(999, 999 - MOST_TAGS, -1))


def test_tables_in_several_files_and_with_commas(tmp_path: Path) -> None:
    packed = {
        "lite/photos.csv001": table(PHOTO_COLUMNS, [photo_row(2, SERVER)], ","),
        "lite/photos.csv000": table(PHOTO_COLUMNS, [photo_row(1, SERVER)], ","),
        "lite/keywords.csv000": table(KEYWORD_COLUMNS, [], ","),
        "__MACOSX/lite/photos.csv000": "rubbish",
    }
    (tmp_path / "lite.zip").write_bytes(archive(packed))
    assert write_list(tmp_path / "lite.zip", tmp_path / "photos.csv", 640) == 2
    ids = [line.split(",")[0] for line in (tmp_path / "photos.csv").read_text().splitlines()[1:]]
    assert ids == ["photo-1", "photo-2"]


def test_the_same_list_is_not_written_again(tmp_path: Path) -> None:
    converted(tmp_path, [photo_row(1, SERVER)], [])
    before = (tmp_path / "photos.csv").stat()
    converted(tmp_path, [photo_row(1, SERVER)], [])
    assert (tmp_path / "photos.csv").stat() == before
    write_list(tmp_path / "lite.zip", tmp_path / "photos.csv", 1080)
    assert "w=1080" in (tmp_path / "photos.csv").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lite.zip", "photos.csv"]


def test_a_list_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos.csv").write_text("path,caption\nmine.jpg,Mine\n")
    with pytest.raises(SourceError, match="something else.*Move it away"):
        converted(tmp_path, [photo_row(1, SERVER)], [])
    assert "mine.jpg" in (tmp_path / "photos.csv").read_text()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"readme.txt": "x"}, "holds no keywords.tsv000. Is it Unsplash Lite"),
        ({"keywords.tsv000": "photo_id\tword\n"}, "has no column keyword"),
        (
            {"keywords.tsv000": "photo_id\tkeyword\n", "photos.tsv000": "photo_id\n"},
            "photos.tsv000 in .* has no column photo_image_url",
        ),
    ],
)
def test_archives_of_something_else(tmp_path: Path, files: dict[str, str], words: str) -> None:
    (tmp_path / "lite.zip").write_bytes(archive(files))
    with pytest.raises(SourceError, match=words):
        write_list(tmp_path / "lite.zip", tmp_path / "photos.csv", 640)
    assert not (tmp_path / "photos.csv").exists()


def test_an_archive_that_was_damaged_later(tmp_path: Path) -> None:
    (tmp_path / "lite.zip").write_bytes(b"PK no longer")
    with pytest.raises(SourceError, match="is damaged.*Remove it, and run again"):
        write_list(tmp_path / "lite.zip", tmp_path / "photos.csv", 640)
