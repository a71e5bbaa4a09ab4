"""Which version of a Lance table is the newest."""

from __future__ import annotations

from typing import Any

from photoseek.store.lance.layout import IndexLayout


class NewestVersion:
    """Brings an open table to its newest version. Safe in threads.

    Lance looks for that in threads of its own, which have to wake up one after the other: it takes
    half a millisecond of a search, between the encoding of its text and its answer. So a table in a
    folder is looked at first: for as long as its newest manifest stays the same, so does its
    version.
    """

    def __init__(self, layout: IndexLayout, table: Any) -> None:
        self._layout = layout
        self._table = table
        self._known = ("", 0)

    def brought_up(self) -> int:
        """The version of the table, which is its newest one from now on, or was one just now."""
        from photoseek.compat.lance import brought_up

        manifest = self._layout.newest_manifest() if self._layout.folder else ""
        known, version = self._known
        if manifest and manifest == known:
            return version
        version = brought_up(self._table)
        self._known = manifest, version
        return version
