"""Lists of photos in an order, which an engine sorts by the values of one field."""

from __future__ import annotations

from photoseek.records import Place, Sort, StoredPhoto
from photoseek.store.elastic.engine_filters import Clause, both, clause_of
from photoseek.store.elastic.engine_queries import EngineQueries, Page
from photoseek.store.sorting import Part, page_of_parts, parts_of


def sorted_photos(
    queries: EngineQueries, sort: Sort, where: Clause, page: Page, after: Place | None
) -> list[StoredPhoto]:
    """A page of the photos for which a clause holds, in an order, after a place."""

    def ask(part: Part, top_k: int, offset: int) -> list[StoredPhoto]:
        clause = both(where, clause_of(part.where))
        return queries.listed(sort, part, Page(top_k, offset), clause)

    def count(part: Part) -> int:
        return queries.count(both(where, clause_of(part.where)))

    return page_of_parts(parts_of(sort, after), page.top_k, page.offset, ask, count)
