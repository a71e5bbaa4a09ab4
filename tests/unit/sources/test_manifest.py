from __future__ import annotations

import itertools
import os
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from photoseek.description_limits import fitted
from photoseek.errors import SourceError
from photoseek.records import Photo, Skip
from photoseek.sources import open_source, photo_id

URL = "https://example.com/photos/{}.jpg"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.jpg", "deep/c.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"bytes")
    return tmp_path


def written(folder: Path, content: str | bytes, name: str = "photos.csv") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def read(folder: Path, content: str | bytes, name: str = "photos.csv") -> list[Photo | Skip]:
    source = open_source(written(folder, content, name))
    found = list(source)
    assert source.count() == len(found)
    return found


def photo(found: Photo | Skip) -> Photo:
    assert isinstance(found, Photo), found
    return found


def reason(found: Photo | Skip) -> str:
    assert isinstance(found, Skip), found
    found.uri.encode()
    found.reason.encode()
    return found.reason


def test_every_column(folder: Path) -> None:
    [found] = read(
        folder,
        "path,id,caption,tags,photographer,licence,source_url,Camera,empty\n"
        'a.jpg,p1,"A red car, at night",car; night ;car,Ada,CC0-1.0,https://example.com/1,X100,\n',
    )
    status = (folder / "a.jpg").stat()
    assert found == Photo(
        id="p1",
        uri=str(folder / "a.jpg"),
        version=f"5-{status.st_mtime_ns}",
        caption="A red car, at night",
        tags=("car", "night"),
        photographer="Ada",
        licence="CC0-1.0",
        source_url="https://example.com/1",
        metadata={"Camera": "X100"},
    )


def test_ids_and_paths_are_those_of_the_folder(folder: Path) -> None:
    from_folder = {found.uri: found for found in open_source(str(folder))}
    link = folder / "link.jpg"
    link.symlink_to("a.jpg")
    for path in ("a.jpg", "./deep/../a.jpg", str(folder / "a.jpg"), "link.jpg"):
        [found] = read(folder, f"path\n{path}\n")
        assert found == from_folder[str(folder / "a.jpg")]


def test_urls_have_no_version(folder: Path) -> None:
    [found] = read(folder, f"url\n{URL.format(1)}\n")
    assert found == Photo(id=photo_id(URL.format(1)), uri=URL.format(1), version="")
    assert photo(found).fingerprint == ""


def test_path_is_taken_if_there_is_a_file_and_else_the_url(folder: Path) -> None:
    local, remote, neither = read(
        folder, f"path,url\na.jpg,{URL.format(1)}\ngone.jpg,{URL.format(2)}\ngone.jpg,\n"
    )
    assert photo(local).uri == str(folder / "a.jpg")
    assert photo(remote).uri == URL.format(2)
    assert reason(neither).startswith("line 4: gone.jpg cannot be read: No such file")


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("car", ("car",)),
        ('"car, night"', ("car", "night")),
        ('"red; car, at night"', ("red", "car, at night")),
        ("red|at night|", ("red", "at night")),
        ("a;b|c", ("a", "b|c")),
        (" ; ;", ()),
        ("", ()),
    ],
)
def test_tags(folder: Path, cell: str, tags: tuple[str, ...]) -> None:
    [found] = read(folder, f"path,tags\na.jpg,{cell}\n")
    assert photo(found).tags == tags


def test_licence_in_either_spelling(folder: Path) -> None:
    one, two, three = read(
        folder, "PATH, License ,licence\na.jpg,CC0-1.0,\nb.jpg,,MIT\ndeep/c.jpg,A,B\n"
    )
    assert [photo(found).licence for found in (one, two, three)] == ["CC0-1.0", "MIT", "B"]
    assert photo(one).metadata == {}


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_ends(folder: Path, start: str, end: str) -> None:
    [one, two] = read(folder, start + end.join(["path,caption", "a.jpg,ä", "b.jpg,ö"]))
    assert [photo(one).caption, photo(two).caption] == ["ä", "ö"]


def test_tabs(folder: Path) -> None:
    [found] = read(folder, "path\tcaption\na.jpg\tred, \tcar\n".replace("\tcar", " car"), "p.TSV")
    assert photo(found).caption == "red,  car"


