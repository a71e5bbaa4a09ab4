"""The contracts of an engine: what makes and opens stores by their locations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from photoseek.files.filestore import FileStore
from photoseek.records import ModelIdentity
from photoseek.store.base import PhotoStore
from photoseek.store.blobs import Blobs

if TYPE_CHECKING:
    from photoseek.settings import EngineSettings


class StoreEngine(Protocol):
    """One way to store photos, by location. Whatever is asked, nothing is made but by `create`."""

    def canonical(self, location: str) -> str:
        """The one spelling of a location: equal for two that name the same place."""
        ...

    def peek_model(self, location: str) -> ModelIdentity | None:
        """The model that an index was made with, or None where none is; cheaper than `open`.

        Raises:
            StoreError: something else is there, or where no index can be.
        """
        ...

    def create(self, location: str, model: ModelIdentity) -> None:
        """Make an empty index where none is; one that another process makes meanwhile is fine."""
        ...

    def open(self, location: str) -> PhotoStore:
        """The index that is there.

        Raises:
            StoreError: it cannot be read.
        """
        ...

    def blobs(self, location: str) -> Blobs:
        """What the index keeps of pixels, without opening it; there may be no index yet."""
        ...

    def run_state(self, location: str) -> FileStore | None:
        """Where the runs that fill this index write down their notes, unless a setting says where.

        None where only photos can lie beside the index, as in a database.
        """
        ...


@runtime_checkable
class ConfiguredEngine(Protocol):
    """What a `StoreEngine` offers that goes by settings: keys, certificates, a place for pixels.

    One that does not offer this has the location alone to go by. `canonical` and `run_state` have
    nothing else in any engine.
    """

    def configured(self, settings: EngineSettings) -> StoreEngine:
        """The same engine, which goes by these settings. It is asked for each time, so it is cheap:
        what is connected already is used by all that have the same keys.
        """
        ...
