"""Side-cars of XMP beside photos on this machine, with keywords added to what stands there."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from photoseek.errors import SidecarError, StorageError
from photoseek.files.atomic import replacing
from photoseek.helpers.uri import scheme_of
from photoseek.photos.xmp_writing import with_keywords
from photoseek.records import sidecars_of

ENDING = ".xmp"
"""Behind the whole name of the photo: x.jpg.xmp, which no other photo of that stem shares."""

NAMES_KEPT = 100_000
"""Folders and side-cars that are known by their names: some 20 MB."""


class SidecarWriter:
    """Adds keywords to side-cars; a folder is listed once for photos that follow each other."""

    def __init__(self, names_kept: int = NAMES_KEPT) -> None:
        """Beyond `names_kept` folders and side-cars, the folders that were listed first are
        forgotten, and listed again when they come up.
        """
        self._names_kept = names_kept
        self._names = 0
        self._folders: dict[Path, dict[str, str]] = {}

    def add(self, uri: str, keywords: Sequence[str], paths: Sequence[Sequence[str]]) -> bool:
        """Add keywords to the side-car of a photo, which is made where there is none.

        Gives whether anything was added. The file is replaced whole or not at all.

        Raises:
            SidecarError: the photo is not on this machine, or its side-car cannot be added to.
            StorageError: it cannot be read or written.
        """
        if scheme_of(uri):
            raise SidecarError("Side-cars are written beside photos on this machine only.")
        photo = Path(uri)
        try:
            if not photo.is_file():
                raise SidecarError("The photo is not there any more.")
            there = self._sidecar_of(photo)
            return _add(there, keywords, paths) if there else self._make(photo, keywords, paths)
        except OSError as error:
            reason = error.strerror or str(error)
            raise StorageError(f"Its side-car cannot be written ({reason}).") from error

    def _sidecar_of(self, photo: Path) -> Path | None:
        """The side-car that `index` reads, which may be written in another case."""
        files = self._listed(photo.parent)
        names = (files[name] for name in sidecars_of(photo.name) if name in files)
        return next((photo.with_name(name) for name in names), None)

    def _listed(self, folder: Path) -> dict[str, str]:
        """The names of the side-cars in a folder, by themselves in small letters."""
        if folder not in self._folders:
            while self._folders and self._names > self._names_kept:
                self._names -= 1 + len(self._folders.pop(next(iter(self._folders))))
            names = (path.name for path in folder.iterdir() if path.suffix.lower() == ENDING)
            self._folders[folder] = {name.lower(): name for name in names}
            self._names += 1 + len(self._folders[folder])
        return self._folders[folder]

    def _make(self, photo: Path, keywords: Sequence[str], paths: Sequence[Sequence[str]]) -> bool:
        path = photo.with_name(photo.name + ENDING)
        with replacing(path) as part:
            part.write_bytes(with_keywords(b"", keywords, paths))
            if path.exists():
                raise SidecarError("Somebody else has just made its side-car; run it again.")
        self._folders[photo.parent][path.name.lower()] = path.name
        self._names += 1
        return True


def _add(there: Path, keywords: Sequence[str], paths: Sequence[Sequence[str]]) -> bool:
    path = there.resolve()
    before = path.read_bytes()
    if not before.strip():
        raise SidecarError("Its side-car is empty, as if it were just being written.")
    after = with_keywords(before, keywords, paths)
    if after == before:
        return False
    with replacing(path) as part:
        part.write_bytes(after)
        shutil.copymode(path, part)
        if path.read_bytes() != before:
            raise SidecarError("Somebody else has just written its side-car; run it again.")
    return True
