"""Blocks in which a Lance table is read: of its newest version as each begins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from photoseek.store.lance.lance_errors import reading
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.newest_version import NewestVersion


class ReadBlocks:
    """To look for a newer version takes time, so blocks of a thread that stand in a larger one
    leave that to it.
    """

    def __init__(self, layout: IndexLayout, newest: NewestVersion) -> None:
        self._layout = layout
        self._newest = newest
        self._around = threading.local()

    @contextmanager
    def one(self) -> Iterator[int]:
        """A block that sees what was committed before it began: that version, or a newer one."""
        version: int | None = getattr(self._around, "version", None)
        if version is not None:
            yield version
            return
        with reading(self._layout.location), self._layout.reader():
            yield self._newest.brought_up()

    @contextmanager
    def larger(self) -> Iterator[None]:
        """A block of several, which sees what was committed before it began."""
        before: int | None = getattr(self._around, "version", None)
        with self.one() as version:
            self._around.version = version
            try:
                yield
            finally:
                self._around.version = before
