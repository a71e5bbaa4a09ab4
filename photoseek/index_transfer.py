"""Taking an index elsewhere: a copy of it in another store, or a table of what it holds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from pathlib import Path

from photoseek.indexing.copying import CopyProgress, copy_index
from photoseek.indexing.exporting import export_index
from photoseek.records import CopyReport, ExportReport, Filter
from photoseek.settings import EngineSettings
from photoseek.store import Where
from photoseek.store.lazy import LazyStore


class IndexTransfer(ABC):
    """The part of an index that copies and exports it."""

    _store: LazyStore
    _state: str | None

    @abstractmethod
    def checked(self, where: Where) -> tuple[Filter, ...]:
        """The filters, which are checked."""

    def copy_to(
        self,
        location: str | Path,
        *,
        settings: EngineSettings | None = None,
        on_progress: Callable[[CopyProgress], None] = lambda _: None,
    ) -> CopyReport:
        """Make the index at another place, in whatever store, the same as this one.

        Its photos, vectors, thumbnails, originals and notes are copied; no model is needed. What
        is there of an earlier copy is only brought up to date. `settings` say how that place is
        reached; by default it is reached as this one is.

        Raises:
            StoreError: that place cannot be one of a copy, or has photos of its own.
            ModelMismatchError: it has vectors of another model.
        """
        copy = partial(
            copy_index,
            place=str(location),
            settings=settings or self._store.settings,
            state=self._state,
            on_progress=on_progress,
        )
        return self._store.use(copy)

    def export_to(
        self,
        place: str | Path,
        *,
        where: Where = (),
        vectors: bool = False,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> ExportReport:
        """Write photos as a manifest that `index` takes again: .csv or .parquet.

        The place "-" is standard output, which gets CSV. `on_progress` hears how many photos of
        the index were looked at.

        Raises:
            StorageError: the file cannot be written; the one that was there is as it was.
            StoreError: there is no index.
        """
        asked = self.checked(where)
        export = partial(export_index, vectors=vectors, on_progress=on_progress)
        return self._store.use(lambda store: export(store, str(place), where=asked))
