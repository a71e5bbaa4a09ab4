"""The encoder that an index is searched and filled with, which follows it to another model."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from photoseek.errors import PhotoseekError, StoreError
from photoseek.helpers.deadlines import in_background
from photoseek.identity import same_vectors
from photoseek.indexing.contents import StoredContents
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.records import EncodedPhoto, ModelIdentity
from photoseek.store.lazy import LazyStore
from photoseek.store.same_bytes import contents_of

_log = logging.getLogger(__name__)

AGAIN_SECONDS = 30.0
"""Until a model that could not be loaded is tried again; the one before goes on meanwhile."""


def encoder_in_use(store: LazyStore, load: Callable[[bool], PhotoEncoder]) -> EncoderInUse:
    """The encoder of a store; `load` as `EncoderInUse` takes it."""

    def contents(model: ModelIdentity | None) -> StoredContents:
        nothing: dict[str, EncodedPhoto] = {}
        return StoredContents(
            lambda hashes: store.read(lambda opened: contents_of(opened, hashes), nothing, model)
        )

    def model() -> ModelIdentity | None:
        store.check_open()
        with suppress(StoreError):  # whoever asks it for more is told
            return store.model()
        return None

    return EncoderInUse(load, model, contents)


@dataclass(frozen=True, slots=True)
class Edition:
    """An encoder, the model of the index that it was loaded for, and what that index holds.

    `made_for` is None where there was no index yet, or nobody told. Where an index cannot be asked
    there are no `contents`.
    """

    encoder: PhotoEncoder
    made_for: ModelIdentity | None
    contents: StoredContents | None

    def fits(self, index: ModelIdentity | None) -> bool:
        """Whether it is the encoder for an index of that model."""
        if index is None:
            return True
        is_loaded = self.encoder.model.precision != ""
        model = self.made_for or (self.encoder.identity if is_loaded else None)
        return model is not None and same_vectors(index, model)


class EncoderInUse:
    """Loads an encoder when it is first needed, and that of another model when the index has one.

    May be used by many threads. What is asked for raises ModelError where it has to load a model
    and cannot.
    """

    def __init__(
        self,
        load: Callable[[bool], PhotoEncoder],
        model_of_index: Callable[[], ModelIdentity | None],
        contents: Callable[[ModelIdentity | None], StoredContents | None] = lambda _: None,
    ) -> None:
        """`load` is told whether the model of the index counts alone, whatever settings say.

        `model_of_index` gives None where nobody can tell, and raises StoreError once all is closed.
        `contents` gives what an index of a model holds.
        """
        self._load = load
        self._model_of_index = model_of_index
        self._contents = contents
        self._edition: Edition | None = None
        self._next: Future[Edition] | None = None
        self._next_at = 0.0
        self._lock = threading.Lock()

    @property
    def encoder(self) -> PhotoEncoder | None:
        """The encoder, where one was needed already."""
        edition = self._edition
        return None if edition is None else edition.encoder

    def for_queries(self) -> PhotoEncoder:
        """The encoder that there is. Where the index has got another model, it answers until that
        of the other model is loaded, which is done in the background.
        """
        model = self._model_of_index()
        with self._lock:
            if not self._first(model).fits(model):
                self._begin_next()
            return self._first(model).encoder

    def for_photos(self) -> Edition:
        """The encoder for the model that the index has by now, which is waited for."""
        while True:
            model = self._model_of_index()
            with self._lock:
                edition = self._first(model)
                if edition.fits(model):
                    return edition
                if self._next is not None and self._next.done():
                    # It may be for a model that the index had meanwhile, or have failed then.
                    self._take_next(self._next)
                    continue
                next_one = self._next = self._next or self._begun()
            next_one.result()

    def close(self) -> None:
        """Stop its threads."""
        with self._lock:
            if self._edition is not None:
                self._edition.encoder.close()

    def _first(self, model: ModelIdentity | None) -> Edition:
        if self._edition is None:
            self._edition = self._made(model, by_index=False)
        return self._edition

    def _made(self, model: ModelIdentity | None, *, by_index: bool) -> Edition:
        encoder = self._load(by_index)
        is_loaded = encoder.model.precision != ""
        makes = model or (encoder.identity if is_loaded else None)
        return Edition(encoder, model, self._contents(makes))

    def _begin_next(self) -> None:
        """Have the next one loaded, or take it where that is done."""
        if self._next is None:
            if time.monotonic() >= self._next_at:
                self._next = self._begun()
        elif self._next.done():
            self._take_next(self._next)

    def _begun(self) -> Future[Edition]:
        return in_background(self._load_next, "next model")

    def _take_next(self, done: Future[Edition]) -> None:
        """Let go of the one before: who is at work with it goes on."""
        self._next = None
        try:
            self._edition = done.result()
        except PhotoseekError as error:
            self._next_at = time.monotonic() + AGAIN_SECONDS
            _log.error("The index has another model, which cannot be loaded: %s", error)

    def _load_next(self) -> Edition:
        before = self._edition
        is_known = before is not None and (before.made_for or before.encoder.model.precision)
        edition = self._made(self._model_of_index(), by_index=bool(is_known))
        edition.encoder.load(for_texts=True)
        return edition
