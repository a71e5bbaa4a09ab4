"""Side-cars beside photos: found in what is listed, and a part of the photo's version."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from photoseek.files.filestore import Entry, open_files
from photoseek.records import Photo
from photoseek.sources import open_source
from photoseek.sources.bucket import BucketSource
from photoseek.sources.xmp_objects import MOST_BESIDE, entries_with_sidecars

LISTED = [
    ("a.jpg", "a.jpg.xmp", "a.xmp"),
    ("b.JPG", "b.xmp"),
    ("c.png", "C.XMP"),
    ("d.tif",),
    ("e.f.jpg", "e.f.xmp", "e.xmp"),
    ("sub/a.webp", "sub/a.webp.XMP"),
]
SIDECARS = {
    "a.jpg": "a.jpg.xmp",
    "b.JPG": "b.xmp",
    "c.png": "C.XMP",
    "d.tif": "",
    "e.f.jpg": "e.f.xmp",
    "sub/a.webp": "sub/a.webp.XMP",
}


def photos(place: str, manifest: str = "") -> dict[str, Photo]:
    found = [each for each in open_source(f"{place}{manifest}") if isinstance(each, Photo)]
    return {each.uri.removeprefix(f"{place}/"): each for each in found}


def test_a_side_car_in_a_folder_belongs_to_the_photo_of_its_name(tmp_path: Path) -> None:
    for name in (name for names in LISTED for name in names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"bytes")
    found = photos(str(tmp_path))
    assert {name: photo.sidecar for name, photo in found.items()} == {
        name: sidecar and str(tmp_path / sidecar) for name, sidecar in SIDECARS.items()
    }
    (tmp_path / "photos.csv").write_text("\n".join(["path", *SIDECARS]))
    listed = photos(str(tmp_path), "/photos.csv")
    for name, photo in found.items():
        assert (listed[name].sidecar, listed[name].version) == (photo.sidecar, photo.version)


def test_a_side_car_changes_the_version_and_its_absence_does_not(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"bytes")
    before = photos(str(tmp_path))["a.jpg"]
    assert "+" not in before.version
    sidecar = tmp_path / "a.xmp"
    sidecar.write_bytes(b"one")
    os.utime(sidecar, ns=(0, 1))
    with_one = photos(str(tmp_path))["a.jpg"]
    os.utime(sidecar, ns=(0, 2))
    changed = photos(str(tmp_path))["a.jpg"]
    assert len({each.fingerprint for each in (before, with_one, changed)}) == 3
    sidecar.unlink()
    assert photos(str(tmp_path))["a.jpg"] == before


def test_side_cars_in_a_bucket_are_found_in_its_listing(bucket: str) -> None:
    for name in (name for names in LISTED for name in names):
        open_files(bucket).write(name, b"bytes")
    found = photos(bucket)
    expected = SIDECARS | {"c.png": ""}  # keys have their case
    assert {name: photo.sidecar for name, photo in found.items()} == {
        name: sidecar and f"{bucket}/{sidecar}" for name, sidecar in expected.items()
    }
    open_files(bucket).write("photos.csv", "\n".join(["path", *SIDECARS]).encode())
    listed = photos(bucket, "/photos.csv")
    for name, photo in found.items():
        assert (listed[name].sidecar, listed[name].version) == (photo.sidecar, photo.version)
    source = BucketSource.open(bucket)
    for name, photo in found.items():
        assert source.look(name) == photo
    assert source.photos_beside("a.jpg.xmp") == ["a.jpg"]
    assert source.photos_beside("a.xmp") == ["a.jpg"]
    assert source.photos_beside("zzz.xmp") == []


@pytest.mark.parametrize("photo", ["x.jpg", "x.JPG", "x.y.jpg", "dir.d/x.tif"])
def test_a_listing_in_order_pairs_whatever_stands_between(photo: str) -> None:
    stem = photo.rpartition(".")[0]
    for sidecar in (f"{photo}.xmp", f"{stem}.xmp", f"{stem}.XMP", f"{photo}.XMP"):
        others = [f"{stem}.m{number:05}.png" for number in range(MOST_BESIDE - 10)]
        names = sorted([photo, sidecar, *others, "a.jpg", "zz.jpg"])
        now = datetime.now(UTC)
        pairs = list(entries_with_sidecars(Entry(name, 1, now, "e") for name in names))
        assert [entry.name for entry, _ in pairs] == names
        assert {e.name: s.name for e, s in pairs if s is not None} == {photo: sidecar}
