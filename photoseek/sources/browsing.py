"""The folders of this machine, for a person who looks for the one with the photos.

Whatever lies there, an answer comes soon: what is looked at is bounded, in entries and in seconds,
and a count that was cut off says so.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from photoseek.description_limits import printable
from photoseek.errors import SourceError
from photoseek.helpers.deadlines import in_background
from photoseek.sources.folder import OF_INDEX, is_hidden
from photoseek.sources.left_alone import is_of_system, is_thumbnail
from photoseek.sources.source import has_extension, is_utf8
from photoseek.sources.usual_places import Place, this_computer
from photoseek.store.beside import INDEX_SIGN

MOST_FOLDERS = 500
"""Folders that one view shows."""

MOST_ENTRIES = 50_000
"""Files and folders that are looked at in the folder that is shown."""

MOST_COUNTED = 2_000
"""Files and folders that are looked at in and below each folder of a view."""

SECONDS = 1.0
"""How long counting may take in all. Whatever is not counted by then has an open end."""

PLACES_SECONDS = 3.0
"""How long the usual places may take, all at once."""

_TOLD_BY_THE_SYSTEM = tuple(map(Path, ("/proc", "/sys", "/dev")))
_NOT_PERMITTED = (
    "Let the user that runs photoseek read it; on a Mac, allow that in System Settings, "
    "Privacy & Security, Files and Folders."
)


@dataclass(frozen=True, slots=True)
class SubFolder:
    """A folder that can be opened, and the photos in and below it, or why it cannot be opened."""

    name: str
    path: str
    photos: int = 0
    is_exact: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FolderView:
    """A folder as a person sees it; the beginning, where `path` is "", holds the usual places.

    `parents` lead to it from one of those places. `photos` lie in and below it; a count that is not
    exact is the least that there are. `more` folders are not shown. `problem` says why it cannot be
    indexed.
    """

    path: str
    name: str
    parents: tuple[Place, ...] = ()
    folders: tuple[SubFolder, ...] = ()
    photos: int = 0
    is_exact: bool = True
    more: int = 0
    problem: str = ""


class PhotoCounter:
    """Counts the photos below folders, for a limited time in all."""

    def __init__(
        self, *, seconds: float = SECONDS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._end = now() + seconds

    def count(self, folder: str, most: int = MOST_COUNTED) -> tuple[int, bool]:
        """The photos in and below a folder by their names, and whether these are all.

        What is near is looked at first, `most` entries in all. Hidden files, linked folders,
        bins and what an index keeps do not count, as an indexing run leaves them out.
        """
        photos, waiting = 0, deque([folder])
        while waiting:
            here = waiting.popleft()
            is_index = os.path.lexists(f"{here}{os.sep}{INDEX_SIGN}")
            try:
                with os.scandir(here) as entries:
                    for entry in entries:
                        if not most or self._now() > self._end:
                            return photos, False
                        most -= 1
                        if _is_out_of_sight(entry) or (is_index and entry.name in OF_INDEX):
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            if not is_of_system(entry.name, os.path.basename(here)):  # noqa: PTH119
                                waiting.append(entry.path)
                        elif has_extension(entry.name) and not is_thumbnail(entry.name):
                            photos += 1
            except OSError:
                continue  # the run names it, with the reason
        return photos, True


def first_view(
    roots: Sequence[str] | None = None,
    *,
    look: Callable[[Place], SubFolder | None] | None = None,
    seconds: float = PLACES_SECONDS,
) -> FolderView:
    """The usual places of this machine; with `roots` those folders, and nothing else.

    Each is looked at by itself, and left out when it does not answer within `seconds`.
    """
    look = look or look_at_place
    looks = [in_background(partial(look, place), "look at a place") for place in _places(roots)]
    wait(looks, timeout=seconds)
    found = [done.result() for done in looks if done.done() and not done.exception()]
    return FolderView("", "", folders=tuple(each for each in found if each))


def look_at_place(place: Place) -> SubFolder | None:
    """A place with its photos; None where there is no such folder, or an empty drive."""
    try:
        with os.scandir(place.path) as entries:
            if place.is_drive and next(entries, None) is None:
                return None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return SubFolder(place.name, "", problem=f"It cannot be read: {error.strerror}.")
    return SubFolder(place.name, place.path, *PhotoCounter().count(place.path))


def folder_view(path: str, roots: Sequence[str] | None = None) -> FolderView:
    """A folder with its sub-folders, in the order of their names.

    Raises:
        SourceError: it cannot be shown: it is not there, may not be read, or lies outside of
            `roots`.
    """
    folder = checked_folder(path, roots)
    try:
        with os.scandir(folder) as entries:
            listed = list(islice(entries, MOST_ENTRIES + 1))
    except OSError as error:
        raise _unreadable(str(folder), error) from error
    counter = PhotoCounter()
    found = [entry for entry in listed[:MOST_ENTRIES] if _is_shown(entry, folder.name)]
    if any(entry.name == INDEX_SIGN for entry in found):
        found = [entry for entry in found if entry.name not in OF_INDEX]
    found.sort(key=lambda entry: natural(entry.name))
    shown = tuple(_sub_folder(entry, counter) for entry in found[:MOST_FOLDERS])
    photos, is_exact = PhotoCounter().count(str(folder), MOST_ENTRIES)
    view = FolderView(
        path=str(folder),
        name=folder.name or str(folder),
        folders=shown,
        photos=max(photos, sum(each.photos for each in shown)),
        is_exact=is_exact,
        more=len(found) - len(shown),
        problem=why_too_large(folder),
    )
    return replace(view, parents=_parents(folder, roots))


def checked_folder(path: str, roots: Sequence[str] | None = None) -> Path:
    """The folder at an absolute path, with all links resolved.

    Raises:
        SourceError: it is none that may be looked at; the message says why.
    """
    if not Path(path).is_absolute() or "\0" in path:
        raise SourceError(f"{path!r} is no folder of this machine: write its whole path.")
    try:
        folder = Path(os.path.realpath(path, strict=True))
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except FileNotFoundError as error:
        raise SourceError(
            f"There is no folder {path}. It was moved, or its disk is out."
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if any(folder.is_relative_to(told) for told in _TOLD_BY_THE_SYSTEM):
        raise SourceError(f"{folder} holds no stored files but what the system tells of itself.")
    if roots is not None and not any(folder.is_relative_to(each.path) for each in _places(roots)):
        raise SourceError(
            f"The folder {folder} lies outside of those that photos may be read from. Add it to "
            "PHOTOSEEK_PHOTO_ROOTS."
        )
    if not is_folder:
        raise SourceError(f"{folder} is a file and no folder. Choose the folder that it lies in.")
    return folder


def why_too_large(folder: Path) -> str:
    """Why a folder is not indexed by mistake, or ""."""
    if folder.parent == folder and folder.anchor == "/":
        return "This is the whole machine. Choose a folder inside of it."
    return ""


def natural(name: str) -> list[tuple[int, str]]:
    """A key by which "Day 2" comes before "Day 10", and case does not count."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(len(part) if part.isdigit() else 0, part) for part in parts]


