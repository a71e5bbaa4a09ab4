"""Searches by vector among many photos, with a filter that is told in memory.

For each search LanceDB reads of all photos what the filter is on. Who looks for a text once more
has another filter as a rule. So the photos whose codes are nearest to such a query are asked
for without one, and are kept for the query. Those that the filter drops are left out here, and the
first of the others are ranked again by their vectors. Where a filter keeps few photos, all of them
are ranked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Vector
from photoseek.store.lance.addressed_rows import Addresses
from photoseek.store.lance.counted_rows import Told
from photoseek.store.lance.joint_searches import JointSearches, Look
from photoseek.store.lance.nearest import REFINE, Kept
from photoseek.store.lance.ranking import RECORDS_AT_ONCE, TIES, Found, Page, is_cut
from photoseek.store.lance.rows_at_hand import Row, RowsAtHand
from photoseek.store.lance.wanted import Wanted

FEW = 100
"""Photos that are ranked all: to read these takes half of what LanceDB takes for a search."""

_LOOKED_AT = 4_000  # photos that are asked for: with 10,000 a first search takes 5 ms more
_SPARE = 1.5  # times as many must be there as are ranked again, by the share that a filter keeps
_QUERIES_KEPT = 64

Tell = Callable[[int, Wanted], "Told | None"]
"""Gives which rows of a version are wanted; None where that is not known in memory."""


class Search(NamedTuple):
    """One search, of a version of the table; `probes` partitions of the index are asked."""

    version: int
    query: Vector
    wanted: Wanted
    kept: Kept
    probes: int


class _Near(NamedTuple):
    """What is near in `probes` partitions: places among a version's rows, the nearest first."""

    version: int
    probes: int
    places: NDArray[np.intp]


@dataclass(slots=True)
class _Query:
    """What is kept of a query: whether it was looked for before, and what is near to it."""

    is_known: bool = False
    near: _Near | None = None


class ToldNearest:
    """Such searches of one table."""

    def __init__(self, table: Any, joint: JointSearches, tell: Tell, at_hand: RowsAtHand) -> None:
        self._table = table
        self._joint = joint
        self._tell = tell
        self._at_hand = at_hand
        self._queries = lru_cache(_QUERIES_KEPT)(lambda _query: _Query())

    def page(self, search: Search, page: Page) -> Found | None:
        """The photos of a page with their cosine similarities, best first, equal ones by id.

        They are those that LanceDB finds. None where that does not do: it was not looked for
        before, the filter keeps too few of the nearest, or LanceDB must apply it.
        """
        query = self._queries(search.query.tobytes())
        was_known, query.is_known = query.is_known, True
        photos = search.kept.photos
        if not search.wanted.predicate or page.end >= RECORDS_AT_ONCE or page.offset >= photos:
            return None
        count = photos if photos <= FEW else min(REFINE * (page.end + TIES), photos)
        if count < photos and not (was_known and _may_have(count, search.kept)):
            return None
        if (told := self._tell(search.version, search.wanted)) is None:
            return None
        best = told.addresses[told.mask] if count == photos else self._best(query, search, told)
        if best is None or len(best) < count:
            return None
        rows = self._at_hand.get(search.version, best[:count])
        return None if rows is None else _page(rows, search, page)

    def _best(self, query: _Query, search: Search, told: Told) -> Addresses | None:
        """The wanted ones of the rows that are near, the nearest first."""
        near = query.near
        if not near or near.version != search.version or near.probes < search.probes:
            near = query.near = self._look(search, told.addresses)
        if not near:
            return None
        best: Addresses = told.addresses[near.places[told.mask[near.places]]]
        return best

    def _look(self, search: Search, rows: Addresses) -> _Near | None:
        """What is near; None where another thread has brought the table to a newer version."""
        look = Look(("_rowid",), _LOOKED_AT, search.probes)
        found = self._joint(look, search.query)["_rowid"].to_numpy()
        if self._table.version != search.version:
            return None
        return _Near(search.version, search.probes, np.searchsorted(rows, found))


def _may_have(count: int, kept: Kept) -> bool:
    """Whether that number of what a filter keeps is likely to be among what is looked at."""
    return _LOOKED_AT * kept.share >= _SPARE * count


def _page(rows: list[Row], search: Search, page: Page) -> Found | None:
    """The rows of a page; None where others may be equal to the last of it."""
    # Row by row, so that equal photos get equal scores.
    vectors = np.stack([row.vector for row in rows])
    scores = np.einsum("ij,j->i", vectors, search.query).clip(-1, 1)
    end = min(page.end, len(rows))
    if len(rows) < search.kept.photos and is_cut(-np.sort(-scores), len(rows), end):
        return None
    ranked = zip((-scores).tolist(), (row.id for row in rows), rows, strict=True)
    return [(-score, row.photo) for score, _, row in sorted(ranked, key=_order)[page.offset : end]]


def _order(ranked: tuple[float, str, Row]) -> tuple[float, str]:
    return ranked[:2]
