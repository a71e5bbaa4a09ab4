"""A name that stands for an index in an engine, and stands for another one from one moment on."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from photoseek.errors import StoreError
from photoseek.store.registry import engine_of


@runtime_checkable
class NamingEngine(Protocol):
    """What a `StoreEngine` offers whose locations are names."""

    def switch(self, location: str, target: str) -> str | None:
        """Let a location stand for the index at `target` from now on, in one step.

        Who has opened what it stood for goes on reading that; with another model it can write no
        more. Returns the location of that index, or None where there was none.

        Raises:
            StoreError: there is no index at `target`, or it cannot have that name.
        """
        ...


def switch_index(location: str, target: str) -> str | None:
    """Let a location stand for the index at `target`, as `NamingEngine.switch` does.

    Raises:
        StoreError: locations of that kind are no names, or as `NamingEngine.switch` does.
    """
    engine = engine_of(location)
    if not isinstance(engine, NamingEngine):
        raise StoreError(
            f"{location} is a place, and no name that could stand for another index. Choose the "
            "other index with --index, or copy it there: photoseek copy --from PLACE --to PLACE"
        )
    if engine_of(target) is not engine:
        raise StoreError(f"{target} is in another engine than {location}. Copy it there first.")
    return engine.switch(location, target)
