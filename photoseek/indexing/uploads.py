"""Photos that people hand in: checked, named by what is in them, and kept in one place.

Beside each photo lies what was handed in with it, `NAME.json`. So a new index can be made from
them, with their ids and descriptions.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Protocol

from photoseek.errors import DamagedStoreError, QueryError, StorageError
from photoseek.files.filestore import open_files
from photoseek.helpers.uri import scheme_of
from photoseek.indexing.sidecars import SIDECAR, Sidecar, placed
from photoseek.photos import ImageLimits, file_name
from photoseek.records import Keep, KnownPhoto, Photo, Skip, StoredPhoto, is_content_hash
from photoseek.settings import IndexSettings, UploadSettings
from photoseek.sources.source import file_id, has_extension, photo_id
from photoseek.store import canonical, same_index

LOOK_UP = 1_000
"""Photos whose state is asked for at once."""

DEFAULT_INDEX: str = IndexSettings.model_fields["index"].default

UNDESCRIBED = Photo("", "")
"""Nothing is known of it."""


class Uploads:
    """A folder or s3:// prefix of uploaded photos. May be used by many threads."""

    def __init__(self, location: str, limits: ImageLimits, index: str = DEFAULT_INDEX) -> None:
        """`index` is the location of the one that they are handed in to.

        Nothing is touched before the first photo.

        Raises:
            StorageError: as `open_files` does.
        """
        self._place = open_files(location)
        self._limits = limits
        self._index = canonical(index)

    def save(self, data: bytes, description: Photo = UNDESCRIBED) -> Photo:
        """Keep a photo and its description, whose id and place do not count.

        The same bytes are the same photo with the same id.

        Raises:
            PhotoError: the bytes are no photo that could be indexed.
            StorageError: they cannot be stored.
        """
        name, content_type = file_name(data, self._limits)
        photo = placed(self._place, name, description)
        self._place.prepare()
        # The description first: a photo that is there has it, also when we are killed in between.
        Sidecar(photo, self._index).write(self._place, name)
        self._place.write(name, data, content_type)
        return photo

    def has(self, photo: Photo) -> bool:
        """Whether the file of a photo that was saved is there still."""
        name = photo.uri.removeprefix(f"{self._place.uri}/")
        return self._place.entry(name) is not None

    def remove(self, uri: str) -> bool:
        """Remove a photo that was uploaded; anybody else's photo is left alone and is False."""
        name = uri.removeprefix(f"{self._place.uri}/")
        if name == uri:
            return False
        self._place.remove([name, name + SIDECAR])
        return True


