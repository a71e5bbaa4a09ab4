"""The photos of a Lance table that have the words of a text, ranked by BM25."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from photoseek.records import StoredPhoto
from photoseek.store.escaping import from_text, without_unfit
from photoseek.store.lance.predicates import up_to_id_in_sql
from photoseek.store.lance.ranking import (
    COPIES,
    RECORDS_AT_ONCE,
    SHOWN,
    TIES,
    Get,
    Page,
    Ranked,
    Scores,
    is_cut,
    page_of_rows,
)
from photoseek.store.word_forms import with_forms

# Sums of the same numbers in another order differ in the last digits; relevance has none there.
_RELEVANCE_DIGITS = 4


class Worded:
    """A search by words."""

    def __init__(self, table: Any, text: str, predicate: str | None) -> None:
        from lancedb.query import MatchQuery

        self._table = table
        self._predicate = predicate
        # Not a text but a query object, in which nothing is an operator.
        self._words = MatchQuery(with_forms(without_unfit(text), is_asked=True), "words")

    def page(self, page: Page, get: Get) -> list[StoredPhoto]:
        """The photos of a page, those that the words say most of first, equal ones by id."""
        limit = page.end + TIES
        if limit <= RECORDS_AT_ONCE:
            scores, rows = self._ask(limit, SHOWN)
            if not is_cut(scores, limit, page.end):
                return [stored for _, stored in page_of_rows(scores, rows, page)]
            limit *= COPIES
        return get(map(from_text, self._ids(page.end, limit)[page.offset : page.end]))

    def _ids(self, end: int, limit: int) -> list[str]:
        """The ids of the photos before the end of a page, in their order, as they are stored.

        A word that very many have ranks them all alike. Then none of those that come first by id
        comes after the last of as many that were found, so that one only asks up to this one, and
        goes on until all that are alike there are found.
        """
        scores, rows = self._ask(limit, ("id",))
        ids = rows["id"].to_pylist()
        if not is_cut(scores, limit, end):
            return _in_order(scores, ids)[:end]
        is_better = scores > scores[-1]
        better = _in_order(scores[is_better], ids[: np.count_nonzero(is_better)])
        known, missing = set(better), end - len(better)
        while others := [n for n, each in enumerate(ids) if each not in known]:
            # Rows that are not in the index yet have a little other scores among fewer photos.
            tied = scores[others[0]]
            if len(ids) < limit or scores[-1] < tied:
                rest = _in_order(scores[others], [ids[n] for n in others])
                return better + rest[:missing]
            alike = sorted(ids[n] for n in others if scores[n] == tied)
            limit *= COPIES
            scores, rows = self._ask(limit, ("id",), alike[missing - 1])
            ids = rows["id"].to_pylist()
        return better

    def _ask(self, limit: int, columns: Sequence[str], last: str | None = None) -> Ranked:
        """The best rows by their scores; `last` is the last id that they may have, as stored."""
        search = self._table.search(self._words, query_type="fts").limit(limit)
        until = last and up_to_id_in_sql(last)
        if predicate := " AND ".join(filter(None, (self._predicate, until))):
            search = search.where(predicate, prefilter=True)
        rows = search.select([*columns, "_score"]).to_arrow()
        return np.round(rows["_score"].to_numpy(), _RELEVANCE_DIGITS), rows


def _in_order(scores: Scores, ids: Sequence[str]) -> list[str]:
    return [each for _, each in sorted(zip((-scores).tolist(), ids, strict=True))]
