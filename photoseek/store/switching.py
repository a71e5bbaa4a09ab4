"""A location that stands for an index, and stands for another one from one moment on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photoseek.errors import StoreError
from photoseek.store.naming import NamingEngine, ReindexingEngine, no_name
from photoseek.store.registry import engine_of, is_in_engine, plain_engine

if TYPE_CHECKING:
    from photoseek.settings import EngineSettings


def switch_index(location: str, target: str, settings: EngineSettings | None = None) -> str | None:
    """Let a location stand for the index at `target`, as `NamingEngine.switch` does.

    `settings` as `photoseek.store.open_store` takes them.

    Raises:
        StoreError: locations of that kind are no names, or as `NamingEngine.switch` does.
    """
    engine = engine_of(location, settings)
    is_same = plain_engine(target) is plain_engine(location)
    if not isinstance(engine, NamingEngine) or not (is_same or is_in_engine(location)):
        raise no_name(location)
    if not is_same:
        raise StoreError(f"{target} is in another engine than {location}. Copy it there first.")
    return engine.switch(location, target)


def reindexing_engine(location: str, settings: EngineSettings | None = None) -> ReindexingEngine:
    """The engine of a location, which can hold two indexes there.

    Raises:
        StoreError: it cannot.
    """
    engine = engine_of(location, settings)
    if not isinstance(engine, ReindexingEngine):
        raise StoreError(
            f"The store of {location} holds no second index beside the one in use. Index again "
            "into a new place, with --index and --model."
        )
    return engine