def test_quoted_newlines_keep_the_count_of_lines(folder: Path) -> None:
    found = read(folder, 'path,caption\na.jpg,"one\ntwo\nthree"\n\n\ngone.jpg,x\n')
    assert photo(found[0]).caption == "one\ntwo\nthree"
    assert reason(found[1]).startswith("line 7: ")
    assert found[1].uri == str(folder / "photos.csv") + ":7"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("gone.jpg,", "line 2: gone.jpg cannot be read: No such file"),
        ("deep,", "deep is not a file"),
        ("pipe.jpg,", "pipe.jpg is not a file"),
        (f"{'x' * 300},", "cannot be read: File name too long"),
        (",ftp://example.com/a.jpg", "is no http.s. or s3 URL"),
        (",a.jpg", "put paths into the column path"),
        (",http://", "is no http.s. or s3 URL"),
        (",http://[1/a.jpg", "is no URL"),
        ("a.jpg,b,c,d", "row has 4 fields, the header 2"),
        ("a\0.jpg,", "NUL bytes"),
    ],
)
def test_rows_that_are_no_good(folder: Path, row: str, words: str) -> None:
    os.mkfifo(folder / "pipe.jpg")
    bad, good = read(folder, f"path,url\n{row}\nb.jpg,\n")
    assert re.search(words, reason(bad))
    assert photo(good).uri == str(folder / "b.jpg")


def test_row_that_ends_early(folder: Path) -> None:
    [found] = read(folder, "path,caption,tags\na.jpg\n")
    assert photo(found).caption == ""


def test_rows_that_are_not_utf8(folder: Path) -> None:
    bad, good = read(folder, b"path,caption\na.jpg,caf\xe9\nb.jpg,caf\xc3\xa9\n")
    assert reason(bad) == "line 2: row is not UTF-8; save the file as UTF-8."
    assert photo(good).caption == "café"


def test_link_to_a_name_that_is_not_utf8(folder: Path) -> None:
    odd = os.fsdecode(os.fsencode(folder) + b"/caf\xe9.jpg")
    Path(odd).write_bytes(b"x")
    (folder / "link.jpg").symlink_to(odd)
    [bad] = read(folder, "path\nlink.jpg\n")
    assert "not UTF-8" in reason(bad)


def test_quote_left_open_costs_a_few_rows_and_says_so(folder: Path) -> None:
    found = read(folder, 'path,caption\na.jpg,fine\nb.jpg,"open\ndeep/c.jpg,lost\n')
    assert photo(found[0]).caption == "fine"
    assert "line 3: row cannot be read" in reason(found[1])
    assert "quotes" in reason(found[1])


def test_quote_left_open_in_a_long_file_does_not_swallow_it(folder: Path) -> None:
    rows = "".join(f"{URL.format(number)},{'x' * 1000}\n" for number in range(1500))
    found = read(folder, f'url,caption\n{URL.format("bad")},"open\n{rows}')
    assert "row cannot be read" in reason(found[0])
    assert sum(isinstance(each, Photo) for each in found) > 400


LONG: list[tuple[str, str, str]] = [
    ("caption", "x" * 100_001, "the caption has 100,001 characters; the first 100,000 are kept"),
    ("photographer", "x" * 10_001, "the photographer has 10,001 characters; the first 10,000"),
    ("licence", "x" * 10_001, "the licence has 10,001 characters; the first 10,000 are kept"),
    ("license", "x" * 10_001, "the licence has 10,001 characters; the first 10,000 are kept"),
    (
        "note",
        "x" * 1_000_000,
        "the column note has 1,000,000 characters; the first 100,000",
    ),
    ("n" * 1_001, "x", "the column n+... has too long a name, and is left out"),
    ("tags", "t" * 200_000, "the tag has 200,000 characters; the first 1,000 are kept"),
    ("tags", ";".join(map(str, range(20_000))), "there are too many tags; the first 18,518 are"),
]


