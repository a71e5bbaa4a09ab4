"""Where suggested keywords go: a table, side-cars of XMP, or the index itself."""

from __future__ import annotations

import csv
import io
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from typing_extensions import override

from photoseek.errors import PhotoseekError, StorageError
from photoseek.files.atomic import replacing
from photoseek.records import Skip
from photoseek.sources.manifest_columns import guarded, tags_cell
from photoseek.store import PhotoStore
from photoseek.store.suggestions import suggest
from photoseek.tagging.sidecar_files import SidecarWriter
from photoseek.tagging.suggesting import Suggested

STANDARD_OUTPUT = "-"
SIDECARS = "xmp"

COLUMNS = ("id", "uri", "suggested", "scores")

WRITTEN_AT_ONCE = 4_000
"""Photos of a commit to an index: their vectors and records take some 20 MB."""

MAINTAIN_EVERY = 64
"""Commits between two rounds of upkeep."""

SKIPS_TOLD = 1_000
"""Photos that were left out of which it is kept why; the others are counted."""


class Target(ABC):
    """Takes photos with their keywords, some at a time."""

    def __init__(self) -> None:
        self.changed = 0
        """Photos that were written, or whose keywords are others than before."""
        self.skipped: list[Skip] = []
        """The first photos that were left out."""
        self.more_skipped = 0
        """How many others were left out."""

    def skip(self, skip: Skip) -> None:
        """Note that a photo was left out."""
        if len(self.skipped) < SKIPS_TOLD:
            self.skipped.append(skip)
        else:
            self.more_skipped += 1

    @abstractmethod
    def take(self, photos: Sequence[Suggested]) -> None:
        """Write the keywords of photos."""

    def finish(self) -> None:  # noqa: B027 - there may be nothing to do
        """Do what is due at the end."""


class TableTarget(Target):
    """A CSV with a row for each photo, also for one without keywords."""

    def __init__(self, file: TextIO) -> None:
        super().__init__()
        self._file = file
        self._put([COLUMNS])

    @override
    def take(self, photos: Sequence[Suggested]) -> None:
        self._put([_row(each) for each in photos])
        self.changed += len(photos)

    def _put(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(map(guarded, row) for row in rows)
        self._file.write(text.getvalue())


class SidecarTarget(Target):
    """The side-cars of photos on this machine; a photo without keywords gets none."""

    def __init__(self) -> None:
        super().__init__()
        self._writer = SidecarWriter()

    @override
    def take(self, photos: Sequence[Suggested]) -> None:
        for each in photos:
            if not each.suggestions:
                continue
            photo = each.stored.photo
            try:
                self.changed += self._writer.add(photo.uri, each.names, each.paths)
            except PhotoseekError as error:
                self.skip(Skip(photo.uri, str(error), photo.id))


class IndexTarget(Target):
    """The index, in a field of its own: what was suggested before goes.

    A commit costs about as much for a hundred photos as for a thousand, so they are gathered.
    """

    def __init__(self, store: PhotoStore, *, at_once: int = WRITTEN_AT_ONCE) -> None:
        super().__init__()
        self._store = store
        self._at_once = at_once
        self._waiting: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._commits = 0

    @override
    def take(self, photos: Sequence[Suggested]) -> None:
        for each in photos:
            stored = each.stored
            if each.names != stored.traits.suggested:
                self._waiting[stored.photo.id] = (stored.content_hash, each.names)
        if len(self._waiting) >= self._at_once:
            self._write()

    @override
    def finish(self) -> None:
        self._write()
        if self._commits:
            self._store.maintain()

    def _write(self) -> None:
        waiting, self._waiting = self._waiting, {}
        changed = suggest(self._store, waiting) if waiting else 0
        self.changed += changed
        self._commits += bool(changed)
        if changed and self._commits % MAINTAIN_EVERY == 0:
            self._store.maintain()


@contextmanager
def table_target(place: str) -> Iterator[Target]:
    """A table at a place, "-" for standard output; a file is there whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        if place == STANDARD_OUTPUT:
            yield TableTarget(sys.stdout)
            sys.stdout.flush()
            return
        with replacing(Path(place)) as part, part.open("w", encoding="utf-8-sig", newline="") as f:
            yield TableTarget(f)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise StorageError(f"{place} cannot be written: {error.strerror or error}.") from error


def _row(each: Suggested) -> tuple[str, ...]:
    scores = (f"{one.label.name} {one.score:.3f}" for one in each.suggestions)
    photo = each.stored.photo
    return photo.id, photo.uri, tags_cell(each.names), "; ".join(scores)
