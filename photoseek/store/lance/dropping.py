"""Removing a table of a place, and the pixels that no other one keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from photoseek.errors import StorageError, StoreError
from photoseek.store.failures import is_full
from photoseek.store.lance.blob_upkeep import BlobUpkeep
from photoseek.store.lance.layout import TABLE, IndexLayout
from photoseek.store.lance.place_tables import Tables, change_tables, location_of

_SIGN = f"{TABLE}.lance/dropped"
"""Left where the first table was: by that folder others know that an index lies here."""


def drop_table(layout: IndexLayout, table: str) -> None:
    """Remove a table that does not count; where an earlier try broke off, the rest of it.

    Raises:
        StoreError: it does count by now.
    """
    folder = f"{table}.lance/"
    place = layout.place

    def without_soon(tables: Tables) -> Tables:
        if table == tables.current:
            raise StoreError(
                f"{location_of(layout.root, table)} is the index in use since a moment ago, and "
                "nothing was removed. Run the same command again."
            )
        return tables.without_soon(table)

    # Noted first: this process may sleep, and nobody comes to use the table meanwhile.
    try:
        change_tables(place, without_soon)
    except StorageError as error:
        if not is_full(error):
            raise
        without_soon(layout.tables())  # where nothing can be noted nobody can switch either
    if table == TABLE:
        place.write(_SIGN, b"")
    # The manifests first: without them nobody takes what is left for a table.
    place.remove([each.name for each in place.entries(f"{folder}_versions/")])
    place.remove([each.name for each in place.entries(folder) if each.name != _SIGN])
    layout.forget(table)
    change_tables(place, lambda tables: tables.without(table))


def sweep_after(layout: IndexLayout, table: Any, orphan_age: timedelta) -> None:
    """Remove the pixels that the table in use does not keep, as far as they are old by now."""
    upkeep = BlobUpkeep(layout, table, orphan_age)
    upkeep.note_leftovers()
    with layout.keeper() as is_mine:
        if is_mine:
            upkeep.sweep()
