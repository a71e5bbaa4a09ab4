"""The storing half of photoseek: photos with their vectors, found, counted and deleted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace

from typing_extensions import override

from photoseek.files.links import Links
from photoseek.files.names import Opened
from photoseek.identity import same_vectors
from photoseek.index_transfer import IndexTransfer
from photoseek.indexing.deleted_meanwhile import deleted_meanwhile
from photoseek.indexing.known_photos import KnownPhotos
from photoseek.indexing.results import UnchangedPhoto
from photoseek.indexing.tombstones import Tombstones
from photoseek.indexing.upkeep_times import UpkeepTimes
from photoseek.records import (
    EncodedPhoto,
    Facets,
    Filter,
    Found,
    Hit,
    IndexStatus,
    ModelIdentity,
    Sort,
    StoredPhoto,
)
from photoseek.search.answer import Search, search
from photoseek.search.confidence import KnownBackground
from photoseek.search.known_limits import KnownLimits
from photoseek.search.listing import Listing, list_photos
from photoseek.store import PhotoStore, Where, filters_of
from photoseek.store.fulltext import checked_fields
from photoseek.store.index_errors import unknown_photo
from photoseek.store.lazy import LazyStore
from photoseek.store.own_columns import check_names, widened
from photoseek.store.registry import canonical
from photoseek.store.sorting import sort_of


class PhotoIndex(KnownPhotos, IndexTransfer):
    """An index of photos, which needs no model: vectors are given to it.

    There may be none yet: then there is nothing to find, and the first photo that is added makes
    it. Safe to use from several threads, and several processes may use the same index. Every
    method raises StoreError when the index cannot be read or written, MissingStoreError where it
    was there and is gone, SilentStoreError where it takes longer than
    `photoseek.helpers.deadlines.within` allows, and ModelMismatchError when it was made with
    another model. `where` is a filter or several that are joined by AND; those that make no sense
    raise QueryError.
    """

    def __init__(
        self,
        store: LazyStore,
        links: Links,
        state: str | None = None,
        keyword_fields: Sequence[str] | None = None,
    ) -> None:
        """`links` are how a browser gets at photos; `state` as `run_state` takes it.

        `keyword_fields` are for `use_keyword_fields`, from the next photo on that is stored.

        Raises:
            SettingsError: one of the fields has no words.
        """
        self.location = canonical(store.location)  # a client may run in another folder
        self._store = store
        self._links = links
        self._state = state
        self._tombstones = Tombstones(store.location, state)
        self._keyword_fields = None if keyword_fields is None else checked_fields(keyword_fields)
        self._background = KnownBackground()
        self._limits = KnownLimits(store.location, state)
        self._maintaining = threading.Lock()
        self._upkeep_times = UpkeepTimes()

    def store(
        self,
        encoded: Sequence[EncodedPhoto],
        unchanged: Sequence[UnchangedPhoto],
        model: ModelIdentity,
        known: Collection[str] = (),
    ) -> set[str]:
        """Store photos with their vectors, and new descriptions of photos with the same bytes.

        Photos that had been deleted are back then, for good. But those that the index had when they
        were sent, as is `known` of them by id, were deleted since, and are left out. Returns these,
        and those that are deleted at this moment.
        """
        ids = [each.photo.id for each in encoded] + [each.photo.id for each in unchanged]
        deleted: set[str] = set()

        @contextmanager
        def leaving_out(store: PhotoStore) -> Iterator[Set[str]]:
            with deleted_meanwhile(store, self._tombstones, ids, known) as unwanted:
                yield unwanted
            deleted.update(unwanted)

        described = [item.photo for item in unchanged]
        told = {item.photo.id: item.told for item in unchanged if item.told is not None}
        fields = self._keyword_fields
        self._store.write_photos(encoded, described, model, fields, told, leaving_out)
        self._note_commit()
        return deleted

    def use_keyword_fields(self, names: Sequence[str]) -> int:
        """Find the words of these fields too, and of no others but captions and tags.

        That is noted in the index, and holds for whoever writes to it. Returns how many photos that
        are stored already were brought up to date.

        Raises:
            SettingsError: one of the fields has no words.
        """
        fields = self._keyword_fields = checked_fields(names)
        return self._find_words(lambda store: store.use_keyword_fields(fields))

    def refresh_words(self) -> int:
        """Find the words of photos that an earlier version stored as those of new ones.

        Returns how many changed; cheap where none do.
        """
        return self._find_words(lambda store: store.use_keyword_fields(store.keyword_fields))

    def _find_words(self, change: Callable[[PhotoStore], int]) -> int:
        if changed := self._store.read(change, 0):
            self.maintain()
        return changed

    def keyword_fields(self) -> tuple[str, ...]:
        """The fields whose words are found, or will be once there is an index."""
        return self._store.read(lambda store: store.keyword_fields, self._keyword_fields or ())

    def answer(self, asked: Search) -> Found:
        """The photos nearest to a query whose vectors are made.

        Raises:
            QueryError: what is asked makes no sense.
        """
        start = time.perf_counter()

        def answer(store: PhotoStore) -> Found:
            with store.reads():
                check_names(asked.where, store)
                where = widened(asked.where, store)
                model = replace(store.model, tokenizer=asked.query.tokenizer)
                background, limits = self._background.of(store), self._limits.of(model)
                return search(store, replace(asked, where=where), background, limits)

        found = self._store.read(answer, Found(), asked.query.model)
        used, model = asked.query.model, self._store.model()
        is_of_before = bool(used and model and not same_vectors(used, model))
        hits, seconds = tuple(map(self._linked_hit, found.hits)), time.perf_counter() - start
        return replace(found, hits=hits, search_seconds=seconds, is_of_before=is_of_before)

    def browse(
        self,
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Where = (),
        sort: str | Sort | None = None,
        after: str = "",
    ) -> Found:
        """A page of the photos that satisfy all filters, in an order or newest first.

        `after` is the `next_after` of the page before; it takes the place of the offset.
        """
        start = time.perf_counter()
        asked = Listing(top_k, offset, self.checked(where), sort_of(sort), after)
        found = self._store.read(lambda store: list_photos(store, asked), Found())
        hits, seconds = tuple(map(self._linked_hit, found.hits)), time.perf_counter() - start
        return replace(found, hits=hits, search_seconds=seconds)

    def photos(self, ids: Sequence[str], *, opened: Opened | None = None) -> list[StoredPhoto]:
        """Those of the photos that are stored, in the order of the ids.

        `opened` says that their links are for photos that are shown or saved themselves.
        """
        nothing: dict[str, StoredPhoto] = {}
        found = self._store.read(lambda store: store.get(ids), nothing)
        return [self._linked(found[photo_id], opened) for photo_id in ids if photo_id in found]

    def photo(self, photo_id: str, *, opened: Opened | None = None) -> StoredPhoto:
        """What is known of one photo.

        Raises:
            QueryError: there is none of that id.
        """
        for stored in self.photos([photo_id], opened=opened):
            return stored
        raise unknown_photo(photo_id)

    def warm(self) -> None:
        """Read ahead what the first searches and facets would wait for."""
        self._store.read(lambda store: store.warm(), None)

    def facets(self, where: Where = ()) -> Facets:
        """What the photos that satisfy all filters have in common."""
        conditions = self.checked(where)
        return self._store.read(lambda store: store.facets(conditions), Facets())

    @override
    def checked(self, where: Where) -> tuple[Filter, ...]:
        """The filters, which are checked.

        Raises:
            QueryError: one makes no sense, or names what is no field and no column of a manifest.
        """
        conditions = filters_of(where)
        self._store.read(lambda store: check_names(conditions, store), None)
        return self._store.read(lambda store: widened(conditions, store), conditions)

    def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of a photo's thumbnail.

        Raises:
            QueryError: none is kept.
        """
        return self._of_photo(photo_id, lambda store: store.thumbnail(photo_id))

    def original(self, photo_id: str) -> bytes:
        """The bytes of a photo whose original is kept.

        Raises:
            QueryError: none is kept.
        """
        return self._of_photo(photo_id, lambda store: store.original(photo_id))

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there.

        Those that have not `vanished` from their source are deleted on purpose: that is noted, so
        that later runs leave them out.
        """
        found: set[str] = set()  # where the index is switched meanwhile, this is done twice

        def delete(store: PhotoStore) -> int:
            there = store.get(ids)
            found.update(there)
            if vanished:  # some may be back after they were deleted on purpose
                self._tombstones.forget(there)
            elif there:
                self._tombstones.note(stored.photo for stored in there.values())
            store.delete(ids)
            return len(found)

        if deleted := self._store.read(delete, 0):
            self._note_commit()
        return deleted

    def maintain(self) -> None:
        """Compact, and bring the ANN index up to date; nothing while another round runs."""
        if not self._store.exists() or not self._maintaining.acquire(blocking=False):
            return
        try:
            self._store.use(lambda store: store.maintain())
        finally:
            self._maintaining.release()

    def _note_commit(self) -> None:
        if self._upkeep_times.committed(lambda: self._store.read(lambda store: store.count(), 0)):
            self.maintain()

    def index_status(self) -> IndexStatus | None:
        """What the index holds, or None while there is none."""
        nothing: IndexStatus | None = None
        return self._store.read(lambda store: store.status(), nothing)

    def model(self) -> ModelIdentity | None:
        """The model of the index, or None while there is none."""
        return self._store.model()

    def version(self) -> str:
        """What every change of the index changes, as `PhotoStore.version` gives it."""
        return self._store.read(lambda store: store.version(), "")

    def size(self) -> int:
        """The bytes that the index takes on its disk."""
        return self._store.use(lambda store: store.size())

    def _of_photo(self, photo_id: str, ask: Callable[[PhotoStore], bytes]) -> bytes:
        if not self._store.exists():
            raise unknown_photo(photo_id)
        return self._store.use(ask)

    def _linked(self, stored: StoredPhoto, opened: Opened | None = None) -> StoredPhoto:
        link = self._links.link(stored.photo.uri, opened)
        return stored if link == stored.link else replace(stored, link=link)

    def _linked_hit(self, hit: Hit) -> Hit:
        stored, copies = self._linked(hit.stored), tuple(map(self._linked, hit.duplicates))
        is_same = stored is hit.stored and not copies
        return hit if is_same else replace(hit, stored=stored, duplicates=copies)
