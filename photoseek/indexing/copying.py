"""An index copied from any store to any other, without a model.

What differs is copied, whatever became of an earlier copy: each photo of the source is compared
with that of the target. So a copy that was killed goes on, and one that is made again brings the
target up to date.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from photoseek.errors import StoreError
from photoseek.helpers.idset import Seen, key_of
from photoseek.indexing.copied_blobs import CopiedBlobs
from photoseek.indexing.copy_target import among, copy_inventory, copy_notes, open_target
from photoseek.indexing.inventory import Inventory, Listed
from photoseek.records import CopyReport, EncodedPhoto
from photoseek.settings import EngineSettings
from photoseek.store import PhotoStore

AT_ONCE = 1_000
"""Photos that are compared, and written in one commit, at once."""

NOTED_AT_ONCE = 50_000
"""Photos that are noted at once, before the first of them is copied."""

MAINTAIN_EVERY = 64
"""Commits between two rounds of upkeep of the target."""

_SAMPLE = 1_000
_BLOBS_COMPARED = 100


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How far a copy is: `done` of `total` photos are dealt with, `stored` of them were written."""

    done: int = 0
    total: int = 0
    stored: int = 0


def copy_index(
    source: PhotoStore,
    place: str,
    *,
    settings: EngineSettings | None = None,
    state: str | None = None,
    on_progress: Callable[[CopyProgress], None] = lambda _: None,
) -> CopyReport:
    """Make the index at a place the same as the source, and prove that it is.

    `settings` are for the place, as `photoseek.store.open_store` takes them, and `state` as
    `photoseek.store.run_state` takes it. What was written to the copy itself since it
    was made is undone; where photos were added to it, nothing is.

    Raises:
        StoreError: the place cannot be one of a copy, or one of both cannot be used.
        ModelMismatchError: it holds vectors of another model.
    """
    begun = time.perf_counter()
    target = open_target(source, place, settings)
    copied = copy_inventory(source, target, state)
    if target.count() and not source.count():
        raise StoreError(
            f"The index at {source.location} has no photos, and its copy at {target.location} has "
            f"{target.count():,}. Nothing was removed. Look whether that is the right index; a "
            "copy that nobody wants is removed as a folder or table is."
        )
    if target.keyword_fields != source.keyword_fields:
        target.use_keyword_fields(source.keyword_fields)
    with ThreadPoolExecutor(CopiedBlobs.readers, "copies") as pool:
        run = _Copying(source, target, copied, CopiedBlobs(source.blobs, pool), on_progress)
        run.bring()
        run.remove_vanished()
        copy_notes(source, target, state)
        target.maintain()
        return replace(run.report(), seconds=time.perf_counter() - begun)