@pytest.mark.parametrize(("column", "text", "words"), LONG)
def test_a_text_that_is_too_long_is_shortened_with_a_remark(
    folder: Path, column: str, text: str, words: str
) -> None:
    content = f"path,{column}\na.jpg,short\nb.jpg,{text}\n"
    source = open_source(written(folder, content))
    for _ in range(2):  # the remarks of one pass do not pile up in the next
        one, two = map(photo, source)
        assert fitted(two) == (two, ())
        assert one.id != two.id
        [remark] = [each for each in source.notes.remarks() if each.startswith("line 3: ")]
        assert re.search(words, remark)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"a.jpg,,{'i' * 1_001},", "the id i+... has 1,001 characters; at most 1,000 can be used"),
        (f",{URL.format('u' * 10_000)},,", "the uri https.* characters; at most 10,000"),
        (f"a.jpg,,,{URL.format('u' * 10_000)}", "the source_url https.* at most 10,000"),
        ("a.jpg,,p\x1b1,", r"the id p.1 holds the character '.x1b'"),
        ('a.jpg,,"p\n1",', "the id p.1 holds the character"),
    ],
)
def test_a_row_that_cannot_be_shortened_is_left_out_by_its_line(
    folder: Path, row: str, words: str
) -> None:
    bad, good = read(folder, f"path,url,id,source_url\n{row}\nb.jpg,,,\n")
    assert re.search(f"^line 2: {words}", reason(bad), re.DOTALL)
    assert isinstance(bad, Skip)
    assert len(bad.reason) + len(bad.id) < 400
    assert reason(bad).replace("\n", "").isprintable()
    assert photo(good).uri == str(folder / "b.jpg")


def test_much_metadata_is_shortened(folder: Path) -> None:
    names = [f"c{number}" for number in range(1_002)]
    source = open_source(written(folder, f"path,{','.join(names)}\na.jpg{',x' * 1_002}\n"))
    [found] = map(photo, source)
    assert len(found.metadata) == 1_000
    [remark] = source.notes.remarks()
    assert remark == (
        "line 2: there is too much metadata; from the column c1000 on it is left out."
    )


def test_many_remarks_are_counted(folder: Path) -> None:
    rows = f"{{}}.jpg,{'x' * 10_001}\n"
    content = "url,licence\n" + "".join(
        rows.format(f"http://example.com/{number}") for number in range(1_010)
    )
    source = open_source(written(folder, content))
    assert len(list(map(photo, source))) == 1_010
    assert source.notes.remarks()[-1] == "There are 10 more remarks of this kind."


def test_first_of_two_rows_with_the_same_id_counts(folder: Path) -> None:
    found = read(folder, "path,id\na.jpg,p1\nb.jpg,p1\na.jpg,\ndeep/../a.jpg,\n")
    assert photo(found[0]).uri == str(folder / "a.jpg")
    assert reason(found[1]) == "line 3: the id p1 was used in line 2."
    assert photo(found[2]).id != "p1"
    assert reason(found[3]).endswith("was used in line 4.")


def test_ten_thousand_rows(folder: Path) -> None:
    rows = "".join(f"{URL.format(number)},Photo {number}\n" for number in range(10_000))
    path = written(folder, "url,caption\n" + rows)
    source = open_source(path)
    assert source.count() == 10_000
    found = [photo(each) for each in source]
    assert len({each.id for each in found}) == 10_000
    assert found[9_999].caption == "Photo 9999"
    assert list(source) == found
    assert len(list(itertools.islice(source, 3))) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty. Its first line must name the columns"),
        (b"\n\n", "is empty"),
        (b" , \n", "is empty"),
        (b"path,caption\n", "lists no photos"),
        (b"path,caption\n\n\n", "lists no photos"),
        (b"file;caption\nx;y\n", "has the columns file;caption. It needs a column path or url"),
        (b"name,title\nx,y\n", "columns name, title. It needs .* photographer, licence"),
        (b"path,caption,Path\nx,y,z\n", "more than one column 'path'"),
        (b"path,path\na,b\n", "more than one column 'path'"),
        ("path,légende\n".encode("latin-1"), "lists no photos"),
        (b"\0\0\0\0", "not UTF-8 text. Save it as CSV in UTF-8"),
        (b'"path', "header cannot be read"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8 text|has the columns"),
        (b"sep=;\n", "is empty"),
        (b"path,caption\n,\n , \n", "lists no photos"),
    ],
)
def test_files_that_are_no_manifest(folder: Path, content: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        open_source(written(folder, content))
    str(caught.value).encode()


def test_manifest_that_cannot_be_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(folder, "path\na.jpg\n")
    source = open_source(path)
    Path(path).unlink()
    with pytest.raises(SourceError, match="photos.csv cannot be read"):
        list(source)


def parquet(folder: Path, **columns: Any) -> str:
    path = folder / "photos.parquet"
    pq.write_table(pa.table(columns), path)
    return str(path)


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


NS = 1_714_566_600_123_456_789
FAR = 2**62

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
