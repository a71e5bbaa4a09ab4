"""Adding one photo that somebody hands over, with its file in step with the index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from photoseek.errors import DuplicatePhotoError, PhotoError, PhotoseekError, StorageError
from photoseek.indexing.uploads import Uploads
from photoseek.photos import ImageLimits
from photoseek.records import Found, Keep, KnownPhoto, Outcome, Photo, StoredPhoto, content_hash
from photoseek.settings import LibrarySettings


class _Index(Protocol):
    """What `photoseek.PhotoSearch` is asked for."""

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]: ...

    def photo(self, photo_id: str) -> StoredPhoto: ...

    def browse(self, *, top_k: int, where: str) -> Found: ...

    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]: ...


def bytes_of(picture: bytes | Path) -> bytes:
    """The bytes of a picture that is given as such or as a file.

    Raises:
        PhotoError: the file cannot be read.
    """
    if isinstance(picture, bytes):
        return picture
    try:
        return picture.expanduser().read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"The photo {picture} cannot be read: {reason}.") from error


def add_photo(
    index: _Index, settings: LibrarySettings, picture: bytes | Path, description: Photo
) -> StoredPhoto:
    """Save a photo among those that were handed in, where the settings say, and index it.

    When it is not indexed, for whatever reason, its file goes again, unless the index has it by
    now: somebody else may have added the same photo meanwhile.

    Raises:
        DuplicatePhotoError: the index has it already.
        PhotoError: it cannot be used.
        StorageError: it cannot be saved, or uploads are off.
    """
    if not settings.takes_uploads:
        raise StorageError("Photos cannot be handed in here: PHOTOSEEK_UPLOADS is off.")
    limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
    uploads = Uploads(settings.uploads, limits, settings.index)
    data = bytes_of(picture)
    for hit in index.browse(top_k=1, where=f"content_hash = {content_hash(data)}").hits:
        there = hit.stored.photo.id
        raise DuplicatePhotoError("This photo is in the index already.", there)
    saved = uploads.save(data, description)

    def is_stored() -> bool:
        state = index.known([saved.id]).get(saved.id)
        return state is not None and not state.deleted

    try:
        [outcome] = index.index_batch([saved], [""])
        if outcome.error:
            raise PhotoError(outcome.error)
    except PhotoseekError:
        if not is_stored():
            uploads.remove(saved.uri)
            if is_stored():  # somebody else has added the same photo at that moment
                uploads.save(data, description)
        raise
    if not uploads.has(saved) and is_stored():  # somebody else could not, and has removed its file
        uploads.save(data, description)
    return index.photo(saved.id)
