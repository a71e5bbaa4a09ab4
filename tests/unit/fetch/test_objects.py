from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photoseek.errors import (
    DamagedPhotoError,
    OversizedPhotoError,
    StorageError,
    UnreadablePhotoError,
)
from photoseek.fetch import PhotoReader
from photoseek.files import s3
from photoseek.files.filestore import open_files
from photoseek.files.s3_locations import parse
from photoseek.helpers.retry import Pauses
from tests.support.s3 import Fault, FaultyS3
from tests.support.waiting import PATIENCE

BODY = bytes(range(256)) * 40
QUICK = Pauses(first=0.01)


@pytest.fixture
def reader() -> Iterator[PhotoReader]:
    with PhotoReader(max_megabytes=1, timeout_seconds=PATIENCE, pauses=QUICK) as reader:
        yield reader


@pytest.fixture
def photo(bucket: str) -> str:
    open_files(bucket).write("photo.jpg", BODY)
    return f"{bucket}/photo.jpg"


def refusal(uri: str, **options: object) -> str:
    with (
        PhotoReader(**options) as reader,  # type: ignore[arg-type]
        pytest.raises(UnreadablePhotoError) as caught,
    ):
        reader.read(uri)
    return str(caught.value)


@pytest.mark.parametrize(
    "key", ["photo.jpg", "a b+c%20ü🌅?#&.jpg", "a//b.jpg", "/begins-with-slash", "...", "tab\t'\"<"]
)
def test_odd_keys_are_read_as_they_are(bucket: str, reader: PhotoReader, key: str) -> None:
    s3.connect().put_object(Bucket=bucket.removeprefix("s3://"), Key=key, Body=BODY)
    assert reader.read(f"{bucket}/{key}") == BODY
    assert reader.read(f"S3{bucket[2:]}/{key}") == BODY


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("../other-bucket/x.jpg", 'part "." or ".."'),
        ("a/./x.jpg", 'part "." or ".."'),
        ("", "not an object"),
        ("a/", "not an object"),
        ("caf\udce9.jpg", "not UTF-8"),
        ("missing.jpg", "no such object"),
    ],
)
def test_keys_that_cannot_be_read(bucket: str, key: str, words: str) -> None:
    assert words in refusal(f"{bucket}/{key}")


@pytest.mark.parametrize("uri", ["s3://", "s3:///x.jpg", "s3://a b/x", "s3://..", "s3://\udcff/x"])
def test_what_names_no_bucket(uri: str) -> None:
    assert "names no bucket" in refusal(uri)


def test_an_object_that_was_stored_with_gzip_is_unpacked(bucket: str, reader: PhotoReader) -> None:
    client, name = s3.connect(), bucket.removeprefix("s3://")
    for key, body, encoding in (
        ("said.jpg", gzip.compress(BODY), "gzip"),
        ("unsaid.jpg", gzip.compress(BODY), ""),
        ("lie.jpg", BODY, "gzip"),
        ("chunked.jpg", BODY, "aws-chunked"),
    ):
        client.put_object(Bucket=name, Key=key, Body=body, ContentEncoding=encoding)
        assert reader.read(f"{bucket}/{key}") == BODY
    client.put_object(Bucket=name, Key="bomb.jpg", Body=gzip.compress(b"0" * 2_000_000))
    with pytest.raises(OversizedPhotoError):
        reader.read(f"{bucket}/bomb.jpg")


def test_size_is_looked_at_before_the_body_is_read(
    faulty_s3: FaultyS3, bucket: str, reader: PhotoReader
) -> None:
    open_files(bucket).write("large.jpg", b"x" * 3_000_000)
    open_files(bucket).write("empty.jpg", b"")
    faulty_s3.faults.append(Fault(cut=True))  # its body would break off, were it read
    with pytest.raises(OversizedPhotoError, match=r"3\.0 MB; the limit is 1 MB"):
        reader.read(f"{bucket}/large.jpg")
    with pytest.raises(DamagedPhotoError, match="empty"):
        reader.read(f"{bucket}/empty.jpg")
    assert faulty_s3.calls["GET"] == 2


def test_only_roots_may_be_read(photo: str, bucket: str, tmp_path: Path) -> None:
    open_files(bucket).write("a/b.jpg", BODY)
    allowing: list[list[str | Path] | None] = [
        None,
        [bucket],
        [f"{bucket}/a"],
        [tmp_path, f"{bucket}/a/"],
    ]
    for roots in allowing:
        with PhotoReader(roots=roots) as reader:
            assert reader.read(f"{bucket}/a/b.jpg") == BODY
    refusing: list[list[str | Path]] = [
        [],
        [tmp_path],
        [f"{bucket}/b"],
        [f"{bucket}/a/b"],
        [f"{bucket}x"],
    ]
    for refused in refusing:
        assert "outside of the buckets" in refusal(f"{bucket}/a/b.jpg", roots=refused)
    file = tmp_path / "x.jpg"
    file.write_bytes(BODY)
    assert "outside of the folders" in refusal(str(file), roots=[bucket])


