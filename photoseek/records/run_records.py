"""Indexing runs and indexes as frozen records: what became of photos, and what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from photoseek.records.photo_records import ModelIdentity


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
    gone. `keyword_fields` are those whose words are found beside the ones of captions and tags.
    `reads_text` says whether the text in pictures is read while they are indexed.
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
    keyword_fields: tuple[str, ...] = ()
    reads_text: bool = False


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


def reason_of(skipped: Sequence[Skip]) -> str:
    """How many photos were left out and why the first of them, as a sentence to put behind another;
    "" where none was.
    """
    if not skipped:
        return ""
    first = skipped[0]
    return f" Left out were {len(skipped):,}, such as {first.uri}: {first.reason}"


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
class TextReport:
    """What reading the text in pictures did.

    Of the photos, `read` were read, `with_text` of them have some, and `unchanged` had been read
    before. `rough` is how many of them could be read from their thumbnails only. `remarks` are
    sentences about what a person should know.
    """

    read: int = 0
    with_text: int = 0
    unchanged: int = 0
    rough: int = 0
    skipped: tuple[Skip, ...] = ()
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()

    @property
    def photos_per_second(self) -> float:
        """Photos that were read per second of the whole run."""
        return self.read / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What copying an index did, and whether the copy is what it was made of.

    Of the photos, `copied` were new to the target, `updated` were other ones there, `unchanged`
    were there already, and `removed` are gone from the source. `blobs` thumbnails and originals
    were copied, `missing` ones were not to be found in the source. `photos` is what the target
    holds at the end. Vectors, descriptions and blobs of `compared` of them were compared with the
    source once more. `remarks` are sentences about what a person should know.
    """

    source: str
    target: str
    copied: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    blobs: int = 0
    missing: int = 0
    photos: int = 0
    compared: int = 0
    is_verified: bool = False
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()

    @property
    def photos_per_second(self) -> float:
        """Photos that were dealt with per second of the whole run."""
        done = self.copied + self.updated + self.unchanged
        return done / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What making an index again with another model did.

    `location` stands for the index of the `model` now if it `is_switched`; `target` names that very
    index, and `before` the one that it stood for. Of the photos, `encoded` were, `updated` got
    their new descriptions, `unchanged` were there already, and `removed` were deleted meanwhile.
    `from_thumbnails` of all were encoded from their thumbnails, as nothing better could be had;
    `unreadable` could not be encoded at all, and those `away` cannot be read now, and may be later:
    the new index lacks them so far. `photos` is what the index holds at the end. `remarks`
    are sentences about what a person should know.
    """

    location: str
    target: str
    model: str
    before: str
    model_before: str
    encoded: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    from_thumbnails: int = 0
    unreadable: tuple[Skip, ...] = ()
    away: tuple[Skip, ...] = ()
    photos: int = 0
    is_switched: bool = False
    seconds: float = 0.0
    held_seconds: float = 0.0
    remarks: tuple[str, ...] = ()

    @property
    def photos_per_second(self) -> float:
        """Photos that were encoded per second of the whole run."""
        return self.encoded / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written of an index: how many photos, and `columns` of users' own manifests.

    With `vectors` these were written too. `remarks` are sentences about what a person should know.
    """

    file: str
    photos: int = 0
    columns: int = 0
    vectors: bool = False
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """Whether somebody on this machine writes to an index now, and whether upkeep is due."""

    is_written: bool = False
    maintenance_is_due: bool = False


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What an index holds and how it answers."""

    location: str
    model: ModelIdentity
    photos: int
    ann: bool
    keyword_fields: tuple[str, ...] = ()
