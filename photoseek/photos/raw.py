"""Raw pictures of cameras by the JPEG that is in them, by rawpy and LibRaw: the extra `raw`."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import suppress

from PIL import Image
from PIL.ExifTags import IFD, Base

from photoseek.compat.pillow import PlainJpeg
from photoseek.errors import DamagedPhotoError, NotAPhotoError
from photoseek.photos.bad_bytes import BAD_BYTES, LARGEST_EXIF
from photoseek.photos.headers import jpeg_segments

_TURNS = {3: 3, 5: 8, 6: 6}
"""LibRaw's word for which way is up, in that of EXIF."""

LEAST_SIDE = 320
"""Pixels of the longer side of a preview; the stamps that cameras show in lists have 160."""

_SIDEWAYS = (5, 6)
_LARGEST_SEGMENT = 65_533
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_TAG = 700
_COPIED = (Base.ImageDescription, Base.Make, Base.Model, Base.Artist, Base.Copyright)


def preview_of(data: bytes) -> bytes:
    """The largest JPEG in a raw picture, with what the raw picture says of itself.

    That is which way is up, the camera, the date, and texts: many previews do not say it.

    Raises:
        NotAPhotoError: it is of a camera that LibRaw does not know, or has no preview.
        DamagedPhotoError: it is broken.
    """
    import rawpy  # an extra

    with rawpy.RawPy() as raw:
        try:
            raw.open_buffer(io.BytesIO(data))
            sizes = raw.sizes
            preview = raw.extract_thumb()
        except rawpy.LibRawFileUnsupportedError as error:
            raise NotAPhotoError(
                "This looks like a raw picture of a camera, but LibRaw does not know its kind. "
                "Save it as JPEG."
            ) from error
        except (
            rawpy.LibRawNoThumbnailError,
            rawpy.LibRawUnsupportedThumbnailError,
            rawpy.NotSupportedError,
        ) as error:
            raise NotAPhotoError(
                "This raw picture has no preview that can be read. Save it as JPEG."
            ) from error
        except (rawpy.LibRawError, ValueError) as error:
            raise DamagedPhotoError(
                f"The raw picture is damaged or cut short ({error or type(error).__name__})."
            ) from error
        jpeg = bytes(preview.data)
        if preview.format != rawpy.ThumbFormat.JPEG:
            jpeg = _jpeg_of(Image.fromarray(preview.data))
    with PlainJpeg(io.BytesIO(jpeg)) as opened:
        size, had_xmp = opened.size, "xmp" in opened.info
    if max(size) < min(LEAST_SIDE, max(sizes.width, sizes.height)):
        raise NotAPhotoError(
            f"This raw picture has no preview but one of {size[0]} x {size[1]} pixels, which shows "
            "too little. Save it as JPEG."
        )
    return _with_words(jpeg, size, had_xmp, data, sizes.flip, sizes.width < sizes.height)


def _jpeg_of(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def _with_words(
    jpeg: bytes, size: tuple[int, int], had_xmp: bool, data: bytes, flip: int, stands: bool
) -> bytes:
    """The preview with EXIF and XMP in front that say what the raw picture says."""
    tags = _own_exif(jpeg, data)
    container = _container_of(data)
    for tag in _COPIED:
        if tag not in tags and isinstance(container.get(tag), str):
            tags[tag] = container[tag]
    times, own = container.get_ifd(IFD.Exif), tags.get_ifd(IFD.Exif)
    if Base.DateTimeOriginal not in own and isinstance(times.get(Base.DateTimeOriginal), str):
        own[Base.DateTimeOriginal] = times[Base.DateTimeOriginal]
    lies = size[0] > size[1]
    if tags.get(Base.Orientation, 1) == 1:
        upright_already = flip in _SIDEWAYS and size[0] != size[1] and lies == stands
        tags[Base.Orientation] = 1 if upright_already else _TURNS.get(flip, 1)
    block = tags.tobytes()
    if len(block) > _LARGEST_SEGMENT:
        short = Image.Exif()
        short[Base.Orientation] = tags[Base.Orientation]
        block = short.tobytes()
    parts = [jpeg[:2], _segment(block)]
    xmp = container.get(_XMP_TAG)
    if not had_xmp and isinstance(xmp, bytes) and len(xmp) + len(_XMP) <= _LARGEST_SEGMENT:
        parts.append(_segment(_XMP + xmp))
    parts.append(_without_exif(jpeg))
    return b"".join(parts)


def _own_exif(jpeg: bytes, data: bytes) -> Image.Exif:
    """The EXIF of the preview itself, as far as it can be read.

    LibRaw may have put another in front, which does not stand in the file.
    """
    for start, end in _exif_segments(jpeg):
        block = jpeg[start + 4 : end]
        if len(block) <= LARGEST_EXIF and block in data:
            tags = Image.Exif()
            with suppress(*BAD_BYTES):
                tags.load(block)
                tags.get_ifd(IFD.Exif)
                tags.tobytes()  # or it could not be written again
                return tags
    return Image.Exif()


def _container_of(data: bytes) -> Image.Exif:
    """The tags of the raw picture, where it is a kind of TIFF."""
    tags = Image.Exif()
    marks = {b"II": b"II*\0", b"MM": b"MM\0*"}
    if data[:2] in marks:
        with suppress(*BAD_BYTES):
            tags.load_from_fp(io.BytesIO(marks[data[:2]] + data[4:]))
            tags.get_ifd(IFD.Exif)
            return tags
    return Image.Exif()


def _segment(body: bytes) -> bytes:
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _exif_segments(jpeg: bytes) -> Iterator[tuple[int, int]]:
    """Where each EXIF of a JPEG begins and ends."""
    for start, marker in jpeg_segments(jpeg):
        if marker == 0xE1 and jpeg[start + 4 : start + 10] == b"Exif\0\0":
            yield start, start + 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big")


def _without_exif(jpeg: bytes) -> bytes:
    """The bytes of a JPEG behind its first two, without its EXIF."""
    parts, at = [], 2
    for start, end in _exif_segments(jpeg):
        parts.append(jpeg[at:start])
        at = end
    return b"".join((*parts, jpeg[at:]))