@pytest.mark.parametrize(
    "fault",
    [Fault(500, "InternalError"), Fault(503, "SlowDown"), Fault(429, "TooMany"), Fault(cut=True)],
)
def test_what_passes_is_tried_again(
    faulty_s3: FaultyS3, photo: str, reader: PhotoReader, fault: Fault
) -> None:
    faulty_s3.faults.extend([fault, fault])
    assert reader.read(photo) == BODY
    assert faulty_s3.calls["GET"] == 3


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(503, "SlowDown"), "S3 answers 503 (SlowDown) to s3://"),
        (Fault(500, "InternalError"), "S3 answers 500 (InternalError) to s3://"),
        (Fault(cut=True), "S3 breaks off while it sends s3://"),
        (Fault(hangs=True), "S3 does not answer in time when asked for s3://"),
        (Fault(403, "AccessDenied"), "is denied. Allow these AWS credentials"),
        (Fault(400, "ExpiredToken"), "The AWS credentials have expired. Log in again"),
        (Fault(403, "InvalidAccessKeyId"), "are not accepted (InvalidAccessKeyId). Check AWS_"),
        (Fault(403, "SignatureDoesNotMatch"), "are not accepted (SignatureDoesNotMatch)"),
        (Fault(403, "RequestTimeTooSkewed"), "The clock of this machine is wrong"),
        (Fault(403, "InvalidObjectState"), "is archived. Restore it in S3 first."),
        (Fault(400, "KeyTooLongError"), "longer than the 1,024 bytes"),
        (Fault(418, "Teapot"), "(Teapot: no)"),
        (
            Fault(301, "PermanentRedirect", region="eu-central-1"),
            "lies in another region, eu-central-1. Set AWS_DEFAULT_REGION",
        ),
    ],
)
def test_what_lasts_is_told_in_words(
    faulty_s3: FaultyS3, photo: str, monkeypatch: pytest.MonkeyPatch, fault: Fault, words: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    faulty_s3.faults.extend([fault] * 10)
    message = refusal(photo, timeout_seconds=0.2 if fault.hangs else 20, pauses=QUICK)
    assert words in message
    assert "not a secret" not in message


def refusals_until(photo: str, is_enough: Callable[[str], bool]) -> Iterator[str]:
    """Refusals with more time for the photo each, as a busy machine sends nothing in the first."""
    for seconds in (0.3, 1, 4, 16):
        yield (message := refusal(photo, timeout_seconds=seconds))
        if is_enough(message):
            return


def test_a_body_that_drips_is_given_up(faulty_s3: FaultyS3, photo: str) -> None:
    faulty_s3.faults.extend([Fault(drips=True)] * 10)
    *_, message = refusals_until(photo, lambda message: "answer in time" not in message)
    assert "takes too long to send s3://" in message


def test_silence_is_waited_for_no_longer_than_the_time_for_a_photo(
    faulty_s3: FaultyS3, photo: str
) -> None:
    faulty_s3.faults.extend([Fault(hangs=True)] * 10)
    for tries, message in enumerate(refusals_until(photo, lambda _: faulty_s3.calls["GET"] > 0)):
        assert "S3 does not answer in time" in message
        assert faulty_s3.calls["GET"] <= tries + 1, "no time was left for another attempt"
    assert faulty_s3.calls["GET"]


def test_silence_in_a_body_is_waited_for_no_longer_either(faulty_s3: FaultyS3, photo: str) -> None:
    faulty_s3.faults.extend([Fault(stalls=True)] * 10)
    messages = list(refusals_until(photo, lambda message: "answer in time" not in message))
    assert "takes too long to send s3://" in messages[-1]
    assert faulty_s3.calls["GET"] <= len(messages), "one attempt within the time for a photo"


@pytest.mark.parametrize("fault", [Fault(hangs=True), Fault(stalls=True)])
def test_silence_is_followed_by_another_attempt_while_there_is_time(
    faulty_s3: FaultyS3, photo: str, fault: Fault
) -> None:
    faulty_s3.faults.append(fault)
    with PhotoReader(timeout_seconds=PATIENCE, silence=5) as reader:
        assert reader.read(photo) == BODY
    assert faulty_s3.calls["GET"] == 2


def test_no_attempt_begins_when_the_time_is_over(faulty_s3: FaultyS3, photo: str) -> None:
    client = s3.connect()
    with pytest.raises(StorageError, match="does not answer in time"):
        s3.fetch(client, parse(photo), seconds=0)
    assert faulty_s3.calls["GET"] == 0


def test_missing_bucket(bucket: str) -> None:
    assert "There is no bucket for s3://no-such-bucket/x.jpg" in refusal(
        "s3://no-such-bucket/x.jpg"
    )


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("AWS_ACCESS_KEY_ID", None, "There are no AWS credentials. Set AWS_ACCESS_KEY_ID"),
        ("AWS_SECRET_ACCESS_KEY", None, "missing: AWS_SECRET_ACCESS_KEY. Check the AWS_* var"),
        ("AWS_PROFILE", "nobody", "(nobody) could not be found. Check the AWS_* variables"),
        ("AWS_ENDPOINT_URL", "nonsense", "Invalid endpoint: nonsense. Check the AWS_* variables"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9", "S3 cannot be reached"),
        ("AWS_DEFAULT_REGION", "nowhere at all", "nowhere at all"),
    ],
)
def test_settings_that_do_not_work(
    photo: str, monkeypatch: pytest.MonkeyPatch, setting: str, value: str | None, words: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    if value is None:
        monkeypatch.delenv(setting)
    else:
        monkeypatch.setenv(setting, value)
    assert words in refusal(photo)
