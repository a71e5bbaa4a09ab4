"""A Lance table of few photos is searched in memory, and answers as LanceDB does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from photoseek.compat.lance import lancedb
from photoseek.records import EncodedPhoto, Hit
from photoseek.store import PhotoStore, parse_filter
from photoseek.store.lance.few_photos import FewPhotos
from photoseek.store.lance.ranking import Page
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from photoseek.store.lance.wanted import EVERY_PHOTO, Wanted
from tests.support.lance import lance_store
from tests.support.stored_photos import encoded, ids, photo, vector_of

ROWS, MANY = 300, 350
LIMITS = UpkeepLimits(index_from_rows=MANY, unindexed_rows=20, partition_rows=20)
FILTERS = ("licence = MIT", "licence = nobody's", "caption = hill AND width >= 1200")
PAGES = (Page(10), Page(40, 250), Page(400), Page(5, 1000))


def _photo(number: int, licence: str = "MIT") -> EncodedPhoto:
    """One of several of the same vector."""
    licences = (licence, "CC0-1.0")
    made: EncodedPhoto = encoded(
        number, seed=number % 70, licence=licences[number % 2], caption="a hill"
    )
    return made


class Library:
    """An index as it is searched in memory, and as LanceDB searches it."""

    def __init__(self, folder: Path) -> None:
        self.memory = lance_store(folder, LIMITS)
        self.lance = lance_store(folder, UpkeepLimits(index_from_rows=1))

    def check(self) -> None:
        for where in ((), *((parse_filter(text),) for text in FILTERS)):
            assert self.memory.count(where) == self.lance.count(where)
            for page in PAGES:
                found, right = (
                    store.search(
                        vector_of(3), page.top_k, where=where, offset=page.offset, exact=True
                    )
                    for store in (self.memory, self.lance)
                )
                assert ids(found) == ids(right), (where, page)
                assert [each.score for each in found] == pytest.approx(
                    [each.score for each in right], abs=1e-6
                )
                assert [each.stored for each in found] == [each.stored for each in right]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path / "index")
    made.memory.upsert([_photo(number) for number in range(ROWS)])
    return made


def test_answers_are_those_of_lance_whatever_happens_to_the_photos(library: Library) -> None:
    changes: list[Callable[[PhotoStore], object]] = [
        lambda store: store.upsert([]),
        lambda store: store.upsert([_photo(number) for number in range(ROWS, ROWS + 9)]),
        lambda store: store.delete([f"p{number:05}" for number in range(20, 40)]),
        lambda store: store.describe([photo(n, caption="a sea", licence="") for n in range(50)]),
        lambda store: store.upsert([encoded(n, seed=n + 1, licence="MIT") for n in range(90, 130)]),
        lambda store: store.maintain(),
        lambda store: store.upsert([_photo(ROWS + 20)]),
        lambda store: store.delete([f"p{number:05}" for number in range(290)]),
        lambda store: store.delete([f"p{number:05}" for number in range(400)]),
        lambda store: store.upsert([_photo(number) for number in range(9)]),
    ]
    library.check()
    for number, change in enumerate(changes):
        change((library.memory, library.lance)[number % 2])
        library.check()


def test_many_small_commits_are_put_together(library: Library) -> None:
    for number in range(ROWS, ROWS + 40):
        library.memory.upsert([_photo(number)])
        nearest = library.memory.search(vector_of(number % 70), 10)
        assert f"p{number:05}" in ids(hit for hit in nearest if hit.score == nearest[0].score)
    library.check()


def test_equal_vectors_have_equal_scores_wherever_they_stand(library: Library) -> None:
    for first in (ROWS, ROWS + 1, ROWS + 5):
        library.memory.upsert([_photo(number) for number in range(first, first + 3)])
    hits = library.memory.search(vector_of(9), ROWS)
    scores = {hit.score for hit in hits if int(hit.stored.photo.id[1:]) % 70 == 9}
    assert len(scores) == 1


def test_it_may_grow_until_it_has_an_index_and_shrink_again(library: Library) -> None:
    library.check()
    library.memory.upsert([_photo(number) for number in range(ROWS, MANY + 50)])
    library.check()
    library.memory.maintain()
    assert library.memory.ann
    library.check()
    library.memory.delete([f"p{number:05}" for number in range(200)])
    library.check()
    library.memory.warm()
    library.check()


def test_a_search_finds_what_was_written_before_it_began(library: Library) -> None:
    where = [parse_filter("licence = mine")]

    def write_and_look(first: int) -> list[list[Hit]]:
        found = []
        for number in range(first, first + 6):
            library.memory.upsert([encoded(number, licence="mine")])
            found.append(library.memory.search(vector_of(number), 1, where=where))
            found.append(library.memory.search(vector_of(number), 1))
        return found

    with ThreadPoolExecutor() as threads:
        upkeep = threads.submit(library.lance.maintain)
        for first, hits in zip(
            (1000, 2000, 3000), threads.map(write_and_look, (1000, 2000, 3000)), strict=True
        ):
            expected = [f"p{first + n // 2:05}" for n in range(12)]
            assert [each for some in hits for each in ids(some)] == expected
        upkeep.result()
    library.check()


def test_photos_that_take_too_much_memory_are_left_to_lance(library: Library) -> None:
    table = lancedb.connect(library.memory.location).open_table("photos")
    for most, are_few in ((10_000, False), (10_000_000, True)):
        few = FewPhotos(table, lambda _version, _wanted: None, most)
        for wanted in (EVERY_PHOTO, Wanted("licence = 'MIT'")):
            found = few.nearest(table.version, vector_of(3), Page(3), wanted)
            assert (found is not None) == are_few
        assert few.count(table.version, Wanted("licence = 'MIT'")) == ROWS // 2
