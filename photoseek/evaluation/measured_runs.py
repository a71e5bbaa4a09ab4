"""What is evaluated: a model on a source, or an index with the vectors that it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from photoseek.errors import StoreError
from photoseek.evaluation.gathering import (
    Gathered,
    Progress,
    gathered,
    photos_of_index,
    stored_photos,
)
from photoseek.indexing.building import build_encoder
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.local_photos import encoder_of_index
from photoseek.records import ModelIdentity, Photo, Skip
from photoseek.settings import LibrarySettings
from photoseek.sources import open_source
from photoseek.store import PhotoStore, no_index, open_store, peek_model


@dataclass(frozen=True, slots=True)
class Run:
    """A model with photos; `total` of the `there` are looked at, at most. `gather` takes whether
    captions are needed.
    """

    name: str
    model: ModelIdentity
    total: int
    there: int
    encoder: PhotoEncoder
    gather: Callable[[bool, Progress], Gathered]

    @property
    def remark(self) -> str:
        """How many photos are looked at; "" where that is all of them."""
        if self.total == self.there:
            return ""
        were = "was" if self.total == 1 else "were"
        return f"Only the first {self.total:,} of {self.there:,} photos {were} looked at (-n)."


def run_of_source(settings: LibrarySettings, model: str, limit: int | None) -> Run:
    """A model on the source of the settings, whose photos it encodes.

    Raises:
        SourceError: it cannot be used.
        ModelError: the model cannot be loaded.
    """
    source = open_source(settings.source, settings)
    return _encoding(settings, model, limit, lambda: source, source.count())


def run_of_photos(settings: LibrarySettings, model: str, limit: int | None) -> Run:
    """A model on the photos of the index of the settings, which are read from where they lie."""
    store = opened(settings)
    return _encoding(settings, model, limit, lambda: photos_of_index(store, limit), store.count())


def run_of_index(settings: LibrarySettings, limit: int | None) -> Run:
    """The index of the settings with its vectors; texts are encoded by its model, and no photo is
    opened.

    Raises:
        StoreError: there is none, or its model has other weights now.
    """
    store = opened(settings)
    encoder = encoder_of_index(settings.model_copy(update={"model": None}))
    open_store(settings.index, encoder.model.identity, settings=settings)  # a folder may change

    def gather(captioned: bool, on_progress: Progress) -> Gathered:
        return stored_photos(store, captioned=captioned, limit=limit, on_progress=on_progress)

    there = store.count()
    total = min(there, limit or there)
    return Run(store.location, store.model, total, there, encoder, gather)


def opened(settings: LibrarySettings) -> PhotoStore:
    """The index of the settings.

    Raises:
        StoreError: there is none.
    """
    if peek_model(settings.index, settings) is None:
        raise no_index(settings.index)
    return open_store(settings.index, settings=settings)


def has_index(settings: LibrarySettings) -> bool:
    """Whether there is an index at the place of the settings."""
    try:
        return peek_model(settings.index, settings) is not None
    except StoreError:
        return False


def _encoding(
    settings: LibrarySettings,
    model: str,
    limit: int | None,
    entries: Callable[[], Iterable[Photo | Skip]],
    count: int,
) -> Run:
    chosen = settings.model_copy(update={"model": model, "ocr": False})
    # As searches encode texts, so that an index and its source give the same figures.
    encoder = build_encoder(chosen, roots=settings.local_roots, on_demand=True)

    def gather(captioned: bool, on_progress: Progress) -> Gathered:
        return gathered(
            islice(entries(), limit),
            encoder,
            captioned=captioned,
            batch_size=settings.batch_size,
            on_progress=on_progress,
        )

    total = min(count, limit or count)
    return Run(model, encoder.identity, total, count, encoder, gather)
