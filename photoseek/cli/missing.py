"""What to say where a task needs an index and there is none."""

from __future__ import annotations

from pathlib import Path

from photoseek.errors import StoreError
from photoseek.settings import LibrarySettings
from photoseek.store import no_index, peek_model

DEMO = Path("data/demo")
"""Where the task demo keeps its pictures and its index."""

DEMO_INDEX = str(DEMO / "index")


def none_here(settings: LibrarySettings) -> StoreError:
    """What to raise: with the demo's index where that is here, and no other was named."""
    if "index" in settings.model_fields_set or peek_model(DEMO_INDEX, settings) is None:
        return no_index(settings.index)
    demo = f"For the demo's index, which is here, add --index {DEMO_INDEX}."
    return no_index(settings.index, instead=demo)
