"""What facets count, saved by upkeep: other processes start from it and answer as a scan does."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from photoseek.records import Condition, EncodedPhoto
from photoseek.store import PhotoStore
from photoseek.store.lance import coded_rows, counted_files
from photoseek.store.lance.coded import Coded
from photoseek.store.lance.facet_values import Values
from photoseek.store.lance.opening import LanceEngine
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from photoseek.store.memory import MemoryStore
from photoseek.store.own_columns import OwnColumns
from tests.support.lance import lance_store
from tests.support.stored_photos import MODEL, encoded

ROWS = 120
LIMITS = UpkeepLimits(index_from_rows=100, unindexed_rows=20)
HILLS = [Condition("tags", "=", "hill")]


def photo(number: int, licence: str = "MIT") -> EncodedPhoto:
    tags = ("hill", "sea", "\ud800")[: number % 4]
    own = {"project": ("spring", 'a "b"', "")[number % 3], "shot": f"{number}"}
    who = ("Ann", "Bob")[number % 2]
    made: EncodedPhoto = encoded(number, licence=licence, photographer=who, tags=tags, metadata=own)
    return made


class Library:
    """An index, and the same photos in memory."""

    def __init__(self, location: Path) -> None:
        self.location = location
        self.memory: PhotoStore = MemoryStore(MODEL)

    @property
    def opened(self) -> PhotoStore:
        """The index as a process has it that has read nothing yet."""
        return lance_store(self.location, LIMITS)

    def write(self, numbers: range, licence: str = "MIT") -> None:
        for store in (self.opened, self.memory):
            store.upsert([photo(number, licence) for number in numbers])

    def delete(self, numbers: range) -> None:
        for store in (self.opened, self.memory):
            store.delete([f"p{number:05}" for number in numbers])

    def check(self) -> None:
        opened = self.opened
        for where in ((), HILLS):
            assert opened.facets(where) == self.memory.facets(where)
        assert tuple(self.opened.own_columns()) == tuple(self.memory.own_columns())

    def saved(self, ending: str = "") -> list[Path]:
        return sorted(self.location.glob(f"photos.lance/_photoseek/*{ending}"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that upkeep has seen, to be copied."""
    library = Library(tmp_path_factory.mktemp("made") / "index")
    library.write(range(ROWS))
    library.opened.maintain()
    return library.location


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Library:
    shutil.copytree(made, tmp_path / "index")
    copied = Library(tmp_path / "index")
    copied.memory.upsert([photo(number) for number in range(ROWS)])
    return copied


def renamed(path: Path) -> None:
    """Have what is saved of rows tell another name of their licence."""
    rows = coded_rows.from_bytes(path.read_bytes())
    assert rows is not None
    coded = replace(rows.columns["licence"], values=Values(pa.array(["as saved"])))
    columns = {**rows.columns, "licence": coded}
    path.write_bytes(coded_rows.to_bytes(replace(rows, columns=columns)))


def test_a_process_begins_with_what_upkeep_has_saved(library: Library) -> None:
    library.check()
    [rows], [files] = library.saved("-rows.arrow"), library.saved("-files.json")
    renamed(rows)
    files.write_bytes(files.read_bytes().replace(b"spring", b"autumn"))
    library.opened.delete(["p00001"])
    library.opened.upsert([photo(500, "new")])
    assert dict(library.opened.facets().counts["licence"]) == {"as saved": ROWS - 1, "new": 1}
    library.opened.upsert([photo(501, "new")])
    assert dict(library.opened.facets().counts["licence"]) == {"as saved": ROWS - 1, "new": 2}


def test_a_file_of_the_table_is_counted_by_what_is_saved_of_it(library: Library) -> None:
    [files] = library.saved("-files.json")
    files.write_bytes(files.read_bytes().replace(b"spring", b"autumn"))
    library.opened.upsert([photo(600)])  # whose project is spring
    assert dict(library.opened.facets().counts["metadata.project"]) == {
        "autumn": ROWS // 3,
        'a "b"': ROWS // 3,
        "spring": 1,
    }


def test_what_was_written_or_deleted_since_is_counted(library: Library) -> None:
    library.write(range(100, 130), "rare")
    library.delete(range(5, 9))
    library.check()
    library.opened.maintain()
    library.check()
    library.write(range(10), "")
    library.delete(range(20, 110))  # most of what is saved
    library.check()


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(b'{"format": 99, "files": [7]}'),
        lambda path: path.write_bytes(b'{"format": 1, "files": {"0": [1]}}'),
        lambda path: path.write_bytes(b'["format"]'),
    ],
    ids=["gone", "empty", "cut", "nearly nothing", "of a later version", "unfit", "nonsense"],
)
def test_where_it_is_damaged_the_rows_are_counted(
    library: Library, harm: Callable[[Path], object]
) -> None:
    for path in library.saved():
        harm(path)
    library.check()
    library.write(range(ROWS, ROWS + 50))
    library.opened.maintain()
    library.check()


