"""Searches of a text that is asked for again, with a filter that is told in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from photoseek.compat.lance import brought_up, lancedb
from photoseek.records import Vector
from photoseek.store import PhotoStore, parse_filter
from photoseek.store.lance.addressed_rows import AddressedRows
from photoseek.store.lance.counted_rows import CountedRows
from photoseek.store.lance.joint_searches import JointSearches, Look, looking_into
from photoseek.store.lance.nearest import Kept
from photoseek.store.lance.probing import EVERY
from photoseek.store.lance.ranking import Found, Page
from photoseek.store.lance.rows_at_hand import RowsAtHand
from photoseek.store.lance.told_nearest import FEW, Search, ToldNearest
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from photoseek.store.lance.wanted import Wanted, wanted_of
from tests.support.lance import lance_store
from tests.support.stored_photos import encoded, vector_of

ROWS = 450
LIMITS = UpkeepLimits(index_from_rows=400, unindexed_rows=60, partition_rows=20)
MANY = (  # each keeps more than FEW
    *("licence = MIT", "licence != MIT", 'licence in ["MIT", "CC0-1.0"]', "width >= 1100"),
    *("tags = SEA", "tags != beach", "width < 1300 AND tags = sea", "orientation = landscape"),
    *("tags = beach OR width > 1200", "photographer =", "width >= 1000"),
    '{"not": {"all": [{"field": "tags", "op": "=", "value": "sea"}]}}',
)
PAGES = (Page(10), Page(7, 13), Page(150))


class Library:
    """An index, and what is told in memory of its table."""

    def __init__(self, folder: Path) -> None:
        self.store: PhotoStore = lance_store(folder, LIMITS)
        self.write(range(ROWS))
        self.store.maintain()
        self.table: Any = lancedb.connect(self.store.location).open_table("photos")
        self.looks: list[Look] = []
        find = looking_into(self.table)

        def noting(look: Look, queries: Sequence[Vector]) -> pa.Table:
            self.looks.append(look)
            return find(look, queries)

        self.counted = CountedRows(self.table, lambda: None)
        joint, at_hand = JointSearches(noting), RowsAtHand(self.table)
        self.told = ToldNearest(self.table, joint, self.counted.told, at_hand)

    def write(self, numbers: range) -> None:
        self.store.upsert(
            [
                encoded(
                    number,
                    licence=("MIT", "CC0-1.0", "")[number % 3],
                    tags=(("Sea",), ("sea", "beach"), ())[number // 3 % 3],
                    caption="a hill" if number % 2 else "",
                )
                for number in numbers
            ]
        )

    def page(self, text: str, page: Page, query: Vector) -> Found | None:
        wanted = self.wanted(text)
        kept = Kept(self.table.count_rows(wanted.predicate), self.table.count_rows())
        search = Search(self.table.version, query, wanted, kept, EVERY)
        return self.told.page(search, page)

    def wanted(self, text: str) -> Wanted:
        return wanted_of([parse_filter(text)] if text else [], self.table.schema.names)

    def right(self, text: str, page: Page, query: Vector) -> list[tuple[Any, str]]:
        where = [parse_filter(text)]
        hits = self.store.search(query, page.top_k, where=where, offset=page.offset, exact=True)
        return [(pytest.approx(hit.score, abs=1e-6), hit.stored.photo.id) for hit in hits]

    def check(self, query: Vector) -> None:
        """Answers to a query that was asked for are right, and it is looked for once."""
        brought_up(self.table)
        self.counted.rows()
        self.looks.clear()
        for text in MANY:
            for page in PAGES:
                found = self.page(text, page, query)
                assert found is not None, (text, page)
                names = [(score, stored.photo.id) for score, stored in found]
                assert names == self.right(text, page, query), (text, page)
                stored = self.store.get([name for _, name in names])
                assert [photo for _, photo in found] == list(stored.values())
        assert len(self.looks) == 1


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "index")


def test_a_query_that_is_known_is_looked_for_once_whatever_the_filters_are(
    library: Library,
) -> None:
    query, store = vector_of(5001), library.store
    assert library.page("", Page(10), query) is None
    steps: tuple[Callable[[], object], ...] = (
        lambda: library.write(range(440, 470)),  # some are new, the others written again
        lambda: store.delete([f"p{number:05}" for number in range(100, 130)]),
        lambda: store.describe([encoded(n, licence="MIT", tags=("sea",)).photo for n in range(40)]),
        store.maintain,
    )
    library.check(query)
    for step in steps:
        step()
        library.check(query)


def test_a_filter_that_keeps_few_needs_no_look(library: Library) -> None:
    library.counted.rows()
    for number, text in enumerate(("width < 1040", "width = 1007", "width < 1100 AND tags = sea")):
        for page in PAGES:
            query = vector_of(6000 + number)
            found = library.page(text, page, query)
            is_beyond = library.table.count_rows(library.wanted(text).predicate) <= page.offset
            names = None if found is None else [(score, each.photo.id) for score, each in found]
            assert names == (None if is_beyond else library.right(text, page, query))
    assert not library.looks


def test_the_rest_is_left_to_lance(library: Library) -> None:
    query, text = vector_of(5001), MANY[0]
    assert library.page(text, Page(10), query) is None  # nobody has asked for it before
    assert library.page(text, Page(10), query) is None  # nothing was counted
    library.counted.rows()
    assert library.page("caption = a hill", Page(10), query) is None
    assert library.page("licence = nobody's", Page(10), query) is None
    assert library.page(text, Page(250), query) is None
    assert library.page("", Page(10), query) is None
    assert not library.looks
    assert library.page(text, Page(10), query) is not None
    # One more version than what was counted.
    library.store.delete(["p00003"])
    brought_up(library.table)
    assert library.page(text, Page(10), query) is None


def test_equal_photos_at_the_end_of_what_was_looked_at_are_left_to_lance(library: Library) -> None:
    library.store.upsert([encoded(number, seed=7, licence="MIT") for number in range(FEW + 1)])
    library.store.maintain()
    brought_up(library.table)
    library.counted.rows()
    for page in (Page(5), Page(5, 20)):
        for _ in range(2):
            assert library.page("licence = MIT", page, vector_of(7)) is None
    assert len(library.looks) == 1


@pytest.mark.parametrize("most", [0, 3_000, 1_000_000])
def test_rows_at_hand_are_those_of_the_table(library: Library, most: int) -> None:
    at_hand = RowsAtHand(library.table, most)
    rows = AddressedRows(library.table).read(["id"])
    ids = dict(zip(rows.addresses.tolist(), rows.columns["id"].to_pylist(), strict=True))
    for places in ([5, 3], [3, 5, 9], [200, 9, 3], [5]):
        some = rows.addresses[places]
        found = at_hand.get(rows.version, some)
        assert found is not None
        assert [each.id for each in found] == [ids[address] for address in some.tolist()]
        stored = library.store.get([each.id for each in found])
        assert [each.photo for each in found] == list(stored.values())
    library.store.delete([ids[int(rows.addresses[300])]])
    brought_up(library.table)
    assert at_hand.get(rows.version, rows.addresses[[300, 301]]) is None
    found = at_hand.get(library.table.version, rows.addresses[[301, 5]])
    assert found is not None
    assert [each.id for each in found] == [ids[int(rows.addresses[n])] for n in (301, 5)]
