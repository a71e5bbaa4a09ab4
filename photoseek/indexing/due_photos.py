"""Which photos of a source are due, by what the index knows of them, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from itertools import islice

from photoseek.indexing.indexer import LOOK_UP, Indexer
from photoseek.indexing.run_tally import RunTally
from photoseek.indexing.suspects import Suspects
from photoseek.indexing.unchanged import Unchanged
from photoseek.indexing.waiting_photos import Batch, Waiting
from photoseek.records import KEPT_OTHERWISE, UNREAD, Keep, KnownPhoto, Photo, Skip

UNREAD_AT_ONCE = 256
"""Photos of a batch of which nothing is read, but their description is stored."""

Due = tuple[Photo, str, Keep]
"""A photo of which something is to be done, what is known of its bytes, and what to keep of it."""


class DuePhotos:
    """Tells which photos are due, and counts the others."""

    def __init__(
        self,
        indexer: Indexer,
        tally: RunTally,
        tell: Callable[[], None],
        *,
        keep: Keep | None,
        again: bool | Set[str],
        refresh: bool,
        suspects: Suspects | None,
    ) -> None:
        """`tell` is called after each look at the index; options as `index_photos` takes them."""
        self._indexer = indexer
        self._tally = tally
        self._tell = tell
        self._keep = keep
        self._again = again
        self._refresh = refresh
        self._suspects = suspects
        self._unchanged = None if refresh else Unchanged(indexer, keep)

    def batches(self, source: Iterator[Photo | Skip], size: int, few: int) -> Iterator[Batch]:
        """Those of a source, `size` at once, and a `few` where originals are kept.

        A suspect comes alone.
        """
        waiting, unread = Waiting(), Waiting()
        while entries := list(islice(source, LOOK_UP)):
            for photo, known_hash, keep in self._of(entries):
                if self._suspects is not None and self._suspects.is_suspect(photo):
                    yield [photo], [known_hash], [keep]
                    continue
                if known_hash.startswith(UNREAD):
                    unread.add(photo, known_hash, keep)
                    if len(unread.photos) >= UNREAD_AT_ONCE:
                        yield unread.taken()
                    continue
                waiting.add(photo, known_hash, keep)
                if len(waiting.photos) >= (few if "original" in waiting.keeps else size):
                    yield waiting.taken()
            if self._tally.progress().done:
                self._tell()
        for left in (unread, waiting):
            if left.photos:
                yield left.taken()

    def _of(self, entries: list[Photo | Skip]) -> Iterator[Due]:
        self._tally.skipped += [entry for entry in entries if isinstance(entry, Skip)]
        photos = [entry for entry in entries if isinstance(entry, Photo)]
        if self._unchanged is not None:
            listed, photos = len(photos), self._unchanged.others(photos)
            self._tally.unchanged += listed - len(photos)
        known = self._indexer.known([photo.id for photo in photos]) if photos else {}
        for photo in photos:
            if due := self._due(photo, known.get(photo.id)):
                yield due

    def _due(self, photo: Photo, state: KnownPhoto | None) -> Due | None:
        """A photo, if it is due."""
        if state is not None and state.deleted:
            if not (self._again if isinstance(self._again, bool) else photo.id in self._again):
                self._tally.deleted += 1
                return None
            state = None
        keep = self._keep or (state.keep if state is not None else "thumbnail")
        fingerprint = photo.fingerprint
        is_known = state is not None and (fingerprint, keep) == (state.fingerprint, state.keep)
        if is_known and fingerprint and not self._refresh:
            self._tally.unchanged += 1
            return None
        if self._suspects is not None and (reason := self._suspects.why_left_out(photo)):
            self._tally.skipped.append(Skip(photo.uri, reason, photo.id))
            return None
        return photo, self._known_hash(photo, state, keep), keep

    def _known_hash(self, photo: Photo, state: KnownPhoto | None, keep: Keep) -> str:
        """What the index knows of the bytes of a photo that it has not as it is described now.

        Where nothing but the folder is new, as in an index of a version that knew no folders,
        nobody has to read them.
        """
        if state is None:
            return ""
        if keep != state.keep:
            return f"{KEPT_OTHERWISE}{state.content_hash}"
        before = replace(photo, folder="").fingerprint
        same = bool(before) and before == state.fingerprint and not self._refresh
        return f"{UNREAD}{state.content_hash}" if same else state.content_hash
