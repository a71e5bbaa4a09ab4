"""Where a picture holds what is written of it: its packets of XMP, its block of IPTC-IIM, texts."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from photoseek.photos.exif import text_of
from photoseek.photos.iptc import LARGEST_IIM
from photoseek.photos.origins import PNG_TEXTS
from photoseek.photos.xmp import LARGEST_XMP, Xmp

_RESOURCES = b"Photoshop 3.0\0"
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_IIM, _EXIF, _XMP, _DIGEST = 0x0404, 0x0422, 0x0424, 0x0425
_TIFF_IIM, _TIFF_RESOURCES = 33723, 34377
_OF_JP2 = {
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): _XMP,
    bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"): _IIM,
    b"JpgTiffExif->JP2": _EXIF,
}
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_OF_GIF, _END_IN_GIF = b"\x21\xff\x0bXMP DataXMP", b"\x01\xff\xfe\xfd"
_RAW_PROFILE = "Raw profile type "
_MOST_RESOURCES = 1_000


@dataclass(frozen=True, slots=True)
class Packets:
    """The bytes that hold words about a picture; b"" where there are none.

    `digest` is the MD5 of the IIM that the XMP was in step with when it was written. `texts` are
    those of a PNG by their keywords.
    """

    xmp: bytes = b""
    extension: bytes = b""
    iim: bytes = b""
    digest: bytes = b""
    exif: bytes = b""
    texts: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there are any but EXIF."""
        return bool(self.xmp or self.iim or self.texts)

    @property
    def is_xmp_stale(self) -> bool:
        """Whether a program that knows no XMP has written the IIM since; so says MWG."""
        return bool(self.digest) and hashlib.md5(self.iim).digest() != self.digest  # noqa: S324

    def read_xmp(self) -> Xmp:
        """What the packets of XMP say."""
        xmp = Xmp(self.xmp)
        if self.extension:
            xmp.add(Xmp(self.extension))
        return xmp


def packets_of(picture: ImageFile, data: bytes) -> Packets:
    """The packets of a picture that was opened from `data`; in a PNG they may stand at its end."""
    info = picture.info
    xmp = _bytes(info.get("xmp"))
    if isinstance(picture, JpegImageFile):
        resources = _resources(_joined_resources(picture))
        return _packets(xmp, resources, extension=_extension(picture, xmp))
    if isinstance(picture, TiffImageFile):
        tags = picture.tag_v2
        resources = _resources(_tag_bytes(tags, _TIFF_RESOURCES))
        own = _tag_bytes(tags, _TIFF_IIM)
        return _packets(xmp, resources | ({_IIM: own} if own else {}))
    if listed := getattr(picture, "resources", None):  # a Photoshop document
        return _packets(xmp, {code: data for code, _, data in listed[:_MOST_RESOURCES]})
    if isinstance(picture, Jpeg2KImageFile):
        boxes = dict(_uuid_boxes(data))
        return _packets(b"", {_OF_JP2[name]: box for name, box in boxes.items() if name in _OF_JP2})
    if isinstance(picture, GifImageFile):
        return _packets(_xmp_of_gif(data), {})
    return _packets_of_texts(info, xmp)


def _packets_of_texts(info: Mapping[Any, Any], xmp: bytes) -> Packets:
    """The packets of a PNG, in whose texts old programs put them, and its texts."""
    iim, app1 = _raw_profile(info, "iptc"), _raw_profile(info, "APP1")
    xmp = xmp or _bytes(info.get("XML:com.adobe.xmp")) or _raw_profile(info, "xmp")
    if app1.startswith(_XMP_SEGMENT):
        xmp, app1 = xmp or app1[len(_XMP_SEGMENT) :], b""
    found = _packets(xmp, _resources(iim) or {_IIM: iim})
    texts = {name: text for name in PNG_TEXTS if (text := text_of(info.get(name)))}
    return replace(found, exif=app1 or found.exif, texts=texts)


def _packets(xmp: bytes, resources: Mapping[int, bytes], extension: bytes = b"") -> Packets:
    return Packets(
        xmp=xmp or resources.get(_XMP, b""),
        extension=extension,
        iim=resources.get(_IIM, b"")[:LARGEST_IIM],
        digest=resources.get(_DIGEST, b"")[:16],
        exif=resources.get(_EXIF, b""),
    )


