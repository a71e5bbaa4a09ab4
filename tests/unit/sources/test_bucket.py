from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from unicodedata import normalize

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from photoseek.errors import SourceError
from photoseek.fetch import PhotoReader
from photoseek.files.filestore import open_files
from photoseek.indexing.run import index_photos
from photoseek.records import Keep, KnownPhoto, Outcome, Photo, Skip
from photoseek.sources import bucket as bucket_source
from photoseek.sources import open_source, photo_id
from tests.support.s3 import Fault, FaultyS3, put_many


@dataclass
class Downloads:
    """An index that reads every photo it is sent, and remembers what it was sent."""

    read: list[str] = field(default_factory=list)
    states: dict[str, KnownPhoto] = field(default_factory=dict)

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        return {each: self.states[each] for each in ids if each in self.states}

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        with PhotoReader() as reader:
            for photo in photos:
                reader.read(photo.uri)
                self.read.append(photo.uri)
                self.states[photo.id] = KnownPhoto(photo.fingerprint, "0" * 32)
        return [Outcome(photo.uri, "indexed", "") for photo in photos]

    def maintain(self) -> None:
        pass


def put(place: str, *names: str, data: bytes = b"photo") -> None:
    for name in names:
        open_files(place).write(name, data)


def uris(location: str) -> list[str]:
    found = list(open_source(location))
    assert all(isinstance(entry, Photo) for entry in found)
    return [entry.uri for entry in found]


def test_photos_below_a_prefix_in_the_order_of_their_keys(bucket: str) -> None:
    put(bucket, "b.JPG", "a/ü x.png", "a/deep/c%20d.webp", "notes.txt", "ab/x.jpg")
    put(bucket, ".hidden.jpg", "a/.thumbs/x.jpg")
    expected = [
        f"{bucket}/{name}" for name in ("a/deep/c%20d.webp", "a/ü x.png", "ab/x.jpg", "b.JPG")
    ]
    assert uris(bucket) == uris(bucket + "/") == expected
    assert uris(f"{bucket}/a") == uris(f"{bucket}/a/") == expected[:2]
    source = open_source(f"{bucket}/a")
    assert source.location == f"{bucket}/a"
    assert source.count() == 2
    assert [entry.id for entry in source if isinstance(entry, Photo)] == [
        photo_id(uri) for uri in expected[:2]
    ]


def test_thumbnails_and_bins_of_systems_are_left_alone(bucket: str) -> None:
    put(bucket, "a.jpg", "b/c.jpg", "b/@eaDir/c.jpg/SYNOPHOTO_THUMB_XL.jpg", "z/recycle/d.jpg")
    put(bucket, "#recycle/x.jpg", "#recycle/y/x.jpg", "b/@eaDir/e.jpg/SYNOFILE_THUMB_S.png")
    put(bucket, "__MACOSX/._a.jpg", "__MACOSX/a.jpg", "My Previews.lrdata/0/0.jpg")
    put(bucket, "P.photoslibrary/originals/1.jpg", "P.photoslibrary/resources/1.jpg")
    expected = ["P.photoslibrary/originals/1.jpg", "a.jpg", "b/c.jpg", "z/recycle/d.jpg"]
    assert uris(bucket) == [f"{bucket}/{name}" for name in expected]
    source = open_source(bucket)
    assert len(list(source)) == source.count() == len(expected)
    [remark] = source.notes.remarks()
    assert "#recycle 1, @eaDir 1, My Previews.lrdata 1, __MACOSX 1, resources 1." in remark
    assert uris(f"{bucket}/#recycle") == [f"{bucket}/#recycle/{n}" for n in ("x.jpg", "y/x.jpg")]
    assert isinstance(source, bucket_source.BucketSource)
    assert isinstance(source.look("b/c.jpg"), Photo)
    assert source.look("b/@eaDir/c.jpg/SYNOPHOTO_THUMB_XL.jpg") is None
    assert source.look("#recycle/x.jpg") is None


def test_a_manifest_that_was_stored_with_gzip(bucket: str) -> None:
    put(bucket, "in/a.jpg")
    put(bucket, "list.csv", data=gzip.compress(b"path,caption\nin/a.jpg,packed\n"))
    [found] = open_source(f"{bucket}/list.csv")
    assert isinstance(found, Photo)
    assert (found.uri, found.caption) == (f"{bucket}/in/a.jpg", "packed")
    put(bucket, "list.csv", data=gzip.compress(b"path,caption\nin/a.jpg,packed\n")[:-9])
    with pytest.raises(SourceError, match="list.csv cannot be unpacked: .* breaks off"):
        open_source(f"{bucket}/list.csv")


def test_what_has_not_changed_is_not_downloaded(bucket: str, faulty_s3: FaultyS3) -> None:
    put(bucket, "a.jpg", "b.jpg", "c.jpg")
    index = Downloads()
    assert index_photos(open_source(bucket), index).indexed == 3
    put(bucket, "b.jpg", data=b"other")
    put(bucket, "d.jpg")
    index.read.clear()
    report = index_photos(open_source(bucket), index)
    assert (report.indexed, report.unchanged) == (2, 2)
    assert index.read == [f"{bucket}/b.jpg", f"{bucket}/d.jpg"]
    calls = faulty_s3.calls["GET"]
    assert index_photos(open_source(bucket), index).unchanged == 4
    assert faulty_s3.calls["GET"] == calls + 2  # two listings


def test_thousands_of_objects(bucket: str, faulty_s3: FaultyS3) -> None:
    put_many(bucket.removeprefix("s3://"), (f"many/{n:05}.jpg" for n in range(3_500)))
    faulty_s3.calls.clear()
    source = open_source(f"{bucket}/many")
    assert faulty_s3.calls["GET"] == 1
    found = iter(source)
    first = list(islice(found, 1500))
    assert faulty_s3.calls["GET"] == 3  # a page is asked for when the one before is used up
    assert len({entry.id for entry in (*first, *found) if isinstance(entry, Photo)}) == 3_500


