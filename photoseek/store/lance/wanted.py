"""Which photos somebody wants of a Lance table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from photoseek.records import Filter
from photoseek.store.lance.predicates import predicate_of


@dataclass(frozen=True)
class Wanted:
    """Those of which a predicate holds, all for None, and the filters that say the same."""

    predicate: str | None = None
    where: tuple[Filter, ...] = field(default=(), compare=False)


EVERY_PHOTO = Wanted()


def wanted_of(where: Sequence[Filter], columns: Collection[str]) -> Wanted:
    """What filters want of a table with these columns.

    Raises:
        QueryError: for filters that make no sense.
    """
    return Wanted(predicate_of(where, columns), tuple(where))