def _is_out_of_sight(entry: os.DirEntry[str]) -> bool:
    """Whether a file or folder is one that a person does not see in a file manager."""
    return is_hidden(entry) or Path(entry.path) in _TOLD_BY_THE_SYSTEM


def _is_shown(entry: os.DirEntry[str], inside: str) -> bool:
    if is_of_system(entry.name, inside):
        return False
    try:
        return entry.is_dir() and not _is_out_of_sight(entry)
    except OSError:  # a link to itself
        return False


def _sub_folder(entry: os.DirEntry[str], counter: PhotoCounter) -> SubFolder:
    if not is_utf8(entry.name):
        return SubFolder(printable(entry.name), "", problem="The name is not UTF-8. Rename it.")
    try:
        os.scandir(entry.path).close()
    except OSError as error:
        return SubFolder(entry.name, "", problem=f"It cannot be read: {error.strerror}.")
    return SubFolder(entry.name, entry.path, *counter.count(entry.path))


def _places(roots: Sequence[str] | None) -> list[Place]:
    if roots is None:
        return this_computer()
    folders = [Path(os.path.realpath(root)) for root in roots if "://" not in root]
    return [Place(folder.name, str(folder)) for folder in folders if folder.is_dir()]


def _parents(folder: Path, roots: Sequence[str] | None) -> tuple[Place, ...]:
    """The way from a place to a folder: its home folder first, then a drive, or all of it."""
    places = sorted(_places(roots), key=lambda place: place.order)
    for place in places:
        start = place.start
        if folder == start:
            return ()
        if folder.is_relative_to(start):
            between = [each for each in reversed(folder.parents) if each.is_relative_to(start)]
            rest = [Place(each.name, str(each)) for each in between if each != start]
            return (replace(place, path=str(start)), *rest)
    return ()


def _unreadable(path: str, error: Exception) -> SourceError:
    reason = getattr(error, "strerror", None) or error
    remedy = f" {_NOT_PERMITTED}" if isinstance(error, PermissionError) else ""
    return SourceError(f"The folder {printable(path)} cannot be read: {reason}.{remedy}")
