"""What a Lance index needs of the place where it lives: a folder, or a prefix in a bucket."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

from photoseek.files.filestore import FileStore
from photoseek.store.beside import INDEX_SIGN
from photoseek.store.blobs import Blobs
from photoseek.store.lance.lance_caches import LEAST, Caches, caches_of, session
from photoseek.store.lance.place_tables import Tables, read_tables
from photoseek.store.leftovers import Leftovers

TABLE = INDEX_SIGN.removesuffix(".lance")

MANIFEST = re.compile(r"\d{20}\.manifest")
"""The name of a manifest; older versions of Lance gave others, in another order."""


class IndexLayout(ABC):
    """One index: its table, what is kept of photos, and what keeps its writers apart.

    Making the object touches nothing.
    """

    location: str
    """Where it lives, in the words that open it again."""

    root: str
    """The folder or prefix of all its tables, which is the location unless that names a table."""

    table: str
    """The name of its table."""

    place: FileStore
    """The files at `root`."""

    blobs: Blobs

    excludes_writers: bool
    """Whether `writer` keeps all others out. Where it does not, what another may be about to refer
    to is removed by upkeep alone, once it is old; `leftovers` say that there is such a thing."""

    leftovers: Leftovers | None = None

    searches_at_once: int | None = None
    """How many that ask the same look at once, as `JointSearches` takes it."""

    @abstractmethod
    def has_table(self) -> bool:
        """Whether a table was ever committed here, readable or not."""

    @abstractmethod
    def newest_manifest(self) -> str:
        """What tells the newest version of the table from all others; "" where it cannot be told.

        Lance names the manifests of versions by what is left to the largest number, so the newest
        one comes first. It lists the files of a version, whose names nobody else has.
        """

    @abstractmethod
    def is_free(self) -> bool:
        """Whether an index may be made here: nothing is there but what an index would put there.

        A creation that was killed leaves an empty table folder; that is free as well.
        """

    @abstractmethod
    def prepare(self) -> None:
        """Make the folders that an index needs."""

    @abstractmethod
    def writer(self) -> AbstractContextManager[None]:
        """A block in which no other thread writes, nor another process where that can be known."""

    def has_writer(self) -> bool:
        """Whether anybody is known to be inside of `writer` now."""
        return False

    @abstractmethod
    def keeper(self) -> AbstractContextManager[bool]:
        """The right to keep the index in order; False where somebody is known to have it."""

    def reader(self) -> AbstractContextManager[None]:
        """A block that reads one version of a table, or several; `is_unread` sees it."""
        return nullcontext()

    def is_unread(self) -> bool:
        """Whether it is known of a moment just now that nobody was inside of `reader`.

        Who comes later sees the newest version: of those before it, nobody needs any.
        """
        return False

    @abstractmethod
    def bytes_used(self) -> int:
        """The size of all files; about a second for 100,000 thumbnails."""

    def forget(self, table: str) -> None:  # noqa: B027 - a bucket has no folders
        """Remove the folders of a table without files."""

    def has_unfinished(self, age: timedelta) -> bool:
        """Whether killed writers left files of the table half written, `age` ago or longer."""
        return False

    def remove_unfinished(self, age: timedelta) -> None:  # noqa: B027 - a bucket shows no such file
        """Remove those files."""

    @property
    def manifests(self) -> str:
        """Where Lance keeps one file for each version of the table, as seen from `root`."""
        return f"{self.table}.lance/_versions"

    @property
    def folder(self) -> Path | None:
        """The folder of the table on this machine; None for one in a bucket."""
        return None

    def tables(self) -> Tables:
        """Which tables the place has, and which of them counts."""
        return read_tables(self.place)

    def opened(self) -> Any:
        """The table, with caches that fit it."""
        table = self.connect().open_table(self.table)
        caches = caches_of(table)
        return table if caches == LEAST else self.connect(caches).open_table(self.table)

    def connect(self, caches: Caches = LEAST) -> Any:
        """LanceDB's connection. A table of it stays at its version until it is told to look.

        Otherwise it would look for a newer one at each step of a read or a write: in a bucket, ten
        listings to a commit.
        """
        from photoseek.compat.lance import lancedb

        options = self._storage_options()
        return lancedb.connect(self.root, storage_options=options, session=session(caches))

    def _storage_options(self) -> dict[str, str] | None:
        return None
