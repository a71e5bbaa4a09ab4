"""Side-cars in folders: files of XMP that lie beside photos, found in what a folder lists."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from photoseek.helpers.path_rules import extended, plain
from photoseek.records import Photo, sidecars_of
from photoseek.sources.source import file_version, has_extension, is_utf8

SIDECAR = ".xmp"


class Sidecars:
    """The side-cars of photos that are listed and wait for their turn, by the paths of these."""

    def __init__(self) -> None:
        self._by_photo: dict[str, os.DirEntry[str]] = {}

    def note(self, entries: Iterable[os.DirEntry[str]]) -> None:
        """Look for side-cars among all files of one folder; their case does not matter."""
        entries = list(entries)
        files = {
            each.name.lower(): each
            for each in entries
            if each.name[-1:] in "pP" and is_sidecar(each.name)  # few names end so
        }
        if not files:
            return
        for entry in entries:
            if has_extension(entry.name):
                found = (files[name] for name in sidecars_of(entry.name) if name in files)
                if sidecar := next(found, None):
                    self._by_photo[entry.path] = sidecar

    def pop(self, photo: os.DirEntry[str]) -> os.DirEntry[str] | None:
        """The side-car of the photo whose turn it is."""
        return self._by_photo.pop(photo.path, None) if self._by_photo else None


class SidecarsOfPaths:
    """The side-cars of files that are named one by one: each of their folders is listed once."""

    def __init__(self) -> None:
        self._by_folder: dict[str, dict[str, os.DirEntry[str]]] = {}

    def of(self, path: str) -> os.DirEntry[str] | None:
        """The side-car of the photo at a path."""
        folder, name = os.path.split(path)
        if folder not in self._by_folder:
            self._by_folder[folder] = _sidecars_in(folder)
        files = self._by_folder[folder]
        return next((files[each] for each in sidecars_of(name) if each in files), None)


def _sidecars_in(folder: str) -> dict[str, os.DirEntry[str]]:
    try:
        with os.scandir(extended(folder)) as entries:
            return {each.name.lower(): each for each in entries if is_sidecar(each.name)}
    except OSError:
        return {}


def is_sidecar(name: str) -> bool:
    """Whether a file or key is named like a side-car."""
    return name[-len(SIDECAR) :].lower() == SIDECAR and is_utf8(name)


def with_sidecar_file(photo: Photo, sidecar: os.DirEntry[str]) -> Photo:
    """The photo with the side-car in its folder, unless that is gone by now."""
    try:
        version = file_version(sidecar.stat())
    except OSError:
        return photo
    return with_sidecar(photo, plain(sidecar.path), version)


def with_sidecar(photo: Photo, uri: str, version: str) -> Photo:
    """The photo with a side-car, whose version is a part of its own."""
    both = f"{photo.version}+{version}" if photo.version and version else ""
    return replace(photo, sidecar=uri, version=both)
