"""Photos as frozen records: as a source describes them, encoded, and as they are stored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""An embedding of unit length, shape (dimensions,)."""


Pixels = NDArray[np.uint8]
"""An RGB picture, shape (height, width, 3)."""


def content_hash(data: bytes) -> str:
    """32 hex digits over the bytes of a photo: equal means that they are the same."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def is_content_hash(text: str) -> bool:
    """Whether a text looks like what `content_hash` gives."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None


_TRACKING = re.compile(r'(?<=[?&])ixid=[^&#"\s]*')
"""Unsplash counts views by a parameter that is another one in each of its answers."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as its source describes it: where its bytes lie and what is known about it.

    `id` is stable from run to run. `uri` is an absolute path, an http(s) URL or an s3:// URI.
    `version` is a cheap token that changes whenever the bytes may have changed (for a file its
    size and time of change, for an object its size and ETag), or "" where there is none.
    """

    id: str
    uri: str
    version: str = ""
    caption: str = ""
    tags: tuple[str, ...] = ()
    photographer: str = ""
    licence: str = ""
    source_url: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def attribution(self) -> str:
        """What to print beside it, so that its licence is honoured; "" where nothing is known.

        Such as "Photo by Anna Berg, CC-BY-4.0, https://...".
        """
        author = f"Photo by {self.photographer}" if self.photographer.strip() else ""
        known = (part.strip() for part in (author, self.licence, self.source_url))
        return ", ".join(filter(None, known))

    @property
    def fingerprint(self) -> str:
        """32 hex digits over every field: equal means that nothing needs to be done.

        Tracking in URLs does not count. Without a version the bytes are unknown, so the
        fingerprint is "" and equals no other.
        """
        if not self.version:
            return ""
        fields = asdict(self)
        text = _TRACKING.sub("", json.dumps(fields, sort_keys=True, ensure_ascii=False))
        return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


Keep = Literal["none", "thumbnail", "original"]
"""What an index keeps of a photo's pixels; with the original a thumbnail is kept as well."""


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """What the index already knows of a photo: enough to tell whether it must be encoded.

    One that was `deleted` on purpose is not in the index.
    """

    fingerprint: str
    content_hash: str
    keep: Keep = "thumbnail"
    deleted: bool = False


DELETED = KnownPhoto(fingerprint="", content_hash="", deleted=True)
"""What is known of a photo that was deleted on purpose."""


Orientation = Literal["landscape", "portrait", "square"]


def orientation(width: int, height: int) -> Orientation:
    """Whether a picture of that size is wider than high."""
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a photo's file itself tells, besides its size.

    `colour` is the dominant colour as "#rrggbb". `colours` are the names of the colours that
    cover a good part of it, most first (`photoseek.photos.COLOUR_NAMES`). `phash` is a 64-bit
    perceptual hash as 16 hex digits: few bits differ between copies of one picture. `taken` is
    when the camera says it was taken, "2024-05-01T12:30:00", its local time, and `camera` which
    one it was. All are "" or empty where unknown.
    """

    colour: str = ""
    colours: tuple[str, ...] = ()
    phash: str = ""
    taken: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class EncodedPhoto:
    """A photo with all that is stored for it.

    `content_hash` is 32 hex digits of BLAKE2b over the original bytes. `width` and `height` are
    pixels of the original, after its EXIF orientation. `thumbnail` holds JPEG bytes, and
    `original` the bytes of the photo; both are stored only as far as `keep` says, and are empty
    where a store has them already. `indexed_at` is when it was indexed, in UTC and to the
    microsecond, or None: then it is indexed by being stored.
    """

    photo: Photo
    content_hash: str
    width: int
    height: int
    vector: Vector
    thumbnail: bytes
    keep: Keep = "thumbnail"
    original: bytes = b""
    traits: Traits = Traits()
    indexed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo as the index gives it back: all but its vector and what is kept of its pixels.

    `keep` says what that is, where photos are asked for by id; hits do not know it. `link` is a URL
    that a browser can open, for a while where it is a presigned one; "" for local files and within
    the store.
    """

    photo: Photo
    content_hash: str
    width: int
    height: int
    traits: Traits = Traits()
    keep: Keep | None = field(default=None, compare=False)
    link: str = field(default="", compare=False)

    @property
    def orientation(self) -> Orientation:
        """Whether it is wider than high."""
        return orientation(self.width, self.height)


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a vector: the name people type, and a fingerprint (`photoseek.identity`)."""

    name: str
    fingerprint: str
    dimensions: int
