"""Pages of rows that are ranked by a number: the best first, equal ones by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from photoseek.records import StoredPhoto
from photoseek.store.escaping import from_text
from photoseek.store.record_json import from_record

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = ("record", "keep", "indexed_at")
"""The columns that a photo is given back from."""

RECORDS_AT_ONCE = 200
"""More are found by their ids first: a page far down is read without all that come before it."""

TIES = 1
"""How many are asked for beyond a page, to see whether photos of equal score stand on both sides of
its end."""

COPIES = 8
"""Where they do, how many times as many are asked for."""

Scores = NDArray[np.float32]
Ranked: TypeAlias = "tuple[Scores, pa.Table]"
Get: TypeAlias = Callable[[Iterable[str]], list[StoredPhoto]]
Found: TypeAlias = list[tuple[float, StoredPhoto]]


class Page(NamedTuple):
    """Which of the photos in an order are wanted."""

    top_k: int
    offset: int = 0

    @property
    def end(self) -> int:
        """How many photos come before the next page."""
        return self.offset + self.top_k


def ranked(ask: Callable[[int, Sequence[str]], Ranked], page: Page, get: Get) -> Found:
    """A page of what `ask` gives (of a number of rows, some columns), best first, then by id.

    Equal photos have equal scores. Were they cut off among themselves, their order, and with it
    the next page, would be a matter of chance: all that are equal to the last one are asked for,
    by their ids alone.
    """
    limit = page.end + TIES
    if limit <= RECORDS_AT_ONCE:
        scores, rows = ask(limit, SHOWN)
        if not is_cut(scores, limit, page.end):
            return page_of_rows(scores, rows, page)
        limit *= COPIES
    scores, rows = ask(limit, ("id",))
    while is_cut(scores, limit, page.end):
        limit *= COPIES
        scores, rows = ask(limit, ("id",))
    ids = map(from_text, rows["id"].to_pylist())
    best = nsmallest(page.end, zip((-scores).tolist(), ids, strict=True))
    score_of = {photo_id: -score for score, photo_id in best[page.offset :]}
    return [(score_of[stored.photo.id], stored) for stored in get(score_of)]


def page_of_rows(scores: Scores, rows: pa.Table, page: Page) -> Found:
    """The photos of a page, out of the rows of all that come before its end."""
    answers = zip(scores.tolist(), photos_of(rows), strict=True)
    by_score = sorted(answers, key=lambda answer: (-answer[0], answer[1].photo.id))
    return by_score[page.offset : page.end]


def is_cut(scores: Scores, limit: int, end: int) -> bool:
    """Whether there may be more that are equal to the last one of a page."""
    return len(scores) == limit and bool(scores[end - 1] == scores[-1])


def photos_of(rows: pa.Table) -> Iterator[StoredPhoto]:
    """The photos of rows with what `SHOWN` names."""
    columns = (rows[name].to_pylist() for name in SHOWN)
    for record, keep, since in zip(*columns, strict=True):
        yield replace(from_record(record), keep=keep, indexed_at=since)
