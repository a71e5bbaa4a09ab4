"""A bucket that is silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from photoseek.errors import StorageError
from photoseek.files.filestore import FileStore, open_files
from photoseek.files.s3_files import BucketFiles
from photoseek.sources import open_source
from tests.support.s3 import ENVIRONMENT, Fault, FaultyS3
from tests.support.web_server import running_server


def listed(place: FileStore) -> object:
    return list(place.entries())


def written(place: FileStore) -> object:
    return place.write("a.jpg", b"x")


def removed(place: FileStore) -> object:
    return place.remove(["a.jpg"])


@pytest.mark.parametrize(("method", "use"), [("GET", listed), ("PUT", written), ("POST", removed)])
def test_silence_ends_in_words_after_two_attempts(
    bucket: str, faulty_s3: FaultyS3, method: str, use: Callable[[FileStore], object]
) -> None:
    faulty_s3.method = method
    faulty_s3.faults.extend([Fault(hangs=True)] * 10)
    with pytest.raises(StorageError, match=f"S3 does not answer in time when asked for {bucket}"):
        use(BucketFiles(bucket, silence=0.3))
    assert faulty_s3.calls[method] == 2


def test_silence_is_followed_by_another_attempt(bucket: str, faulty_s3: FaultyS3) -> None:
    faulty_s3.method = "PUT"
    faulty_s3.faults.append(Fault(hangs=True))
    place = BucketFiles(bucket, silence=2)
    place.write("a.jpg", b"x")
    assert place.read("a.jpg") == b"x"


@pytest.mark.parametrize(("status", "code"), [(400, "MissingContentMD5"), (501, "NotImplemented")])
def test_a_server_that_removes_only_one_at_a_time(
    bucket: str, faulty_s3: FaultyS3, status: int, code: str
) -> None:
    place = open_files(bucket)
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        place.write(name, b"x")
    faulty_s3.method = "POST"
    faulty_s3.faults.extend([Fault(status, code)] * 10)
    place.remove(["a.jpg", "b.jpg", "gone.jpg"])
    assert [entry.name for entry in place.entries()] == ["c.jpg"]
    assert faulty_s3.calls["DELETE"] == 3


def test_a_listing_that_falls_silent_midway_is_told(bucket: str, faulty_s3: FaultyS3) -> None:
    open_files(bucket).write("a.jpg", b"x")
    faulty_s3.faults.extend([Fault(stalls=True)] * 10)
    with pytest.raises(StorageError, match=f"when asked for {bucket}"):
        list(BucketFiles(bucket, silence=0.5).entries())
    assert faulty_s3.calls["GET"] == 2


@contextmanager
def listing(monkeypatch: pytest.MonkeyPatch, inside: str) -> Iterator[str]:
    """The URI of a bucket whose server always answers with such a listing."""
    answer = f"<ListBucketResult><Name>photos</Name>{inside}</ListBucketResult>".encode()
    with running_server({"": lambda handler: handler.answer(200, answer)}) as server:
        for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": server.url}).items():
            monkeypatch.setenv(name, value)
        yield "s3://photos"


def test_a_listing_that_is_cut_short_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it were whole, it would let a run with --prune remove what it does not list."""
    inside = (
        "<IsTruncated>true</IsTruncated><Contents><Key>a.jpg</Key><Size>1</Size>"
        "<ETag>x</ETag><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>"
    )
    with (
        listing(monkeypatch, inside) as uri,
        pytest.raises(StorageError, match="The listing of s3://photos is cut short"),
    ):
        listed(open_files(uri))


@pytest.mark.parametrize(
    ("tells", "version"),
    [
        ("<ETag>abc</ETag><LastModified>2026-01-01T00:00:00Z</LastModified>", "7-abc"),
        ('<ETag>"abc"</ETag>', "7-abc"),
        ("<LastModified>2026-01-01T00:00:00Z</LastModified>", "7-2026-01-01T00:00:00+00:00"),
        (
            "<LastModified>Thu, 01 Jan 2026 00:00:00 GMT</LastModified>",
            "7-2026-01-01T00:00:00+00:00",
        ),
        ("<LastModified>1767225600</LastModified>", "7-2026-01-01T00:00:00+00:00"),
        ("", ""),
    ],
)
def test_a_listing_without_etags_tells_versions_by_the_time(
    monkeypatch: pytest.MonkeyPatch, tells: str, version: str
) -> None:
    inside = f"<Contents><Key>a.jpg</Key><Size>7</Size>{tells}</Contents>"
    with listing(monkeypatch, inside) as uri:
        [entry] = open_files(uri).entries()
        assert entry.modified in (
            datetime(2026, 1, 1, tzinfo=UTC),
            datetime(1970, 1, 1, tzinfo=UTC),
        )
        [photo] = open_source(uri)
        assert getattr(photo, "version", None) == version
