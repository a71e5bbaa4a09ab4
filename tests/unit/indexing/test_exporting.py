"""An index is exported as a table, and the table indexed again: the same photos."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photoseek.errors import StorageError
from photoseek.indexing import exporting
from photoseek.indexing.exporting import export_index
from photoseek.records import Photo
from photoseek.sources import open_source
from photoseek.store import MemoryStore, PhotoStore, parse_filter
from tests.support.stored_photos import MODEL, encoded, photo

HOSTILE = (
    *('=HYPERLINK("https://e.org?"&A1)', "+1 555", "-snow", "@SUM(1)", "'=quoted", "''+x", "'tis"),
    *("-5", "a, b;c|d", 'says "so"', "two\nlines\r\nand three", '["a"]', "", "ünï 🏝️ 汽车", "a\tb"),
)
TAGS = (
    *(("a", "b"), ("a, b",), ("a|b",), ("a;b", "c"), ("a;b",), ('["x"]',), (), ("[x", "y")),
    *(("=1+1", "-x"),),
)


@pytest.fixture
def store() -> PhotoStore:
    store = MemoryStore(MODEL)
    store.upsert(
        [
            encoded(
                n,
                uri=f"https://e.org/{n}.jpg" if n % 3 else f"s3://bucket/{n}.jpg",
                version="",
                caption=text,
                tags=TAGS[n % len(TAGS)],
                photographer=text,
                licence="MIT" if n % 2 else "=MIT",
                source_url=f"https://e.org/about?{n}",
                folder="Travel/Italy" if n % 4 else "",
                metadata={"Project": text, "project": "x", "path": "own", "metadata.id": "1"},
            )
            for n, text in enumerate(HOSTILE)
        ]
    )
    store.upsert([encoded(90, id="-1", uri="https://e.org/", version="", metadata={"=col": "é"})])
    return store


def photos_in(store: PhotoStore) -> dict[str, Photo]:
    """What a manifest tells again: texts that are not empty."""
    found = [stored.photo for stored in store.browse(99)]
    return {
        each.id: replace(each, metadata={k: v for k, v in each.metadata.items() if v})
        for each in found
    }


@pytest.mark.parametrize("ending", ["csv", "CSV", "parquet"])
def test_the_table_is_a_manifest_of_the_same_photos(
    store: PhotoStore, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 7)
    place = tmp_path / f"all.{ending}"
    place.write_text("an old one")
    done: list[int] = []
    report = export_index(store, str(place), on_progress=done.append)
    total = len(HOSTILE) + 1
    assert (report.photos, report.columns, report.remarks) == (total, 5, ())
    assert done == [7, 14, total]
    again = {found.id: found for found in open_source(str(place)) if isinstance(found, Photo)}
    assert again == photos_in(store)
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_no_cell_is_taken_for_a_formula(store: PhotoStore, tmp_path: Path) -> None:
    place = tmp_path / "all.csv"
    export_index(store, str(place))
    assert place.read_bytes().startswith(b"\xef\xbb\xbf")
    with place.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    risky = {cell for cell in cells if cell[:1] in set("=+-@\t\r")}
    assert risky == {"-5", "-1"}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_vectors_come_in_the_order_of_the_rows(
    store: PhotoStore, tmp_path: Path, ending: str
) -> None:
    place = tmp_path / f"some.{ending}"
    where = [parse_filter("folder = travel")]
    report = export_index(store, str(place), where=where, vectors=True)
    assert report.vectors
    ids = [found.id for found in open_source(str(place)) if isinstance(found, Photo)]
    assert len(ids) == report.photos == store.count(where) > 5
    if ending == "csv":
        vectors = np.load(tmp_path / "some.npy")
    else:
        from pyarrow.parquet import read_table

        vectors = np.array(read_table(place)["vector"].to_pylist(), np.float32)
    assert vectors.shape == (len(ids), MODEL.dimensions)
    known = store.vectors(ids)
    assert all(np.array_equal(known[key], row) for key, row in zip(ids, vectors, strict=True))
    found = [each for each in open_source(str(place)) if isinstance(each, Photo)]
    assert all("vector" not in each.metadata for each in found)


def test_the_standard_output_gets_csv(
    store: PhotoStore, capsys: pytest.CaptureFixture[str]
) -> None:
    export_index(store, "-", where=[parse_filter("id = -1")])
    header, row = csv.reader(capsys.readouterr().out.splitlines())
    assert header[:3] == ["id", "path", "url"]
    assert row[:3] == ["-1", "", "https://e.org/"]


def test_a_file_that_cannot_be_written_stays_as_it_was(
    store: PhotoStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "all.csv"
    place.write_text("an old one")
    monkeypatch.setattr(store, "get", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_index(store, str(place), vectors=True)
    assert place.read_text() == "an old one"
    assert [path.name for path in tmp_path.iterdir()] == ["all.csv"]
    with pytest.raises(StorageError, match="nowhere/all.csv cannot be written: No such file"):
        export_index(store, str(tmp_path / "nowhere" / "all.csv"))


def test_a_photo_that_comes_twice_is_written_once(tmp_path: Path) -> None:
    store = MemoryStore(MODEL)
    store.upsert([encoded(1), encoded(2)])
    store.ids = lambda: iter([["p00001"], ["p00002", "p00001", "gone"]])  # type: ignore[method-assign]
    assert export_index(store, str(tmp_path / "all.csv")).photos == 2


def test_columns_that_a_store_does_not_tell_are_looked_for(tmp_path: Path) -> None:
    store = MemoryStore(MODEL)
    store.upsert([encoded(1, uri="https://e.org/1.jpg", metadata={"b": "1", "a": "2", "c": ""})])
    store.own_columns = lambda: ()  # type: ignore[method-assign]
    place = tmp_path / "all.csv"
    assert export_index(store, str(place)).columns == 2
    [found] = open_source(str(place))
    assert isinstance(found, Photo)
    assert found.metadata == {"a": "2", "b": "1"}
    assert photo(1).version
