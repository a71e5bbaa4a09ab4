"""Rows of a manifest that cannot be used, or say more than an index takes."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from photoseek.description_limits import fitted
from photoseek.errors import SourceError
from photoseek.records import Photo, Skip
from photoseek.sources import open_source
from tests.support.manifests import URL, photo, read, reason, written


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


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("deep/red%20car.jpg", "deep/red car.jpg"),
        ("sub%20dir.jpg", "sub%20dir.jpg"),
        ("DEEP/Red Car.JPG", "deep/red car.jpg"),
        ("deep\\RED CAR.jpg", "deep/red car.jpg"),
        ("file://localhost{folder}/deep/red%20car.jpg", "deep/red car.jpg"),
    ],
)
def test_a_path_of_another_program_is_found(folder: Path, written: str, stored: str) -> None:
    for name in (stored, "sub dir.jpg"):
        (folder / name).write_bytes(b"bytes")
    [found] = read(folder, f"path\n{written.format(folder=folder)}\n")
    assert photo(found).uri == str(folder / stored)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("~/red car.jpg", "~ is not read in a manifest"),
        ("$HOME/a.jpg", "variables are not read"),
        ("%USERPROFILE%/a.jpg", "variables are not read"),
        ("'a.jpg'", "it stands in quotes: write it without them"),
        ("gone.jpg", "paths start at the folder of the manifest"),
        ("TWO.jpg", "paths start at the folder of the manifest"),
        ("/gone/a.jpg", "No such file or directory."),
    ],
)
def test_a_path_that_names_no_file_says_what_may_be_meant(
    folder: Path, path: str, words: str
) -> None:
    for name in ("two.jpg", "Two.jpg"):
        (folder / name).write_bytes(b"bytes")
    [bad] = read(folder, f"path\n{path}\n")
    assert words in reason(bad)
    assert "No such file" in reason(bad)


def test_names_are_looked_up_again_when_they_change(folder: Path) -> None:
    assert "No such file" in reason(read(folder, "path\nNEW.JPG\n")[0])
    (folder / "new.jpg").write_bytes(b"bytes")
    assert photo(read(folder, "path\nNEW.JPG\n")[0]).uri == str(folder / "new.jpg")


def test_a_url_in_the_column_of_paths_is_a_url(folder: Path) -> None:
    [found] = read(folder, f"path\n{URL}\n")
    assert photo(found).uri == URL


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


@pytest.mark.parametrize("blank", ["\u200b", "\ufeff \u2060", "\u2800\u3164", " \ufe0f"])
def test_a_text_that_nobody_can_see_is_none(folder: Path, blank: str) -> None:
    first, second = read(
        folder,
        f"path,caption,tags,photographer,mood\na.jpg,{blank},{blank};red,{blank},{blank}\n"
        f"b.jpg,{blank}A boat,red,\u200bAnn,calm\n",
    )
    told = photo(first)
    assert (told.caption, told.tags, told.photographer, told.metadata) == ("", ("red",), "", {})
    assert photo(second).caption == f"{blank}A boat".strip()


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
