"""The photos of a Lance table that have the words of a text, ranked by BM25."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from photoseek.records import StoredPhoto
from photoseek.store.escaping import without_unfit
from photoseek.store.lance.predicates import up_to_id_in_sql
from photoseek.store.lance.ranking import Get, Page, Ranked, ranked
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
        return [stored for _, stored in ranked(self._ask, page, get)]

    def _ask(self, limit: int, columns: Sequence[str], last: str | None) -> Ranked:
        """The best rows, as `ranking.Ask` says."""
        search = self._table.search(self._words, query_type="fts").limit(limit)
        until = last and up_to_id_in_sql(last)
        if predicate := " AND ".join(filter(None, (self._predicate, until))):
            search = search.where(predicate, prefilter=True)
        rows = search.select([*columns, "_score"]).to_arrow()
        return np.round(rows["_score"].to_numpy(), _RELEVANCE_DIGITS), rows
