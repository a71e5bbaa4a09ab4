"""What an engine offers whose locations can come to stand for another index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from photoseek.errors import StoreError
from photoseek.records import ModelIdentity
from photoseek.store.notes import Notes


@runtime_checkable
class NamingEngine(Protocol):
    """What a `StoreEngine` offers whose locations can come to stand for another index."""

    def switch(self, location: str, target: str) -> str | None:
        """Let a location stand for the index at `target` from now on, in one step.

        Who has opened what it stood for goes on reading that; the store's `stands` says that it is
        another one by now, and it can write no more. Returns the location of that index, or None
        where there was none.

        Raises:
            StoreError: there is no index at `target`, or it cannot have that name.
        """
        ...


@dataclass(frozen=True, slots=True)
class Generations:
    """The indexes that one library has in one place: the `current` one, and the others.

    Each is a location that names this very index. They share thumbnails, originals and notes.
    `before` is the one of the others that was current last, "" where none was.
    """

    current: str
    others: tuple[str, ...] = ()
    before: str = ""


@runtime_checkable
class ReindexingEngine(NamingEngine, Protocol):
    """What a `StoreEngine` offers that can make an index again beside the one that is in use."""

    def generations(self, location: str) -> Generations:
        """What is there. Raises StoreError where no index is."""
        ...

    def begin(self, location: str, model: ModelIdentity) -> str:
        """Make an empty index beside the current one; gives the location that names it."""
        ...

    def hold(self, location: str, until: float, instead_of: float | None = None) -> bool:
        """Have all who write there wait until that second of the epoch; 0 lets them go.

        Nothing is done, and False returned, unless they wait until `instead_of` where it is given:
        one that finds that second past goes on, and notes that nobody waits.
        """
        ...

    def switch_held(self, location: str, target: str, until: float) -> bool:
        """Switch as `switch` does, unless writers wait no more until that second, as `hold` told.

        False where one of them went on since: it has written what is not in the target.
        """
        ...

    def fence(self, location: str, target: str) -> str:
        """Have those who have opened one of the others write to it no more, where that can be.

        Gives the location that names it from now on, which may be another one.
        """
        ...

    def claims(self, location: str) -> Notes:
        """Where the claim to reindex lies, for all machines that write there; nothing is made."""
        ...

    def drop(self, location: str, target: str) -> None:
        """Remove one of the others, wherever an earlier try of it broke off."""
        ...


def no_name(location: str) -> StoreError:
    """What to raise where a location is to stand for an index that lies somewhere else."""
    return StoreError(
        f"{location} is a place, and no name that could stand for another index. Choose the "
        "other index with --index, or copy it there: photoseek copy --from PLACE --to PLACE"
    )
