"""Counts of what can be chosen next, over a real index in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from photoseek.engine import PhotoSearch
from photoseek.errors import QueryError, SlowAnswerError
from photoseek.gateway.choices import MOST_FIELDS, Counting, with_facets
from photoseek.records import AllOf, AnyOf, Condition, Facets, Filter, Found, Not
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.stored_photos import MODEL, encoded

CC0, MIT = Condition("licence", "in", ("CC0",)), Condition("licence", "=", "MIT")
ADA = Condition("photographer", "in", ("Ada",))
RED = Condition("tags", "=", "red")
SPRING = Condition("metadata.project", "in", ("Spring",))


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> PhotoSearch:
    """Twelve photos: of two licences, three photographers, two tags and two projects."""
    index = str(tmp_path_factory.mktemp("choices") / "index")
    photos = [
        encoded(
            number,
            licence=("CC0", "MIT")[number % 2],
            photographer=("Ada", "Bob", "Cy")[number % 3],
            tags=("red", "blue")[: 1 + number % 2],
            metadata={"project": ("Spring", "Fall")[number // 6]},
        )
        for number in range(12)
    ]
    open_store(index, MODEL).upsert(photos)
    return PhotoSearch(load_settings(index=index, model="demo"))


def counted(search: PhotoSearch, where: Sequence[Filter]) -> tuple[Facets, list[Sequence[Filter]]]:
    """The choices beside filters, and what was counted for them."""
    asked: list[Sequence[Filter]] = []

    async def count(filters: Sequence[Filter]) -> Facets:
        asked.append(filters)
        return search.facets(filters)

    return asyncio.run(Counting.choices(where).facets(count)), asked


def test_a_field_is_counted_without_the_filters_on_it_alone(search: PhotoSearch) -> None:
    facets, asked = counted(search, [CC0, ADA, RED, SPRING])
    assert asked == [
        [CC0, ADA, RED, SPRING],
        [ADA, RED, SPRING],
        [CC0, RED, SPRING],
        [CC0, ADA, RED],
    ]
    assert facets.total == 1
    assert facets.counts["licence"] == (("CC0", 1), ("MIT", 1))
    assert facets.counts["photographer"] == (("Ada", 1), ("Bob", 1), ("Cy", 1))
    assert facets.counts["metadata.project"] == (("Fall", 1), ("Spring", 1))
    assert facets.counts["tags"] == (("red", 1),), "a photo has to have all tags"
    for field in ("orientation", "tags"):
        assert facets.counts[field] == search.facets([CC0, ADA, RED, SPRING]).counts[field]


def test_filters_that_are_joined_are_taken_apart_and_others_stay(search: PhotoSearch) -> None:
    either: Filter = AnyOf((CC0, MIT))
    others: list[Filter] = [either, Not(MIT), Condition("licence", "!=", "MIT")]
    facets, asked = counted(search, [AllOf((*others, AllOf((ADA,)))), *others])
    assert asked[1:] == [[*others, *others]]
    assert facets.counts["licence"] == (("CC0", 2),), "of Ada's"
    assert facets.counts["photographer"] == (("Ada", 2), ("Bob", 2), ("Cy", 2))
    facets, asked = counted(search, [CC0, MIT])
    assert asked[1:] == [[]], "both are on one field"
    assert (facets.total, facets.counts["licence"]) == (0, (("CC0", 6), ("MIT", 6)))


def test_dates_are_chosen_from_whatever_the_operator(search: PhotoSearch) -> None:
    first, last = Condition("taken", ">=", "2024-01-01"), Condition("taken", "<=", "2024-12-31")
    assert counted(search, [first, ADA, last])[1][1:] == [[ADA], [first, last]]
    wide = Condition("width", ">=", 1)
    assert counted(search, [wide])[1] == [[wide]], "widths are no facet"


def test_each_field_is_work_and_there_may_not_be_many() -> None:
    assert Counting([CC0, ADA]).work.units == 1
    assert Counting.choices([CC0, ADA, RED]).work.units == 3
    columns = [Condition(f"metadata.c{n}", "=", "x") for n in range(MOST_FIELDS + 1)]
    assert Counting.choices(columns[1:]).work.weight == MOST_FIELDS + 1
    with pytest.raises(QueryError, match="32 fields at most; these are on 33"):
        Counting.choices(columns)


def test_hits_do_not_wait_for_facets_that_take_long() -> None:
    cancelled: list[bool] = []

    async def search() -> Found:
        return Found(total=3)

    async def never() -> Facets:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)
        return Facets()

    async def late() -> Facets:
        raise SlowAnswerError("No answer.")

    async def soon() -> Facets:
        return Facets(3)

    async def ask() -> None:
        assert await with_facets(search(), soon()) == (Found(total=3), Facets(3))
        assert await with_facets(search(), late()) == (Found(total=3), None)
        assert await with_facets(search(), never()) == (Found(total=3), None)

    asyncio.run(ask())
    assert cancelled == [True]


def test_an_error_of_either_is_told() -> None:
    async def wrong() -> Found:
        raise QueryError("No such photo.")

    async def found() -> Found:
        return Found()

    async def no_field() -> Facets:
        raise QueryError("No such field.")

    async def ask() -> None:
        with pytest.raises(QueryError, match="photo"):
            await with_facets(wrong(), no_field())
        with pytest.raises(QueryError, match="field"):
            await with_facets(found(), no_field())

    asyncio.run(ask())
