"""What an index tells a run, so that the run does nothing twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set
from contextlib import contextmanager, suppress

from photoseek.errors import MissingStoreError
from photoseek.helpers.fingerprints import Fingerprints
from photoseek.indexing.deleted_meanwhile import deleted_meanwhile
from photoseek.indexing.tombstones import Tombstones
from photoseek.records import DELETED, EncodedPhoto, Keep, KnownPhoto, ModelIdentity
from photoseek.store import PhotoStore
from photoseek.store.lazy import LazyStore
from photoseek.store.same_bytes import contents_of


class KnownPhotos:
    """The part of an index that knows what is stored and what was deleted on purpose."""

    _store: LazyStore
    _tombstones: Tombstones

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What is stored of these photos, and which of the others were deleted on purpose.

        Nothing while there is no index, or no longer one.
        """
        none: dict[str, KnownPhoto] = {}
        try:
            if not self._store.exists():
                return none
            stored = self._store.read(lambda store: store.known(ids), none)
        except MissingStoreError:
            return none
        others = [photo_id for photo_id in ids if photo_id not in stored]
        return stored | dict.fromkeys(self._tombstones.among(others), DELETED)

    @contextmanager
    def deleted_meanwhile(self, ids: Sequence[str], known: Collection[str]) -> Iterator[Set[str]]:
        """Inside, others write photos of these ids into the store, but those that it gives.

        They stay deleted as in `store`, and are among those that it gives afterwards.
        """
        rows = _SharedRows(self._store)
        with deleted_meanwhile(rows, self._tombstones, ids, known) as unwanted:
            yield unwanted

    def fingerprints(self, most: int, keep: Keep | None = None) -> Fingerprints | None:
        """Those of all photos, or of those of which so much is kept.

        None while there is no index, where it has more than `most` photos, and where its store
        tells of some photos as quickly: then they are asked for by their ids.
        """
        with suppress(MissingStoreError):
            return self._store.read(lambda store: store.fingerprints(most, keep), None)
        return None

    def contents(
        self, content_hashes: Sequence[str], model: ModelIdentity | None = None
    ) -> dict[str, EncodedPhoto]:
        """What is stored of one photo of each content hash, with its thumbnail or b""."""
        none: dict[str, EncodedPhoto] = {}
        return self._store.read(lambda store: contents_of(store, content_hashes), none, model)


class _SharedRows:
    """Photos of a store into which others write, of which an engine may be late to tell."""

    def __init__(self, store: LazyStore) -> None:
        self._store = store

    def known(self, ids: Collection[str]) -> Collection[str]:
        none: Collection[str] = ()
        return self._store.read(lambda store: store.known(ids), none)

    def delete(self, ids: Collection[str]) -> int:
        def delete(store: PhotoStore) -> int:
            store.catch_up()
            return store.delete(ids)

        return self._store.read(delete, 0)