class _Copying:
    """One run; its methods are called once each, in their order."""

    def __init__(
        self,
        source: PhotoStore,
        target: PhotoStore,
        copied: Inventory,
        blobs: CopiedBlobs,
        on_progress: Callable[[CopyProgress], None],
    ) -> None:
        self._source = source
        self._target = target
        self._copied = copied
        self._blobs = blobs
        self._on_progress = on_progress
        self._begun = source.marks.now()
        self._total = source.count()
        self._had_photos = target.count() > 0
        self._seen = Seen()
        self._sample: list[str] = []
        self._new = self._updated = self._unchanged = self._removed = self._commits = 0

    def bring(self) -> None:
        """Copy what is new or differs."""
        for ids in _parts(self._source.ids(), NOTED_AT_ONCE):
            self._bring(ids)
        self._copied.tidy()

    def remove_vanished(self) -> None:
        """Remove from the target what came from the source and is there no longer."""
        noted = self._copied.keys()
        vanished: list[str] = []
        for ids in self._target.ids():
            missed = [photo_id for photo_id in ids if key_of(photo_id) not in self._seen]
            known = self._source.known(missed)  # that they are gone is asked, whatever was listed
            self._bring(list(known))
            vanished += among([each for each in missed if each not in known], noted)
        for start in range(0, len(vanished), AT_ONCE):
            self._removed += self._target.delete(vanished[start : start + AT_ONCE])
        if vanished:
            self._copied.remove(set(vanished))

    def report(self) -> CopyReport:
        """What was done, once both were compared."""
        counts = self._source.count(), self._target.count()
        remarks = []
        is_whole = counts[0] == counts[1] and not self._lacks_any()
        if not is_whole:
            remarks.append(
                f"The index has {counts[0]:,} photos and its copy {counts[1]:,}: one of them was "
                "written to meanwhile. Run the same command again."
            )
        compared, differing, without_blobs = self._compare()
        if differing:
            remarks.append(
                f"{len(differing):,} of {compared:,} photos that were compared differ, such as "
                f"{differing[0]!r}: one of both was written to meanwhile, or the copy does not "
                "keep what it is given. Run the same command again."
            )
        if without_blobs:
            remarks.append(
                f"{len(without_blobs):,} photos that were compared have no such thumbnail or "
                f"original in the copy, such as {without_blobs[0]!r}: something removed or changed "
                "it there. "
                "Copy to a new place."
            )
        if self._blobs.missing:
            remarks.append(
                f"{self._blobs.missing:,} thumbnails or originals are missing in the index at "
                f"{self._source.location}, and so in its copy. Index those photos again."
            )
        return CopyReport(
            source=self._source.location,
            target=self._target.location,
            copied=self._new,
            updated=self._updated,
            unchanged=self._unchanged,
            removed=self._removed,
            blobs=self._blobs.copied,
            missing=self._blobs.missing,
            photos=counts[1],
            compared=compared,
            is_verified=is_whole and not differing and not without_blobs,
            remarks=tuple(remarks),
        )

    def _bring(self, ids: Sequence[str]) -> None:
        """Copy what is new or differs of these; they are noted before the first is stored."""
        if new := among(ids, self._copied.keys(), are_in=False):
            self._copied.add(Listed(photo_id, "") for photo_id in new)
        for photo_id in ids:
            self._seen.add(key_of(photo_id))
        for start in range(0, len(ids), AT_ONCE):
            self._compare_and_store(ids[start : start + AT_ONCE])

    def _compare_and_store(self, ids: Sequence[str]) -> None:
        photos = self._source.encoded(ids)
        there = self._target.encoded(ids) if self._had_photos else {}
        different = [
            photo
            for photo_id, photo in photos.items()
            if photo_id not in there or not _are_same(photo, there[photo_id])
        ]
        self._unchanged += len(photos) - len(different)
        self._show()
        for some in self._blobs.filled(different, there):
            self._store(some, there)
        step = max(1, self._total // _SAMPLE)
        self._sample += list(photos)[::step]

    def _store(self, photos: Sequence[EncodedPhoto], there: Mapping[str, EncodedPhoto]) -> None:
        self._target.upsert(photos)
        updated = sum(each.photo.id in there for each in photos)
        self._updated += updated
        self._new += len(photos) - updated
        self._show()
        self._commits += 1
        if self._commits % MAINTAIN_EVERY == 0:
            self._target.maintain()

    def _show(self) -> None:
        stored = self._new + self._updated
        done = stored + self._unchanged
        self._on_progress(CopyProgress(done, max(done, self._total), stored))

    def _lacks_any(self) -> bool:
        """Whether the target lacks a photo that came to the source meanwhile.

        Else both have the same where they have as many: numbers alone do not tell, as one may have
        come for one that has gone.
        """
        later = self._source.marks.changed_since(self._begun) if self._begun else None
        pages = self._source.ids() if later is None else later
        return any(set(ids) - self._target.known(ids).keys() for ids in pages)

    def _compare(self) -> tuple[int, list[str], list[str]]:
        """How many photos of all parts of the source were compared, and which of them differ:
        themselves, or in what is kept of their pixels.
        """
        compared = 0
        differing: list[str] = []
        without_blobs: list[str] = []
        step = max(1, len(self._sample) // _BLOBS_COMPARED)
        for ids in _parts([self._sample], AT_ONCE):
            photos, copies = self._source.encoded(ids), self._target.encoded(ids)
            compared += len(photos)
            same = [each for each in ids if _are_both(photos.get(each), copies.get(each))]
            differing += sorted({*ids} - {*same})
            some = [photos[each] for each in same if each in photos][::step]
            without_blobs += self._blobs.differing(some, self._target.blobs)
        return compared, differing, without_blobs


def _are_both(photo: EncodedPhoto | None, copy: EncodedPhoto | None) -> bool:
    return photo is copy if photo is None or copy is None else _are_same(photo, copy)


def _are_same(photo: EncodedPhoto, copy: EncodedPhoto) -> bool:
    """Whether nothing differs, the vectors not in a bit; a time that a store cannot tell aside."""
    times = {photo.indexed_at, copy.indexed_at} - {None}
    return (
        photo.photo == copy.photo
        and photo.content_hash == copy.content_hash
        and (photo.width, photo.height) == (copy.width, copy.height)
        and photo.traits == copy.traits
        and photo.keep == copy.keep
        and len(times) < 2
        and photo.vector.tobytes() == copy.vector.tobytes()
    )


def _parts(lists: Iterable[Sequence[str]], size: int) -> Iterator[list[str]]:
    """The members of lists in order, `size` at a time and fewer at the end."""
    part: list[str] = []
    for each in lists:
        part += each
        while len(part) >= size:
            yield part[:size]
            part = part[size:]
    if part:
        yield part
