"""A folder of photos, with everything below it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path, PurePath
from typing import ClassVar, Self

from photoseek.description_limits import printable
from photoseek.errors import SourceError
from photoseek.helpers.path_rules import HERE, extended, plain
from photoseek.records import Photo, Skip
from photoseek.sources.file_kinds import holds_no_photos, note_unread
from photoseek.sources.left_alone import (
    folder_left_alone,
    is_of_system,
    is_thumbnail,
    note_left_alone,
)
from photoseek.sources.photo_folders import folder_below
from photoseek.sources.raw_twins import raw_twins
from photoseek.sources.source import (
    Notes,
    file_id,
    file_version,
    has_extension,
    is_utf8,
)
from photoseek.sources.xmp_files import Sidecars, with_sidecar_file
from photoseek.store.beside import BESIDE_SIGN, INDEX_SIGN

_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT; folders of OneDrive have other tags

OF_INDEX = (INDEX_SIGN, *BESIDE_SIGN)

_name = attrgetter("name")


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Every file below a folder whose extension is that of a photo, in the order of the names.

    Hidden files and folders are left alone, and so is what an index keeps, and what systems keep
    among photos (`photoseek.sources.left_alone`). Links to files are followed; links to folders
    are not, and become Skips, so there are no loops. A photo is known by its absolute path with
    all links resolved; a link to a photo that the source has anyway becomes a Skip.
    """

    lists_everything: ClassVar[bool] = True

    location: str
    notes: Notes = field(default_factory=Notes, compare=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an absolute, resolved folder.

        Raises:
            SourceError: it holds no photos.
        """
        source = cls(str(folder))
        try:
            os.scandir(folder).close()
        except OSError as error:
            raise SourceError(f"Folder {folder} cannot be read: {error.strerror}.") from error
        notes = Notes()
        if next(source._found(notes), None) is None:
            raise holds_no_photos(f"Folder {folder}", "files", notes.not_read)
        return source

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield the photos, looking at one folder at a time."""
        self.notes.begin()
        linked: set[str] = set()
        sidecars = Sidecars()
        above = folder = ""
        for entry in self._found(self.notes, sidecars):
            if isinstance(entry, Skip):
                yield entry
                continue
            path = plain(entry.path)
            if entry.is_symlink():
                yield self._linked_photo(path, linked)
                continue
            if path[: -len(entry.name)] != above:  # a thousand photos may lie in one
                above, folder = path[: -len(entry.name)], folder_below(path, self.location)
            yield self._photo(path, entry, folder, sidecars.pop(entry))

    def count(self) -> int:
        """Count the files by their names only."""
        return sum(not isinstance(entry, Skip) for entry in self._found(Notes()))

    def _found(
        self, notes: Notes, sidecars: Sidecars | None = None
    ) -> Iterator[os.DirEntry[str] | Skip]:
        """Walk depth first. A stack of our own: folders may nest deeper than Python recurses."""
        sidecars = Sidecars() if sidecars is None else sidecars
        waiting: list[os.DirEntry[str] | Skip] = _listed(self.location, notes, sidecars)
        while waiting:
            entry = waiting.pop()
            if isinstance(entry, os.DirEntry) and entry.is_dir(follow_symlinks=False):
                waiting.extend(_listed(entry.path, notes, sidecars))
            else:
                yield entry

    def _linked_photo(self, link: str, linked: set[str]) -> Photo | Skip:
        target = plain(os.path.realpath(link))
        if not is_utf8(target):
            return Skip(link, "This is a link to a file whose name is not UTF-8. Rename it.")
        found = self._photo(target, Path(target), folder_below(target, self.location))
        if isinstance(found, Skip):
            reason = f"This is a link to {target}. {found.reason}"
            return Skip(link, reason, id=file_id(target))
        if self._finds(PurePath(target)) or target in linked:
            return Skip(link, f"This is a link to {target}, which is here already.")
        linked.add(target)
        return found

    def _photo(
        self,
        path: str,
        entry: os.DirEntry[str] | Path,
        folder: str,
        sidecar: os.DirEntry[str] | None = None,
    ) -> Photo | Skip:
        try:
            status = entry.stat()
        except OSError as error:
            return Skip(path, f"File cannot be read: {error.strerror}.")
        if not stat.S_ISREG(status.st_mode):
            return Skip(path, "This is no regular file but a pipe or device.")
        photo = Photo(id=file_id(path), uri=path, version=file_version(status), folder=folder)
        return photo if sidecar is None else with_sidecar_file(photo, sidecar)

    def _finds(self, target: PurePath) -> bool:
        """Whether the walk finds a file by itself, and not through a link."""
        if not target.is_relative_to(self.location) or not has_extension(target.name):
            return False
        parts = target.relative_to(self.location).parts
        if any(part.startswith(".") for part in parts) or is_thumbnail(target.name):
            return False
        return not folder_left_alone(parts[:-1], PurePath(self.location).name)


def _listed(folder: str, notes: Notes, sidecars: Sidecars) -> list[os.DirEntry[str] | Skip]:
    """List sub-folders and candidates, last name first, with a Skip for what cannot be used.

    The other files are counted by kind in `notes`, and so are folders that are left alone. Raw
    pictures beside the JPEG of the same photo are passed over.
    What lies beside photos is noted in `sidecars`.
    """
    try:
        with os.scandir(extended(folder)) as entries:
            visible = [entry for entry in entries if not is_hidden(entry)]
            if any(entry.name == INDEX_SIGN for entry in visible):
                visible = [entry for entry in visible if entry.name not in OF_INDEX]
    except OSError as error:
        return [Skip(printable(plain(folder)), f"Folder cannot be read: {error.strerror}.")]
    visible.sort(key=_name, reverse=True)
    inside = os.path.basename(folder)  # noqa: PTH119 - for each of many folders
    twins = raw_twins(entry.name for entry in visible)
    listed: list[os.DirEntry[str] | Skip] = []
    for entry in visible:
        is_folder = _is_folder(entry)
        if is_folder and is_of_system(entry.name, inside):
            note_left_alone(entry.name, notes.left_alone)
            continue
        if entry.name in twins and not is_folder:
            continue
        if not is_folder and not has_extension(entry.name):
            note_unread(entry.name, notes.not_read)
            continue
        if is_thumbnail(entry.name):
            continue
        if not is_utf8(entry.name):
            listed.append(Skip(printable(entry.path), "The name is not UTF-8. Rename it."))
        elif is_folder and (entry.is_symlink() or _is_junction(entry)):
            reason = "Links to folders are not followed. Index that folder itself."
            listed.append(Skip(plain(entry.path), reason))
        else:
            listed.append(entry)
    sidecars.note(visible)
    return listed


def is_hidden(entry: os.DirEntry[str]) -> bool:
    """Whether a file or folder is kept out of sight; on Windows that is no matter of its name."""
    return entry.name.startswith(".") or (HERE == "windows" and hides(_of_windows(entry)))


def _is_junction(entry: os.DirEntry[str]) -> bool:
    return HERE == "windows" and leads_elsewhere(_of_windows(entry))


def _of_windows(entry: os.DirEntry[str]) -> object:
    """What Windows says of an entry; it has said so already."""
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:  # gone meanwhile
        return None


def hides(status: object) -> bool:
    """Whether a file of Windows, of which this is the status, is hidden."""
    return bool(getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN)


def leads_elsewhere(status: object) -> bool:
    """Whether a folder of Windows is a junction: it stands for another, and may lie below it."""
    return getattr(status, "st_reparse_tag", 0) == _JUNCTION


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or into a folder that is closed to us
        return False
