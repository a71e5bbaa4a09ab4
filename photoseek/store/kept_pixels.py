"""The part of a store's contract that is about what is kept of photos' pixels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from photoseek.helpers.fingerprints import Fingerprints
from photoseek.records import Keep, KnownPhoto
from photoseek.store.blobs import BlobKind, Blobs
from photoseek.store.failures import reading


class KeptPixels(ABC):
    """Thumbnails and originals of photos that are known by their ids."""

    @property
    @abstractmethod
    def location(self) -> str:
        """Where the index lives, in the words that open it again."""

    @property
    @abstractmethod
    def blobs(self) -> Blobs:
        """What is kept of photos' pixels; `upsert` and `delete` keep it in step with them."""

    @abstractmethod
    def known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        """Fingerprint and content hash of those ids that are stored; others are left out."""

    def fingerprints(self, most: int, keep: Keep | None = None) -> Fingerprints | None:
        """Those of all photos, or of those of which so much is kept.

        None where there are more than `most` photos, or where an engine tells of some photos as
        quickly: then they are asked for by their ids.
        """
        return None

    def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of one photo's thumbnail.

        Raises:
            QueryError: no photo has that id, or no thumbnail of it is kept.
        """
        return self._blob(photo_id, "thumbnail")

    def original(self, photo_id: str) -> bytes:
        """The bytes of one photo as it was indexed.

        Raises:
            QueryError: no photo has that id, or its original is not kept.
        """
        return self._blob(photo_id, "original")

    def _blob(self, photo_id: str, kind: BlobKind) -> bytes:
        known = self.known([photo_id]).get(photo_id)
        with reading(self.location):
            return self.blobs.read(photo_id, kind, known, self.location)
