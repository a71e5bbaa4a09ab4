"""Manifests: columns, paths and URLs, tags, line ends."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from photoseek.records import Photo
from photoseek.sources import open_source, photo_id
from tests.support.manifests import URL, photo, read, reason, written


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
    url = URL.format(1)
    lies_in = url.partition("://")[2].rpartition("/")[0]
    assert found == Photo(id=photo_id(url), uri=url, version="", folder=lies_in)
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
