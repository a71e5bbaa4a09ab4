"""Bytes to a file that is named by what is in it."""

from __future__ import annotations

from photoseek.download.publishing import path_in
from photoseek.download.state import Journal
from photoseek.files.filestore import FileStore
from photoseek.photos import ImageLimits, file_name
from photoseek.records import Photo


def keep(
    photo: Photo, data: bytes, place: FileStore, journal: Journal, limits: ImageLimits
) -> None:
    """Store the bytes of a photo as ab/ab12....jpg, and only then write down that it arrived.

    Equal bytes share one file. Raises PhotoError where the bytes are no photo, and StorageError
    where they cannot be stored.
    """
    name, content_type = file_name(data, limits)
    if not journal.stores(name):
        place.write(name, data, content_type)
    journal.add(photo, path_in(place, name))
