"""Bodies that arrive compressed, whatever servers say of them."""

from __future__ import annotations

import gzip
import zlib

import pytest

from photoseek.errors import DamagedPhotoError, OversizedPhotoError, UnreadablePhotoError
from photoseek.fetch.http_rules import Body
from photoseek.fetch.unpacking import unpacked

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
TWICE = gzip.compress(gzip.compress(PHOTO))


def received(body: bytes, encoding: str | None, size: int = 7, most: int = 100_000) -> bytes:
    """What is made of a body that arrives in pieces."""
    headers = {"Content-Length": str(len(body))}
    collected = Body(
        headers | ({"Content-Encoding": encoding} if encoding is not None else {}), most
    )
    for start in range(0, len(body), size):
        collected.add(body[start : start + size])
    return collected.finish()


@pytest.mark.parametrize(
    "encoding",
    [
        *(None, "", "identity", "none", "binary", "UTF-8", "aws-chunked", "8bit", "image/jpeg"),
        *("gzip", "x-gzip", "deflate", "aws-chunked,gzip", "gzip, gzip"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_body_that_is_not_compressed_is_taken_as_it_is(encoding: str | None, size: int) -> None:
    assert received(PHOTO, encoding, size) == PHOTO


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(PHOTO), "gzip"),
        (gzip.compress(PHOTO), "X-GZIP"),
        (gzip.compress(PHOTO), None),
        (gzip.compress(PHOTO), "aws-chunked"),
        (gzip.compress(PHOTO), "gzip, aws-chunked"),
        (gzip.compress(PHOTO), "aws-chunked,gzip"),
        (gzip.compress(PHOTO) + b"\0" * 9, "gzip"),
        (gzip.compress(PHOTO[:5_000]) + gzip.compress(PHOTO[5_000:]), "gzip"),
        (TWICE, "gzip, gzip"),
        (TWICE, "gzip"),
        (gzip.compress(TWICE), "gzip"),
        (zlib.compress(PHOTO), "deflate"),
        (zlib.compress(PHOTO, 1), "deflate"),
        (zlib.compress(PHOTO)[2:-4], "deflate"),
        (zlib.compress(zlib.compress(PHOTO)), "deflate, deflate"),
        (gzip.compress(zlib.compress(PHOTO)), "deflate, gzip"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_body_that_is_compressed_is_unpacked(
    body: bytes, encoding: str | None, size: int
) -> None:
    assert received(body, encoding, size) == PHOTO


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "compress"])
def test_a_compression_that_is_not_read_is_named(encoding: str) -> None:
    with pytest.raises(UnreadablePhotoError, match=r"compresses its answer \((br|zstd|compress)\)"):
        received(PHOTO, encoding)


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (gzip.compress(PHOTO)[:-20], "gzip", "breaks off"),
        (TWICE[:-30], "gzip", "breaks off"),
        (gzip.compress(PHOTO)[:40] + b"junk" * 20, "gzip", "damaged"),
        (zlib.compress(PHOTO)[2:50] + b"\xff" * 90, "deflate", "damaged|breaks off"),
        (b"", "gzip", r"empty body \(0 bytes\)"),
        (b"", None, r"empty body \(0 bytes\)"),
        (gzip.compress(b""), "gzip", r"empty body \(0 bytes\)"),
    ],
)
def test_a_damaged_body_is_told(body: bytes, encoding: str | None, words: str) -> None:
    with pytest.raises(DamagedPhotoError, match=words):
        received(body, encoding)


@pytest.mark.parametrize("layers", [1, 2])
def test_the_limit_is_that_of_what_is_inside(layers: int) -> None:
    bomb = b"x" * 20_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb, 9)
    with pytest.raises(OversizedPhotoError):
        received(bomb, "gzip", 65_536, most=1_000_000)
    with pytest.raises(OversizedPhotoError):
        unpacked(bomb, 1_000_000)
    assert unpacked(PHOTO, 10) is PHOTO


def test_a_body_larger_than_it_says_is_refused_at_once() -> None:
    with pytest.raises(OversizedPhotoError):
        Body({"Content-Length": "1000001"}, 1_000_000)
