"""Counts of what photos have in common, and of what somebody may choose next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

from photoseek.errors import QueryError, SlowAnswerError
from photoseek.gateway.work import Asked
from photoseek.records import AllOf, Condition, Facets, Filter, Found
from photoseek.store.fields import Field, field_named
from photoseek.store.filters import length_of
from photoseek.store.kinds import Date

MOST_FIELDS = 32
"""Fields of one request that are counted without their own filters. Each takes a count."""

COUNTS_AT_ONCE = 4
"""Counts of one request that are made at the same time: others search as well."""

PATIENCE = 0.5
"""Seconds that hits wait for facets. What takes longer is better asked for alone."""

Count = Callable[[Sequence[Filter]], Awaitable[Facets]]
"""What gives the facets of filters."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts of the photos that pass filters; of each of `fields` without the filters on it."""

    where: Sequence[Filter]
    fields: Sequence[Field] = ()

    @classmethod
    def choices(cls, where: Sequence[Filter]) -> Self:
        """One that shows how many photos another value would bring.

        That is where any of several values will do. Tags are counted with their own filters: a
        photo has to have all that are chosen.

        Raises:
            QueryError: there are filters on more than `MOST_FIELDS` fields.
        """
        fields = {field.name: field for each in _joined(where) if (field := _chosen_by(each))}
        if len(fields) > MOST_FIELDS:
            raise QueryError(
                f"Choices are counted for filters on {MOST_FIELDS} fields at most; these are on "
                f"{len(fields)}. Take some out, or ask for filtered counts."
            )
        return cls(where, tuple(fields.values()))

    @property
    def work(self) -> Asked:
        """Each field takes a count of its own."""
        counts = 1 + len(self.fields)
        return Asked(weight=counts, filters=counts * length_of(self.where))

    async def facets(self, count: Count) -> Facets:
        """The counts."""
        turns = asyncio.Semaphore(COUNTS_AT_ONCE)

        async def counted(where: Sequence[Filter]) -> Facets:
            async with turns:
                return await count(where)

        others = (counted(_without(self.where, field)) for field in self.fields)
        facets, *each = await asyncio.gather(counted(self.where), *others)
        counts = dict(facets.counts)
        for field, other in zip(self.fields, each, strict=True):
            counts[field.facet] = other.counts.get(field.facet, ())
        return replace(facets, counts={name: of for name, of in counts.items() if of})


async def with_facets(
    search: Awaitable[Found], count: Awaitable[Facets]
) -> tuple[Found, Facets | None]:
    """Hits, and facets that are made at the same time; None where those take too long."""
    counting = asyncio.ensure_future(count)
    try:
        found = await search
        with suppress(TimeoutError, SlowAnswerError):
            async with asyncio.timeout(PATIENCE):
                return found, await counting
        return found, None
    finally:
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)


def _joined(where: Sequence[Filter]) -> Iterator[Filter]:
    for each in where:
        if isinstance(each, AllOf):
            yield from _joined(each.filters)
        else:
            yield each


def _without(where: Sequence[Filter], field: Field) -> list[Filter]:
    def stays(given: Filter) -> bool:
        chosen = _chosen_by(given)
        return chosen is None or chosen.name != field.name

    return list(filter(stays, _joined(where)))


def _chosen_by(given: Filter) -> Field | None:
    """The field that a filter chooses values of, where others would do as well."""
    if not isinstance(given, Condition):
        return None
    field = field_named(given.field)
    is_choice = isinstance(field.kind, Date) or given.operator in ("=", "in")
    return field if field.facet and is_choice and not field.every else None
