"""What a camera writes beside the pixels: which way is up, when it was, and its own name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from photoseek.photos.formats import BAD_BYTES
from photoseek.records import Traits

LARGEST_EXIF = 1_000_000
"""Bytes. A camera writes 64 kB at most; Pillow makes Python objects of every number in there."""

FIRST_PHOTO = datetime(1826, 1, 1)
"""Niépce's view from his window."""

LONGEST_NAME = 100
"""Characters of the name of a camera; what is longer is none."""

_COMPANY = re.compile(r"\b(corporation|corp|company|co|ltd|inc|imaging|optical)\b.*", re.IGNORECASE)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_DATE = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", re.ASCII)


def orientation_of(picture: ImageFile) -> int:
    """Read the EXIF orientation, 1 to 8; 1 where there is none that makes sense."""
    if isinstance(picture, TiffImageFile):
        return 1  # Pillow has turned it
    try:
        value = _exif(picture).get(Base.Orientation, 1)
    except BAD_BYTES:
        return 1
    return value if isinstance(value, int) else 1


def traits_of_exif(picture: ImageFile) -> Traits:
    """What the EXIF of a loaded picture tells of it; unknown is what it does not say."""
    return Traits(taken=_taken(picture), camera=_camera(picture))


def _taken(picture: ImageFile) -> str:
    """When a picture was taken: "2024-05-01T12:30:00", the camera's local time.

    "" where it does not say, or tells of a day that does not exist, is yet to come, or was before
    there was photography.
    """
    try:
        written = _exif(picture).get_ifd(IFD.Exif).get(Base.DateTimeOriginal)
    except BAD_BYTES:
        return ""
    return _sane(written)


def _camera(picture: ImageFile) -> str:
    """The camera by its maker and model, the maker named once: "Canon EOS R5"."""
    try:
        exif = _exif(picture)
        maker, model = _name(exif.get(Base.Make)), _name(exif.get(Base.Model))
    except BAD_BYTES:
        return ""
    maker = _COMPANY.sub("", maker).strip(" .,") or maker
    first = maker.partition(" ")[0].casefold()
    named = model.casefold().split(" ", 1)[0] == first or not model or not maker
    name = (model or maker) if named else f"{maker} {model}"
    return name if len(name) <= LONGEST_NAME else ""


def _name(written: object) -> str:
    return _BLANKS.sub(" ", written).strip() if isinstance(written, str) else ""


def _sane(written: object) -> str:
    found = _DATE.match(written.strip("\0 ")) if isinstance(written, str) else None
    if found is None:
        return ""
    try:
        taken = datetime.strptime(found[0], "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return ""
    tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)  # somewhere it is
    return taken.isoformat() if FIRST_PHOTO <= taken <= tomorrow else ""


def _exif(picture: ImageFile) -> Image.Exif:
    if len(picture.info.get("exif", b"")) > LARGEST_EXIF:
        return Image.Exif()
    return picture.getexif()