def _xmp_of_gif(data: bytes) -> bytes:
    """The packet in a GIF, which stands there as it is, with bytes behind it that end it."""
    start = data.find(_XMP_OF_GIF) + len(_XMP_OF_GIF)
    end = data.find(_END_IN_GIF, start)
    return data[start:end] if len(_XMP_OF_GIF) <= start < end else b""


def _joined_resources(picture: JpegImageFile) -> bytes:
    """The resources of a JPEG, which may be spread over several segments."""
    segments = (data for name, data in picture.applist if name == "APP13")
    found = [data[len(_RESOURCES) :] for data in segments if data.startswith(_RESOURCES)]
    return b"".join(found)


def _resources(data: bytes) -> dict[int, bytes]:
    """The resources of Photoshop by their numbers."""
    return dict(_each_resource(data[: 2 * LARGEST_IIM]))


def _each_resource(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    for _ in range(_MOST_RESOURCES):
        if data[position : position + 4] not in (b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"):
            return
        name = data[position + 6 : position + 7]
        start = position + 7 + (name[0] if name else 0)
        start += start - position & 1
        number, size = data[position + 4 : position + 6], data[start : start + 4]
        end = start + 4 + int.from_bytes(size, "big")
        if number == b"\x04\x04" or end <= len(data):
            yield int.from_bytes(number, "big"), data[start + 4 : end]
        position = end + (end - start & 1)


def _extension(picture: JpegImageFile, xmp: bytes) -> bytes:
    """The rest of XMP that has no room in one segment, where it belongs to the packet."""
    named = re.search(rb"HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})", xmp)
    if named is None:
        return b""
    begins = _EXTENSION + named[1]
    segments = [data for name, data in picture.applist if name == "APP1"]
    pieces: dict[int, bytes] = {}
    room = LARGEST_XMP
    for data in segments:
        if data.startswith(begins) and len(data) > len(begins) + 8:
            _, offset = struct.unpack_from(">II", data, len(begins))
            pieces[offset] = data[len(begins) + 8 :]
            room -= len(data)
    if room < 0:  # a depth map
        return b""
    return b"".join(pieces[offset] for offset in sorted(pieces))


def _uuid_boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of a JPEG 2000 that others than its makers have defined, by what they are."""
    position = 0
    for _ in range(_MOST_RESOURCES):
        size, kind = (
            int.from_bytes(data[position : position + 4], "big"),
            data[position + 4 : position + 8],
        )
        start = position + 8
        if size == 1:  # eight more bytes hold the size
            size, start = _number(data[start : start + 8]), start + 8
        end = position + size if size else len(data)
        if kind == b"uuid" and end - start <= 2 * LARGEST_XMP:
            yield data[start : start + 16], data[start + 16 : end]
        if end <= position or end >= len(data):
            return
        position = end


def _tag_bytes(tags: ImageFileDirectory_v2, tag: int) -> bytes:
    """The bytes of a tag as they stand in the file, for which Pillow may say one number."""
    data = _bytes(tags._tagdata.get(tag) or tags.get(tag))[: 2 * LARGEST_IIM]
    if tag == _TIFF_IIM and data[3:4] == b"\x1c" != data[:1]:  # numbers with the other byte first
        data = b"".join(data[start : start + 4][::-1] for start in range(0, len(data), 4))
    return data


def _raw_profile(info: Mapping[Any, Any], kind: str) -> bytes:
    """A profile that ImageMagick writes into the text of a PNG, in hexadecimal digits."""
    text = info.get(_RAW_PROFILE + kind)
    if not isinstance(text, str) or len(text) > 3 * LARGEST_XMP:
        return b""
    _, _, digits = text.strip().partition("\n")  # the name stands first, then a length
    _, _, digits = digits.strip().partition("\n")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return b""


def _number(digits: bytes) -> int:
    return int.from_bytes(digits, "big")


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode(errors="replace")
    return value if isinstance(value, bytes) else b""
