"""Exact searches among many photos of an index on this machine: their vectors are read from files.

Lance copies all vectors twice for such a search. Read into a small buffer, and compared there, they
take a third of that. Whether they stand where they are looked for is seen by what Lance itself
gives of a row of each page; where they do not, Lance searches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.helpers.deadlines import is_hurried, seconds_left
from photoseek.helpers.machine import processors
from photoseek.records import Vector
from photoseek.store.lance.addressed_rows import AddressedRows, Addresses, is_in
from photoseek.store.lance.file_pages import FilePage, UnknownFormatError, pages_of
from photoseek.store.lance.ranking import Found, Page
from photoseek.store.lance.rows_at_hand import RowsAtHand
from photoseek.store.lance.schema import to_matrix
from photoseek.store.lance.wanted import Wanted

LEAST_SHARE = 0.6
"""Of all photos, that a filter must keep: of fewer Lance reads the vectors of these alone."""

_AT_ONCE = 1024  # vectors that are read into the buffer
_ROWS_TO_A_SHARE = 20_000  # which one thread compares, in some 5 ms
_MOST_THREADS = 4
_MOST_SHOWN = 2_000

_Scores = NDArray[np.float32]
_Places = NDArray[np.intp]
_NONE = np.empty(0, np.float32)


@dataclass(slots=True)
class _Laid:
    """The rows of a version in the order of their addresses, and their places in the pages.

    `lengths` are those of all vectors in the pages, once these have been read.
    """

    addresses: Addresses
    pages: Sequence[FilePage]
    dimensions: int
    places: _Places
    lengths: _Scores | None = None

    def scores(self, query: Vector) -> _Scores:
        """The cosine similarities of the rows to a query.

        Raises:
            OSError: a file is gone, or shorter than it was.
            TimeoutError: the time of the thread is over.
        """
        is_first = self.lengths is None

        def compared(pages: Sequence[FilePage]) -> tuple[_Scores, _Scores]:
            # Row by row, so that equal photos get equal scores.
            products, squares = [], []
            for vectors in _read(pages, self.dimensions):
                products.append(np.einsum("ij,j->i", vectors, query))
                squares += [np.einsum("ij,ij->i", vectors, vectors)] if is_first else []
            return np.concatenate(products), np.concatenate([_NONE, *squares])

        parts = []
        with ThreadPoolExecutor(min(_MOST_THREADS, processors())) as pool:
            for part in pool.map(compared, _shares(self.pages)):
                if is_hurried() and seconds_left() <= 0:
                    raise TimeoutError
                parts.append(part)
        lengths = self.lengths
        if lengths is None:
            lengths = self.lengths = np.sqrt(np.concatenate([squares for _, squares in parts]))
        scores: _Scores = np.concatenate([products for products, _ in parts])[self.places]
        scores /= lengths[self.places]
        return scores.clip(-1, 1)


class ExactScan:
    """Such searches of one table, which has a folder on this machine."""

    def __init__(
        self,
        folder: Path,
        table: Any,
        tell: Callable[[int, Wanted], Addresses | None],
        at_hand: RowsAtHand,
    ) -> None:
        """`tell` gives the rows of a version that are wanted, where it knows them at once."""
        self._folder = folder
        self._table = table
        self._tell = tell
        self._at_hand = at_hand
        self._rows = AddressedRows(table)
        self._laid = lru_cache(1)(self._lay_out)

    def page(self, version: int, query: Vector, wanted: Wanted, page: Page) -> Found | None:
        """The photos of a page with their cosine similarities, best first, equal ones by id.

        None where Lance must search.
        """
        try:
            if (laid := self._laid(version)) is None:
                return None
            addresses, scores = laid.addresses, laid.scores(query)
        except TimeoutError:
            raise
        except OSError:  # files of an old version are gone
            return None
        if wanted.predicate:
            chosen = self._chosen(version, wanted)
            if chosen is None:
                return None
            kept = is_in(addresses, chosen)
            addresses, scores = addresses[kept], scores[kept]
        return self._page(version, addresses, scores, page)

    def _page(
        self, version: int, addresses: Addresses, scores: _Scores, page: Page
    ) -> Found | None:
        if page.offset >= len(scores):
            return []
        first, last = page.offset, min(page.end, len(scores)) - 1
        best, least = -np.partition(-scores, (first, last))[[first, last]]
        alike = np.flatnonzero((scores <= best) & (scores >= least))
        if len(alike) > _MOST_SHOWN:
            return None
        rows = self._at_hand.get(version, addresses[alike])
        if rows is None:
            return None
        better = int(np.count_nonzero(scores > best))
        ids = (row.id for row in rows)
        ranked = sorted(zip((-scores[alike]).tolist(), ids, range(len(rows)), strict=True))
        shown = ranked[first - better : last + 1 - better]
        return [(-score, rows[place].photo) for score, _, place in shown]

    def _chosen(self, version: int, wanted: Wanted) -> Addresses | None:
        told = self._tell(version, wanted)
        if told is not None:
            return told
        rows = self._rows.read(predicate=wanted.predicate)
        return rows.addresses if rows.version == version else None

    def _lay_out(self, version: int) -> _Laid | None:
        """Where the rows of a version stand; None where nobody knows, or it is another version."""
        dimensions = self._table.schema.field("vector").type.list_size
        try:
            pages = pages_of(self._folder, version, "vector", dimensions)
        except UnknownFormatError:
            return None
        rows = self._rows.read()
        if rows.version != version or not pages or not len(rows.addresses):
            return None
        firsts = np.array([each.first for each in pages], np.uint64)
        counts = np.array([each.rows for each in pages])
        number = np.searchsorted(firsts, rows.addresses, side="right") - 1
        within = (rows.addresses - firsts[number]).astype(np.intp)
        if number[0] < 0 or np.any(within >= counts[number]):
            return None
        seen = np.unique(number, return_index=True)[1]  # a row of each page that has any
        there = [(pages[number[each]], int(within[each])) for each in seen.tolist()]
        if not self._are_there(version, rows.addresses[seen], there, dimensions):
            return None
        places = (np.cumsum(counts) - counts)[number] + within
        return _Laid(rows.addresses, pages, dimensions, places)

    def _are_there(
        self,
        version: int,
        addresses: Addresses,
        places: Sequence[tuple[FilePage, int]],
        dimensions: int,
    ) -> bool:
        """Whether Lance gives the vectors that stand at these places."""
        taken = self._rows.taken(version, addresses, {"vector": "vector"})
        if taken is None or len(taken) != len(places):
            return False
        ours = [
            vectors.copy()
            for page, row in places
            for vectors in _read([page.only(row, dimensions)], dimensions)
        ]
        return np.array_equal(np.concatenate(ours), to_matrix(taken))


def _shares(pages: Sequence[FilePage]) -> Iterator[Sequence[FilePage]]:
    """Pages that follow one another, with some thousand rows in each share."""
    ends = np.cumsum([page.rows for page in pages])
    shares = ends // _ROWS_TO_A_SHARE
    return (list(some) for _, some in groupby(pages, dict(zip(pages, shares, strict=True)).get))


def _read(pages: Sequence[FilePage], dimensions: int) -> Iterator[NDArray[np.float32]]:
    """The vectors of pages, some at a time; they are overwritten by the next ones.

    Raises:
        OSError: a file is gone, or shorter than it was.
    """
    buffer = np.empty((_AT_ONCE, dimensions), np.dtype("<f4"))
    for path, of_file in groupby(pages, lambda page: page.file):
        with path.open("rb", buffering=0) as file:
            for page in of_file:
                file.seek(page.offset)
                for start in range(0, page.rows, _AT_ONCE):
                    some = buffer[: min(_AT_ONCE, page.rows - start)]
                    if file.readinto(some.view(np.uint8).data) != some.nbytes:
                        raise OSError(f"{path} ends too soon.")
                    yield some
