"""Where the bytes of photos come from that are in an index already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from photoseek.errors import (
    AwayPhotoError,
    OutsideRootsError,
    PhotoError,
    SilentStoreError,
    StoreError,
    UnreadablePhotoError,
    UnreadableStoreError,
)
from photoseek.fetch import PhotoReader
from photoseek.indexing.away_places import AwayPlaces
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
    places: AwayPlaces = field(default_factory=AwayPlaces)

    def picture(
        self,
        store: PhotoStore,
        stored: StoredPhoto,
        why_not: str = "",
        *,
        thumbnail_meanwhile: bool = True,
    ) -> tuple[bytes, str]:
        """The bytes, and why they are those of a thumbnail; "" where they are the photo's own.

        `why_not` is why the photo's own must not be opened, where that is so. A photo that cannot
        be had now, and may be later, has its thumbnail taken `thumbnail_meanwhile`, or is refused.

        Raises:
            AwayPhotoError: it is refused.
            PhotoseekError: there is nothing of it at all.
        """
        if why_not:
            if stored.keep == "none":
                raise UnreadablePhotoError(why_not)
            return store.thumbnail(stored.photo.id), why_not
        uri, away = stored.photo.uri, ""
        if stored.keep == "original":
            try:
                return store.original(stored.photo.id), ""
            except (UnreadableStoreError, SilentStoreError) as error:
                away = str(error)
            except StoreError:  # one that is missing is looked for where the photo lies
                pass
        try:
            data = self._read(uri)
            if content_hash(data) == stored.content_hash:
                return data, ""
            reason = f"{uri} is another picture by now than the one that was indexed."
        except AwayPhotoError as error:
            if stored.keep == "none":
                raise
            reason, away = f"{uri}: {error}", str(error)
        except PhotoError as error:
            if stored.keep == "none":
                raise
            reason = f"{uri}: {error}"
        if away and not thumbnail_meanwhile:
            raise AwayPhotoError(away)
        return store.thumbnail(stored.photo.id), reason

    def _read(self, uri: str) -> bytes:
        """The bytes at the place of a photo.

        Raises:
            AwayPhotoError: they cannot be had now, nor those of others there.
            PhotoError: as readers do.
        """
        self.places.check(uri)
        try:
            data = self.reader.read(uri)
        except AwayPhotoError:
            self.places.failed(uri)
            raise
        except OutsideRootsError:
            raise
        except PhotoError as error:
            self.places.answered(uri)
            if folder := self.places.gone_folder(uri):
                raise AwayPhotoError(
                    f"There is nothing at {folder}. Attach its disk or share; if the photos lie "
                    "elsewhere now, index them there."
                ) from error
            raise
        self.places.answered(uri)
        return data


@contextmanager
def pictures_of(
    settings: FetchSettings, roots: Sequence[str] | None, folders: Sequence[str] = ()
) -> Iterator[PictureSource]:
    """What reads photos as the settings say, and those of this machine below `roots`.

    `folders` are those that photos were indexed from.
    """
    with closing(reader_of(settings, roots=roots)) as reader:
        limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
        yield PictureSource(reader, limits, AwayPlaces(folders))
