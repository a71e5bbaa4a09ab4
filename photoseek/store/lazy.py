"""A store that may not be there yet, or is gone: opened when it is first needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TypeVar

from photoseek.errors import (
    DamagedStoreError,
    IndexSwitchedError,
    MissingStoreError,
    StoreError,
    StoreWriteError,
)
from photoseek.helpers.deadlines import held
from photoseek.identity import same_vectors
from photoseek.records import EncodedPhoto, ModelIdentity, Photo, Traits
from photoseek.settings import EngineSettings
from photoseek.store.base import PhotoStore
from photoseek.store.failures import reading
from photoseek.store.index_errors import missing_index
from photoseek.store.kept_findings import with_kept_findings
from photoseek.store.registry import open_store, peek_model
from photoseek.store.retelling import retell

T = TypeVar("T")

LOOK_SECONDS = 1.0
"""From one look whether the location stands for another store to the next."""

Opener = Callable[[str, ModelIdentity | None, EngineSettings | None], PhotoStore]
"""Opens the store at a location; given a model, it makes an empty one where there is none."""

Peek = Callable[[str, EngineSettings | None], ModelIdentity | None]
"""Tells which model the store at a location was made with, or None where there is no store."""


LeavingOut = Callable[[PhotoStore], AbstractContextManager[Set[str]]]
"""A block in which photos are written, which gives the ids of those that are not to be."""


def _all_are_wanted(_: PhotoStore) -> AbstractContextManager[Set[str]]:
    return nullcontext(frozenset())


class LazyStore:
    """One store, shared by every thread; the first photo that is written makes it.

    Several processes may use the same one. A store that was open and is gone, because it was
    removed or its disk is away, is not taken for an empty one: what reads raises
    MissingStoreError, until it is there again or a photo that is written makes a new one.

    A location that comes to stand for another store leads there within a second. What is asked
    with the model of the one before is answered by that one, for as long as it is there.
    """

    def __init__(
        self,
        location: str,
        settings: EngineSettings | None = None,
        *,
        opener: Opener = open_store,
        peek: Peek = peek_model,
    ) -> None:
        """`settings` as `photoseek.store.open_store` takes them."""
        self.location = location
        self.settings = settings
        self._opener = opener
        self._peek = peek
        self._store: PhotoStore | None = None
        self._before: PhotoStore | None = None
        self._look_at = 0.0
        self._opening = threading.Lock()
        self._is_lost = False
        self._is_closed = False

    def close(self) -> None:
        """Let go of the store; every method raises StoreError afterwards."""
        self._is_closed, self._store, self._before = True, None, None

    def check_open(self) -> None:
        """Raise StoreError where it was closed."""
        if self._is_closed:
            raise StoreError(f"The index at {self.location} was closed. Open it again to use it.")

    def exists(self) -> bool:
        """Whether there is one.

        Raises:
            MissingStoreError: it was there and is gone.
        """
        self.check_open()
        if self._store is not None or self._peek(self.location, self.settings) is not None:
            return True
        if self._is_lost:
            raise missing_index(self.location)
        return False

    def model(self) -> ModelIdentity | None:
        """The model that its vectors were made with, or None while there is none.

        Raises:
            MissingStoreError: it was there and is gone.
        """
        return self.read(lambda store: store.model, None)

    def read(
        self, ask: Callable[[PhotoStore], T], nothing: T, model: ModelIdentity | None = None
    ) -> T:
        """What the store answers, or `nothing` where there never was one.

        Raises:
            MissingStoreError: it was there and is gone.
            ModelMismatchError: it was made with another model than the one given.
        """
        return self.use(ask, model) if self.exists() else nothing

    def use(self, use: Callable[[PhotoStore], T], model: ModelIdentity | None = None) -> T:
        """What is done with the store, which must be there.

        What writes is done again where the location leads, when it is switched meanwhile.

        Raises:
            IndexSwitchedError: it is, and has another model than the one given.
            StoreError: there is none, or as `read` does.
        """
        try:
            return self._use(use, model)
        except (DamagedStoreError, StoreWriteError) as error:
            if self._has_gone():
                raise missing_index(self.location) from error
            raise

    def write(self, write: Callable[[PhotoStore], T], model: ModelIdentity) -> T:
        """The result of `write` with the store, which is made where there is none or it has gone.

        Raises:
            ModelMismatchError: it was made with another model.
        """
        try:
            return self.use(write, model)
        except MissingStoreError:  # noticed just now
            return self.use(write, model)

    def write_photos(
        self,
        encoded: Sequence[EncodedPhoto],
        described: Sequence[Photo],
        model: ModelIdentity,
        keyword_fields: Sequence[str] | None = None,
        told: Mapping[str, Traits] | None = None,
        leaving_out: LeavingOut = _all_are_wanted,
    ) -> None:
        """Write photos, and new descriptions of photos that are stored, as `write` does.

        `told` is what files say of some of the latter by now, for `retell`. What was read in the
        pictures of stored photos, and suggested for them, stays while their bytes do.
        `keyword_fields` are for `PhotoStore.use_keyword_fields`; None leaves them as they are.
        """

        def write(store: PhotoStore) -> None:
            if keyword_fields is not None:
                store.use_keyword_fields(keyword_fields)
            with leaving_out(store) as unwanted:
                wanted = [each for each in encoded if each.photo.id not in unwanted]
                if wanted:
                    store.upsert(with_kept_findings(store, wanted))
                if described:
                    store.describe(described)
                if told:
                    retell(store, told)

        self.write(write, model)

    def _use(self, use: Callable[[PhotoStore], T], model: ModelIdentity | None) -> T:
        store = self._open(model)
        while True:  # it may be switched once more meanwhile
            try:
                return use(store)
            except (IndexSwitchedError, DamagedStoreError) as error:
                if store is self._before and isinstance(error, DamagedStoreError):
                    self._before = None  # it was removed
                self._look_at = 0.0
                before, store = store, self._open(model)
                if store is before:
                    raise

    def _has_gone(self) -> bool:
        """Whether the store that is open is not there any more; then it is open no longer."""
        with suppress(StoreError):
            if self._store is not None and self._peek(self.location, self.settings) is None:
                self._store, self._is_lost = None, True
        return self._store is None and self._is_lost

    def _open(self, model: ModelIdentity | None) -> PhotoStore:
        self.check_open()
        with reading(self.location), held(self._opening):
            self._follow()
            if model and self._before and same_vectors(self._before.model, model):
                return self._before
            if self._store is None or (model and not same_vectors(self._store.model, model)):
                if model is None and self._is_lost:
                    self.exists()
                self._store = self._opener(self.location, model, self.settings)
                self._is_lost = False
            return self._store

    def _follow(self) -> None:
        """Open the store that the location stands for by now, where that is another one."""
        if self._store is None or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_SECONDS
        if self._store.stands() or self._peek(self.location, self.settings) is None:
            return
        before, self._store = self._store, self._opener(self.location, None, self.settings)
        self._before = None if same_vectors(before.model, self._store.model) else before
