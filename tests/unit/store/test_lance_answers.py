"""A Lance table with its indexes answers as looking at every photo does, whatever happens to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photoseek.errors import QueryError
from photoseek.records import EncodedPhoto, Filter, Sort, StoredPhoto, Traits
from photoseek.store import PhotoStore, parse_filter
from photoseek.store.lance import addressed_rows, own_files
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from photoseek.store.memory import MemoryStore
from photoseek.store.sorting import place_of
from tests.support.lance import lance_store
from tests.support.stored_photos import MODEL, encoded, ids, vector_of

ROWS = 450
LIMITS = UpkeepLimits(index_from_rows=400, unindexed_rows=60, partition_rows=20)
FILTERS = (
    *("licence = MIT", "licence != MIT", 'licence in ["MIT", "rare"]', "licence =", "licence !="),
    *("tags = beach", "tags != BEACH", 'tags in ["beach", "sea"]', "tags =", "tags !="),
    *("photographer = Ann", "colours = red", "folder = Travel/Italy", "folder != Travel"),
    *("taken >= 2023", "width >= 1500", "orientation = portrait", "id = p00007", "id != p00007"),
    "licence = MIT AND tags = beach OR photographer = Bob",
    '{"not": {"all": [{"field": "tags", "op": "=", "value": "sea"}]}}',
)
VALUES = {
    "licence": ("MIT", "CC0-1.0", "CC0-1.0", "", "rare' OR 'a"),
    "photographer": ("Ann", "Bob", "été"),
    "folder": ("Travel/Italy", "Travel/Spain", "Home", ""),
    "caption": ("a hill", "a hill", "a hill", "a hill by the sea", "hill hill"),
}
TAGS = ("Beach", "sea", "beach", "Hill", "\ud800")


class Library:
    """The same photos in a Lance table and in memory, and what happens to both."""

    def __init__(self, folder: Path) -> None:
        self.dice = np.random.default_rng(3)
        self.lance: PhotoStore = lance_store(folder, LIMITS)
        self.memory: PhotoStore = MemoryStore(MODEL)

    def photo(self, number: int) -> EncodedPhoto:
        said: dict[str, Any] = {
            name: str(self.dice.choice(values)) for name, values in VALUES.items()
        }
        tags = tuple(TAGS[n] for n in self.dice.permutation(len(TAGS))[: self.dice.integers(4)])
        project = str(self.dice.choice(("spring", 'a "b", c', "")))
        own = {"project": project, "roll": f"{number % 45}", "shot": f"{number}"}
        full: EncodedPhoto = encoded(number, content=number % 9, tags=tags, metadata=own, **said)
        traits = Traits(
            colours=("red", "blue")[: self.dice.integers(3)],
            taken=f"{self.dice.integers(2020, 2026)}-05-01T10:00:00" if number % 3 else "",
        )
        return replace(full, traits=traits, height=int(self.dice.integers(400, 2000)))

    def write(self, numbers: range) -> None:
        photos = [self.photo(number) for number in numbers]
        for store in (self.lance, self.memory):
            store.upsert(photos)

    def delete(self, numbers: range) -> None:
        for store in (self.lance, self.memory):
            store.delete([f"p{number:05}" for number in numbers])

    def check(self) -> None:
        for where in ((), *((parse_filter(text),) for text in FILTERS)):
            self._check(where)

    def _check(self, where: tuple[Filter, ...]) -> None:
        table, right = self.lance, self.memory
        assert table.count(where) == right.count(where), where
        assert table.facets(where) == right.facets(where), where
        assert tuple(table.own_columns()) == tuple(right.own_columns())
        query = vector_of(5001)
        exact = ids(right.search(query, 20, where=where))
        assert ids(table.search(query, 20, where=where, exact=True)) == exact, where
        assert len(set(ids(table.search(query, 20, where=where))) - set(exact)) <= 1, where


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "index")


def test_answers_are_those_of_the_scan_after_writes_and_upkeep(library: Library) -> None:
    library.write(range(ROWS))
    library.lance.maintain()
    library.check()
    library.write(range(400, 480))  # some are new, and most are others than before
    library.delete(range(50, 70))
    library.check()
    # Another process brings the new ones in, and writes more.
    other = lance_store(library.lance.location, LIMITS)
    other.maintain()
    again = library.lance
    library.lance = other
    library.write(range(470, 500))
    library.lance = again
    library.check()


def test_columns_of_manifests_are_counted_where_too_many_values_would_be_kept(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_files, "MOST_VALUES_KEPT", 20)
    for numbers in (range(9), range(5, 40), range(40, 45)):
        library.write(numbers)
        assert library.lance.facets() == library.memory.facets()
        assert tuple(library.lance.own_columns()) == tuple(library.memory.own_columns())


@pytest.mark.parametrize("few", [1000, 15])
def test_what_is_new_among_many_photos_is_looked_up_and_counted(
    library: Library, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(addressed_rows, "MANY", 50)
    monkeypatch.setattr(addressed_rows, "FEW", few)
    library.write(range(200))
    other = lance_store(library.lance.location, LIMITS)
    steps: tuple[Callable[[], object], ...] = (
        lambda: library.write(range(200, 210)),
        lambda: library.delete(range(3)),
        lambda: library.write(range(190, 220)),  # some are new, the others others than before
        lambda: library.delete(range(100, 110)),
        lambda: library.write(range(105, 107)),
        other.maintain,
        lambda: library.delete(range(220)),
        lambda: library.write(range(60)),
    )
    for step in (lambda: None, *steps):
        step()
        assert library.lance.facets() == library.memory.facets()
        assert tuple(library.lance.own_columns()) == tuple(library.memory.own_columns())


def test_addresses_are_found_among_others() -> None:
    dice = np.random.default_rng(5)
    for most in (3, 40, 3000):
        for _ in range(20):
            rows = dice.integers(0, most, (2, dice.integers(0, most)))
            files = dice.integers(0, 4, rows.shape)
            some, others = (np.unique(each) for each in ((files << 32) + rows).astype(np.uint64))
            others = others[: dice.integers(0, most)]
            found = addressed_rows.is_in(some, others)
            assert found.tolist() == np.isin(some, others).tolist()


def test_lists_are_those_of_the_scan_wherever_they_begin(library: Library) -> None:
    for numbers in (range(150), range(150, 151), range(100, 400)):  # each is indexed at one time
        library.write(numbers)
    library.lance.maintain()
    some = [parse_filter("licence != MIT")]
    for sort in (Sort("indexed_at"), Sort("taken"), Sort("height", ascending=True), Sort("width")):
        for where in ([], some):
            right = library.memory.listed(sort, 500, where=where)
            order = [stored.photo.id for stored in right]
            for offset in (0, 1, 7, 99, 100, 299, len(order) - 3, len(order), 5000):
                found = library.lance.listed(sort, 7, where=where, offset=offset)
                assert _ids_of(found) == order[offset : offset + 7], (sort, offset)
            for place in (0, 6, 150, 299, len(order) - 3, len(order) - 1):
                after = place_of(sort, library.lance.get([order[place]])[order[place]])
                for offset in (0, 120):
                    found = library.lance.listed(sort, 7, where=where, after=after, offset=offset)
                    begin = place + 1 + offset
                    assert _ids_of(found) == order[begin : begin + 7], (sort, place, offset)


def _ids_of(photos: list[StoredPhoto]) -> list[str]:
    return [stored.photo.id for stored in photos]


def test_columns_of_few_values_are_indexed_until_they_have_too_many(library: Library) -> None:
    import lancedb

    library.write(range(ROWS))
    library.lance.maintain()

    def indexed() -> set[str]:
        table = lancedb.connect(library.lance.location).open_table("photos")
        return {each.columns[0] for each in table.list_indices()}

    plain = {"id", "content_hash", "indexed_at", "vector", "words"}
    assert indexed() - plain >= {"licence", "photographer", "tag_keys", "colours", "folder_keys"}
    assert "camera" not in indexed()  # no photo has one
    many = [encoded(n, content=0, photographer=f"shot by {n}") for n in range(1000, 3100)]
    library.lance.upsert(many)
    library.lance.maintain()
    assert "photographer" not in indexed()
    assert library.lance.count([parse_filter("photographer = shot by 1007")]) == 1


def test_those_that_come_first_by_id_are_found_among_very_many_that_are_alike(
    library: Library,
) -> None:
    order = library.dice.permutation(2000)
    alike = [encoded(int(n), content=0, caption="a hill", licence="MIT") for n in order]
    library.lance.upsert([*alike, encoded(3000, content=0, caption="a mountain")])
    library.lance.maintain()
    mit = [parse_filter("licence = MIT")]

    def found(top_k: int, where: list[Filter]) -> list[int]:
        photos = library.lance.keywords("hill mountain", top_k, where=where)
        return [int(each.photo.id[1:]) for each in photos]

    for top_k in (1, 2, 10, 199, 200, 500):
        assert found(top_k, []) == [3000, *range(top_k - 1)]
        assert found(top_k, mit) == list(range(top_k))
    library.lance.delete(f"p{n:05}" for n in range(0, 2000, 2))
    assert found(10, mit) == list(range(1, 21, 2))
    assert len(found(5000, mit)) == 1000


def test_facets_of_very_many_values_are_those_of_the_scan(library: Library) -> None:
    usual = ("Beach", "beach", "Sea", "ÉTÉ", "e\u0301te\u0301", "hill", "\ud800", "")
    rare = {500: "odd one", 501: "Odd one", 502: "ODD ONE"}  # each has fewer than many others
    photos = [
        encoded(
            number,
            content=0,
            tags=(
                rare.get(number, usual[number % 8]),
                *(f"tag {number % 1700} {each}" for each in range(4)),
            ),
            photographer=f"by {number}" if number % 3 else "",
            folder=f"Trips/{number % 900}/{number}",
            licence=("MIT", "CC0-1.0")[number % 7 == 0],
        )
        for number in range(1800)
    ]
    for first in (0, 1750):
        for store in (library.lance, library.memory):
            store.upsert(photos[first : first + 1750])
        for where in ([], [parse_filter("licence = MIT")], [parse_filter("licence = nobody")]):
            assert library.lance.facets(where) == library.memory.facets(where)
    gone = [photo.photo.id for photo in photos[:40]]
    assert library.lance.delete(gone) == library.memory.delete(gone)
    assert library.lance.facets() == library.memory.facets()


def test_those_that_come_first_by_id_are_found_among_very_many_of_one_vector(
    library: Library,
) -> None:
    order = library.dice.permutation(2000)
    alike = [encoded(int(n), content=0, seed=7, licence="MIT") for n in order]
    library.lance.upsert([*alike, *(encoded(n, content=0) for n in (3001, 3002))])
    library.lance.maintain()
    mit = [parse_filter("licence = MIT")]

    def found(top_k: int, where: list[Filter], **how: Any) -> list[int]:
        hits = library.lance.search(vector_of(7), top_k, where=where, **how)
        return [int(hit.stored.photo.id[1:]) for hit in hits]

    for exact in (False, True):
        for top_k, offset in ((1, 0), (10, 0), (10, 60), (150, 0), (20, 700), (5, 1995)):
            those = [*range(offset, offset + top_k)]
            assert found(top_k, [], offset=offset, exact=exact) == those
            assert found(top_k, mit, offset=offset, exact=exact) == those
    assert set(found(10, [], offset=1998)) == {1998, 1999, 3001, 3002}
    library.lance.delete(f"p{n:05}" for n in range(0, 2000, 2))
    assert found(10, mit) == list(range(1, 21, 2))
    assert len(found(5000, [])) == 1002


@pytest.mark.parametrize("kept", ["near", "far"])
def test_a_filter_of_half_the_photos_may_go_with_what_is_asked_for(
    library: Library, kept: str
) -> None:
    query, half = vector_of(5001), ROWS // 2
    photos = [library.photo(number) for number in range(ROWS)]
    photos.sort(key=lambda each: -float(each.vector @ query))
    photos = [
        replace(each, photo=replace(each.photo, photographer="near" if place < half else "far"))
        for place, each in enumerate(photos)
    ]
    library.lance.upsert(photos)
    library.lance.maintain()
    where = [parse_filter(f"photographer = {kept}")]
    nearest = [each.photo.id for each in photos if each.photo.photographer == kept]
    assert set(ids(library.lance.search(query, 10, where=where))) == set(nearest[:10])
    assert len(library.lance.search(query, half + 1, where=where)) == half


def test_a_block_of_reads_sees_what_was_there_before_it(tmp_path: Path) -> None:
    ours, other = lance_store(tmp_path, LIMITS), lance_store(tmp_path, LIMITS)
    ours.upsert([encoded(1)])
    assert other.count() == 1
    ours.upsert([encoded(2)])
    with other.reads():
        assert (other.count(), len(other.search(vector_of(1), 5))) == (2, 2)
        ours.upsert([encoded(3)])
        with other.reads():
            assert other.count() == 2, "which does not look for what is newer"
        assert other.count() == 2
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(other.count).result() == 3, "another thread does"
    with pytest.raises(QueryError), other.reads():
        other.search(vector_of(1), 0)
    ours.upsert([encoded(4)])
    assert other.count() == 4
    assert other.facets().total == 4
