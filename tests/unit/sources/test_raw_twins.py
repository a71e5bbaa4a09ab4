"""Cameras save a raw picture and a JPEG of one photo: the raw one is passed over."""

from __future__ import annotations

from pathlib import Path

from photoseek.files.filestore import open_files
from photoseek.records import Photo
from photoseek.sources import open_source
from photoseek.sources.bucket import BucketSource
from photoseek.sources.raw_twins import raw_twins, without_raw_twins

NAMES = [
    *("A.ARW", "A.JPG", "A.NEF", "B.CR2", "B.jpeg", "C.dng", "C.png", "D-edit.jpg", "D.ORF"),
    *("e.JPG", "e.JPG.xmp", "e.raf", "f.jpg", "f.xmp", "g.raw.jpg", "g.rw2"),
]
TWINS = {"A.ARW", "A.NEF", "B.CR2", "e.raf"}


def test_raw_pictures_beside_the_jpeg_of_their_name() -> None:
    assert raw_twins(NAMES) == TWINS
    assert raw_twins(["IMG_1.cr3", "img_1.jpg"]) == {"IMG_1.cr3"}
    for listed in (NAMES, [f"deep/{name}" for name in NAMES]):
        left = list(without_raw_twins(listed, str))
        assert left == [name for name in listed if name.rpartition("/")[2] not in TWINS]
    assert list(without_raw_twins(["a/x.nef", "b/x.jpg"], str)) == ["a/x.nef", "b/x.jpg"]


def told(place: str) -> set[str]:
    """What is read of a source, or counted as not read, by the ends of their names."""
    source = open_source(place)
    read = {each.uri.rpartition("/")[2] for each in source if isinstance(each, Photo)}
    assert source.count() == len(read)
    return read | set(source.notes.not_read)


def test_they_are_neither_read_nor_counted_in_a_folder(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.nef", "deep/b.JPG", "deep/b.CR2", "c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert told(str(tmp_path)) == {"a.jpg", "b.JPG", "c.jpg"}
    (tmp_path / "a.jpg").unlink()
    assert told(str(tmp_path)) & {"a.nef", "nef"}


def test_they_are_neither_read_nor_counted_in_a_bucket(bucket: str) -> None:
    for name in ("a.jpg", "a.nef", "deep/b.CR2", "deep/b.JPG", "c.jpg"):
        open_files(bucket).write(name, b"photo")
    assert told(bucket) == {"a.jpg", "b.JPG", "c.jpg"}
    source = BucketSource.open(bucket)
    assert source.look("a.nef") is None
    assert source.look("a.jpg") is not None
