"""Pages of rows that are ranked by a number: the best first, equal ones by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
Ask: TypeAlias = Callable[[int, Sequence[str], str | None], Ranked]
"""Gives the best rows by their scores: how many at most, which columns of them, and up to which id,
as it is stored."""

Get: TypeAlias = Callable[[Iterable[str]], list[StoredPhoto]]
InOrder: TypeAlias = list[tuple[float, str]]
"""Negated scores with ids as they are stored, the best first, equal ones by id."""
Found: TypeAlias = list[tuple[float, StoredPhoto]]


class Page(NamedTuple):
    """Which of the photos in an order are wanted."""

    top_k: int
    offset: int = 0

    @property
    def end(self) -> int:
        """How many photos come before the next page."""
        return self.offset + self.top_k


def ranked(ask: Ask, page: Page, get: Get) -> Found:
    """A page of what `ask` gives, best first, then by id.

    Equal photos have equal scores. Were they cut off among themselves, their order, and with it
    the next page, would be a matter of chance.
    """
    limit = page.end + TIES
    if limit <= RECORDS_AT_ONCE:
        scores, rows = ask(limit, SHOWN, None)
        if not is_cut(scores, limit, page.end):
            return page_of_rows(scores, rows, page)
        limit *= COPIES
    best = first_ids(ask, page.end, limit)[page.offset :]
    score_of = {from_text(photo_id): -score for score, photo_id in best}
    return [(score_of[stored.photo.id], stored) for stored in get(score_of)]


def first_ids(ask: Ask, end: int, limit: int) -> InOrder:
    """The ids of the photos before the end of a page; `limit` are asked for at first.

    Where very many are alike, none of those that come first by id comes after the last of as many
    that were found. So one only asks up to this one, and goes on until all that are alike there
    are found.
    """
    scores, rows = ask(limit, ("id",), None)
    ids = rows["id"].to_pylist()
    if not is_cut(scores, limit, end):
        return _in_order(scores, ids)[:end]
    is_better = scores > scores[-1]
    better = _in_order(scores[is_better], ids[: np.count_nonzero(is_better)])
    known, missing = {photo_id for _, photo_id in better}, end - len(better)
    while others := [n for n, each in enumerate(ids) if each not in known]:
        # Rows that an index of words lacks have a little other scores among fewer photos.
        tied = scores[others[0]]
        if len(ids) < limit or scores[-1] < tied:
            return better + _in_order(scores[others], [ids[n] for n in others])[:missing]
        alike = sorted(ids[n] for n in others if scores[n] == tied)
        limit *= COPIES
        scores, rows = ask(limit, ("id",), alike[missing - 1])
        ids = rows["id"].to_pylist()
    return better


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
        yield from_record(record, keep=keep, indexed_at=since)


def _in_order(scores: Scores, ids: Sequence[str]) -> InOrder:
    return sorted(zip((-scores).tolist(), ids, strict=True))
