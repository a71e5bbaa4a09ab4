"""In which folder a photo is, as seen from its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.records import Photo
from photoseek.sources import open_source
from photoseek.sources.photo_folders import folder_below, folder_of_address


def folders(location: str | Path) -> dict[str, str]:
    return {
        found.uri.rpartition("/")[2]: found.folder
        for found in open_source(str(location))
        if isinstance(found, Photo)
    }


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bytes")


def test_what_a_photo_of_a_folder_lies_in_below_it(tmp_path: Path) -> None:
    root = tmp_path / "pictures"
    put(root / "a.jpg", root / "Travel/Ita\u0300lia/b.jpg", tmp_path / "elsewhere/c.jpg")
    (root / "Travel" / "d.jpg").symlink_to(tmp_path / "elsewhere/c.jpg")
    assert folders(root) == {"a.jpg": "", "b.jpg": "Travel/Itàlia", "c.jpg": ""}
    assert folders(root / "Travel") == {"b.jpg": "Itàlia", "c.jpg": ""}


def test_what_a_row_of_a_manifest_lies_in(tmp_path: Path) -> None:
    put(tmp_path / "lib/a.jpg", tmp_path / "lib/deep/b.jpg", tmp_path / "elsewhere/c.jpg")
    rows = ["a.jpg,", "deep/b.jpg,", f"{tmp_path}/elsewhere/c.jpg,"]
    rows += [",https://E.org:8080/x/caf%C3%A9/d.jpg?w=1", ",s3://bucket/2024/e.jpg"]
    manifest = tmp_path / "lib" / "photos.csv"
    manifest.write_text("\n".join(["path,url", *rows]))
    expected = {"a.jpg": "", "b.jpg": "deep", "c.jpg": ""}
    expected |= {"d.jpg?w=1": "e.org/x/café", "e.jpg": "bucket/2024"}
    assert folders(manifest) == expected
    manifest.write_text(
        "\n".join(["path,url,Folder", *(f"{row},Own/{row[:3]}" for row in rows[:2])])
    )
    assert folders(manifest) == {"a.jpg": "Own/a.j", "b.jpg": "Own/dee"}


def test_what_an_object_lies_in_below_its_prefix() -> None:
    assert folder_below("s3://bucket/2024/May/a.jpg", "s3://bucket") == "2024/May"
    assert folder_below("s3://bucket/2024/May/a.jpg", "s3://bucket/2024") == "May"
    assert folder_below("s3://bucket/20245/a.jpg", "s3://bucket/2024") == ""


@pytest.mark.parametrize(
    ("uri", "root", "folder"),
    [
        ("C:\\p\\Travel\\Italy\\a.jpg", "C:\\p", "Travel/Italy"),
        ("\\\\nas\\p\\Travel\\a.jpg", "\\\\nas\\p\\", "Travel"),
        ("D:\\p\\Travel\\a.jpg", "C:\\p", ""),
    ],
)
def test_paths_of_windows(uri: str, root: str, folder: str) -> None:
    assert folder_below(uri, root, "windows") == folder


def test_a_path_has_no_address() -> None:
    assert folder_of_address("/home/anna/a.jpg") == ""
    assert folder_of_address("https://anna:secret@e.org/a.jpg") == "e.org"
