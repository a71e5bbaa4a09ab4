"""Photos at URIs whose scheme somebody else answers for."""

from __future__ import annotations

import pytest

from photoseek.errors import (
    DamagedPhotoError,
    OutsideRootsError,
    OversizedPhotoError,
    PhotoError,
    UnreadablePhotoError,
)
from photoseek.fetch import PhotoReader, register_reader

BODY = b"x" * 1000


@pytest.fixture(autouse=True)
def album() -> None:
    def read(uri: str, max_bytes: int) -> bytes:
        if "bad" in uri:
            raise RuntimeError(uri)
        return BODY if "empty" not in uri else b""

    register_reader("album", read)


def test_a_registered_reader_answers_for_its_scheme() -> None:
    with PhotoReader() as reader:
        assert reader.read("album://holidays/1.jpg") == BODY
        assert reader.read("ALBUM://holidays/1.jpg") == BODY
        assert reader.open("album://holidays/1.jpg") is None


@pytest.mark.parametrize(
    ("uri", "error", "words"),
    [
        ("album://empty", DamagedPhotoError, "nothing in it"),
        ("album://bad", UnreadablePhotoError, "RuntimeError"),
        ("nobody://a.jpg", UnreadablePhotoError, "Cannot tell where"),
    ],
)
def test_what_goes_wrong_belongs_to_that_photo(
    uri: str, error: type[PhotoError], words: str
) -> None:
    with PhotoReader() as reader, pytest.raises(error, match=words):
        reader.read(uri)


def test_limits_hold_for_every_reader() -> None:
    with PhotoReader(max_megabytes=0.0005) as reader, pytest.raises(OversizedPhotoError):
        reader.read("album://1.jpg")


def test_roots_hold_for_every_reader() -> None:
    with PhotoReader(roots=["album://holidays"]) as reader:
        assert reader.read("album://holidays/1.jpg") == BODY
        for uri in ("album://work/1.jpg", "album://holidays2/1.jpg", "album://holidays/../1.jpg"):
            with pytest.raises(OutsideRootsError, match="PHOTOSEEK_PHOTO_ROOTS"):
                reader.read(uri)
    for roots in ([], ["/photos"], ["s3://bucket"]):
        with PhotoReader(roots=roots) as reader, pytest.raises(OutsideRootsError):
            reader.read("album://holidays/1.jpg")
