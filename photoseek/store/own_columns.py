"""The columns of users' own manifests: which there are, and which of them make facets.

A manifest can have any columns, so what is remembered of them is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from photoseek.records import AllOf, AnyOf, Condition, Filter, Not, StoredPhoto
from photoseek.store.base import PhotoStore
from photoseek.store.fields import METADATA, Field, also_own, is_bare, metadata_field
from photoseek.store.filters import check, no_column

MOST_VALUES = 50
"""Different values that the column of a facet has at most."""

MOST_FACETS = 20
"""Columns that make facets at most: those that most photos have."""

MOST_COLUMNS = 1_000
"""Columns that are remembered."""

LONGEST = 200
"""Characters that the name and each value of a facet have at most: longer ones are texts."""


class OwnColumns:
    """What photos have in columns of their manifests, counted batch by batch in bounded memory."""

    def __init__(self, only: Collection[str] | None = None) -> None:
        """`only` names the columns that are counted; by default all are."""
        self._only = only
        self._photos: Counter[str] = Counter()
        self._values: dict[str, Counter[str] | None] = {}  # None: too many to make a facet

    def takes(self, name: str) -> bool:
        """Whether a column is counted."""
        if self._only is not None:
            return name in self._only
        return name in self._photos or len(self._photos) < MOST_COLUMNS

    def add(self, name: str, photos: int, counts: Mapping[str, int]) -> None:
        """Count photos by their value in a column that is taken; those without one are not given.

        Where a column has too many values in `counts`, some may be left out.
        """
        self._photos[name] += photos
        values = self._values.setdefault(name, Counter())
        if values is None:
            return
        values.update(counts)
        if len(values) > MOST_VALUES or any(len(value) > LONGEST for value in counts):
            self._values[name] = None

    def add_photos(self, photos: Iterable[StoredPhoto]) -> None:
        """Count photos."""
        counts: dict[str, Counter[str]] = {}
        for stored in photos:
            for name, value in stored.photo.metadata.items():
                if value:
                    counts.setdefault(name, Counter())[value] += 1
        for name, values in counts.items():
            if self.takes(name):
                self.add(name, values.total(), values)

    def add_columns(self, others: OwnColumns) -> None:
        """Count what others have counted, of other photos."""
        for name, photos in others._photos.items():
            if self.takes(name):
                values = others._values[name]
                self.add(name, photos, values or {})
                if values is None:
                    self._values[name] = None

    def to_plain(self) -> dict[str, list[Any]]:
        """What was counted, in plain lists: for each column its photos, and those by value."""
        return {name: [photos, self._values[name]] for name, photos in self._photos.items()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Sequence[Any]]) -> OwnColumns:
        """The same again."""
        own = cls()
        for name, (photos, values) in plain.items():
            own._photos[name] = int(photos)
            own._values[name] = None if values is None else Counter(values)
        return own

    def values(self) -> int:
        """How many names and values it remembers."""
        return len(self._photos) + sum(len(each) for each in self._values.values() if each)

    def names(self) -> tuple[str, ...]:
        """The columns that photos have, those of most photos first."""
        return tuple(sorted(self._photos, key=lambda name: (-self._photos[name], name)))

    def facets(self) -> tuple[str, ...]:
        """The columns that make facets: few values, and at least three photos to two of them.

        Where nearly each photo has a value of its own, to choose one is to choose a photo.
        """
        fit = [name for name in self.names() if self._makes_facet(name)]
        return tuple(sorted(fit[:MOST_FACETS], key=lambda name: (name.casefold(), name)))

    def counted(self, names: Iterable[str]) -> list[tuple[Field, Mapping[str, int]]]:
        """The counts of some columns, as `facets_of` takes them."""
        return [
            (metadata_field(METADATA + name), values)
            for name in names
            if (values := self._values.get(name))
        ]

    def _makes_facet(self, name: str) -> bool:
        values = self._values[name]
        has_name = bool(name.strip()) and len(name) <= LONGEST
        return has_name and values is not None and 3 * len(values) <= 2 * self._photos[name]


def check_names(where: Iterable[Filter], store: PhotoStore) -> None:
    """Refuse a name that is neither a field nor a column that some photo has.

    Raises:
        QueryError: naming those that there are, or a filter makes no sense for another reason.
    """
    where = tuple(where)
    check(where)
    bare = {each.field for each in _conditions(where) if is_bare(each.field)}
    if not bare:
        return
    own = store.own_columns()
    for name in sorted(bare.difference(own)):
        is_there = store.count([Condition(METADATA + name, "!=", "")])  # one of very many, or new
        if not is_there and store.count():  # an empty index knows no columns yet
            raise no_column(name, own)


def widened(where: Iterable[Filter], store: PhotoStore) -> tuple[Filter, ...]:
    """The filters; a name that is that of a field and of a column that some photo has means both.

    So `city = Berlin` finds the cities of a manifest and those that files tell of.
    """
    return tuple(_widened(each, store) for each in where)


def _widened(each: Filter, store: PhotoStore) -> Filter:
    """A filter in which names that mean a field and a column as well ask for both."""
    match each:
        case Condition() if also_own(each.field) and _is_own(each.field, store):
            return _of_both(each)
        case Not(inner):
            return Not(_widened(inner, store))
        case AllOf(filters) | AnyOf(filters):
            first = filters[0] if filters else None
            if isinstance(first, Condition) and each == _of_both(first):
                return each  # it was widened before
            return replace(each, filters=tuple(_widened(inner, store) for inner in filters))
        case _:
            return each


def _of_both(each: Condition) -> Filter:
    if each.operator not in ("=", "!=", "in"):
        return each
    value = each.value if isinstance(each.value, tuple) else str(each.value)
    other = Condition(METADATA + each.field, each.operator, value)
    return AllOf((each, other)) if each.operator == "!=" else AnyOf((each, other))


def _is_own(name: str, store: PhotoStore) -> bool:
    return name in store.own_columns() or store.count([Condition(METADATA + name, "!=", "")]) > 0


def _conditions(where: Iterable[Filter]) -> Iterable[Condition]:
    for each in where:
        match each:
            case Condition():
                yield each
            case Not(inner):
                yield from _conditions((inner,))
            case AllOf(filters) | AnyOf(filters):
                yield from _conditions(filters)
