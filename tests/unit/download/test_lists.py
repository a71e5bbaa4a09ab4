from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from photoseek.download import UrlList
from photoseek.errors import SourceError
from photoseek.records import Photo, Skip
from photoseek.sources import photo_id


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_text_file_has_one_url_in_each_line(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfhttp://a/1.jpg\r\n\n# a remark\n  http://a/gr\xc3\xbcn.jpg \nhttp://a/3"
    found = UrlList.open(write(tmp_path / "urls.txt", text))
    urls = ["http://a/1.jpg", "http://a/grün.jpg", "http://a/3"]
    assert list(found) == [Photo(id=photo_id(url), uri=url) for url in urls]
    assert found.count() == 3
    assert found.columns == ()


def test_lines_that_are_not_utf8(tmp_path: Path) -> None:
    found = list(UrlList.open(write(tmp_path / "urls.txt", b"http://a/\xff\nhttp://a/2\n")))
    assert isinstance(found[0], Skip)
    assert "line 1: line is not UTF-8" in found[0].reason
    assert isinstance(found[1], Photo)


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet"])
def test_tables_carry_the_description(tmp_path: Path, kind: str) -> None:
    columns = ["ID", "url", "caption", "tags", "photographer", "licence", "source_url", "camera"]
    cells = ["7", "http://a/1.jpg", "A dog, wet", "dog;sea", "Ann", "CC0", "http://a/1", "X1"]
    path = tmp_path / f"list.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table({c: [v] for c, v in zip(columns, cells, strict=True)}), path)
    else:
        mark = "," if kind == "csv" else "\t"
        quoted = [f'"{cell}"' for cell in cells]
        write(path, mark.join(columns) + "\n" + mark.join(quoted) + "\n")
    found = UrlList.open(path)
    assert found.columns == ("camera",)
    assert list(found) == [
        Photo(
            id="7",
            uri="http://a/1.jpg",
            caption="A dog, wet",
            tags=("dog", "sea"),
            photographer="Ann",
            licence="CC0",
            source_url="http://a/1",
            metadata={"camera": "X1"},
        )
    ]


def test_rows_without_a_url_and_paths_are_no_photos(tmp_path: Path) -> None:
    found = UrlList.open(write(tmp_path / "list.csv", "path,url\nx.jpg,\ny.jpg,http://a/y\n"))
    skip, photo = found
    assert isinstance(skip, Skip)
    assert skip.reason == "line 2: row has no url."
    assert isinstance(photo, Photo)
    assert photo.uri == "http://a/y"


def test_a_failures_file_gives_back_what_stood_in_the_list(tmp_path: Path) -> None:
    text = (
        "url,reason,explanation,id,caption,tags,photographer,licence,source_url,camera\n"
        "http://a/1,http_404,Not there.,7,A dog,dog,,,,X1\n"
        ",bad_row,line 2: row has no url.,,,,,,,\n"
    )
    path = write(tmp_path / "failures.csv", text)
    found = UrlList.open(path)
    assert found.of_failures
    assert found.columns == ("camera",)
    wanted = Photo(
        id="7", uri="http://a/1", caption="A dog", tags=("dog",), metadata={"camera": "X1"}
    )
    photos = iter(found)
    assert next(photos) == wanted
    with path.open("a") as file:  # a download that fails again writes into the list that it reads
        file.write("http://a/1,http_404,Not there.,7,A dog,dog,,,,X1\n")
    assert list(photos) == []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("urls.txt", None, "no list of URLs at"),
        ("urls.doc", "http://a/1", r"Give a text file .*\.txt.*\.csv, \.tsv, \.parquet"),
        ("list.csv", "path,caption\nx.jpg,A dog\n", "has no column url"),
        ("list.csv", "", "is empty"),
        ("list.parquet", "no parquet", "cannot be read"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path: Path, name: str, text: str | None, words: str) -> None:
    if text is not None:
        write(tmp_path / name, text)
    with pytest.raises(SourceError, match=words):
        UrlList.open(tmp_path / name)
