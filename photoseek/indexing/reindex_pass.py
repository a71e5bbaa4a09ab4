"""Bringing an index of another model up to date with the one that is in use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace

from photoseek.helpers.deadlines import within
from photoseek.helpers.idset import Seen, key_of
from photoseek.helpers.uri import is_s3
from photoseek.indexing.inventory import Inventory, Listed
from photoseek.indexing.new_vectors import VectorMaker
from photoseek.records import EncodedPhoto, Skip
from photoseek.store import PhotoStore

AT_ONCE = 1_000
"""Photos that are compared at once."""

STORED_AT_ONCE = 256
"""Photos in one commit: what a kill may lose, with those that are being encoded."""

MAINTAIN_EVERY = 64

ANSWER_SECONDS = 120.0
"""How long a bucket is waited for at one step. One that is silent took over nine minutes, in which
LanceDB asked it again and again; a commit that has begun ends by LanceDB's own time. Engines have a
patience of their own, which a deadline would cut short."""


@dataclass(frozen=True, slots=True)
class ReindexProgress:
    """How far a reindex is: `done` of `total` photos are dealt with, `encoded` of them just now.

    `waiting` photos of these are not stored yet.
    """

    done: int = 0
    total: int = 0
    encoded: int = 0
    waiting: int = 0


@dataclass(slots=True)
class Counts:
    """What all passes of a run have done."""

    encoded: int = 0
    updated: int = 0
    removed: int = 0


class Passes:
    """Looks through an index, as often as is asked, and brings over what differs.

    Photos are compared one by one, so that it does not matter where an earlier run was killed.
    """

    def __init__(
        self,
        source: PhotoStore,
        target: PhotoStore,
        maker: VectorMaker,
        rough: Inventory,
        on_progress: Callable[[ReindexProgress], None],
        before_change: Callable[[], None],
    ) -> None:
        """`rough` notes the photos whose thumbnails were encoded.

        `before_change` is called before anything is written, and raises where that must not be.
        """
        self.source = source
        self.target = target
        self._maker = maker
        self._rough = rough
        self._on_progress = on_progress
        self._before_change = before_change
        self._commits = 0
        self._done = 0
        self._passes = 0
        self.counts = Counts()
        self.unchanged = 0
        """Photos that were there before this run, as they are now."""

        self.unreadable: dict[str, tuple[str, Skip]] = {}
        """What could not be encoded, by id, with its content hash."""

        self.away: dict[str, tuple[str, Skip]] = {}
        """What cannot be read now, and may be later; put aside, by id, with its content hash."""

        self._takes_thumbnails = False

    def run(self, since: str = "") -> int:
        """One look through everything; gives how many photos differed.

        `since` is a mark of the source from before an earlier pass: then only what was written
        after it is looked at, where the store can tell. What could not be encoded by an earlier
        pass of this run is not tried again, nor what was put aside.
        """
        before = replace(self.counts)
        self._passes += 1
        before_look = self.source.marks.now() if since else ""
        changed = self.source.marks.changed_since(since) if since else None
        if changed is None:
            self._done = 0
            self._remove_gone(self._bring_all(self.source.ids()))
            self._forget_gone()
        else:
            self._done = self.source.count()
            self._bring_all(changed)
            self._forget_gone()
            if self._may_have_more(before_look):
                self._remove_gone(_keys(self.source.ids()))
        now = self.counts
        return (
            now.encoded
            + now.updated
            + now.removed
            - sum((before.encoded, before.updated, before.removed))
        )

    def try_away(self, *, from_thumbnails: bool) -> None:
        """Try what was put aside once more, and take thumbnails of what is away still, if so said.

        From then on these are taken at once.
        """
        self._takes_thumbnails = from_thumbnails
        for ids in _parts([list(self.away)]):
            photos = self.source.encoded(ids)
            self._encode(list(photos.values()))
            for photo_id, photo in photos.items():
                if photo.keep == "none" and photo_id in self.away:  # nothing stands in for it
                    self.unreadable[photo_id] = self.away.pop(photo_id)
        self._forget_gone()

    def _bring_all(self, pages: Iterable[list[str]]) -> Seen:
        """Bring photos over where they differ; gives what was looked at."""
        seen = Seen()
        for ids in _parts(pages):
            for photo_id in ids:
                seen.add(key_of(photo_id))
            self._bring(ids)
        return seen

    def _may_have_more(self, mark: str) -> bool:
        """Whether photos may have gone from the source since they were brought over.

        `mark` is of before the last look. Counts tell it where the target lacks nothing but what
        could not be encoded: a photo that came after that look would stand for one that has gone.
        """
        count = self.source.count()
        later = self.source.marks.changed_since(mark) if mark else None
        if later is None or any(self._lacking(ids) - self._failed().keys() for ids in later):
            return True
        return self.target.count() != count - len(self._lacking(self._failed()))

    def _answering(self) -> AbstractContextManager[None]:
        """A block in which both indexes are asked, and no silent bucket is waited for for ever."""
        return within(ANSWER_SECONDS) if is_s3(self.source.location) else nullcontext()

    def _failed(self) -> dict[str, tuple[str, Skip]]:
        return self.unreadable | self.away

    def _lacking(self, ids: Collection[str]) -> set[str]:
        """Those that the target has not."""
        return set(ids) - self.target.known(ids).keys()

    def _bring(self, ids: Sequence[str]) -> None:
        with self._answering():
            photos, there = self.source.encoded(ids), self.target.encoded(ids)
        described: list[EncodedPhoto] = []
        new: list[EncodedPhoto] = []
        for photo_id, photo in photos.items():
            known = there.get(photo_id)
            if known is None or known.content_hash != photo.content_hash:
                failed = self.unreadable.get(photo_id) or self.away.get(photo_id)
                if failed is None or failed[0] != photo.content_hash:
                    new.append(photo)
            elif not _are_same(photo, known):
                described.append(replace(photo, vector=known.vector))
            elif self._passes == 1:
                self.unchanged += 1
        self._done += len(photos) - len(new)
        self._store(described)
        self.counts.updated += len(described)
        self._show()
        self._encode(new)

    def _encode(self, photos: Sequence[EncodedPhoto]) -> None:
        hashes = {photo.photo.id: photo.content_hash for photo in photos}
        waiting: list[EncodedPhoto] = []
        how = self._maker.made(photos, thumbnail_meanwhile=self._takes_thumbnails)
        with closing(how) as made:
            for some in made:
                if some.rough:  # noted first: it may be noted of a photo that is not stored then
                    self._rough.add(
                        Listed(each.photo.id, each.photo.uri)
                        for each in some.photos
                        if each.photo.id in some.rough
                    )
                waiting += some.photos
                for photo in some.photos:
                    self._forget(photo.photo.id)
                for skip in some.unreadable:
                    self._forget(skip.id)
                    self.unreadable[skip.id] = hashes[skip.id], skip
                for skip in some.away:
                    self._forget(skip.id)
                    self.away[skip.id] = hashes[skip.id], skip
                if len(waiting) >= STORED_AT_ONCE:
                    self._store(waiting)
                    waiting = []
                self._done += len(some.photos) + len(some.unreadable)
                self.counts.encoded += len(some.photos)
                self._show(len(waiting))
        self._store(waiting)
        self._show()

    def _store(self, photos: Sequence[EncodedPhoto]) -> None:
        if not photos:
            return
        self._before_change()
        with self._answering():
            self.target.upsert(photos)
        self._commits += 1
        if self._commits % MAINTAIN_EVERY == 0:
            self.target.maintain()

    def _remove_gone(self, seen: Seen) -> None:
        for ids in _parts(self.target.ids()):
            missed = [photo_id for photo_id in ids if key_of(photo_id) not in seen]
            with self._answering():  # that they are gone is asked, whatever was listed
                known = self.source.known(missed)
            if gone := [photo_id for photo_id in missed if photo_id not in known]:
                self._before_change()
                self.counts.removed += self.target.delete(gone)
            self._show()

    def _forget_gone(self) -> None:
        failed = self._failed()
        for photo_id in failed.keys() - self.source.known(failed).keys():
            self._forget(photo_id)

    def _forget(self, photo_id: str) -> None:
        self.unreadable.pop(photo_id, None)
        self.away.pop(photo_id, None)

    def _show(self, waiting: int = 0) -> None:
        with self._answering():
            total = self.source.count()
        done = min(self._done, total)
        self._on_progress(ReindexProgress(done, total, self.counts.encoded, waiting))


def _are_same(photo: EncodedPhoto, other: EncodedPhoto) -> bool:
    """Whether nothing differs but the vectors; a time that a store cannot tell aside."""
    times = {photo.indexed_at, other.indexed_at} - {None}
    return (
        photo.photo == other.photo
        and (photo.width, photo.height) == (other.width, other.height)
        and photo.traits == other.traits
        and photo.text == other.text
        and photo.keep == other.keep
        and len(times) < 2
    )


def _keys(pages: Iterable[list[str]]) -> Seen:
    seen = Seen()
    for ids in pages:
        for photo_id in ids:
            seen.add(key_of(photo_id))
    return seen


def _parts(pages: Iterable[list[str]]) -> Iterator[Sequence[str]]:
    for ids in pages:
        yield from (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
