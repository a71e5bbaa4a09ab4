"""What a reindex is about to read, and from where: to be told before hours of it, or a bill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from photoseek.helpers.uri import scheme_of
from photoseek.indexing.away_places import server_of
from photoseek.records import StoredPhoto
from photoseek.store import PhotoStore

MOST_LOOKED_AT = 100_000
"""Photos that are counted; of a larger library, the first of all."""

KEPT = "the originals that the index keeps"
HERE = "files of this machine"


_SIZE = re.compile(r"(\d+)-")
"""How the version of a file or object begins: with its bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Photos that are read from one place, and their `bytes` as far as these are known."""

    place: str
    photos: int = 0
    bytes: int = 0
    are_all_known: bool = True
    """Whether the sizes of all of them are: a web address has none."""


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What is read, most photos first, and whether more photos follow that were not counted."""

    readings: tuple[Reading, ...] = ()
    has_more: bool = False


def reading_plan(source: PhotoStore, target: PhotoStore, most: int = MOST_LOOKED_AT) -> ReadingPlan:
    """What is to be read of the photos that the target lacks."""
    found: dict[str, Reading] = {}
    looked_at = 0
    for ids in source.ids():
        looked_at += len(ids)
        for stored in _lacking(ids[: len(ids) - max(0, looked_at - most)], source, target):
            place = _place_of(stored)
            before, size = found.get(place, Reading(place)), _size_of(stored)
            found[place] = Reading(
                place,
                before.photos + 1,
                before.bytes + size,
                are_all_known=before.are_all_known and size > 0,
            )
        if looked_at > most:
            return ReadingPlan(_sorted(found), has_more=True)
    return ReadingPlan(_sorted(found))


def _lacking(ids: Sequence[str], source: PhotoStore, target: PhotoStore) -> Iterable[StoredPhoto]:
    there = target.known(ids)
    hashes = source.known(ids)
    return source.get(
        photo_id
        for photo_id, known in hashes.items()
        if photo_id not in there or there[photo_id].content_hash != known.content_hash
    ).values()


def _place_of(stored: StoredPhoto) -> str:
    return KEPT if stored.keep == "original" else server_of(stored.photo.uri) or HERE


def _size_of(stored: StoredPhoto) -> int:
    """The bytes of a photo; 0 where they are not known."""
    if scheme_of(stored.photo.uri) not in ("", "file", "s3"):
        return 0
    found = _SIZE.match(stored.photo.version)
    return int(found[1]) if found else 0


def _sorted(found: dict[str, Reading]) -> tuple[Reading, ...]:
    return tuple(sorted(found.values(), key=lambda each: (-each.photos, each.place)))
