"""Pictures with words in them, packed by hand as Photoshop, agencies and cameras pack them."""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

_SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "cc": "http://creativecommons.org/ns#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
}

PACKET = "http://ns.adobe.com/xap/1.0/\0"
UTF8 = b"\x1b%G"


def xmp_of(properties: str = "", attributes: str = "") -> bytes:
    """A packet with properties as elements and as attributes of its description."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces} {attributes}>{properties}</rdf:Description>'
        f'</rdf:RDF></x:xmpmeta>{" " * 100}<?xpacket end="w"?>'
    ).encode()


def listed(name: str, *texts: str, kind: str = "Bag") -> str:
    """A property with several values."""
    items = "".join(f"<rdf:li>{text}</rdf:li>" for text in texts)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


def in_languages(name: str, **texts: str) -> str:
    """A property in several languages; `x` is the main one."""
    items = "".join(
        f'<rdf:li xml:lang="{"x-default" if language == "x" else language}">{text}</rdf:li>'
        for language, text in texts.items()
    )
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>"


def iim_of(
    texts: Mapping[int, str | bytes | Sequence[str | bytes]], encoding: str = "utf-8"
) -> bytes:
    """A block of IPTC-IIM; one in UTF-8 says so."""
    block = _set(1, 90, UTF8) if encoding == "utf-8" else b""
    for number, given in texts.items():
        for text in [given] if isinstance(given, str | bytes) else given:
            block += _set(2, number, text if isinstance(text, bytes) else text.encode(encoding))
    return block


def _set(record: int, number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def resources_of(iim: bytes, *, digest: bytes | None = None) -> bytes:
    """The resources of Photoshop with a block, and the digest of the block that XMP followed."""
    resources = resource(0x0404, iim)
    return resources + (resource(0x0425, digest) if digest is not None else b"")


def digest_of(iim: bytes) -> bytes:
    """What XMP notes of a block that it is in step with."""
    return hashlib.md5(iim).digest()


def resource(number: int, data: bytes) -> bytes:
    """A resource of Photoshop."""
    return b"8BIM" + struct.pack(">HBBI", number, 0, 0, len(data)) + data + b"\0" * (len(data) & 1)


def segment(marker: int, data: bytes) -> bytes:
    """A segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def picture_of(colour: str = "seagreen", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """A small picture, of which no two colours have the same bytes."""
    return Image.new("RGB", size, colour)


def jpeg_of(
    xmp: bytes = b"",
    iim: bytes = b"",
    exif: Image.Exif | None = None,
    *,
    digest: bytes | None = None,
    segments: Sequence[bytes] = (),
    colour: str = "seagreen",
) -> bytes:
    """A JPEG with these words in it."""
    buffer = io.BytesIO()
    picture_of(colour).save(buffer, "JPEG", **({"exif": exif} if exif else {}))
    parts = [segment(0xE1, PACKET.encode() + xmp)] if xmp else []
    if iim:
        data = b"Photoshop 3.0\0" + resources_of(iim, digest=digest)
        parts.append(segment(0xED, data))
    return b"\xff\xd8" + b"".join([*parts, *segments]) + buffer.getvalue()[2:]


def saved_as(kind: str, xmp: bytes = b"", iim: bytes = b"") -> bytes:
    """A picture of a format that Pillow writes, with these words in it."""
    buffer = io.BytesIO()
    options: dict[str, Any] = {"xmp": xmp}
    if kind == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options = {"pnginfo": info}
    elif kind == "GIF":
        options = {}
    elif kind == "TIFF":
        tags = ImageFileDirectory_v2()
        tags[700] = xmp
        if iim:
            tags[33723] = iim
        options = {"tiffinfo": tags}
    picture_of().save(buffer, kind, **({} if kind == "JPEG2000" else options))
    if kind == "GIF":  # before the byte that ends it, as Photoshop writes it
        end = bytes((1, *range(255, -1, -1), 0))
        whole = buffer.getvalue()[:-1] + b"\x21\xff\x0bXMP DataXMP" + xmp + end + b"\x3b"
        buffer = io.BytesIO(whole)
    if kind == "JPEG2000":
        boxes = {"be7acfcb97a942e89c71999491e3afac": xmp, "33c7a4d2b81d4723a0baf1a3e097ad38": iim}
        for name, box in boxes.items():
            if box:
                head = struct.pack(">I4s", len(box) + 24, b"uuid")
                buffer.write(head + bytes.fromhex(name) + box)
    return buffer.getvalue()


def png_with(texts: Mapping[str, str]) -> bytes:
    """A PNG with texts, those of letters beyond Latin-1 in a chunk for such."""
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text) if text.isascii() else info.add_itxt(name, text)
    buffer = io.BytesIO()
    picture_of().save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def raw_profile(name: str, data: bytes) -> str:
    """A profile as ImageMagick writes it into a text of a PNG."""
    return f"\n{name}\n{len(data):8}\n{data.hex()}\n"


def exif_of(first: Mapping[int, Any], camera: Mapping[int, Any] | None = None) -> Image.Exif:
    """EXIF with tags of its first directory and of the camera's."""
    exif = Image.Exif()
    for tag, value in first.items():
        exif[tag] = value
    for tag, value in (camera or {}).items():
        exif.get_ifd(0x8769)[tag] = value
    return exif
