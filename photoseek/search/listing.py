"""Lists of photos without a query: page by page, in an order."""

from __future__ import annotations

from dataclasses import dataclass

from photoseek.errors import QueryError
from photoseek.records import Filter, Found, Hit, Sort
from photoseek.store import PhotoStore
from photoseek.store.sorting import NEWEST, Cursor, cursor_of, place_of


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked: photos that satisfy filters, sorted, or else the newest first.

    `after` is what the page before gave as `next_after`; it stands in the place of an offset.
    """

    top_k: int = 10
    offset: int = 0
    where: tuple[Filter, ...] = ()
    sort: Sort | None = None
    after: str = ""


def list_photos(store: PhotoStore, asked: Listing) -> Found:
    """A page of a list, whose photos have places but no scores.

    Raises:
        QueryError: what is asked makes no sense.
    """
    sort = asked.sort or NEWEST
    read, place = asked.offset, None
    if asked.after:
        if asked.offset:
            raise QueryError("A list goes on at `offset` or `after` a photo, not both.")
        cursor = cursor_of(asked.after, sort)
        read, place = cursor.read, cursor.place
    wanted = asked.top_k + (asked.top_k > 0)  # one more, to see whether there is another page
    if place is None and sort == NEWEST:
        photos = store.browse(wanted, where=asked.where, offset=asked.offset)
    else:
        photos = store.listed(sort, wanted, where=asked.where, offset=asked.offset, after=place)
    shown = photos[: asked.top_k]
    end = read + len(shown)
    is_more = len(photos) > len(shown)
    return Found(
        tuple(Hit(rank, 0.0, stored) for rank, stored in enumerate(shown, start=read + 1)),
        total=store.count(asked.where),
        next_offset=end if is_more else None,
        next_after=Cursor(sort, place_of(sort, shown[-1]), end).text() if is_more else "",
    )


def no_list(after: str) -> None:
    """Raise QueryError where a search with a query is told to go on `after` a photo."""
    if after:
        raise QueryError(
            "Only a list without a query goes on `after` a photo; a search goes on at the offset "
            "that its answer has as next_offset."
        )
