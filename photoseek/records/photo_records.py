"""Photos as frozen records: as a source describes them, encoded, and as they are stored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from photoseek.records.text_records import PictureText
from photoseek.records.written_records import Written

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
    size and time of change, for an object its size and ETag), or "" where there is none. `sidecar`
    is where the file of XMP beside it lies, "" for none; it is one of `sidecars_of` its uri.
    `folder` is what it lies in as seen from its source, "Travel/Italy" on every system; "" at the
    top.
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
    sidecar: str = ""
    folder: str = ""

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

        Tracking in URLs does not count, nor does where a side-car lies: the version tells of it
        too; nor an empty folder. Without a version the bytes are unknown, so the fingerprint is ""
        and equals no other.
        """
        if not self.version:
            return ""
        # JSON by hand takes a third of the time, and there are millions of photos.
        folder = f'"folder": {_quoted(self.folder)}, ' if self.folder else ""  # once unknown
        metadata = _written(self.metadata) if self.metadata else "{}"
        tags = _written(self.tags) if self.tags else "[]"
        text = (
            f'{{"caption": {_quoted(self.caption)}, {folder}"id": {_quoted(self.id)}, '
            f'"licence": {_quoted(self.licence)}, "metadata": {metadata}, '
            f'"photographer": {_quoted(self.photographer)}, '
            f'"source_url": {_quoted(self.source_url)}, "tags": {tags}, '
            f'"uri": {_quoted(self.uri)}, "version": {_quoted(self.version)}}}'
        )
        if "ixid=" in text:
            text = _TRACKING.sub("", text)
        return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


_quoted = json.encoder.encode_basestring
_written = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def sidecars_of(uri: str) -> tuple[str, str]:
    """How the side-car of a photo may be called, in lower case: x.jpg.xmp, or else x.xmp."""
    lower = uri.lower()
    stem, dot, end = lower.rpartition(".")
    return f"{lower}.xmp", f"{stem}.xmp" if dot and not set("/\\") & set(end) else f"{lower}.xmp"


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


UNREAD = "="
"""Before a content hash that the index has: the bytes are known to be those, and are not read."""

KEPT_OTHERWISE = "+"
"""Before a content hash that the index has: something else is to be kept of the photo, which is
encoded as if it were new."""

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
    when it was taken, "2024-05-01T12:30:00", the camera's local time, and `camera` which one it
    was. All are "" or empty where unknown. `written` is what people have written into the file,
    None where nobody has. `suggested` are keywords that a model sees in it; no person gave them.
    """

    colour: str = ""
    colours: tuple[str, ...] = ()
    phash: str = ""
    taken: str = ""
    camera: str = ""
    written: Written | None = None
    suggested: tuple[str, ...] = ()

    def retold(self, told: Traits) -> Traits:
        """These, with what stands beside the pixels taken from others of the same pixels."""
        return replace(self, taken=told.taken, camera=told.camera, written=told.written)


@dataclass(frozen=True, slots=True)
class EncodedPhoto:
    """A photo with all that is stored for it.

    `content_hash` is 32 hex digits of BLAKE2b over the original bytes. `width` and `height` are
    pixels of the original, after its EXIF orientation. `thumbnail` holds JPEG bytes, and
    `original` the bytes of the photo; both are stored only as far as `keep` says, and are empty
    where a store has them already. `indexed_at` is when it was indexed, in UTC and to the
    microsecond, or None: then it is indexed by being stored. `text` is what was read in it, or None
    where nobody has tried.
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
    text: PictureText | None = None


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo as the index gives it back: all but its vector and what is kept of its pixels.

    `keep` says what that is and `indexed_at` since when, in UTC, its bytes are in the index, where
    photos are asked for by id; hits may know neither. `link` is a URL
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
    text: PictureText | None = None
    indexed_at: datetime | None = field(default=None, compare=False)

    @property
    def orientation(self) -> Orientation:
        """Whether it is wider than high."""
        return orientation(self.width, self.height)

    @property
    def described(self) -> Photo:
        """What is known of it: what its source says, and where that says nothing its file."""
        photo, written = self.photo, self.traits.written
        if written is None:
            return photo
        return replace(
            photo,
            caption=photo.caption or written.caption or written.headline or written.title,
            tags=photo.tags or written.keywords,
            photographer=photo.photographer or written.creator,
            licence=photo.licence or written.licence,
            source_url=photo.source_url or written.page,
        )

    @property
    def attribution(self) -> str:
        """What to print beside it; a credit line in its file counts as far as it wants to."""
        written, described = self.traits.written, self.described
        if written is not None and not self.photo.photographer:
            described = replace(described, photographer=written.author)
        return described.attribution


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a vector: the name people type, and a fingerprint (`photoseek.identity`).

    `tokenizer` tells how it reads texts (`photoseek.tokenizing.tokenizer_mark`); it is "" for
    OpenCLIP's own tokenizer, and where nobody looked. Vectors of photos do not depend on it, nor
    does an index: `photoseek.identity.text_key` is for what is kept of texts.
    """

    name: str
    fingerprint: str
    dimensions: int
    tokenizer: str = field(default="", compare=False)
