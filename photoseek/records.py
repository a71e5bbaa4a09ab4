"""The words of photoseek, as frozen dataclasses that every other module shares."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias

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
    when the camera says it was taken, "2024-05-01T12:30:00", its local time. All are "" or
    empty where unknown.
    """

    colour: str = ""
    colours: tuple[str, ...] = ()
    phash: str = ""
    taken: str = ""


@dataclass(frozen=True, slots=True)
class EncodedPhoto:
    """A photo with all that is stored for it.

    `content_hash` is 32 hex digits of BLAKE2b over the original bytes. `width` and `height` are
    pixels of the original, after its EXIF orientation. `thumbnail` holds JPEG bytes, and
    `original` the bytes of the photo; both are stored only as far as `keep` says.
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


Counts: TypeAlias = tuple[tuple[str, int], ...]
"""Values, each with the number of photos that have it: most photos first, and then by value."""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many photos of a set have each value of the fields that are counted.

    `total` counts the photos of the set. `counts` has a member for each facet of which there is
    anything: "tags", "licence", "years" and so on (`photoseek.store.fields`).
    """

    total: int = 0
    counts: Mapping[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer to a search. `rank` counts from 1.

    `score` is the cosine similarity in [-1, 1]; larger is closer. `duplicates` are copies of it
    that rank lower, where copies are taken together.
    """

    rank: int
    score: float
    stored: StoredPhoto
    duplicates: tuple[StoredPhoto, ...] = ()

    @property
    def link(self) -> str:
        """A URL that a browser can open, or ""."""
        return self.stored.link


Confidence = Literal["high", "medium", "low"]
"""Whether the best photos found stand out from the library."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of photos, best first; without a query the newest ones, whose scores are 0.

    `query` is the query as it was understood, in words that find the same again. `total` photos
    satisfy the filters. `confidence` comes with the first page only. `next_offset` is where the
    next page begins, or None at the end. `tokens` run in step with the parts of the query: the
    embedding of a picture as text (`photoseek.search.tokens`), and "" for other parts. The seconds
    say how long it took to encode the query and to search the index.
    """

    hits: tuple[Hit, ...] = ()
    query: str = ""
    total: int = 0
    confidence: Confidence | None = None
    next_offset: int | None = None
    tokens: tuple[str, ...] = field(default=(), compare=False)
    encode_seconds: float = field(default=0.0, compare=False)
    search_seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one photo; `error` is the reason when it was skipped."""

    uri: str
    outcome: Literal["indexed", "updated", "skipped"]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The model that searches, and the index.

    `precision` and `device` are "" while no model is loaded; without an index either, `dimensions`
    is 0 and `fingerprint` is "". `ann` says whether searches go through an approximate index.
    `problem` is the reason, in words, why nothing can be found in an index that was there and is
    gone.
    """

    model: str
    dimensions: int
    precision: str
    device: str
    location: str
    photos: int
    ann: bool
    problem: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a vector: the name people type, and a fingerprint (`photoseek.identity`)."""

    name: str
    fingerprint: str
    dimensions: int


Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a field, such as licence = CC0-1.0 or width >= 2000.

    On labels (tags, colours), "=" means that the photo has that one. "in" takes several values, of
    which one has to fit. `photoseek.store.fields` lists the fields.
    """

    field: str
    operator: Operator
    value: str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """A filter that holds where all of these hold."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A filter that holds where one of these holds."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A filter that holds where this one does not."""

    filter: Filter


Filter: TypeAlias = Condition | AllOf | AnyOf | Not
"""Which photos are meant. Where several are given, all have to hold."""


@dataclass(frozen=True, slots=True)
class Skip:
    """A photo that was left out, and the reason in words.

    What is left out is not gone: it stands for the photo with that `id`, or else for whatever
    lies at or below `uri`. It is `unclear` where nobody can tell which photos it stands for.
    """

    uri: str
    reason: str
    id: str = ""
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing run did. `photos_per_second` counts encoded photos only.

    `removed` photos had vanished from the source. `remarks` are sentences about what a person
    should know although no photo was left out for it: texts that were shortened, photos that
    vanished and stay in the index all the same. `deleted` photos were left out, as they had been
    deleted on purpose. `not_read` counts the files of the source whose names end as those of
    photos or videos do that are not read.
    """

    indexed: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: tuple[Skip, ...] = ()
    seconds: float = 0.0
    removed: int = 0
    remarks: tuple[str, ...] = ()
    deleted: int = 0
    not_read: Mapping[str, int] = field(default_factory=dict)

    @property
    def photos_per_second(self) -> float:
        """Encoded photos per second of the whole run."""
        return self.indexed / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What an index holds and how it answers."""

    location: str
    model: ModelIdentity
    photos: int
    ann: bool
