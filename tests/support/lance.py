"""Lance stores whose upkeep begins sooner than for people."""

from __future__ import annotations

from pathlib import Path

from photoseek.records import ModelIdentity
from photoseek.store import PhotoStore
from photoseek.store.lance.opening import LanceEngine
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.stored_photos import MODEL


def lance_store(
    location: Path | str, limits: UpkeepLimits, model: ModelIdentity = MODEL
) -> PhotoStore:
    """The index at a location, an empty one where there is none."""
    engine = LanceEngine(limits)
    if engine.peek_model(str(location)) is None:
        engine.create(str(location), model)
    return engine.open(str(location))