class Describes(Protocol):
    """An index that tells what it holds: `photoseek.PhotoSearch`, `photoseek.Client`."""

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos."""

    def photo(self, photo_id: str) -> StoredPhoto:
        """What is known of a photo.

        Raises:
            QueryError: there is none.
        """


class HandedIn:
    """The photos that were handed in, which every indexing run takes along.

    Those that the index has are not even read. Of one without a description of its own, handed in
    to a version that wrote none, what the index knows is written down beside it.
    """

    def __init__(self, location: str, index: str, *, of_others: bool) -> None:
        """With `of_others`, photos that were handed in to another index are taken along too.

        Raises:
            StorageError: as `open_files` does.
        """
        self._place = open_files(location)
        self._index = canonical(index)
        self._of_others = of_others
        self._own: set[str] = set()
        self.present = 0
        """How many of them the index had when it was last asked."""

    @classmethod
    def of(cls, settings: UploadSettings) -> HandedIn | None:
        """Those of the settings, or None where nothing can be handed in.

        A place that was named is that of one library, also when its index moves; the default one
        may have photos of several.

        Raises:
            StorageError: as `open_files` does.
        """
        if not settings.takes_uploads:
            return None
        named = "uploads" in settings.model_fields_set
        return cls(settings.uploads, settings.index, of_others=named)

    def join(
        self,
        entries: Iterable[Photo | Skip],
        index: Describes,
        *,
        keep: Keep | None = None,
        again: bool | Set[str] = False,
        refresh: bool = False,
    ) -> Iterator[Photo | Skip]:
        """Yield those that the index is to have and has not, and then the entries of a source.

        A folder or bucket that has them as well knows nothing more of them. `keep`, `again` and
        `refresh` are what `index_photos` is given.
        """
        self.present, self._own = 0, set()
        try:
            yield from self._missing(index, keep, again, refresh)
        except StorageError as error:
            yield Skip(self._place.uri, f"Photos that were handed in are left out: {error}")
        for entry in entries:
            if isinstance(entry, Skip) or entry.uri not in self._own or not _is_bare(entry):
                yield entry

    def exist(self) -> bool:
        """Whether there are any.

        Raises:
            StorageError: their place cannot be read.
        """
        return any(map(_is_ours, self._names()))

    def note_deleted(self, ids: Collection[str]) -> None:
        """Remember beside photos that they were deleted, which a new index cannot know.

        Raises:
            StorageError: the notes cannot be read or written.
            DamagedStoreError: a description makes no sense.
        """
        for name in filter(_is_ours, self._names()):
            if self._id(name) in ids and (found := self._read(name)):
                replace(found, deleted=True).write(self._place, name)

    def note_deleted_if_possible(self, ids: Collection[str]) -> None:
        """The same; where it cannot be written, a later run does it."""
        with suppress(StorageError, DamagedStoreError):
            self.note_deleted(ids)

    def _names(self) -> Iterator[str]:
        if scheme_of(self._place.uri) or Path(self._place.uri).is_dir():
            yield from (entry.name for entry in self._place.entries())

    def _missing(
        self, index: Describes, keep: Keep | None, again: bool | Set[str], refresh: bool
    ) -> Iterator[Photo | Skip]:
        names = set(self._names())
        photos = iter(sorted(filter(_is_ours, names)))
        problem = ""
        while some := list(islice(photos, LOOK_UP)):
            known = index.known([self._id(name) for name in some])
            for name in some:
                state = known.get(self._id(name))
                if state is None or state.deleted:
                    yield from self._wanted(name, deleted=state is not None, again=again)
                    continue
                self._own |= self._uris(name)
                try:
                    if name + SIDECAR not in names:
                        self._describe(name, index)
                except StorageError as error:
                    problem = str(error)
                if (not keep or keep == state.keep) and not refresh:
                    self.present += 1
                elif not problem:  # or it would lose its description
                    yield from self._wanted(name, deleted=False, again=again)
        if problem:
            reason = (
                f"What is known of photos that were handed in cannot be written down: {problem}"
            )
            yield Skip(self._place.uri, reason)

    def _wanted(
        self, name: str, *, deleted: bool, again: bool | Set[str]
    ) -> Iterator[Photo | Skip]:
        """The photo of that name, unless it is another index's, or deleted on purpose."""
        try:
            found = self._read(name)
        except DamagedStoreError as error:
            self._own |= self._uris(name)
            yield Skip(f"{self._place.uri}/{name}", str(error), id=self._id(name))
            return
        if found is None:
            return
        self._own |= self._uris(name)
        is_back = again if isinstance(again, bool) else found.photo.id in again
        if (deleted or found.deleted) and not is_back:
            if not found.deleted:  # a new index knows of no deletions
                replace(found, deleted=True).write(self._place, name)
            return
        if found.deleted:
            replace(found, deleted=False).write(self._place, name)
        yield found.photo

    def _read(self, name: str) -> Sidecar | None:
        """What is known of a photo that is this index's; None for another's."""
        found = Sidecar.read(self._place, name)
        if found is None:  # of a version that wrote none
            bare = placed(self._place, name, UNDESCRIBED)
            found = Sidecar(bare, canonical(DEFAULT_INDEX))
        return found if self._of_others or same_index(found.index, self._index) else None

    def _describe(self, name: str, index: Describes) -> None:
        try:
            stored = index.photo(self._id(name)).photo
        except QueryError:  # deleted a moment ago
            return
        self._place.prepare()
        Sidecar(placed(self._place, name, stored), self._index).write(self._place, name)

    def _uris(self, name: str) -> set[str]:
        """How a photo is called here, and by a source that follows links."""
        uri = f"{self._place.uri}/{name}"
        return {uri} if scheme_of(uri) else {uri, os.path.realpath(uri)}

    def _id(self, name: str) -> str:
        return photo_id(f"{self._place.uri}/{name}")


def _is_ours(name: str) -> bool:
    """Whether a file is a photo that was handed in, and no description nor anything else."""
    path = PurePosixPath(name)
    return is_content_hash(path.stem) and has_extension(name)


def _is_bare(photo: Photo) -> bool:
    """Whether nothing but its place is known of a photo."""
    bare = Photo(id=photo.id, uri=photo.uri, version=photo.version, folder=photo.folder)
    return photo == bare and photo.id in (photo_id(photo.uri), file_id(photo.uri))
