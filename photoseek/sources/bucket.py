"""A bucket of photos, or those below a prefix in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import islice
from typing import Self

from photoseek.description_limits import printable
from photoseek.errors import PhotoError, SourceError, StorageError
from photoseek.fetch.unpacking import unpacked
from photoseek.files.filestore import Entry, FileStore, open_files
from photoseek.records import Photo, Skip
from photoseek.sources.file_kinds import holds_no_photos, note_unread
from photoseek.sources.left_alone import folder_left_alone, is_thumbnail, note_left_alone
from photoseek.sources.photo_folders import folder_below
from photoseek.sources.raw_twins import raw_twins, without_raw_twins
from photoseek.sources.source import (
    Notes,
    has_extension,
    photo_id,
)
from photoseek.sources.xmp_files import with_sidecar
from photoseek.sources.xmp_objects import (
    MOST_BESIDE,
    entries_with_sidecars,
    is_beside,
    sidecar_among,
)
from photoseek.store.beside import BESIDE_SIGN, INDEX_SIGN

MOST_VERSIONS = 1_000_000
"""Objects that are listed for the sake of a manifest beside them."""


MOST_OF_MANIFEST = 2_000_000_000
"""Bytes of a manifest that was stored with gzip, once it is unpacked."""


class BucketSource:
    """Every object below a prefix whose key ends like a photo's name, in the order of the keys.

    Keys with a part that begins with "." are left alone, as hidden files are, and so is what an
    index keeps, and what systems keep among photos (`photoseek.sources.left_alone`). Listing tells
    size and ETag of every object, so that what has not changed is never downloaded.
    """

    lists_everything = True

    def __init__(self, place: FileStore) -> None:
        self.location = place.uri
        self.notes = Notes()
        self._name = place.uri.rpartition("/")[2]
        self._place = place

    @classmethod
    def open(cls, location: str) -> Self:
        """Open s3://bucket/prefix.

        Raises:
            SourceError: it cannot be listed or is empty.
        """
        with _explained():
            source = cls(open_files(location))
        notes = Notes()
        if next(source._found(notes), None) is None:
            raise holds_no_photos(location[:200], "keys", notes.not_read)
        return source

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield the photos, a page of a thousand keys at a time."""
        self.notes.begin()
        for entry, sidecar in self._found(self.notes):
            yield self._photo(entry, sidecar)

    def count(self) -> int:
        """Count by listing everything, once."""
        return self._count

    @cached_property
    def _count(self) -> int:
        return sum(1 for _ in self._found(Notes()))

    def look(self, name: str) -> Photo | Skip | None:
        """The photo at a key below the prefix as it is now; None where there is none.

        Raises:
            SourceError: the bucket cannot be looked at.
        """
        with _explained():
            entry = self._place.entry(name) if self._may_be_photo(name) else None
            if entry is None:
                return None
            found = self._place.entries(f"{name.rpartition('.')[0]}.")
            beside = list(islice(found, MOST_BESIDE))
            if name in raw_twins(each.name for each in beside):
                return None
            return self._photo(entry, sidecar_among(entry.name, beside))

    def photos_beside(self, name: str) -> list[str]:
        """The names of the photos that have a side-car at a key, were there one.

        Raises:
            SourceError: the bucket cannot be looked at.
        """
        with _explained():
            folder, slash, last = name.rpartition("/")
            beside = self._place.entries(f"{folder}{slash}{last.partition('.')[0]}.")
            names = [entry.name for entry in islice(beside, MOST_BESIDE)]
        return [each for each in names if has_extension(each) and is_beside(name, each)]

    def id_of(self, name: str) -> str:
        """The id that a photo at this key has in an index."""
        return photo_id(f"{self.location}/{name}")

    def _photo(self, entry: Entry, sidecar: Entry | None) -> Photo | Skip:
        uri = f"{self.location}/{entry.name}"
        folder = folder_below(uri, self.location)
        photo = Photo(id=photo_id(uri), uri=uri, version=_version(entry), folder=folder)
        if sidecar is not None:
            photo = with_sidecar(photo, f"{self.location}/{sidecar.name}", _version(sidecar))
        return self.notes.fitted(photo, "its key", printable(uri))

    def _may_be_photo(self, name: str) -> bool:
        """Whether listing would yield it, were it there."""
        if _is_hidden(name) or not has_extension(name) or _index_of(name) is not None:
            return False
        parts = name.split("/")
        if is_thumbnail(parts[-1]) or folder_left_alone(parts[:-1], self._name):
            return False
        above = ["/".join((*parts[:depth], "")) for depth in range(len(parts) - 1)]
        kept = [place for place, part in zip(above, parts, strict=False) if part in BESIDE_SIGN]
        return not any(next(self._place.entries(f"{place}{INDEX_SIGN}/"), None) for place in kept)

    def _found(self, notes: Notes) -> Iterator[tuple[Entry, Entry | None]]:
        kept: tuple[str, ...] = ()
        folder, alone = "", ""
        with _explained():
            listed = entries_with_sidecars(self._place.entries())
            for entry, sidecar in without_raw_twins(listed, lambda pair: pair[0].name):
                if (index := _index_of(entry.name)) is not None:
                    kept = tuple(f"{index}{name}/" for name in BESIDE_SIGN)
                if _is_hidden(entry.name) or index is not None or entry.name.startswith(kept):
                    continue
                before, _, name = entry.name.rpartition("/")
                if before != folder:
                    folder, alone = before, self._left_alone(before, alone, notes)
                if alone or is_thumbnail(name):
                    continue
                if has_extension(name):
                    yield entry, sidecar
                else:
                    note_unread(name, notes.not_read)

    def _left_alone(self, folder: str, before: str, notes: Notes) -> str:
        """The folder of a key, or what it lies in, up to the one that is left alone, or "".

        `before` is what this gave for the key before: each is counted once.
        """
        parts = folder.split("/")
        found = folder_left_alone(parts, self._name)
        if not found:
            return ""
        whole = "/".join(parts[: parts.index(found) + 1])
        if whole != before:
            note_left_alone(found, notes.left_alone)
        return whole


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or "/." in name


def _index_of(name: str) -> str | None:
    """The prefix of the index whose table has a file, which stands before all that it keeps."""
    before, found, _ = f"/{name}".rpartition(f"/{INDEX_SIGN}/")
    return f"{before}/".removeprefix("/") if found else None


def versions_below(location: str) -> dict[str, str]:
    """The versions of all objects below a prefix, by their URIs: 150 bytes of memory for each.

    Empty where they cannot be listed, or are more than a manifest is likely to list.
    """
    versions: dict[str, str] = {}
    with suppress(StorageError):
        for entry in islice(open_files(location).entries(), MOST_VERSIONS + 1):
            versions[f"{location}/{entry.name}"] = _version(entry)
        if len(versions) <= MOST_VERSIONS:
            return versions
    return {}


def read_object(location: str) -> bytes:
    """The bytes of a manifest at s3://bucket/key; one that was stored with gzip is unpacked.

    Raises:
        SourceError: they cannot be had.
    """
    folder, _, name = location.rpartition("/")
    with _explained():
        data = open_files(folder).read(name)
    if data is None:
        raise SourceError(f"There is no manifest at {location[:200]}. Check its key.")
    try:
        return unpacked(data, MOST_OF_MANIFEST)
    except PhotoError as error:
        raise SourceError(f"{location[:200]} cannot be unpacked: {error}") from error


def _version(entry: Entry) -> str:
    return f"{entry.size}-{entry.etag}" if entry.etag else ""  # its size alone proves nothing


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise SourceError(str(error)) from error
