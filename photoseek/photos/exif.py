"""What a camera writes beside the pixels: which way is up, when it was, and its own name.

And what people have written there: texts, which may be in any of three encodings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from photoseek.photos.bad_bytes import BAD_BYTES, LARGEST_EXIF

FIRST_PHOTO = datetime(1826, 1, 1)
"""Niépce's view from his window."""

LONGEST_NAME = 100
"""Characters of the name of a camera; what is longer is none."""

_COMPANY = re.compile(r"\b(corporation|corp|company|co|ltd|inc|imaging|optical)\b.*", re.IGNORECASE)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_DATE = re.compile(
    r"(\d{4})[:/.-]([ \d]?\d)[:/.-]([ \d]?\d)"
    r"(?:[T ] *([ \d]?\d):([ \d]?\d)(?::([ \d]?\d)(?!\d))?.*)?",
    re.ASCII | re.DOTALL,
)
"""A date as EXIF wants it, 2024:05:01 12:30:00, and as programs write it: with dashes or slashes,
a T, blanks for zeros, or without the seconds or all of the time. A zone may follow."""
_ISO = re.compile(
    r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?)?)?)?(?![:\d])", re.ASCII
)
_FIRST_OF_YEAR = "0000-01-01T00:00:00"
_LONGEST = 100_000
_TAGS = {
    "ImageDescription": 0x010E,
    "Artist": 0x013B,
    "Copyright": 0x8298,
    "Rating": 0x4746,
    "XPTitle": 0x9C9B,
    "XPComment": 0x9C9C,
    "XPAuthor": 0x9C9D,
    "XPKeywords": 0x9C9E,
    "XPSubject": 0x9C9F,
    "LensModel": 0xA434,
}
_SEVERAL = ("Artist", "XPAuthor", "XPKeywords")


def orientation_of(picture: ImageFile) -> int:
    """Read the EXIF orientation, 1 to 8; 1 where there is none that makes sense."""
    if isinstance(picture, TiffImageFile):
        return 1  # Pillow has turned it
    try:
        value = _exif(picture).get(Base.Orientation, 1)
    except BAD_BYTES:
        return 1
    return value if isinstance(value, int) else 1


def exif_of(picture: ImageFile, data: bytes = b"") -> Exif:
    """What the EXIF of a picture tells of it; `data` stands for it where Pillow finds none."""
    try:
        exif = _exif(picture)
        if not exif and 0 < len(data) <= LARGEST_EXIF:
            exif.load(data)
        return Exif(dict(exif), exif.get_ifd(IFD.Exif))
    except BAD_BYTES:
        return Exif({}, {})


@dataclass(frozen=True, slots=True)
class Exif:
    """The tags of a picture's first directory, and those of its camera's."""

    first: Mapping[int, Any]
    camera_tags: Mapping[int, Any]

    def texts(self, name: str) -> list[str]:
        """What a tag of that name says: each author or keyword where it holds several."""
        value = self.first.get(_TAGS[name], self.camera_tags.get(_TAGS[name]))
        text = str(value) if isinstance(value, int) else text_of(value)
        if name != "Copyright":  # which holds two texts, of the photographer and the editor
            text = text.partition("\0")[0]
        parts = text.split(";") if name in _SEVERAL else [text]
        return [part for part in map(str.strip, parts) if part]

    @property
    def taken(self) -> str:
        """When it was taken: "2024-05-01T12:30:00", the camera's local time.

        "" where it does not say, or tells of a day that does not exist, is yet to come, or was
        before there was photography.
        """
        return moment_of_exif(self.camera_tags.get(Base.DateTimeOriginal))

    @property
    def camera(self) -> str:
        """The camera by its maker and model, the maker named once: "Canon EOS R5"."""
        return camera_of(text_of(self.first.get(Base.Make)), text_of(self.first.get(Base.Model)))


def camera_of(maker: str, model: str) -> str:
    """The name of a camera by its maker and model; what is too long is none."""
    maker, model = _BLANKS.sub(" ", maker).strip(), _BLANKS.sub(" ", model).strip()
    maker = _COMPANY.sub("", maker).strip(" .,") or maker
    first = maker.partition(" ")[0].casefold()
    named = model.casefold().split(" ", 1)[0] == first or not model or not maker
    name = (model or maker) if named else f"{maker} {model}"
    return name if len(name) <= LONGEST_NAME else ""


def moment_of_exif(written: object) -> str:
    """A date of EXIF, "2024:05:01 12:30:00", as "2024-05-01T12:30:00"."""
    found = _DATE.fullmatch(written.strip("\0 ")) if isinstance(written, str) else None
    if found is None:
        return ""
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    # Some clocks count an hour 24 after midnight, and leap seconds there are.
    hour, second = (0 if hour == 24 else hour), (59 if second == 60 else second)
    date = f"{year:04}-{month:02}-{day:02}"
    return sane_moment(f"{date}T{hour:02}:{minute:02}:{second:02}")


def moment_of_text(written: str) -> str:
    """A date of XMP or IPTC, as far as it goes: "2024", "2024-05-01T12:30+02:00", "20240501"."""
    found = _ISO.match(written.strip())
    if found is None:
        return moment_of_exif(written)
    year, month, day, hour, minute, second = found.groups()
    date = "-".join(part for part in (year, month, day) if part and part != "00")
    if hour is None or len(date) < len("2024-05-01"):
        return sane_moment(date)
    return sane_moment(f"{date}T{hour}:{minute}:{second or '00'}")


def sane_moment(text: str) -> str:
    """The moment or day, unless there was none such, or no photograph can be of it."""
    try:
        taken = datetime.fromisoformat(text + _FIRST_OF_YEAR[len(text) :])
    except ValueError:
        return ""
    tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)  # somewhere it is
    return text if FIRST_PHOTO <= taken <= tomorrow else ""


def text_of(value: object) -> str:
    """A text of EXIF or of a PNG.

    Pillow takes it for Latin-1; most programs write UTF-8, Windows UTF-16.
    """
    if isinstance(value, tuple) and all(isinstance(one, int) and 0 <= one < 256 for one in value):
        value = bytes(value)
    if isinstance(value, bytes):
        return value[:_LONGEST].decode("utf-16-le", errors="ignore").strip("\0 ")
    if not isinstance(value, str):
        return ""
    text = value[:_LONGEST].strip("\0 ")
    for encoding in ("utf-8", "cp1252"):
        with suppress(UnicodeError):
            return text.encode("latin-1").decode(encoding)
    return text


def _exif(picture: ImageFile) -> Image.Exif:
    if len(picture.info.get("exif", b"")) > LARGEST_EXIF:
        return Image.Exif()
    return picture.getexif()
