"""Manifests in Parquet, whatever the types of their columns."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from photoseek.errors import SourceError
from photoseek.sources import open_source, photo_id
from tests.support.manifests import URL, parquet, photo, reason, written

NS = 1_714_566_600_123_456_789
FAR = 2**62


def test_parquet(folder: Path) -> None:
    source = open_source(
        parquet(
            folder,
            path=["a.jpg", "b.jpg", None, "gone.jpg"],
            url=[None, None, URL.format(1), None],
            caption=["A car", None, "", "x"],
            tags=[["red", "car"], None, [], ["a", None, " b "]],
            year=[2024, None, 2025, 2026],
            image=[{"bytes": b"x", "path": "p"}] * 4,
            raw=[b"\xff"] * 4,
            boxes=[[{"x": 1}], [], [], []],
            words=[["one", "two"], None, [], []],
        )
    )
    assert source.count() == 4
    one, two, three, four = source
    assert photo(one).tags == ("red", "car")
    assert photo(one).metadata == {"year": "2024", "boxes": '[{"x": 1}]', "words": "one, two"}
    assert photo(two).caption == ""
    assert photo(two).metadata == {}
    assert photo(three).uri == URL.format(1)
    assert reason(four).startswith("row 4: gone.jpg cannot be read")


def test_parquet_of_many_rows(folder: Path) -> None:
    source = open_source(parquet(folder, url=[URL.format(number) for number in range(10_000)]))
    assert source.count() == 10_000
    assert len({photo(found).id for found in source}) == 10_000


def test_parquet_with_duplicate_ids(folder: Path) -> None:
    found = list(open_source(parquet(folder, path=["a.jpg", "b.jpg"], id=[7, 7])))
    assert photo(found[0]).id == "7"
    assert reason(found[1]) == "row 2: the id 7 was used in row 1."


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"path,url\n", b"PAR1" + b"\xff" * 100 + b"PAR1"]
)
def test_files_that_are_no_parquet(folder: Path, content: bytes) -> None:
    with pytest.raises(SourceError, match="photos.parquet cannot be read"):
        open_source(written(folder, content, "photos.parquet"))


def test_parquet_without_its_columns(folder: Path) -> None:
    with pytest.raises(SourceError, match="has the columns name. It needs a column path or url"):
        open_source(parquet(folder, name=["x"], image=[b"x"]))


def test_parquet_without_rows(folder: Path) -> None:
    with pytest.raises(SourceError, match="lists no photos"):
        open_source(parquet(folder, path=pa.array([], pa.string())))


def test_parquet_that_is_damaged_further_on(folder: Path) -> None:
    path = Path(parquet(folder, url=[URL.format(number) for number in range(5_000)]))
    data = bytearray(path.read_bytes())
    data[200:2000] = b"\xff" * 1800
    path.write_bytes(data)
    with pytest.raises(SourceError, match="photos.parquet cannot be read"):
        list(open_source(str(path)))


COLUMNS: list[tuple[pa.Array, list[str]]] = [
    (pa.array([NS, None], pa.timestamp("ns")), ["2024-05-01 12:30:00.123456789", ""]),
    (pa.array([NS, 0], pa.timestamp("ns", "Europe/Berlin")), ["2024-05-01 12:30:00.123456789Z"]),
    (pa.array([0, 1], pa.timestamp("us", "Mars/Olympus")), ["1970-01-01 00:00:00.000000Z"]),
    (pa.array([FAR, 0], pa.timestamp("us")), [f"{FAR} us", "1970-01-01 00:00:00"]),
    (pa.array([2**39, 0], pa.timestamp("s")), ["19391-01-25 12:18:08", "1970-01-01 00:00:00"]),
    (pa.array([-10_000_000, 0], pa.date32()), ["-25410-12-06", "1970-01-01"]),
    (pa.array([1, 2], pa.time64("ns")), ["00:00:00.000000001"]),
    (pa.array([1, FAR], pa.duration("ns")), ["1 ns", f"{FAR} ns"]),
    (pa.array([[NS], []], pa.list_(pa.timestamp("ns"))), ["2024-05-01 12:30:00.123456789", ""]),
    (pa.array([NS, None], pa.timestamp("ns")).dictionary_encode(), ["2024-05-01 12:30:00.12", ""]),
    (
        pa.array([NS // 1000 * 1000, 0], pa.timestamp("ns", "UTC")),
        ["2024-05-01 12:30:00.123456+00:00"],
    ),
    (pa.array([10**9, 0], pa.duration("ns")), ["0:00:01", "0:00:00"]),
    (pa.array([float("nan"), 1.5]), ["", "1.5"]),
    (pa.array([[float("nan"), 1.5], None], pa.large_list(pa.float32())), ["1.5", ""]),
    (pa.array([b"caf\xe9", b"ok"]).view(pa.string()), ["caf\ufffd", "ok"]),
    (pa.array(["x", "y"], pa.string_view()), ["x", "y"]),
    (pa.array(["x", None], pa.large_string()).dictionary_encode(), ["x", ""]),
    (pa.array([[{"a": 1}], []]), ['[{"a": 1}]', ""]),
    (pa.array([{"iso": 100, "lens": None}, None]), ['{"iso": 100}', ""]),
    (pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())), ['{"k": 1}', ""]),
    (pa.array([{"at": NS}, None], pa.struct([("at", pa.timestamp("ns"))])), ['{"at": "2024-05-01']),
    (pa.array([b"x", b"y"], pa.binary_view()), ["", ""]),
    (pa.array([{"bytes": b"x", "path": "p"}, None]), ["", ""]),
    (pa.array([[b"x"], []], pa.list_(pa.large_binary())), ["", ""]),
    (pa.nulls(2), ["", ""]),
]


@pytest.mark.parametrize(("column", "texts"), COLUMNS, ids=lambda value: str(value)[:0])
def test_parquet_columns_of_any_type(folder: Path, column: pa.Array, texts: list[str]) -> None:
    source = open_source(parquet(folder, path=["a.jpg", "b.jpg"], note=column))
    found = [photo(each).metadata.get("note", "") for each in source]
    assert len(found) == 2
    for text, expected in zip(found, texts, strict=False):
        assert text.startswith(expected)
        assert bool(text) == bool(expected)


def test_parquet_ids_that_became_floats(folder: Path) -> None:
    found = open_source(parquet(folder, path=["a.jpg", "b.jpg", "a.jpg"], ID=[1.0, None, 2.5]))
    one, two, three = map(photo, found)
    assert (one.id, two.id, three.id) == ("1", photo_id(str(folder / "b.jpg")), "2.5")
    [nan] = open_source(parquet(folder, path=["a.jpg"], id=[float("nan")]))
    assert photo(nan).id == photo_id(str(folder / "a.jpg"))


def test_parquet_names_that_stand_twice_or_hold_dots(folder: Path) -> None:
    names = ["path", "caption", "caption", "a", "a.b"]
    columns = [["a.jpg"], ["x"], ["y"], [{"b": "part", "c": b"x"}], ["dotted"]]
    table = pa.table([pa.array(column) for column in columns], names=names)
    path = folder / "photos.parquet"
    pq.write_table(table, path)
    [found] = map(photo, open_source(str(path)))
    assert found.caption == "x"
    assert found.metadata == {"caption (2)": "y", "a.b": "dotted"}
