"""Bytes to a file that is named by what is in it."""

from __future__ import annotations

from photoseek.download.journal import Journal
from photoseek.images import ImageLimits, recognise
from photoseek.records import Photo, content_hash
from photoseek.storage.places import Place

_FORMATS = {
    "JPEG": (".jpg", "image/jpeg"),
    "PNG": (".png", "image/png"),
    "WebP": (".webp", "image/webp"),
    "GIF": (".gif", "image/gif"),
    "BMP": (".bmp", "image/bmp"),
    "TIFF": (".tif", "image/tiff"),
    "AVIF": (".avif", "image/avif"),
}


def keep(photo: Photo, data: bytes, place: Place, journal: Journal, limits: ImageLimits) -> None:
    """Store the bytes of a photo as ab/ab12....jpg, and only then write down that it arrived.

    Equal bytes share one file. Raises PhotoError where the bytes are no photo, and StorageError
    where they cannot be stored.
    """
    extension, content_type = _FORMATS[recognise(data, limits)]
    digest = content_hash(data)
    name = f"{digest[:2]}/{digest}{extension}"
    if not journal.stores(name):
        place.write(name, data, content_type)
    journal.add(photo, f"{place.uri}/{name}" if place.uri.startswith("s3://") else name)
