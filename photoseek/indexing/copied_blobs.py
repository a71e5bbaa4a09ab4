"""Thumbnails and originals on their way from one index to another, each once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from itertools import islice

from photoseek.helpers.idset import Seen
from photoseek.records import EncodedPhoto
from photoseek.store import Blobs
from photoseek.store.blobs import KEEPS, BlobKind

_MOST_BYTES = 32_000_000
_KINDS: tuple[BlobKind, ...] = ("thumbnail", "original")


class CopiedBlobs:
    """Reads what photos keep of their pixels. Used by one thread, which has others read.

    `copied` counts the blobs that were read, and `missing` those that were not to be found.
    """

    readers = 8
    """Threads that read at the same time, which pays where each waits for a network."""

    def __init__(self, source: Blobs, pool: Executor) -> None:
        self._source = source
        self._pool = pool
        self._sent: dict[BlobKind, Seen] = {kind: Seen() for kind in _KINDS}
        self.copied = 0
        self.missing = 0

    def filled(
        self, photos: Sequence[EncodedPhoto], there: Mapping[str, EncodedPhoto]
    ) -> Iterator[list[EncodedPhoto]]:
        """The photos with the blobs that the target lacks, as many at a time as memory allows.

        `there` is what the target has of the same photos.
        """
        lot: list[EncodedPhoto] = []
        size = 0
        waiting = iter(photos)
        while some := list(islice(waiting, self.readers)):
            wanted = [self._wanted(each, there.get(each.photo.id)) for each in some]
            if any(wanted):
                some = list(self._pool.map(self._read, some, wanted))
                self._count(some, wanted)
            lot += some
            size += sum(len(photo.thumbnail) + len(photo.original) for photo in some)
            if size >= _MOST_BYTES:
                yield lot
                lot, size = [], 0
        if lot:
            yield lot

    def differing(self, photos: Sequence[EncodedPhoto], target: Blobs) -> list[str]:
        """The ids of those whose blobs the target does not have as the source has them."""
        same = self._pool.map(lambda each: self._are_same(each, target), photos)
        return [each.photo.id for each, is_same in zip(photos, same, strict=True) if not is_same]

    def _wanted(self, photo: EncodedPhoto, before: EncodedPhoto | None) -> list[BlobKind]:
        """The kinds that a photo keeps and neither it nor another one has brought."""
        wanted = []
        for kind in _kept(photo):
            key = int(photo.content_hash[:16], 16)
            has_it = before is not None and before.content_hash == photo.content_hash
            if has_it and before is not None and kind in _kept(before):
                continue
            if key not in self._sent[kind]:
                self._sent[kind].add(key)
                wanted.append(kind)
        return wanted

    def _read(self, photo: EncodedPhoto, wanted: Collection[BlobKind]) -> EncodedPhoto:
        found = {
            kind: self._source.of(kind).get(photo.content_hash) or b"" if kind in wanted else b""
            for kind in _KINDS
        }
        return replace(photo, thumbnail=found["thumbnail"], original=found["original"])

    def _count(
        self, photos: Sequence[EncodedPhoto], wanted: Sequence[Collection[BlobKind]]
    ) -> None:
        found = sum(bool(each.thumbnail) + bool(each.original) for each in photos)
        self.copied += found
        self.missing += sum(map(len, wanted)) - found

    def _are_same(self, photo: EncodedPhoto, target: Blobs) -> bool:
        return all(
            self._source.of(kind).get(photo.content_hash) == target.of(kind).get(photo.content_hash)
            for kind in _kept(photo)
        )


def _kept(photo: EncodedPhoto) -> list[BlobKind]:
    return [kind for kind in _KINDS if photo.keep in KEEPS[kind]]