def test_a_listing_that_fails_midway_is_told(
    bucket: str, faulty_s3: FaultyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    put(bucket, "a.jpg")
    source = open_source(bucket)
    faulty_s3.faults.append(Fault(503, "SlowDown"))
    assert len(list(source)) == 1
    faulty_s3.faults.extend([Fault(503, "SlowDown")] * 2)
    with pytest.raises(SourceError, match="503"):
        list(source)


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("s3://no-such-bucket", "There is no bucket for s3://no-such-bucket"),
        ("s3://no-such-bucket/photos.csv", "There is no bucket for s3://no-such-bucket"),
        ("s3://", "names no bucket"),
        ("s3://photos.csv", "There is no bucket for s3://photos.csv"),
        ("S3://no-such-bucket/x", "There is no bucket"),
        ("gs://bucket/x", "is not a source that can be read. Give a folder, a bucket"),
    ],
)
def test_what_is_no_source(bucket: str, location: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        open_source(location)


def test_an_empty_bucket_is_an_error(bucket: str) -> None:
    put(bucket, "notes.txt")
    for location in (bucket, f"{bucket}/a"):
        with pytest.raises(SourceError, match="holds no photos"):
            open_source(location)
    with pytest.raises(SourceError, match="no manifest at"):
        open_source(f"{bucket}/photos.csv")


@pytest.mark.parametrize("kind", ["csv", "TSV", "parquet"])
def test_a_manifest_in_a_bucket(bucket: str, kind: str) -> None:
    paths = ["a.jpg", "deep/b.jpg", "s3://other/c.jpg"]
    if kind == "parquet":
        file = io.BytesIO()
        pq.write_table(pa.table({"path": paths}), file)
        data = file.getvalue()
    else:
        data = "\n".join(["path", *paths]).encode()
    put(bucket, f"lists/photos.{kind}", data=data)
    source = open_source(f"{bucket}/lists/photos.{kind}")
    for _ in range(2):
        assert [entry.uri for entry in source] == [
            f"{bucket}/lists/a.jpg",
            f"{bucket}/lists/deep/b.jpg",
            "s3://other/c.jpg",
        ]
    assert source.location == f"{bucket}/lists/photos.{kind}"
    assert list(open_source(f"S3{bucket[2:]}/lists/photos.{kind}")) == list(source)


def test_photos_beside_a_manifest_are_not_downloaded_again(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "a.jpg", "lists/b.jpg", "lists/deep/c.jpg")
    put(bucket, "lists/photos.csv", data=f"path\nb.jpg\ndeep/c.jpg\n{bucket}/a.jpg\n".encode())
    location, index = f"{bucket}/lists/photos.csv", Downloads()
    assert index_photos(open_source(location), index).indexed == 3
    put(bucket, "lists/deep/c.jpg", data=b"other")
    index.read.clear()
    assert index_photos(open_source(location), index).unchanged == 1
    assert index.read == [f"{bucket}/lists/deep/c.jpg", f"{bucket}/a.jpg"]
    in_folder = {entry.uri: entry for entry in open_source(f"{bucket}/lists")}
    assert next(iter(open_source(location))) == in_folder[f"{bucket}/lists/b.jpg"]
    monkeypatch.setattr(bucket_source, "MOST_VERSIONS", 2)
    assert index_photos(open_source(location), index).unchanged == 0


def test_a_manifest_is_read_where_nothing_may_be_listed(bucket: str, faulty_s3: FaultyS3) -> None:
    put(bucket, "photos.csv", data=b"path\na.jpg\n")
    source = open_source(f"{bucket}/photos.csv")
    faulty_s3.faults.append(Fault(403, "AccessDenied"))
    [found] = source
    assert isinstance(found, Photo)
    assert (found.uri, found.version) == (f"{bucket}/a.jpg", "")


def test_a_broken_manifest_in_a_bucket_is_named_by_its_place(bucket: str) -> None:
    for name, data in {
        "a.csv": b"",
        "b.parquet": b"x",
        "c.csv": b"path\n",
        "d.csv": b"x\n1\n",
    }.items():
        put(bucket, name, data=data)
        with pytest.raises(SourceError, match=f"^{bucket}/{name}"):
            open_source(f"{bucket}/{name}")


def test_manifests_may_list_objects(tmp_path: Path) -> None:
    manifest = tmp_path / "photos.csv"
    manifest.write_text("path,url\ns3://b/x%20y.jpg,\n,s3://b/z.jpg\n,s3:///z.jpg\n")
    first, second, third = open_source(str(manifest))
    assert (first.uri, second.uri) == ("s3://b/x%20y.jpg", "s3://b/z.jpg")
    assert isinstance(third, Skip)
    assert "is no http(s) or s3 URL" in third.reason


def test_a_manifest_of_windows_or_a_mac_names_objects_as_they_are_called(bucket: str) -> None:
    nfc, nfd = (normalize(form, "grün.jpg") for form in ("NFC", "NFD"))
    put(bucket, "bilder/a.jpg", r"bilder\b.jpg", "bilder/b.jpg", f"bilder/{nfd}")
    rows = [r"bilder\a.jpg", r"bilder\b.jpg", f"bilder\\{nfc}"]
    put(bucket, "photos.csv", data="\n".join(["path", *rows]).encode())
    names = ["bilder/a.jpg", r"bilder\b.jpg", f"bilder/{nfd}"]
    assert uris(f"{bucket}/photos.csv") == [f"{bucket}/{name}" for name in names]
