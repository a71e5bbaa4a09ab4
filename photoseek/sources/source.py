"""What every source of photos offers, and what they share."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from unicodedata import is_normalized, normalize

from photoseek.description_limits import MAX_ID, fitted, printable
from photoseek.errors import DescriptionError, SourceError
from photoseek.helpers.path_rules import extended, is_absolute
from photoseek.helpers.photo_names import installed_extras, readable_extensions
from photoseek.records import IndexReport, Photo, Skip
from photoseek.sources.left_alone import left_alone_sentence

PHOTO_EXTENSIONS = readable_extensions(installed_extras())
"""File extensions, in lower case, of what `photoseek.photos` reads with what is installed."""

MOST_REMARKS = 1_000
"""Remarks that are kept one by one; of those after them only their number."""


@dataclass(slots=True)
class Notes:
    """What a source noticed on its last pass besides its photos.

    `not_read` counts the files that it passed over although a person may take them for photos or
    videos, by the ends of their names, and `left_alone` folders of thumbnails, bins and the like,
    by their names.
    """

    not_read: Counter[str] = field(default_factory=Counter)
    left_alone: Counter[str] = field(default_factory=Counter)
    _remarks: list[str] = field(default_factory=list)
    _more: int = 0

    def begin(self) -> None:
        """Forget the pass before."""
        self.not_read.clear()
        self.left_alone.clear()
        self._remarks.clear()
        self._more = 0

    def remark(self, sentence: str) -> None:
        """Note what a person should know, though nothing was left out for it."""
        if len(self._remarks) < MOST_REMARKS:
            self._remarks.append(sentence)
        else:
            self._more += 1

    def remarks(self) -> tuple[str, ...]:
        """All sentences, in order."""
        more = (f"There are {self._more:,} more remarks of this kind.",) if self._more else ()
        alone = (left_alone_sentence(self.left_alone),) if self.left_alone else ()
        return (*self._remarks, *more, *alone)

    def told_in(self, report: IndexReport) -> IndexReport:
        """The report of the run that made this pass, with what was noticed."""
        remarks = (*report.remarks, *self.remarks())
        return replace(report, remarks=remarks, not_read=dict(self.not_read.most_common()))

    def fitted(self, photo: Photo, where: str, place: str) -> Photo | Skip:
        """Shorten what is said of a photo, with a remark; a Skip at `place` where that cannot be.

        `where` is what a person looks for, such as "line 5".
        """
        try:
            shorter, remarks = fitted(photo)
        except DescriptionError as error:
            known = printable(photo.id) if len(photo.id) <= MAX_ID else ""  # or it is in no index
            return Skip(place, f"{where}: {error}.", id=known)
        for remark in remarks:
            self.remark(f"{where}: {remark}.")
        return shorter


class Source(Protocol):
    """Photos, one after the other, in the same order each time.

    Iterating is lazy, and may be done more than once. What cannot be used arrives as a Skip in
    its place, which says as exactly as it can which photos it stands for: those that are neither
    yielded nor skipped are taken to be gone. `location` is absolute.
    """

    @property
    def location(self) -> str:
        """The folder, bucket or manifest."""
        ...

    @property
    def notes(self) -> Notes:
        """What was noticed on the last pass, as far as it has come."""
        ...

    @property
    def lists_everything(self) -> bool:
        """Whether a photo that is no longer listed is gone, so that it may leave the index."""
        ...

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield every photo.

        Raises:
            SourceError: the source breaks off.
        """
        ...

    def count(self) -> int:
        """Count the photos that iterating will try, without looking at each."""
        ...


def photo_id(uri: str) -> str:
    """The id of a photo that has none of its own: 16 hex digits over its uri."""
    return hashlib.blake2b(uri.encode(), digest_size=8).hexdigest()


def file_id(path: str) -> str:
    """The id of a photo at a path of this machine, or at any other place.

    A path is one, whether its letters and their accents are one character or two: a Mac and a
    server may write it either way. Where files of both spellings lie side by side, each has its
    own id.
    """
    if path.isascii() or is_normalized("NFC", path) or not is_absolute(path):
        return photo_id(path)
    composed = normalize("NFC", path)
    return photo_id(path if _is_another_file(composed, path) else composed)


def _is_another_file(path: str, other: str) -> bool:
    try:
        return not os.path.samefile(extended(path), extended(other))  # noqa: PTH121
    except OSError:  # there is none
        return False


def file_version(status: os.stat_result) -> str:
    """A token that changes whenever the bytes of a file may have changed."""
    return f"{status.st_size}-{status.st_mtime_ns}"


def has_extension(name: str) -> bool:
    """Whether a file or key is named like a photo; ".jpg" alone is a name without an extension."""
    stem, dot, end = name.rpartition(".")
    if f"{dot}{end}".lower() not in PHOTO_EXTENSIONS:
        return False
    # The usual case in a fourth of the time, as there are millions of names.
    return stem[-1:].isalnum() or bool(os.path.splitext(name)[1])  # noqa: PTH122


def local_path(location: str) -> Path:
    """The absolute path of words that a user wrote.

    Raises:
        SourceError: they name none.
    """
    try:
        path = Path(location).expanduser().resolve()
        str(path).encode()
        path.exists()  # raises where a name is too long
    except (UnicodeError, ValueError, OSError, RuntimeError) as error:
        raise SourceError(f"{location!r} is not a usable path ({error}).") from error
    return path


def is_utf8(text: str) -> bool:
    """Whether a file name or cell was proper UTF-8 (it has no escaped bytes left in it)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