def test_rows_are_not_taken_whose_numbers_do_not_go_together(library: Library) -> None:
    [path] = library.saved("-rows.arrow")
    rows = coded_rows.from_bytes(path.read_bytes())
    assert rows is not None
    tags, photographer = rows.columns["tags"], rows.columns["photographer"]
    assert tags.lengths is not None
    harmed: dict[str, Coded] = {
        "photographer": replace(photographer, codes=photographer.codes + 1),
        "licence": replace(photographer, codes=photographer.codes[1:]),
        "tags": replace(tags, lengths=tags.lengths + 1),
    }
    for name, column in harmed.items():
        data = coded_rows.to_bytes(replace(rows, columns={name: column}))
        assert coded_rows.from_bytes(data) is None, name


def test_photos_without_columns_of_a_manifest_may_go_and_others_come(tmp_path: Path) -> None:
    library = Library(tmp_path / "index")
    for store in (library.opened, library.memory):
        store.upsert([encoded(number) for number in range(ROWS)])
    library.opened.maintain()
    library.delete(range(10, 30))
    library.check()
    library.write(range(40, 45))
    library.check()
    library.delete(range(41, 43))
    library.check()


def test_a_backup_that_is_put_back_counts_what_it_has(library: Library, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(library.location, backup)
    before = library.opened.facets()
    library.write(range(ROWS, 2 * ROWS), "rare")
    library.opened.maintain()
    library.check()
    shutil.copytree(library.location / "photos.lance" / "_photoseek", tmp_path / "later")
    shutil.rmtree(library.location)
    shutil.copytree(backup, library.location)
    shutil.copytree(
        tmp_path / "later", library.location / "photos.lance" / "_photoseek", dirs_exist_ok=True
    )
    assert library.opened.facets() == before
    library.opened.upsert([photo(number, "other") for number in range(ROWS, ROWS + 30)])
    assert dict(library.opened.facets().counts["licence"]) == {"MIT": ROWS, "other": 30}


def test_the_last_upkeep_has_saved_one_and_others_go_when_they_are_old(library: Library) -> None:
    folder = library.location / "photos.lance" / "_photoseek"
    before = library.saved()
    young, old = folder / "young-rows.arrow", folder / "old-rows.arrow"
    killed = folder / ".photoseek-half"
    for path in (young, old, killed):
        path.write_bytes(b"half")
    for path in (old, killed):
        os.utime(path, (time.time() - 2 * LIMITS.orphan_age.total_seconds(),) * 2)
    library.write(range(ROWS, ROWS + 50))
    library.opened.maintain()
    assert not {old, killed, *before} & set(folder.iterdir())
    library.opened.maintain()
    assert len(library.saved()) == 3
    assert young.exists()
    library.check()


def test_it_goes_with_its_table(library: Library) -> None:
    engine, location = LanceEngine(LIMITS), str(library.location)
    target = engine.begin(location, MODEL)
    engine.open(target).upsert([photo(number, "new") for number in range(ROWS)])
    engine.open(target).maintain()
    before = engine.switch(location, target)
    assert before is not None
    (library.location / "photos.lance" / "_photoseek" / ".photoseek-half").write_bytes(b"half")
    engine.drop(location, before)
    assert not library.saved()
    assert dict(library.opened.facets().counts["licence"]) == {"new": ROWS}


def test_a_small_index_saves_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "index")
    library.write(range(50))
    library.opened.maintain()
    assert not library.saved()
    library.check()


def test_an_index_without_it_gets_it(tmp_path: Path) -> None:
    library = Library(tmp_path / "index")
    library.write(range(ROWS))
    earlier = lance_store(library.location, replace(LIMITS, index_from_rows=10**9))
    earlier.maintain()
    assert not earlier.activity().maintenance_is_due
    assert not library.saved()
    library.check()
    assert library.opened.activity().maintenance_is_due
    library.opened.maintain()
    assert len(library.saved()) == 2
    assert not library.opened.activity().maintenance_is_due
    library.check()


def test_nothing_is_saved_again_where_no_row_has_changed(library: Library) -> None:
    before, version = library.saved(), library.opened.version()
    library.opened.maintain()
    assert (library.saved(), library.opened.version()) == (before, version)


def test_files_come_back_as_they_were_saved() -> None:
    counted = counted_files.CountedFile(3, OwnColumns())
    counted.columns.add("\ud800", 3, {'"': 2, "\ud800": 1})
    counted.columns.add("shot", 60, {str(number): 1 for number in range(60)})
    files = counted_files.from_bytes(counted_files.to_bytes({7: counted}))
    assert files[7].rows == 3
    assert files[7].columns.to_plain() == counted.columns.to_plain()
