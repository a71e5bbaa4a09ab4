"""Where the bytes of photos come from that are in an index already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

from photoseek.errors import PhotoError, StoreError, UnreadablePhotoError
from photoseek.fetch import PhotoReader
from photoseek.indexing.building import reader_of
from photoseek.photos import ImageLimits
from photoseek.records import StoredPhoto, content_hash
from photoseek.settings import FetchSettings
from photoseek.store import PhotoStore


@dataclass(frozen=True, slots=True)
class PictureSource:
    """Gives the bytes of a photo: as the index keeps them, from its place, or its thumbnail."""

    reader: PhotoReader
    limits: ImageLimits

    def picture(
        self, store: PhotoStore, stored: StoredPhoto, why_not: str = ""
    ) -> tuple[bytes, str]:
        """The bytes, and why they are those of a thumbnail; "" where they are the photo's own.

        `why_not` is why the photo's own must not be opened, where that is so.

        Raises:
            PhotoseekError: there is nothing of it at all.
        """
        if why_not:
            if stored.keep == "none":
                raise UnreadablePhotoError(why_not)
            return store.thumbnail(stored.photo.id), why_not
        if stored.keep == "original":
            with suppress(StoreError):  # one that is missing is looked for where the photo lies
                return store.original(stored.photo.id), ""
        try:
            data = self.reader.read(stored.photo.uri)
            if content_hash(data) == stored.content_hash:
                return data, ""
            reason = f"{stored.photo.uri} is another picture by now than the one that was indexed."
        except PhotoError as error:
            if stored.keep == "none":
                raise
            reason = f"{stored.photo.uri}: {error}"
        return store.thumbnail(stored.photo.id), reason


@contextmanager
def pictures_of(settings: FetchSettings, roots: Sequence[str] | None) -> Iterator[PictureSource]:
    """What reads photos as the settings say, and those of this machine below `roots`."""
    with closing(reader_of(settings, roots=roots)) as reader:
        limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
        yield PictureSource(reader, limits)
