"""Orders of photos by a field: out of what people write, and where a photo stands in one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from photoseek.description_limits import MAX_CURSOR
from photoseek.errors import QueryError
from photoseek.records import Condition, Filter, Not, Place, Sort, StoredPhoto
from photoseek.store.fields import BY_NAME, FIELDS
from photoseek.store.kinds import Date, Number, short
from photoseek.store.moments import Moment, microseconds_of

NEWEST = Sort("indexed_at")
"""The order of a list that nobody has asked to be sorted: what was indexed last comes first."""

SORTABLE = tuple(field.name for field in FIELDS if isinstance(field.kind, Date | Number))
"""The fields that have an order."""

_DIRECTIONS = {"": False, "desc": False, "asc": True}


def sort_of(asked: str | Sort | None) -> Sort | None:
    """The order that somebody asks for: "taken" or "taken:desc" has the latest first, "taken:asc"
    the earliest; None and "" ask for none.

    Raises:
        QueryError: there is no such order; the error names those that there are.
    """
    if not asked:
        return None
    sort = asked if isinstance(asked, Sort) else _parsed(asked)
    if sort.field not in SORTABLE:
        raise _no_order(sort.field)
    return sort


def sort_text(sort: Sort | None) -> str:
    """What `sort_of` reads."""
    if sort is None:
        return ""
    return f"{sort.field}:asc" if sort.ascending else sort.field


def place_of(sort: Sort, stored: StoredPhoto) -> Place:
    """Where a photo stands."""
    value = BY_NAME[sort.field].read(stored)
    if isinstance(BY_NAME[sort.field].kind, Moment):
        value = microseconds_of(stored.indexed_at) if stored.indexed_at else 0
    return Place(value, stored.photo.id)


def follows(sort: Sort, place: Place, after: Place) -> bool:
    """Whether one place comes after another one."""
    if bool(place.value) != bool(after.value):
        return bool(after.value)
    if place.value != after.value:
        # One field has values of one kind.
        is_more: bool = place.value > after.value  # type: ignore[operator]
        return is_more == sort.ascending
    return place.id > after.id


def in_order(sort: Sort, photos: Iterable[StoredPhoto]) -> list[StoredPhoto]:
    """The photos, sorted."""
    placed = [(place_of(sort, stored), stored) for stored in photos]
    placed.sort(key=lambda each: each[0].id)
    known = [each for each in placed if each[0].value]
    known.sort(key=lambda each: each[0].value, reverse=not sort.ascending)
    return [stored for _, stored in (*known, *(each for each in placed if not each[0].value))]


def part_of(
    sort: Sort, photos: Iterable[StoredPhoto], top_k: int, offset: int, after: Place | None
) -> list[StoredPhoto]:
    """At most `top_k` of the photos, sorted, after skipping `offset` of those after a place."""
    found = in_order(sort, photos)
    if after is not None:
        found = [each for each in found if follows(sort, place_of(sort, each), after)]
    return found[offset : offset + top_k]


def _known_and_unknown(sort: Sort) -> tuple[Filter, Filter] | None:
    """The photos that have a value to be sorted by and those that come after all of them.

    None where each photo of an index has one.
    """
    kind = BY_NAME[sort.field].kind
    if isinstance(kind, Moment):
        return None
    known = Condition(sort.field, ">=", "0001" if isinstance(kind, Date) else 1)
    return known, Not(known)


@dataclass(frozen=True, slots=True)
class Part:
    """Photos of a list that engines sort alike: with a value, by that, or without one, by id.

    `where` is what they have in common, and the list goes on `after` a place among them.
    """

    where: tuple[Filter, ...]
    is_known: bool
    after: Place | None


def parts_of(sort: Sort, after: Place | None) -> list[Part]:
    """The parts of a list from a place on, in their order."""
    split = _known_and_unknown(sort)
    if split is None:
        return [Part((), True, after)]
    known, unknown = split
    if after is not None and not after.value:
        return [Part((unknown,), False, after)]
    return [Part((known,), True, after), Part((unknown,), False, None)]


def page_of_parts(
    parts: Sequence[Part],
    top_k: int,
    offset: int,
    ask: Callable[[Part, int, int], list[StoredPhoto]],
    count: Callable[[Part], int],
) -> list[StoredPhoto]:
    """A page that may begin in one part of a list and end in the next.

    `ask` gives a number of photos of a part, after skipping some; `count` says how many there
    are in one.
    """
    found: list[StoredPhoto] = []
    for part in parts:
        some = ask(part, top_k - len(found), offset)
        found += some
        if len(found) == top_k or part is parts[-1]:
            break
        offset = 0 if some or not offset else max(0, offset - count(part))
    return found


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far somebody has read a list: its order, its last photo, and how many that were."""

    sort: Sort
    place: Place
    read: int

    def text(self) -> str:
        """What `cursor_of` reads; it may stand in an address."""
        given = [sort_text(self.sort), self.place.value, self.place.id, self.read]
        return urlsafe_b64encode(json.dumps(given, separators=(",", ":")).encode()).decode()


def cursor_of(text: str, sort: Sort) -> Cursor:
    """How far somebody has read a list in that order.

    Raises:
        QueryError: the text leads nowhere, or is of another order.
    """
    try:
        if len(text) > MAX_CURSOR:
            raise ValueError
        written, value, photo_id, read = json.loads(urlsafe_b64decode(text.encode()))
        is_text = isinstance(BY_NAME[sort.field].kind, Date) and sort.field != NEWEST.field
        fits = type(value) is (str if is_text else int) and type(read) is int and read >= 0
        if not fits or not isinstance(photo_id, str) or written != sort_text(sort):
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise QueryError(
            f"'{short(text)}' leads to no page of this list. Give `after` what an answer to the "
            "same list, in the same order, has as next_after."
        ) from None
    return Cursor(sort, Place(value, photo_id), read)


def _parsed(text: str) -> Sort:
    name, _, direction = text.strip().partition(":")
    if direction not in _DIRECTIONS:
        raise QueryError(
            f"'{short(text)}' is no order of photos: after the colon stands asc or desc. "
            f"Write {name}:asc, or {name} for the latest or largest first."
        )
    return Sort(name, _DIRECTIONS[direction])


def _no_order(name: str) -> QueryError:
    alike = get_close_matches(name[:60], SORTABLE, n=1)
    meant = f"Did you mean {alike[0]}? " if alike else ""
    return QueryError(
        f"Photos cannot be sorted by '{short(name)}'. {meant}There are {', '.join(SORTABLE)}, "
        "each with :asc for the earliest or smallest first."
    )
