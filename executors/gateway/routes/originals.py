"""The bytes of photos as they were indexed, where this machine has them."""

import mimetypes
from pathlib import Path

from executors.gateway.routes.answers import Stored
from photoseek.errors import UnreadablePhotoError
from photoseek.records import Photo
from photoseek.settings import Settings
from photoseek.sources.stock import download_url
from photoseek.storage.files import path_of_file_uri


def downloaded_from(photo: Stored, settings: Settings) -> str:
    """Where a photo is fetched from when a person downloads it; a stock service may be told.

    Raises SourceError when it cannot be told: then the photo must not be downloaded.
    """
    return download_url(Photo(photo["id"], photo["uri"], metadata=photo["metadata"]), settings)


def local_file(uri: str) -> Path | None:
    """The file of a photo on this machine's disk, or None."""
    try:
        path = Path(path_of_file_uri(uri) if uri.startswith("file://") else uri)
    except UnreadablePhotoError:
        return None
    return path if path.is_absolute() and path.is_file() else None


def picture_type(name: str) -> str:
    """The content type of a photo by its name; never one that a browser would run."""
    guessed = mimetypes.guess_type(name)[0] or ""
    return guessed if guessed.startswith("image/") and "svg" not in guessed else "image/jpeg"
