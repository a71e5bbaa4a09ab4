"""A bucket that is silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from photoseek.errors import StorageError
from photoseek.storage import s3
from photoseek.storage.places import Place, open_place
from tests.s3 import Fault, FaultyS3


def listed(place: Place) -> object:
    return list(place.entries())


def written(place: Place) -> object:
    return place.write("a.jpg", b"x")


def removed(place: Place) -> object:
    return place.remove(["a.jpg"])


@pytest.mark.parametrize(("method", "use"), [("GET", listed), ("PUT", written), ("POST", removed)])
def test_silence_ends_in_words_after_two_attempts(
    bucket: str,
    faulty_s3: FaultyS3,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    use: Callable[[Place], object],
) -> None:
    monkeypatch.setattr(s3, "READ_SECONDS", 0.3)
    faulty_s3.method = method
    faulty_s3.faults.extend([Fault(hangs=True)] * 10)
    with pytest.raises(StorageError, match=f"S3 does not answer in time when asked for {bucket}"):
        use(open_place(bucket))
    assert faulty_s3.calls[method] == 2


def test_silence_is_followed_by_another_attempt(
    bucket: str, faulty_s3: FaultyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "READ_SECONDS", 2)
    faulty_s3.method = "PUT"
    faulty_s3.faults.append(Fault(hangs=True))
    place = open_place(bucket)
    place.write("a.jpg", b"x")
    assert place.read("a.jpg") == b"x"


def test_a_listing_that_falls_silent_midway_is_told(
    bucket: str, faulty_s3: FaultyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_place(bucket).write("a.jpg", b"x")
    monkeypatch.setattr(s3, "READ_SECONDS", 0.5)
    faulty_s3.faults.extend([Fault(stalls=True)] * 10)
    with pytest.raises(StorageError, match=f"when asked for {bucket}"):
        list(open_place(bucket).entries())
    assert faulty_s3.calls["GET"] == 2
