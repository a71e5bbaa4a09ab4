"""Photos that people hand in: checked, named by what is in them, and kept in one place."""

from __future__ import annotations

from photoseek.images import ImageLimits, file_name
from photoseek.records import Photo
from photoseek.sources.base import photo_id
from photoseek.storage.places import open_place


class Uploads:
    """A folder or s3:// prefix of uploaded photos. May be used by many threads."""

    def __init__(self, location: str, limits: ImageLimits) -> None:
        """Nothing is touched before the first photo. Raises StorageError as `open_place` does."""
        self._place = open_place(location)
        self._limits = limits

    def save(self, data: bytes) -> Photo:
        """Keep a photo; the same bytes are the same photo with the same id.

        Raises PhotoError where the bytes are no photo that could be indexed, and StorageError
        where they cannot be stored.
        """
        name, content_type = file_name(data, self._limits)
        self._place.prepare()
        self._place.write(name, data, content_type)
        uri = f"{self._place.uri}/{name}"
        return Photo(id=photo_id(uri), uri=uri)

    def remove(self, uri: str) -> bool:
        """Remove a photo that was uploaded; anybody else's photo is left alone and is False."""
        name = uri.removeprefix(f"{self._place.uri}/")
        if name == uri:
            return False
        self._place.remove([name])
        return True
