"""What a photo tells of itself beside its pixels: out of its side-car, XMP, IPTC, EXIF and texts.

A side-car goes before what is in the file. In the file XMP goes before IPTC-IIM, unless a program
that knows no XMP has written the IIM since (the rule of the Metadata Working Group), and EXIF
comes behind: cameras fill its description with their own name. The texts of a PNG come last. When a
photo was taken, and with what, its EXIF knows best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile

from photoseek.compat.pillow import quieten_pillow
from photoseek.photos import tidying
from photoseek.photos.bad_bytes import BAD_BYTES
from photoseek.photos.exif import Exif, camera_of, exif_of, moment_of_text
from photoseek.photos.formats import ImageLimits, Room, opened_picture
from photoseek.photos.iptc import Iim
from photoseek.photos.origins import (
    ADDRESSES,
    CAMERA_XMP,
    LINES,
    LISTS,
    ORIGINS,
    RELEASES,
    SLASHED,
    TAKEN_IIM,
    TAKEN_XMP,
    Origin,
)
from photoseek.photos.packets import Packets, packets_of
from photoseek.photos.xmp import Xmp
from photoseek.records import Traits, Written

_NOTHING = Xmp()
_SHORTEST_CUT = 30
"""Characters of a text of IIM that may be the beginning of a longer one of XMP."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """All that a photo has to say, part by part."""

    sidecar: Xmp
    xmp: Xmp
    iim: Iim
    exif: Exif
    texts: Mapping[str, str]
    is_xmp_stale: bool


def tell(
    data: bytes,
    limits: ImageLimits,
    sidecar: bytes = b"",
    *,
    room: Room = lambda _: nullcontext(),
) -> Traits:
    """What `traits_told` finds in the bytes of a picture, whose pixels are not decoded.

    Raises:
        PhotoError: as `photoseek.photos.decode` does, as far as a header can tell.
    """
    quieten_pillow()
    with opened_picture(data, limits, room) as opened:
        if isinstance(opened.picture, PngImageFile):
            opened.picture.load()  # its words may stand after its pixels
        return traits_told(opened.picture, data, sidecar)


def traits_told(picture: ImageFile, data: bytes, sidecar: bytes = b"") -> Traits:
    """What stands beside the pixels of a picture and in its side-car; its colours stay unknown.

    `data` are the bytes that it was opened from. Whatever the bytes are, nothing is raised.
    """
    try:
        packets = packets_of(picture, data)
    except BAD_BYTES:
        packets = Packets()
    exif = exif_of(picture, packets.exif)
    parts = _Parts(
        sidecar=Xmp(sidecar) if sidecar else _NOTHING,
        xmp=packets.read_xmp() if packets.xmp else _NOTHING,
        iim=Iim(packets.iim),
        exif=exif,
        texts=packets.texts,
        is_xmp_stale=packets.is_xmp_stale,
    )
    if not (parts.sidecar or packets or exif.first):
        return Traits(taken=exif.taken)
    return Traits(taken=_taken(parts), camera=_camera(parts), written=_written(parts))


def _written(parts: _Parts) -> Written | None:
    members = {origin.field: _member(origin, parts) for origin in ORIGINS}
    paths = members["keyword_paths"]
    leaves = (path.rpartition("|")[2] for path in paths)
    members["keywords"] = tidying.distinct((*members["keywords"], *leaves))
    told: dict[str, Any] = {
        name: texts if name in LISTS else ", ".join(texts) for name, texts in members.items()
    }
    written = Written(**told)
    return written if written != Written() else None


def _member(origin: Origin, parts: _Parts) -> tuple[str, ...]:
    """The tidy texts of the first part that has any."""
    tidy = _tidy_for(origin)
    for texts in _told(origin, parts):
        if found := tidying.distinct(map(tidy, texts)):
            return found if origin.field in (*LISTS, "creator") else found[:1]
    return ()


def _told(origin: Origin, parts: _Parts) -> Iterator[list[str]]:
    """What the parts say, first that goes first."""
    yield from _of_xmp(origin, parts.sidecar)
    iim = parts.iim.texts(origin.iim) if origin.iim else []
    xmp = [texts for texts in _of_xmp(origin, parts.xmp) if texts]
    if parts.is_xmp_stale and iim and not (xmp and _is_cut(iim, xmp[0])):
        yield iim
    yield from xmp
    yield iim
    for name in origin.exif:
        yield parts.exif.texts(name)
    for name in origin.png:
        yield [parts.texts.get(name, "")]


def _of_xmp(origin: Origin, xmp: Xmp) -> Iterator[list[str]]:
    if not xmp:
        return
    if origin.field == "keyword_paths":  # several programs keep them, each its own
        yield [
            tidying.path_of(text, "/" if name in SLASHED else "|", origin.longest)
            for name in origin.xmp
            for text in xmp.texts(name)
        ]
        return
    yield from map(xmp.texts, origin.xmp)


def _is_cut(iim: list[str], xmp: list[str]) -> bool:
    """Whether IIM says what XMP does, as far as it has room."""
    return len(iim) == len(xmp) and all(
        whole == cut or (len(cut) >= _SHORTEST_CUT and whole.startswith(cut))
        for cut, whole in zip(iim, xmp, strict=True)
    )


def _tidy_for(origin: Origin) -> Callable[[str], str]:
    longest = origin.longest
    if origin.field in ADDRESSES:
        return lambda text: tidying.address_of(text, longest)
    if origin.field in RELEASES:
        return tidying.release_of
    if origin.field == "rating":
        return tidying.stars_of
    if origin.field == "caption":
        return lambda text: tidying.lines_of(tidying.caption_of(text), longest)
    if origin.field in LINES:
        return lambda text: tidying.lines_of(text, longest)
    return lambda text: tidying.line_of(text, longest)


def _taken(parts: _Parts) -> str:
    sidecar, exif = _taken_by(parts.sidecar), parts.exif.taken
    if sidecar and not exif.startswith(sidecar):
        return sidecar
    day, time = ("".join(parts.iim.texts(number)[:1]) for number in TAKEN_IIM)
    iim = moment_of_text(f"{day}T{time[:6]}" if time else day) or moment_of_text(day)
    xmp = _taken_by(parts.xmp)
    return exif or (iim if parts.is_xmp_stale else "") or xmp or iim


def _taken_by(xmp: Xmp) -> str:
    texts = (text for name in TAKEN_XMP for text in xmp.texts(name))
    return next(filter(None, map(moment_of_text, texts)), "")


def _camera(parts: _Parts) -> str:
    if camera := parts.exif.camera:
        return camera
    for xmp in (parts.sidecar, parts.xmp):
        names = ("".join(xmp.texts(name)[:1])[:200] for name in CAMERA_XMP)
        if camera := tidying.line_of(camera_of(*names), 200):
            return camera
    return ""
