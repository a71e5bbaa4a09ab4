"""Exact searches that read the vectors of a Lance table from its files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photoseek.compat.lance import brought_up, lancedb
from photoseek.helpers.deadlines import within
from photoseek.records import Filter, ModelIdentity, Vector
from photoseek.store import PhotoStore, parse_filter
from photoseek.store.lance.exact_scan import ExactScan
from photoseek.store.lance.file_pages import UnknownFormatError, pages_of
from photoseek.store.lance.ranking import Found, Page
from photoseek.store.lance.rows_at_hand import RowsAtHand
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from photoseek.store.lance.wanted import EVERY_PHOTO, Wanted, wanted_of
from photoseek.store.memory import MemoryStore
from photoseek.store.validation import unit
from tests.support.lance import lance_store
from tests.support.stored_photos import encoded

MODEL = ModelIdentity("test", "wide", 128)  # Lance puts vectors of few numbers in pages of its own
ROWS = 700
LIMITS = UpkeepLimits(index_from_rows=400, unindexed_rows=60, partition_rows=20)
FILTERS = ("", "licence = MIT", "caption = hill OR width < 1010")
PAGES = (Page(10), Page(30, 290), Page(5, 10_000))


def vector_of(seed: int) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal(MODEL.dimensions).astype(np.float32))


class Library:
    """The same photos in a Lance table and in memory, and what reads the table's files."""

    def __init__(self, folder: Path) -> None:
        self.lance: PhotoStore = lance_store(folder, LIMITS, MODEL)
        self.memory: PhotoStore = MemoryStore(MODEL)
        self.write(range(ROWS))
        self.lance.maintain()
        self.table: Any = lancedb.connect(self.lance.location).open_table("photos")
        self.folder = folder / "photos.lance"
        self.scan = self.scanning(self.folder)

    def scanning(self, folder: Path) -> ExactScan:
        return ExactScan(folder, self.table, lambda _version, _wanted: None, RowsAtHand(self.table))

    def write(self, numbers: range) -> None:
        """Photos of which some have the same vector, and some a vector of another length."""
        photos = []
        for number in numbers:
            licence, caption = (("MIT", "a hill"), ("", "a sea"))[number % 2]
            vector = vector_of(number % 610) * np.float32(2 ** (number % 3))
            full = encoded(number, licence=licence, caption=caption)
            photos.append(replace(full, vector=vector))
        for store in (self.lance, self.memory):
            store.upsert(photos)

    def delete(self, numbers: range) -> None:
        for store in (self.lance, self.memory):
            store.delete([f"p{number:05}" for number in numbers])

    def page(self, text: str, page: Page, scan: ExactScan | None = None) -> Found | None:
        where: list[Filter] = [parse_filter(text)] if text else []
        wanted = wanted_of(where, self.table.schema.names) if where else EVERY_PHOTO
        return (scan or self.scan).page(self.table.version, vector_of(3), wanted, page)

    def check(self) -> None:
        brought_up(self.table)
        for text in FILTERS:
            for page in PAGES:
                found = self.page(text, page)
                assert found is not None, text
                where = [parse_filter(text)] if text else []
                for store in (self.memory, self.lance):
                    right = store.search(
                        vector_of(3), page.top_k, where=where, offset=page.offset, exact=True
                    )
                    assert [each.photo.id for _, each in found] == [
                        hit.stored.photo.id for hit in right
                    ], (text, page)
                    assert [score for score, _ in found] == pytest.approx(
                        [hit.score for hit in right], abs=1e-6
                    )
                    if store is self.lance:
                        assert [each for _, each in found] == [hit.stored for hit in right]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "index")


def test_answers_are_those_of_looking_at_every_photo(library: Library) -> None:
    other = lance_store(library.lance.location, LIMITS, MODEL)
    steps: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: library.write(range(690, 730)),  # some are new, the others written again
        lambda: library.delete(range(100, 130)),
        lambda: library.write(range(730, 731)),
        other.maintain,
        lambda: library.delete(range(200, 480)),
        other.maintain,
        lambda: library.write(range(110, 120)),
    )
    for step in steps:
        step()
        library.check()


def test_equal_photos_have_equal_scores_wherever_they_stand(library: Library) -> None:
    found = library.page("", Page(ROWS))
    assert found is not None
    score_of = {stored.photo.id: score for score, stored in found}
    for number in range(610, ROWS):
        assert score_of[f"p{number:05}"] == score_of[f"p{number - 610:05}"]


def test_files_that_are_not_what_lance_reads_are_left_to_lance(
    library: Library, tmp_path: Path
) -> None:
    version, dimensions = library.table.version, MODEL.dimensions
    pages = pages_of(library.folder, version, "vector", dimensions)
    assert sum(page.rows for page in pages) == ROWS

    def copy(name: str) -> Path:
        return Path(shutil.copytree(library.folder, tmp_path / name))

    def change(path: Path, place: int, to: bytes) -> None:
        data = bytearray(path.read_bytes())
        start = place % len(data)
        data[start : start + len(to)] = to
        path.write_bytes(data)

    same, other, gone, footer, manifest = map(copy, ("same", "other", "gone", "footer", "manifest"))
    for page in pages:
        change(other / "data" / page.file.name, page.offset, b"\1\2\3\4" * dimensions)
        change(footer / "data" / page.file.name, -4, b"LAND")
        (gone / "data" / page.file.name).unlink(missing_ok=True)
    (newest,) = manifest.glob(f"_versions/{2**64 - 1 - version:020}.manifest")
    change(newest, -4, b"LAND")
    for folder in (footer, manifest):
        with pytest.raises(UnknownFormatError):
            pages_of(folder, version, "vector", dimensions)
    for column, size in (("caption", dimensions), ("nothing", dimensions), ("vector", 1)):
        with pytest.raises(UnknownFormatError):
            pages_of(library.folder, version, column, size)
    assert library.page("", Page(10), library.scanning(same)) == library.page("", Page(10))
    for folder in (other, gone, footer, manifest, tmp_path / "nowhere"):
        assert library.page("", Page(10), library.scanning(folder)) is None, folder


def test_vectors_that_lance_packs_are_left_to_it(tmp_path: Path) -> None:
    narrow = lance_store(tmp_path / "narrow", LIMITS)
    narrow.upsert([encoded(number) for number in range(450)])
    table = lancedb.connect(narrow.location).open_table("photos")
    dimensions = narrow.model.dimensions
    with pytest.raises(UnknownFormatError):
        pages_of(tmp_path / "narrow/photos.lance", table.version, "vector", dimensions)
    hits = narrow.search(encoded(7).vector, 450, exact=True)
    assert (hits[0].stored.photo.id, len(hits)) == ("p00007", 450)


def test_what_was_written_meanwhile_is_left_to_lance(library: Library) -> None:
    before = library.table.version
    library.delete(range(3))
    brought_up(library.table)
    assert library.scan.page(before, vector_of(3), Wanted(), Page(10)) is None


def test_a_search_ends_with_its_time(library: Library) -> None:
    assert library.page("", Page(10)) is not None
    with within(0.0), pytest.raises(TimeoutError):
        library.page("", Page(10))
