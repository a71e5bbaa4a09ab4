"""The photos of a Lance table that are nearest to a vector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Vector
from photoseek.store.lance.joint_searches import JointSearches, Look
from photoseek.store.lance.predicates import up_to_id_in_sql
from photoseek.store.lance.probing import EVERY
from photoseek.store.lance.ranking import (
    RECORDS_AT_ONCE,
    SHOWN,
    Found,
    Get,
    Page,
    Ranked,
    page_of_rows,
    ranked,
)
from photoseek.store.lance.schema import to_matrix

if TYPE_CHECKING:
    import pyarrow as pa

REFINE = 3
"""How many times the hits are ranked again by their vectors: the index ranks by 8-bit codes. With
twice as many, a few of a thousand are missed where vectors lie close and one dimension is large."""

# Far down, codes err by some places and no more: among a million by 800 at most around the place
# 5,000. That share of the places before the end of a page is ranked again on both of its sides.
_SLACK = 0.2
_LEAST_SLACK = 200
_FEW = 1_000  # photos that are ranked as quickly all together
# A filter that keeps so large a share of the photos looks at those nearest to the query, and not
# at all: at one and a half times as many as must be there to keep enough by the share alone.
_LARGE_SHARE, _SPARE, _MOST_LOOKED_AT = 0.25, 1.5, 600


class Kept(NamedTuple):
    """How many photos a filter keeps, of how many."""

    photos: int
    of: int

    @property
    def share(self) -> float:
        """The part of them that it keeps; 0 where there are none."""
        return self.photos / max(1, self.of)


class Nearest:
    """A search by vector."""

    def __init__(
        self,
        table: Any,
        joint: JointSearches,
        query: Vector,
        predicate: str | None,
        kept: Kept,
        probes: int,
    ) -> None:
        """`kept` is how many of the photos satisfy the predicate; 0 `probes` compare them all."""
        self._table = table
        self._joint = joint
        self._query = query
        self._predicate = predicate
        self._kept = kept
        self._probes = probes

    def page(self, page: Page, get: Get) -> Found:
        """The photos of a page with their cosine similarities, best first, equal ones by id."""
        if page.offset >= self._kept.photos:
            return []
        is_far_down = page.offset and page.end >= RECORDS_AT_ONCE and self._kept.photos > _FEW
        if self._probes and is_far_down:
            page_far_down = self._far_down(page)
            if page_far_down is not None:
                return page_far_down
        return ranked(self._ask, page, get)

    def _ask(self, limit: int, columns: Sequence[str], last: str | None) -> Ranked:
        """The nearest rows, as `ranking.Ask` says."""
        is_long = limit > RECORDS_AT_ONCE
        candidates = limit + _slack(limit) if is_long else limit

        until = last and up_to_id_in_sql(last)
        predicate = " AND ".join(filter(None, (self._predicate, until))) or None

        def asked(probes: int) -> pa.Table:
            refine = (1 if is_long else REFINE) if probes else 0
            return self._looked(Look(tuple(columns), candidates, probes, refine, predicate))

        rows = None if is_long or last else self._of_the_nearest(limit, columns)
        if rows is None:
            rows = asked(EVERY if self._probes and last else self._probes)
        if self._probes and not last and rows.num_rows < min(candidates, self._kept.photos):
            rows = asked(EVERY)
        rows = rows.slice(0, limit)
        return np.clip(1 - rows["_distance"].to_numpy(), -1, 1), rows

    def _of_the_nearest(self, limit: int, columns: Sequence[str]) -> pa.Table | None:
        """Those that the filter keeps of the photos nearest to the query.

        None where that does not do. Else they are what a search among those that it keeps would
        rank by their vectors as well, and more.
        """
        if not (self._predicate and self._probes and self._kept.share >= _LARGE_SHARE):
            return None
        wanted = REFINE * limit
        looked_at = math.ceil(_SPARE * wanted / self._kept.share)
        if looked_at > _MOST_LOOKED_AT:
            return None
        look = Look(tuple(columns), looked_at, self._probes, 1, self._predicate, afterwards=True)
        rows = self._looked(look)
        return rows if rows.num_rows >= min(wanted, self._kept.photos) else None

    def _far_down(self, page: Page) -> Found | None:
        """A page of which only the places around it are ranked again.

        None where that does not do: equal photos may stand across the ends of these places, or
        another thread has brought the table to a newer version meanwhile.
        """
        version, slack, photos = self._table.version, _slack(page.end), self._kept.photos
        page = Page(min(page.end, photos) - page.offset, page.offset)
        first, last = max(0, page.offset - slack), min(page.end + slack, photos)
        count = last - first
        # The vectors come with the search: to take them afterwards costs a quarter more.
        columns = ("_rowid", "vector")
        for probes in (self._probes, EVERY):
            near = self._looked(Look(columns, count, probes, 0, self._predicate, offset=first))
            if near.num_rows == count:
                break
        else:
            return None
        # Row by row, so that equal photos get equal scores.
        scores = (to_matrix(near) * self._query).sum(axis=1).clip(-1, 1)
        order = np.argsort(-scores, kind="stable")
        sorted_scores, begin, end = scores[order], page.offset - first, page.end - first
        best, least = sorted_scores[begin], sorted_scores[end - 1]
        has_more = last < photos and least == sorted_scores[-1]
        if has_more or (first and best == sorted_scores[0]):
            return None
        places = np.flatnonzero((sorted_scores <= best) & (sorted_scores >= least))
        rows = near["_rowid"].to_numpy()[order[places]]
        shown = self._taken(rows, version)
        if shown is None:
            return None
        score_of = dict(zip(rows.tolist(), sorted_scores[places], strict=True))
        shown_scores = np.array([score_of[row] for row in shown["_rowid"].to_pylist()])
        return page_of_rows(shown_scores, shown, Page(page.top_k, begin - int(places[0])))

    def _taken(self, rows: NDArray[np.uint64], version: int) -> pa.Table | None:
        """What is shown of some rows; None where the table is no longer at that version."""
        taken = self._table.take_row_ids(np.sort(rows).tolist()).select(["_rowid", *SHOWN])
        try:
            table = taken.to_arrow()
        except (RuntimeError, ValueError, OSError):
            if self._table.version == version:
                raise
            return None
        return table if self._table.version == version else None

    def _looked(self, look: Look) -> pa.Table:
        """What is found, with others who ask the same where that is little."""
        is_little = look.probes and look.limit <= _MOST_LOOKED_AT
        return (self._joint if is_little else self._joint.alone)(look, self._query)


def _slack(end: int) -> int:
    return max(_LEAST_SLACK, math.ceil(_SLACK * end))
